/** Sends the caller away for good. */
import * as z from 'zod';
import { defineNode } from '../../src/define/define-node.ts';
import { durationField, numberReference, TargetField, targetReferences } from '../../src/define/fields.ts';
import { NO_TARGET, resolveTarget } from '../../src/define/reach.ts';

const config = z.strictObject({
  to: TargetField.meta({ title: 'To', titleFr: 'Vers', widget: 'destination', order: 1 }),
  by: z
    .enum(['bridge', 'refer'])
    .default('bridge')
    .meta({ title: 'How', titleFr: 'Comment', widget: 'select', order: 2, advanced: true }),
  ringTimeoutMs: durationField(1000, 3_600_000)
    .default(30_000)
    .meta({ title: 'Ring for', titleFr: 'Durée de sonnerie', widget: 'duration', unit: 'ms', order: 3 }),
});

export type Outcomes<_C> = 'failed';

export default defineNode({
  kind: 'transfer',
  version: 1,
  title: { en: 'Transfer', fr: 'Transférer' },
  description: {
    en: 'Hands the caller over; the flow goes on only when that fails.',
    fr: 'Remet l’appelant ; le scénario ne continue qu’en cas d’échec.',
  },
  icon: 'phone-forwarded',
  category: 'connect',
  rings: true,
  config,
  summary: (c) => {
    const whom = c.to.type === 'number' ? c.to.number : c.to.type === 'sip' ? c.to.uri : c.to.id;
    return { en: whom, fr: whom };
  },
  outcomes: () => ['failed'],
  ends: () => true,
  references: (c) => [...targetReferences(['to'], c.to), ...numberReference(['ringTimeoutMs'], c.ringTimeoutMs)],
  behaviour: (c) => ({
    initial: 'choosing',
    stages: {
      choosing: { enter: (scope) => (resolveTarget(c.to, scope) ? { stage: 'transferring' } : NO_TARGET) },
      transferring: {
        asks: (scope) => [
          {
            ask: 'transfer',
            to: resolveTarget(c.to, scope)!,
            by: c.by,
            ringTimeoutMs: scope.number(c.ringTimeoutMs, 1000, 3_600_000),
          },
        ],
        on: { connect: ({ outcome }) => ({ outcome: 'failed', reason: outcome }) },
      },
    },
  }),
  example: { to: { type: 'number', number: '0800 123 456' } },
  variants: [{ to: { type: 'user', id: '${entry}' }, by: 'refer' }],
  migrations: [],
});
