/** A call to a ring group: ring it, else tell the caller's side why not. */
import { flow, node } from '@callwright/engine';

export default flow('direct-group', {
  title: 'Direct call to a ring group',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'ring' }),
    ring: node(
      'ring-group',
      { group: '${called.id}', comfort: 'ringback' },
      {
        completed: 'end',
        busy: 'busy',
        'no-answer': 'no-answer',
        rejected: 'no-answer',
        unavailable: 'unavailable',
        failed: 'failed',
      },
    ),
    end: node('hang-up', {}),
    busy: node('hang-up', { cause: 'busy' }),
    'no-answer': node('hang-up', { cause: 'no-answer' }),
    unavailable: node('hang-up', { cause: 'unavailable' }),
    failed: node('hang-up', { cause: 'failed' }),
  },
});
