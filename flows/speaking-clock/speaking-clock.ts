/** The time of day, in the company's zone. */
import { flow, node, say } from '@callwright/engine';

export default flow('speaking-clock', {
  title: 'Speaking clock',
  language: 'en',
  nodes: {
    start: node('start', { answer: true }, { next: 'tell' }),
    tell: node(
      'play',
      {
        prompts: [
          say({ en: 'The time is', fr: 'Il est', it: 'Sono le' }),
          { parts: [{ type: 'value', as: 'time', value: 'now.time' }] },
        ],
      },
      { next: 'end' },
    ),
    end: node('hang-up', {}),
  },
});
