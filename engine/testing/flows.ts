/** Small flows that tests of the call machine run: a desk that reaches users and groups, direct calls, waiting, transfers. */
import { flow, node, say } from '../src/flow/author.ts';

const REACHED = {
  busy: 'nobody',
  'no-answer': 'nobody',
  rejected: 'nobody',
  unavailable: 'nobody',
  failed: 'nobody',
} as const;

/** Menu: 1 = user `alice`, 2 = group `sales`, 3 = wait for a command, 4 = number 200; then "goodbye". */
export const desk = flow('desk', {
  title: 'Desk',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'menu' }),
    menu: node(
      'menu',
      {
        prompts: [say({ en: 'welcome' })],
        choices: [
          { key: '1', outcome: 'alice' },
          { key: '2', outcome: 'sales' },
          { key: '3', outcome: 'wait' },
          { key: '4', outcome: 'number' },
        ],
        tries: 1,
      },
      { alice: 'alice', sales: 'sales', wait: 'wait', number: 'number', 'no-input': 'goodbye', 'no-match': 'goodbye' },
    ),
    alice: node('dial', { to: { type: 'user', id: 'alice' } }, { completed: 'after', ...REACHED }),
    sales: node('ring-group', { group: 'sales' }, { completed: 'after', ...REACHED }),
    number: node('dial', { to: { type: 'number', number: '200' } }, { completed: 'after', ...REACHED }),
    wait: node('wait', {}, { continue: 'after' }),
    after: node('play', { prompts: [say({ en: 'anything else' })] }, { next: 'goodbye' }),
    nobody: node('play', { prompts: [say({ en: 'nobody there' })] }, { next: 'goodbye' }),
    goodbye: node('hang-up', {}),
  },
});

/** Ring the called user, unanswered until he answers. */
export const direct = flow('direct-test', {
  title: 'Direct',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'ring' }),
    ring: node(
      'dial',
      { to: { type: 'user', id: '${called.id}' }, ringTimeoutMs: 20_000 },
      {
        completed: 'end',
        busy: 'busy',
        'no-answer': 'no-answer',
        rejected: 'busy',
        unavailable: 'away',
        failed: 'end',
      },
    ),
    end: node('hang-up', {}),
    busy: node('hang-up', { cause: 'busy' }),
    'no-answer': node('hang-up', { cause: 'no-answer' }),
    away: node('hang-up', { cause: 'unavailable' }),
  },
});

/** Hand the caller over to alice, by bridge or by REFER. */
export const handOver = (by: 'bridge' | 'refer', user = 'alice') =>
  flow('hand-over', {
    title: 'Hand over',
    language: 'en',
    nodes: {
      start: node('start', {}, { next: 'over' }),
      over: node('transfer', { to: { type: 'user', id: user }, by }, { failed: 'sorry' }),
      sorry: node('play', { prompts: [say({ en: 'sorry' })] }, { next: 'end' }),
      end: node('hang-up', {}),
    },
  });

const LEFT = { nobody: 'sorry', forbidden: 'sorry', failed: 'sorry' } as const;
const SORRY = {
  sorry: node('play', { prompts: [say({ en: 'sorry' })] }, { next: 'end' }),
  end: node('hang-up', {}),
} as const;

/** Take the ring of the user who is called. */
export const pickUp = flow('pick-up-test', {
  title: 'Pick up',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'pick' }),
    pick: node('pick-up', { user: '${called.id}' }, LEFT),
    ...SORRY,
  },
});

/** Park in the slot that is called, or fetch who is parked there. */
export const park = flow('park-test', {
  title: 'Park',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'park' }),
    park: node('park', { slot: '${called.id}' }, { ...LEFT, 'not-taken': 'sorry' }),
    ...SORRY,
  },
});

/** A call to a user, as the built-in flow rings him. */
export const ringOnce = flow('direct', {
  title: 'Direct',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'ring' }),
    ring: node(
      'dial',
      { to: { type: 'user', id: '${called.id}' } },
      { completed: 'end', busy: 'busy', 'no-answer': 'end', rejected: 'end', unavailable: 'end', failed: 'failed' },
    ),
    end: node('hang-up', {}),
    busy: node('hang-up', { cause: 'busy' }),
    failed: node('hang-up', { cause: 'failed' }),
  },
});
