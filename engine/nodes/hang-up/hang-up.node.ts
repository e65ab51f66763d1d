/** Ends the call. */
import * as z from 'zod';
import { defineNode } from '../../src/define/define-node.ts';
import { Cause } from '../../src/protocol/common.ts';

const config = z.strictObject({
  cause: Cause.default('normal').meta({ title: 'Cause', titleFr: 'Cause', widget: 'select', order: 1, advanced: true }),
});

export type Outcomes<_C> = never;

export default defineNode({
  kind: 'hang-up',
  version: 1,
  title: { en: 'Hang up', fr: 'Raccrocher' },
  description: {
    en: 'Ends the call. Before the answer the caller gets the cause as a refusal.',
    fr: 'Termine l’appel. Avant le décroché, l’appelant reçoit la cause comme refus.',
  },
  icon: 'phone-off',
  category: 'end',
  config,
  summary: (c) => ({ en: c.cause, fr: c.cause }),
  outcomes: () => [],
  ends: () => true,
  behaviour: (c) => ({
    initial: 'ending',
    stages: {
      ending: {
        asks: () => [{ ask: 'hangup', cause: c.cause }],
        enter: () => ({ end: { scope: 'all', outcome: 'hang-up' }, reason: c.cause }),
      },
    },
  }),
  example: { cause: 'normal' },
  migrations: [],
});
