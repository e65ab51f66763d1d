/** A park slot (`called.id`): whoever is sent here waits, a user who dials it fetches him. */
import { flow, node } from '@callwright/engine';

export default flow('park-slot', {
  title: 'Park slot',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'park' }),
    park: node(
      'park',
      { slot: '${called.id}' },
      { nobody: 'nobody', forbidden: 'taken', 'not-taken': 'not-taken', failed: 'failed' },
    ),
    nobody: node('hang-up', { cause: 'unavailable' }),
    taken: node('hang-up', { cause: 'busy' }),
    'not-taken': node('hang-up', { cause: 'no-answer' }),
    failed: node('hang-up', { cause: 'failed' }),
  },
});
