/** A call to a SIP address that a rule leads to. */
import { flow, node } from '@callwright/engine';
import { ENDINGS, PASSED_ON } from '../reach.ts';

export default flow('direct-sip', {
  title: 'Direct call to a SIP address',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'ring' }),
    ring: node(
      'dial',
      { to: { type: 'sip', uri: '${called.id}' }, ringTimeoutMs: 120_000, comfort: 'ringback' },
      PASSED_ON,
    ),
    ...ENDINGS,
  },
});
