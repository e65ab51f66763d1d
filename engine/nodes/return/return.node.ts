/** Ends this flow with an outcome; the flow that called it goes on. */
import * as z from 'zod';
import { defineNode } from '../../src/define/define-node.ts';
import { OutcomeName } from '../../src/define/fields.ts';

const config = z.strictObject({
  outcome: OutcomeName.default('done').meta({ title: 'Outcome', titleFr: 'Issue', widget: 'text', order: 1 }),
});

export type Outcomes<_C> = never;

export default defineNode({
  kind: 'return',
  version: 1,
  title: { en: 'Return', fr: 'Retour' },
  description: {
    en: 'Ends a sub-flow with an outcome. In a flow that nobody called, the call ends.',
    fr: 'Termine un sous-scénario avec une issue. Dans un scénario que rien n’a appelé, l’appel se termine.',
  },
  icon: 'corner-up-left',
  category: 'end',
  config,
  summary: (c) => ({ en: c.outcome, fr: c.outcome }),
  outcomes: () => [],
  ends: () => true,
  returns: (c) => c.outcome,
  returning: (outcome) => ({ outcome }),
  behaviour: (c) => ({
    initial: 'returning',
    stages: { returning: { enter: () => ({ end: { scope: 'flow', outcome: c.outcome } }) } },
  }),
  example: { outcome: 'done' },
  migrations: [],
});
