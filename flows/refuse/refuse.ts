/** Refuses a call with the cause that a rule names (`called.id`). */
import { flow, node } from '@callwright/engine';

export default flow('refuse', {
  title: 'Refuse',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'which' }),
    which: node(
      'branch',
      {
        branches: [
          { when: 'called.id == "busy"', outcome: 'busy' },
          { when: 'called.id == "unavailable"', outcome: 'unavailable' },
          { when: 'called.id == "not-found"', outcome: 'not-found' },
          { when: 'called.id == "forbidden"', outcome: 'forbidden' },
        ],
      },
      {
        busy: 'busy',
        unavailable: 'unavailable',
        'not-found': 'not-found',
        forbidden: 'forbidden',
        otherwise: 'rejected',
      },
    ),
    busy: node('hang-up', { cause: 'busy' }),
    unavailable: node('hang-up', { cause: 'unavailable' }),
    'not-found': node('hang-up', { cause: 'not-found' }),
    forbidden: node('hang-up', { cause: 'forbidden' }),
    rejected: node('hang-up', { cause: 'rejected' }),
  },
});
