/** Rings a group. */
import * as z from 'zod';
import { Comfort } from '../../src/define/ask.ts';
import { defineNode } from '../../src/define/define-node.ts';
import {
  CallerIdField,
  callerIdReferences,
  durationField,
  entityReference,
  numberReference,
  Template,
} from '../../src/define/fields.ts';
import { NO_TARGET, REACH_OUTCOMES, type ReachOutcome, reached, resolveCallerId } from '../../src/define/reach.ts';

const config = z.strictObject({
  group: Template.min(1).max(200).meta({ title: 'Group', titleFr: 'Groupe', widget: 'ring-group', order: 1 }),
  totalRingMs: durationField(1000, 3_600_000).nullable().default(null).meta({
    title: 'Ring for at most',
    titleFr: 'Durée maximale de sonnerie',
    widget: 'duration',
    unit: 'ms',
    order: 2,
  }),
  callerId: CallerIdField.nullable().default(null).meta({
    title: 'Number and name shown',
    titleFr: 'Numéro et nom affichés',
    widget: 'text',
    order: 3,
    advanced: true,
  }),
  comfort: Comfort.default('ringback').meta({
    title: 'The caller hears',
    titleFr: 'L’appelant entend',
    widget: 'select',
    order: 4,
  }),
});

export type Outcomes<_C> = ReachOutcome;

export default defineNode({
  kind: 'ring-group',
  version: 1,
  title: { en: 'Ring group', fr: 'Groupe d’appel' },
  description: {
    en: 'Rings the members of a group by its strategy.',
    fr: 'Fait sonner les membres d’un groupe selon sa stratégie.',
  },
  icon: 'users',
  category: 'connect',
  rings: true,
  config,
  summary: (c) => ({ en: c.group, fr: c.group }),
  outcomes: () => REACH_OUTCOMES,
  references: (c) => [
    ...entityReference(['group'], 'ring-group', c.group),
    ...numberReference(['totalRingMs'], c.totalRingMs),
    ...callerIdReferences(['callerId'], c.callerId),
  ],
  behaviour: (c) => ({
    initial: 'choosing',
    stages: {
      choosing: { enter: (scope) => (scope.text(c.group).trim() === '' ? NO_TARGET : { stage: 'ringing' }) },
      ringing: {
        asks: (scope) => [
          {
            ask: 'ring-group',
            groupId: scope.text(c.group).trim().slice(0, 200),
            totalRingMs: c.totalRingMs === null ? null : scope.number(c.totalRingMs, 1000, 3_600_000),
            callerId: resolveCallerId(c.callerId, scope),
            comfort: c.comfort,
          },
        ],
        on: { connect: ({ outcome }) => reached(outcome) },
      },
    },
  }),
  example: { group: 'sales' },
  variants: [{ group: '${entry}', totalRingMs: 40_000 }],
  migrations: [],
});
