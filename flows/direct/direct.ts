/** A call to a user: ring him, else tell the caller's side why not. The caller is not answered before the called party is. */
import { flow, node } from '@callwright/engine';

export default flow('direct', {
  title: 'Direct call to a user',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'ring' }),
    ring: node(
      'dial',
      { to: { type: 'user', id: '${called.id}' }, ringTimeoutMs: 60_000, comfort: 'ringback' },
      {
        completed: 'end',
        busy: 'busy',
        'no-answer': 'no-answer',
        rejected: 'rejected',
        unavailable: 'unavailable',
        failed: 'failed',
      },
    ),
    end: node('hang-up', {}),
    busy: node('hang-up', { cause: 'busy' }),
    'no-answer': node('hang-up', { cause: 'no-answer' }),
    rejected: node('hang-up', { cause: 'rejected' }),
    unavailable: node('hang-up', { cause: 'unavailable' }),
    failed: node('hang-up', { cause: 'failed' }),
  },
});
