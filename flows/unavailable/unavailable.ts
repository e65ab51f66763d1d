/** Tells the caller that what he dialled cannot be reached. */
import { flow, node, say } from '@callwright/engine';

export default flow('unavailable', {
  title: 'Unavailable',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'tell' }),
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
      },
      { next: 'end' },
    ),
    end: node('hang-up', { cause: 'unavailable' }),
  },
});
