/** A supervisor hears the call of a user (`called.id`: an id or extension). */
import { flow, node } from '@callwright/engine';

export default flow('supervise', {
  title: 'Supervise',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'enter' }),
    enter: node('supervise', { user: '${called.id}' }, { idle: 'idle', forbidden: 'forbidden', failed: 'failed' }),
    idle: node('hang-up', { cause: 'unavailable' }),
    forbidden: node('hang-up', { cause: 'forbidden' }),
    failed: node('hang-up', { cause: 'failed' }),
  },
});
