/** Lets the caller wait in a queue until an agent takes the call. */
import * as z from 'zod';
import { defineNode } from '../../src/define/define-node.ts';
import {
  CallerIdField,
  callerIdReferences,
  durationField,
  entityReference,
  NumberField,
  numberReference,
  Template,
  templateReference,
} from '../../src/define/fields.ts';
import { resolveCallerId } from '../../src/define/reach.ts';
import type { QueueOutcome } from '../../src/protocol/index.ts';

const PRIORITY = { min: -1000, max: 1000 };

const config = z.strictObject({
  queue: Template.min(1).max(400).meta({ title: 'Queue', titleFr: 'File d’attente', widget: 'text', order: 1 }),
  priority: NumberField.default(0).meta({
    title: 'Priority',
    titleFr: 'Priorité',
    widget: 'number',
    order: 2,
    description: 'One point is worth a minute of waiting.',
  }),
  skills: z
    .array(z.strictObject({ skill: z.string().min(1).max(60), level: z.number().int().min(0).max(100).default(1) }))
    .max(20)
    .default([])
    .meta({ title: 'Skills needed', titleFr: 'Compétences requises', widget: 'json', order: 3 }),
  preferred: Template.max(200).default('').meta({
    title: 'Preferred agent',
    titleFr: 'Agent préféré',
    widget: 'text',
    order: 4,
    advanced: true,
    description: 'Id of a user, e.g. who served this caller last.',
  }),
  maxWaitMs: durationField(1000, 86_400_000).nullable().default(null).meta({
    title: 'Wait for at most',
    titleFr: 'Attente maximale',
    widget: 'duration',
    unit: 'ms',
    order: 5,
    description: 'Empty: as the queue says.',
  }),
  callerId: CallerIdField.nullable().default(null).meta({
    title: 'Number and name shown',
    titleFr: 'Numéro et nom affichés',
    widget: 'text',
    order: 6,
    advanced: true,
  }),
});

export const OUTCOMES = ['answered', 'empty', 'full', 'timeout', 'exit', 'callback', 'failed'] as const;
export type Outcomes<_C> = (typeof OUTCOMES)[number];

const LEAVE_BY = (outcome: QueueOutcome): (typeof OUTCOMES)[number] => (outcome === 'not-found' ? 'failed' : outcome);

export default defineNode({
  kind: 'queue',
  version: 1,
  title: { en: 'Queue', fr: 'File d’attente' },
  description: {
    en: 'The caller waits in a queue until an agent takes the call.',
    fr: 'L’appelant attend dans une file qu’un agent prenne l’appel.',
  },
  icon: 'users',
  category: 'connect',
  rings: true,
  config,
  summary: (c) => ({ en: c.queue, fr: c.queue }),
  outcomes: () => OUTCOMES,
  decidedBy: (outcome) => (outcome === 'exit' || outcome === 'callback' ? 'caller' : 'machine'),
  references: (c) => [
    ...entityReference(['queue'], 'queue', c.queue),
    ...numberReference(['priority'], c.priority),
    ...templateReference(['preferred'], c.preferred),
    ...numberReference(['maxWaitMs'], c.maxWaitMs),
    ...callerIdReferences(['callerId'], c.callerId),
  ],
  behaviour: (c) => ({
    initial: 'choosing',
    stages: {
      choosing: {
        enter: (scope) =>
          scope.text(c.queue).trim() === '' ? { outcome: 'failed', reason: 'no-target' } : { stage: 'waiting' },
      },
      waiting: {
        asks: (scope) => {
          const preferred = scope.text(c.preferred).trim();
          return [
            {
              ask: 'queue',
              queue: scope.text(c.queue).trim().slice(0, 400),
              needs: {
                priority: Math.round(scope.number(c.priority, PRIORITY.min, PRIORITY.max)),
                skills: c.skills,
                preferred: preferred === '' ? [] : [preferred.slice(0, 64)],
              },
              maxWaitMs: c.maxWaitMs === null ? null : scope.number(c.maxWaitMs, 1000, 86_400_000),
              callerId: resolveCallerId(c.callerId, scope),
            },
          ];
        },
        on: { queue: ({ outcome }) => ({ outcome: LEAVE_BY(outcome), reason: outcome }) },
      },
    },
  }),
  example: { queue: 'support' },
  variants: [
    {
      queue: '${entry}',
      priority: { expr: 'count' },
      skills: [{ skill: 'fr', level: 50 }],
      preferred: '${called.id}',
      maxWaitMs: 60_000,
    },
  ],
  migrations: [],
});
