/** Waits for a time, or until somebody outside says go on. */
import * as z from 'zod';
import { Comfort } from '../../src/define/ask.ts';
import type { NodeAsk } from '../../src/define/behaviour.ts';
import { defineNode } from '../../src/define/define-node.ts';
import { durationField, numberReference } from '../../src/define/fields.ts';

/** A day. */
const MAX_MS = 86_400_000;

const config = z.strictObject({
  forMs: durationField(100, MAX_MS).nullable().default(null).meta({
    title: 'Wait for',
    titleFr: 'Attendre',
    widget: 'duration',
    unit: 'ms',
    order: 1,
    description: 'Empty: until a command or hang-up.',
  }),
  sound: Comfort.default('music').meta({
    title: 'The caller hears',
    titleFr: 'L’appelant entend',
    widget: 'select',
    order: 2,
  }),
});

export type Outcomes<C> = C extends { forMs: number | { expr: string } } ? 'elapsed' : never;
export type OptionalOutcomes = 'continue';

export default defineNode({
  kind: 'wait',
  version: 1,
  title: { en: 'Wait', fr: 'Attendre' },
  description: {
    en: 'Holds the caller for a time, or until a command from outside.',
    fr: 'Fait patienter l’appelant un temps, ou jusqu’à une commande extérieure.',
  },
  icon: 'clock',
  category: 'connect',
  config,
  summary: (c) =>
    typeof c.forMs === 'number'
      ? { en: `${c.forMs / 1000} s`, fr: `${c.forMs / 1000} s` }
      : { en: 'until told', fr: 'jusqu’à l’ordre' },
  outcomes: (c) => (c.forMs === null ? ['continue'] : ['elapsed', 'continue']),
  decidedBy: (outcome) => (outcome === 'continue' ? 'outside' : 'machine'),
  optional: () => ['continue'],
  ends: (c) => c.forMs === null,
  references: (c) => numberReference(['forMs'], c.forMs),
  behaviour: (c) => ({
    initial: 'waiting',
    stages: {
      waiting: {
        asks: (scope) => {
          const background: NodeAsk = { ask: 'background', sound: c.sound };
          return c.forMs === null
            ? [background]
            : [background, { ask: 'timer', ms: scope.number(c.forMs, 100, MAX_MS) }];
        },
        on: {
          timer: () => ({ outcome: 'elapsed' }),
          continue: () => ({ outcome: 'continue', reason: 'told from outside' }),
        },
      },
    },
  }),
  example: { forMs: 10_000, sound: 'music' },
  variants: [{}],
  migrations: [],
});
