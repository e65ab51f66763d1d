/** Runs another flow and comes back by its outcome. */
import * as z from 'zod';
import { unique } from '../../src/define/checks.ts';
import { defineNode } from '../../src/define/define-node.ts';
import { ExpressionSource, OutcomeName, type Reference, VariableName } from '../../src/define/fields.ts';
import type { JsonValue } from '../../src/protocol/index.ts';

const config = z.strictObject({
  flow: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
    .meta({ title: 'Flow', titleFr: 'Scénario', widget: 'flow', order: 1 }),
  outcomes: z
    .array(OutcomeName)
    .min(1)
    .max(50)
    .default(['done'])
    .meta({ title: 'Outcomes', titleFr: 'Issues', widget: 'outcome-list', order: 2 }),
  inputs: z
    .array(z.strictObject({ variable: VariableName, value: ExpressionSource }))
    .max(50)
    .default([])
    .meta({ title: 'Values given', titleFr: 'Valeurs transmises', widget: 'assignment-list', order: 3 }),
  outputs: z
    .array(z.strictObject({ variable: VariableName, from: VariableName }))
    .max(50)
    .default([])
    .meta({ title: 'Values kept', titleFr: 'Valeurs gardées', widget: 'assignment-list', order: 4 }),
});

export type Outcomes<C> = C extends { outcomes: readonly (infer O extends string)[] } ? O : 'done';

export default defineNode({
  kind: 'sub-flow',
  version: 1,
  title: { en: 'Sub-flow', fr: 'Sous-scénario' },
  description: {
    en: 'Runs another flow, then goes on by its outcome.',
    fr: 'Exécute un autre scénario, puis continue selon son issue.',
  },
  icon: 'layers',
  category: 'decide',
  config,
  summary: (c) => ({ en: c.flow, fr: c.flow }),
  outcomes: (c) => c.outcomes,
  calling: ({ flow, outcomes, inputs, outputs }) => ({
    flow,
    outcomes: [...outcomes],
    inputs: inputs.map((variable) => ({ variable, value: variable })),
    outputs: outputs.map((variable) => ({ variable, from: variable })),
  }),
  references: (c) => [
    {
      to: 'flow',
      path: ['flow'],
      name: c.flow,
      outcomes: c.outcomes,
      variables: [...c.inputs.map((input) => input.variable), ...c.outputs.map((output) => output.from)],
    },
    ...c.inputs.map(
      ({ value }, index): Reference => ({
        to: 'expression',
        path: ['inputs', index, 'value'],
        source: value,
        type: 'any',
      }),
    ),
    ...c.outputs.map(
      ({ variable }, index): Reference => ({ to: 'variable', path: ['outputs', index, 'variable'], name: variable }),
    ),
  ],
  check: (c) =>
    unique('FLW_DUPLICATE_OUTCOME', 'outcomes', '', c.outcomes).map(({ code, path }) => ({
      code,
      path: path.slice(0, 2),
    })),
  behaviour: (c) => ({
    initial: 'running',
    stages: {
      running: {
        asks: (scope) => {
          const given = c.inputs.map(({ variable, value }): [string, JsonValue] => {
            const result = scope.evaluate(value);
            return [variable, result.ok ? result.value : null];
          });
          return [{ ask: 'flow', flow: c.flow, variables: Object.fromEntries(given) }];
        },
        on: {
          flow: ({ outcome, variables }) => {
            const kept = c.outputs.map(({ variable, from }): [string, JsonValue] => [
              variable,
              Object.hasOwn(variables, from) ? variables[from]! : null,
            ]);
            return { outcome, set: Object.fromEntries(kept) };
          },
        },
      },
    },
  }),
  example: {
    flow: 'identify',
    outcomes: ['known', 'unknown'],
    inputs: [{ variable: 'number', value: 'caller.number' }],
    outputs: [{ variable: 'entry', from: 'customer' }],
  },
  migrations: [],
});
