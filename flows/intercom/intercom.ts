/** Intercom: the colleague's phone (`called.id`: an id or extension) is asked to answer by itself. */
import { flow, node } from '@callwright/engine';

export default flow('intercom', {
  title: 'Intercom',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'ring' }),
    ring: node(
      'dial',
      { to: { type: 'user', id: '${called.id}' }, ringTimeoutMs: 20_000, autoAnswer: true },
      {
        completed: 'end',
        busy: 'busy',
        'no-answer': 'no-answer',
        rejected: 'busy',
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
