import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import split from './split.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(split)).toEqual([]);
});

test('shares out as told, the same call always the same way', () => {
  const config = {
    shares: [
      { percent: 75, outcome: 'a' },
      { percent: 25, outcome: 'b' },
    ],
  };
  const outcomes = Array.from({ length: 1500 }, (_, seed) => startNode('split', config, { seed: seed * 7919 }).outcome);
  const share = outcomes.filter((outcome) => outcome === 'a').length / outcomes.length;
  expect(share).toBeGreaterThan(0.72);
  expect(share).toBeLessThan(0.78);
  expect(startNode('split', config, { seed: 7919 }).outcome).toBe(outcomes[1]);
});

test('shares must add up to 100', () => {
  const check = (a: number, b: number) =>
    split.check?.(
      split.config.parse({
        shares: [
          { percent: a, outcome: 'a' },
          { percent: b, outcome: 'b' },
        ],
      }),
    );
  expect(check(50, 50)).toEqual([]);
  expect(check(50, 40)).toEqual([{ code: 'FLW_SHARES', path: ['shares'] }]);
});
