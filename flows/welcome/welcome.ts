/** Template of a first reception: a greeting, and two people to choose from. Copied by the console's first-run pages. */
import { flow, node, say } from '@callwright/engine';

/** Where each way of not reaching somebody leads. */
const missed = <const T extends string>(to: T) => ({
  busy: to,
  'no-answer': to,
  rejected: to,
  unavailable: to,
  failed: to,
});

export default flow('welcome', {
  title: 'Welcome',
  language: 'en',
  variables: {
    /** Extension behind key 1. */
    first: { type: 'string', initial: '101' },
    /** Extension behind key 2, and of callers who press nothing. */
    second: { type: 'string', initial: '102' },
  },
  nodes: {
    start: node('start', { answer: true }, { next: 'greeting' }),
    greeting: node(
      'menu',
      {
        prompts: [
          say({
            en: 'Welcome. To speak to the first of us, press 1. For the second, press 2.',
            fr: 'Bienvenue. Pour joindre la première personne, tapez 1. Pour la seconde, tapez 2.',
          }),
        ],
        choices: [
          { key: '1', outcome: 'first', label: 'First' },
          { key: '2', outcome: 'second', label: 'Second' },
        ],
        tries: 2,
        noMatchPrompts: [say({ en: 'That is not one of the choices.', fr: 'Ce choix n’existe pas.' })],
      },
      { first: 'call-first', second: 'call-second', 'no-input': 'call-second', 'no-match': 'call-second' },
    ),
    'call-first': node(
      'dial',
      { to: { type: 'number', number: '${first}' }, ringTimeoutMs: 25_000, comfort: 'ringback' },
      { completed: 'end', ...missed('call-second') },
    ),
    'call-second': node(
      'dial',
      { to: { type: 'number', number: '${second}' }, ringTimeoutMs: 25_000, comfort: 'ringback' },
      { completed: 'end', ...missed('nobody') },
    ),
    nobody: node(
      'play',
      {
        prompts: [
          say({
            en: 'Nobody can take your call now. Please call again later.',
            fr: 'Personne ne peut vous répondre. Veuillez rappeler plus tard.',
          }),
        ],
      },
      { next: 'end' },
    ),
    end: node('hang-up', {}),
  },
});
