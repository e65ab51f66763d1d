/** A call to an outside number that routing has decided on: `outside` holds the rule and the number to dial. */
import { flow, node, say } from '@callwright/engine';

export default flow('direct-outside', {
  title: 'Direct call to the outside',
  language: 'en',
  variables: {
    outside: { type: 'string', initial: '' },
  },
  nodes: {
    start: node('start', {}, { next: 'ring' }),
    ring: node(
      'dial',
      {
        to: { type: 'destination', destinationType: 'outside', id: '${outside}' },
        ringTimeoutMs: 120_000,
        comfort: 'ringback',
      },
      {
        completed: 'end',
        busy: 'busy',
        'no-answer': 'no-answer',
        rejected: 'rejected',
        unavailable: 'tell',
        failed: 'tell',
      },
    ),
    tell: node(
      'play',
      {
        prompts: [
          say({
            en: 'The number you have dialled cannot be reached.',
            fr: 'Le numéro que vous avez composé ne peut être joint.',
            it: 'Il numero selezionato non è raggiungibile.',
          }),
        ],
        early: true,
      },
      { next: 'unavailable' },
    ),
    end: node('hang-up', {}),
    busy: node('hang-up', { cause: 'busy' }),
    'no-answer': node('hang-up', { cause: 'no-answer' }),
    rejected: node('hang-up', { cause: 'rejected' }),
    unavailable: node('hang-up', { cause: 'unavailable' }),
  },
});
