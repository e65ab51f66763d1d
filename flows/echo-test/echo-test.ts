/** Lets a user try his line: he hears himself for two minutes. */
import { flow, node, say } from '@callwright/engine';

export default flow('echo-test', {
  title: 'Echo test',
  language: 'en',
  nodes: {
    start: node('start', { answer: true }, { next: 'welcome' }),
    welcome: node(
      'play',
      {
        prompts: [
          say({
            en: 'This is the echo test. After the tone, you hear yourself.',
            fr: 'Ceci est le test d’écho. Après le signal, vous vous entendez.',
          }),
          { parts: [{ type: 'tone', frequenciesHz: [1000], onMs: 200 }] },
        ],
      },
      { next: 'echo' },
    ),
    echo: node('echo', { forMs: 120_000 }, { next: 'goodbye' }),
    goodbye: node('play', { prompts: [say({ en: 'Goodbye.', fr: 'Au revoir.' })] }, { next: 'end' }),
    end: node('hang-up', {}),
  },
});
