import { expect, test } from 'vitest';
import { nodeViolations } from '../../testing/node-kit.ts';
import set from './set.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(set)).toEqual([]);
});

const scope = (variables: Record<string, unknown>) => ({
  evaluate: (source: string, extra: Record<string, unknown>) => ({
    ok: true,
    value: { ...variables, ...extra }[source],
  }),
  text: (text: string) => text,
});

test('later assignments see earlier ones', () => {
  const parsed = set.config.parse({
    assignments: [
      { variable: 'entry', value: 'caller' },
      { variable: 'count', value: 'entry' },
    ],
  });
  const enter = set.behaviour(parsed).stages.setting?.enter;
  expect(enter?.(scope({ caller: 'x' }) as never)).toMatchObject({ outcome: 'next', set: { entry: 'x', count: 'x' } });
});

test('a language that is none is not taken over', () => {
  const enter = (language: string) =>
    set.behaviour(set.config.parse({ language })).stages.setting?.enter?.(scope({}) as never);
  expect(enter('fr')).toMatchObject({ language: 'fr' });
  expect(enter('<script>')).not.toHaveProperty('language');
});
