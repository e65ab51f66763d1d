/** Lets the caller hear himself. */
import * as z from 'zod';
import { defineNode } from '../../src/define/define-node.ts';
import { durationField, numberReference } from '../../src/define/fields.ts';

/** Ten minutes: an echo holds a media channel. */
const MAX_MS = 600_000;

const config = z.strictObject({
  forMs: durationField(1000, MAX_MS)
    .default(120_000)
    .meta({ title: 'For', titleFr: 'Durée', widget: 'duration', unit: 'ms', order: 1 }),
});

export type Outcomes<_C> = 'next';

export default defineNode({
  kind: 'echo',
  version: 1,
  title: { en: 'Echo', fr: 'Écho' },
  description: {
    en: 'Sends the caller’s own sound back, to try a line.',
    fr: 'Renvoie à l’appelant son propre son, pour essayer une ligne.',
  },
  icon: 'repeat',
  category: 'speak',
  config,
  summary: (c) =>
    typeof c.forMs === 'number'
      ? { en: `${c.forMs / 1000} s`, fr: `${c.forMs / 1000} s` }
      : { en: c.forMs.expr, fr: c.forMs.expr },
  outcomes: () => ['next'],
  references: (c) => numberReference(['forMs'], c.forMs),
  behaviour: (c) => ({
    initial: 'echoing',
    stages: {
      echoing: {
        asks: (scope) => [
          { ask: 'background', sound: 'echo' },
          { ask: 'timer', ms: scope.number(c.forMs, 1000, MAX_MS) },
        ],
        on: { timer: () => ({ outcome: 'next' }) },
      },
    },
  }),
  example: { forMs: 60_000 },
  migrations: [],
});
