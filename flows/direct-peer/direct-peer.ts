/** A call to a SIP peer that a feature code leads to. */
import { flow, node } from '@callwright/engine';
import { ENDINGS, PASSED_ON } from '../reach.ts';

export default flow('direct-peer', {
  title: 'Direct call to a peer',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'ring' }),
    ring: node(
      'dial',
      {
        to: { type: 'destination', destinationType: 'peer', id: '${called.id}' },
        ringTimeoutMs: 120_000,
        comfort: 'ringback',
      },
      PASSED_ON,
    ),
    ...ENDINGS,
  },
});
