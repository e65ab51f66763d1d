/** A queue as a number (`called.id`): the caller waits for an agent. */
import { flow, node } from '@callwright/engine';

export default flow('direct-queue', {
  title: 'Direct to a queue',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'queue' }),
    queue: node(
      'queue',
      { queue: '${called.id}' },
      {
        answered: 'done',
        empty: 'nobody',
        full: 'busy',
        timeout: 'nobody',
        exit: 'done',
        callback: 'done',
        failed: 'failed',
      },
    ),
    nobody: node('hang-up', { cause: 'unavailable' }),
    busy: node('hang-up', { cause: 'busy' }),
    done: node('hang-up', {}),
    failed: node('hang-up', { cause: 'failed' }),
  },
});
