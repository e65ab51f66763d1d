/** A call to an outside number that routing has decided on: `outside` holds the rule and the number to dial. */
import { flow, node } from '@callwright/engine';
import { ENDINGS, PASSED_ON } from '../reach.ts';

export default flow('direct-outside', {
  title: 'Direct call to the outside',
  language: 'en',
  variables: {
    outside: { type: 'string', initial: '' },
  },
  nodes: {
    start: node('start', {}, { next: 'ring' }),
    ring: node(
      'dial',
      {
        to: { type: 'destination', destinationType: 'outside', id: '${outside}' },
        ringTimeoutMs: 120_000,
        comfort: 'ringback',
      },
      PASSED_ON,
    ),
    ...ENDINGS,
  },
});
