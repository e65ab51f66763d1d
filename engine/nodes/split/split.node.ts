/** Shares calls out by percentage. */
import * as z from 'zod';
import { unique } from '../../src/define/checks.ts';
import { type ConfigProblem, defineNode } from '../../src/define/define-node.ts';
import { OutcomeName } from '../../src/define/fields.ts';

const config = z.strictObject({
  shares: z
    .array(z.strictObject({ percent: z.number().min(0).max(100), outcome: OutcomeName }))
    .min(2)
    .max(20)
    .meta({ title: 'Shares', titleFr: 'Parts', widget: 'share-list', unit: '%', order: 1 }),
});

export type Outcomes<C> = C extends { shares: readonly { outcome: infer O extends string }[] } ? O : never;

export default defineNode({
  kind: 'split',
  version: 1,
  title: { en: 'Split', fr: 'Répartir' },
  description: {
    en: 'Sends each call one way by chance, in given shares.',
    fr: 'Oriente chaque appel au hasard, selon des parts données.',
  },
  icon: 'percent',
  category: 'decide',
  config,
  summary: (c) => {
    const text = c.shares.map((share) => `${share.percent} %`).join(' / ');
    return { en: text, fr: text };
  },
  outcomes: (c) => c.shares.map((share) => share.outcome),
  check: (c): ConfigProblem[] => [
    ...unique(
      'FLW_DUPLICATE_OUTCOME',
      'shares',
      'outcome',
      c.shares.map((share) => share.outcome),
    ),
    // thirds written with decimals still add up
    ...(Math.abs(c.shares.reduce((sum, share) => sum + share.percent, 0) - 100) > 0.01
      ? [{ code: 'FLW_SHARES' as const, path: ['shares'] }]
      : []),
  ],
  probe: () => ({ chance: true }),
  behaviour: (c) => ({
    initial: 'drawing',
    stages: {
      drawing: {
        enter: (scope) => {
          let left = scope.chance() * 100;
          for (const share of c.shares) {
            if (left < share.percent) return { outcome: share.outcome, reason: `share of ${share.percent} %` };
            left -= share.percent;
          }
          // the sum may fall short of 100 by a rounding of the author
          return { outcome: c.shares.at(-1)!.outcome };
        },
      },
    },
  }),
  example: {
    shares: [
      { percent: 80, outcome: 'old' },
      { percent: 20, outcome: 'new' },
    ],
  },
  migrations: [],
});
