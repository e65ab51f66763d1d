/** Tells a caller why his call goes nowhere, before it is answered, then refuses it. `called.id` names the announcement. */
import { flow, node, say } from '@callwright/engine';

const early = <const N extends string>(en: string, fr: string, it: string, next: N) =>
  node('play', { prompts: [say({ en, fr, it })], early: true }, { next });

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
          { when: 'called.id == "spend-cap"', outcome: 'spend-cap' },
        ],
      },
      {
        'unknown-number': 'unknown-number',
        suspended: 'suspended',
        restricted: 'restricted',
        'too-many-calls': 'too-many-calls',
        'spend-cap': 'spend-cap',
        otherwise: 'unavailable',
      },
    ),
    'unknown-number': early(
      'The number you have dialled is not in use.',
      'Le numéro que vous avez composé n’est pas attribué.',
      'Il numero selezionato è inesistente.',
      'not-found',
    ),
    suspended: early(
      'This line cannot place calls.',
      'Cette ligne ne peut pas émettre d’appels.',
      'Questa linea non può effettuare chiamate.',
      'forbidden',
    ),
    restricted: early(
      'Calls to this destination are not allowed from this line.',
      'Les appels vers cette destination ne sont pas autorisés depuis cette ligne.',
      'Le chiamate verso questa destinazione non sono consentite da questa linea.',
      'forbidden',
    ),
    'too-many-calls': early(
      'All lines are in use. Please try again later.',
      'Toutes les lignes sont occupées. Veuillez réessayer plus tard.',
      'Tutte le linee sono occupate. Riprovare più tardi.',
      'busy',
    ),
    'spend-cap': early(
      'The spending limit of this line is reached.',
      'Le plafond de dépense de cette ligne est atteint.',
      'È stato raggiunto il limite di spesa di questa linea.',
      'forbidden',
    ),
    unavailable: early(
      'The number you have dialled cannot be reached.',
      'Le numéro que vous avez composé ne peut être joint.',
      'Il numero selezionato non è raggiungibile.',
      'end',
    ),
    'not-found': node('hang-up', { cause: 'not-found' }),
    forbidden: node('hang-up', { cause: 'forbidden' }),
    busy: node('hang-up', { cause: 'busy' }),
    end: node('hang-up', { cause: 'unavailable' }),
  },
});
