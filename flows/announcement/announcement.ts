/** Tells a caller why his call goes nowhere, before it is answered, then refuses it. `called.id` names the announcement. */
import { flow, node, say } from '@callwright/engine';
import { ANNOUNCEMENT_WORDS, type AnnouncementId } from '@callwright/engine/admission';

const early = <const N extends string>(id: AnnouncementId, next: N) =>
  node('play', { prompts: [say(ANNOUNCEMENT_WORDS[id])], early: true }, { next });

export default flow('announcement', {
  title: 'Announcement',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'which' }),
    which: node(
      'branch',
      {
        branches: [
          { when: 'called.id == "unknown-number"', outcome: 'unknown-number' },
          { when: 'called.id == "suspended"', outcome: 'suspended' },
          { when: 'called.id == "restricted"', outcome: 'restricted' },
          { when: 'called.id == "too-many-calls"', outcome: 'too-many-calls' },
          { when: 'called.id == "plan-only"', outcome: 'plan-only' },
          { when: 'called.id == "spend-cap"', outcome: 'spend-cap' },
        ],
      },
      {
        'unknown-number': 'unknown-number',
        suspended: 'suspended',
        restricted: 'restricted',
        'too-many-calls': 'too-many-calls',
        'plan-only': 'plan-only',
        'spend-cap': 'spend-cap',
        otherwise: 'unavailable',
      },
    ),
    'unknown-number': early('unknown-number', 'not-found'),
    suspended: early('suspended', 'forbidden'),
    restricted: early('restricted', 'forbidden'),
    'too-many-calls': early('too-many-calls', 'busy'),
    'plan-only': early('plan-only', 'forbidden'),
    'spend-cap': early('spend-cap', 'forbidden'),
    unavailable: early('unavailable', 'end'),
    'not-found': node('hang-up', { cause: 'not-found' }),
    forbidden: node('hang-up', { cause: 'forbidden' }),
    busy: node('hang-up', { cause: 'busy' }),
    end: node('hang-up', { cause: 'unavailable' }),
  },
});
