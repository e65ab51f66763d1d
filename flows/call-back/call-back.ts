/** Tells a user that he will be called back as soon as the colleague he wants is free. */
import { flow, node, say } from '@callwright/engine';

export default flow('call-back', {
  title: 'Callback when free',
  language: 'en',
  nodes: {
    start: node('start', { answer: true }, { next: 'tell' }),
    tell: node(
      'play',
      {
        prompts: [
          say({
            en: 'You will be called back as soon as the line is free.',
            fr: 'Vous serez rappelé dès que la ligne sera libre.',
            it: 'Sarà richiamato appena la linea sarà libera.',
          }),
        ],
      },
      { next: 'end' },
    ),
    end: node('hang-up', {}),
  },
});
