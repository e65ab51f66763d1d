/** A call to a SIP peer that a feature code leads to. */
import { flow, node, say } from '@callwright/engine';

export default flow('direct-peer', {
  title: 'Direct call to a peer',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'ring' }),
    ring: node(
      'dial',
      {
        to: { type: 'destination', destinationType: 'peer', id: '${called.id}' },
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
