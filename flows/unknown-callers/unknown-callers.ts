/** Callers whom the company knows, by a list or an address book, ring through; others press a key first, those it has blocked do not come in. */
import { flow, node, say } from '@callwright/engine';

export default flow('unknown-callers', {
  title: 'Unknown callers',
  language: 'en',
  variables: {
    /** Extension of whoever takes the calls. */
    operator: { type: 'string', initial: '101' },
  },
  nodes: {
    start: node('start', {}, { next: 'lists' }),
    lists: node(
      'list-look-up',
      {},
      { allow: 'operator', vip: 'operator', block: 'blocked', 'not-listed': 'books', failed: 'books' },
    ),
    books: node('phonebook-look-up', {}, { found: 'operator', 'not-found': 'ask', failed: 'ask' }),
    ask: node(
      'menu',
      {
        prompts: [
          say({
            en: 'To be connected, press 1.',
            fr: 'Pour être mis en relation, tapez 1.',
          }),
        ],
        choices: [{ key: '1', outcome: 'person', label: 'Connect' }],
        tries: 3,
      },
      { person: 'operator', 'no-input': 'blocked', 'no-match': 'blocked' },
    ),
    operator: node(
      'dial',
      { to: { type: 'number', number: '${operator}' }, ringTimeoutMs: 30_000, comfort: 'ringback' },
      {
        completed: 'end',
        busy: 'nobody',
        'no-answer': 'nobody',
        rejected: 'nobody',
        unavailable: 'nobody',
        failed: 'nobody',
      },
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
    blocked: node('hang-up', { cause: 'rejected' }),
    end: node('hang-up', {}),
  },
});
