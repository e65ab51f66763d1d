/** Takes the first branch whose condition holds. */
import * as z from 'zod';
import { defineNode } from '../../src/define/define-node.ts';
import { ExpressionSource, OutcomeName } from '../../src/define/fields.ts';

const config = z.strictObject({
  branches: z
    .array(z.strictObject({ when: ExpressionSource, outcome: OutcomeName }))
    .min(1)
    .max(50)
    .meta({ title: 'Branches', titleFr: 'Branches', widget: 'branch-list', order: 1 }),
});

export type Outcomes<C> = C extends { branches: readonly { outcome: infer O extends string }[] }
  ? O | 'otherwise'
  : never;

export default defineNode({
  kind: 'branch',
  version: 1,
  title: { en: 'Branch', fr: 'Condition' },
  description: { en: 'Goes on by the first condition that holds.', fr: 'Continue par la première condition vraie.' },
  icon: 'git-branch',
  category: 'decide',
  config,
  summary: (c) => ({ en: `${c.branches.length} conditions`, fr: `${c.branches.length} conditions` }),
  outcomes: (c) => [...new Set(c.branches.map((branch) => branch.outcome)), 'otherwise'],
  decidedBy: () => 'counter',
  references: (c) =>
    c.branches.map(({ when }, index) => ({
      to: 'expression',
      path: ['branches', index, 'when'],
      source: when,
      type: 'boolean',
    })),
  check: (c) =>
    c.branches.flatMap((branch, index) =>
      branch.outcome === 'otherwise' ? [{ code: 'FLW_DUPLICATE_OUTCOME', path: ['branches', index, 'outcome'] }] : [],
    ),
  behaviour: (c) => ({
    initial: 'deciding',
    stages: {
      deciding: {
        enter: (scope) => {
          for (const [index, branch] of c.branches.entries()) {
            const result = scope.evaluate(branch.when);
            if (result.ok && result.value === true)
              return { outcome: branch.outcome, reason: `condition ${index + 1}` };
          }
          return { outcome: 'otherwise', reason: 'no condition holds' };
        },
      },
    },
  }),
  example: { branches: [{ when: 'count > 2', outcome: 'often' }] },
  variants: [
    {
      branches: [
        { when: 'entry == "1234"', outcome: 'known' },
        { when: 'caller.number.startsWith("+39")', outcome: 'italy' },
      ],
    },
  ],
  migrations: [],
});
