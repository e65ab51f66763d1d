/** Connects the caller with a user, a number or a SIP address. */
import * as z from 'zod';
import { Comfort } from '../../src/define/ask.ts';
import { defineNode } from '../../src/define/define-node.ts';
import {
  CallerIdField,
  callerIdReferences,
  durationField,
  numberReference,
  PromptField,
  TargetField,
  targetReferences,
} from '../../src/define/fields.ts';
import {
  NO_TARGET,
  REACH_OUTCOMES,
  type ReachOutcome,
  reached,
  resolveCallerId,
  resolveTarget,
} from '../../src/define/reach.ts';

const config = z.strictObject({
  to: TargetField.meta({ title: 'Whom', titleFr: 'Qui', widget: 'destination', order: 1 }),
  ringTimeoutMs: durationField(1000, 3_600_000)
    .default(30_000)
    .meta({ title: 'Ring for', titleFr: 'Durée de sonnerie', widget: 'duration', unit: 'ms', order: 2 }),
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
  announcement: z.array(PromptField).max(5).default([]).meta({
    title: 'Whoever answers hears first',
    titleFr: 'La personne qui répond entend d’abord',
    widget: 'prompt-list',
    order: 5,
    advanced: true,
  }),
  confirm: z.boolean().default(false).meta({
    title: 'Whoever answers accepts by 1',
    titleFr: 'La personne qui répond accepte par 1',
    widget: 'switch',
    order: 6,
    advanced: true,
  }),
  autoAnswer: z.boolean().default(false).meta({
    title: 'The phone answers by itself',
    titleFr: 'Décroché automatique',
    widget: 'switch',
    order: 7,
    advanced: true,
  }),
  maxTalkMs: durationField(1000, 86_400_000).nullable().default(null).meta({
    title: 'Talk for at most',
    titleFr: 'Durée maximale de conversation',
    widget: 'duration',
    unit: 'ms',
    order: 8,
    advanced: true,
  }),
});

export type Outcomes<_C> = ReachOutcome;

export default defineNode({
  kind: 'dial',
  version: 2,
  title: { en: 'Dial', fr: 'Appeler' },
  description: {
    en: 'Rings a user, a number or a SIP address and connects the caller.',
    fr: 'Fait sonner un utilisateur, un numéro ou une adresse SIP et relie l’appelant.',
  },
  icon: 'phone-outgoing',
  category: 'connect',
  rings: true,
  config,
  summary: (c) => {
    const whom = c.to.type === 'number' ? c.to.number : c.to.type === 'sip' ? c.to.uri : c.to.id;
    return { en: whom, fr: whom };
  },
  outcomes: () => REACH_OUTCOMES,
  references: (c) => [
    ...targetReferences(['to'], c.to),
    ...numberReference(['ringTimeoutMs'], c.ringTimeoutMs),
    ...numberReference(['maxTalkMs'], c.maxTalkMs),
    ...callerIdReferences(['callerId'], c.callerId),
  ],
  behaviour: (c) => ({
    initial: 'choosing',
    stages: {
      choosing: { enter: (scope) => (resolveTarget(c.to, scope) ? { stage: 'connecting' } : NO_TARGET) },
      connecting: {
        asks: (scope) => [
          {
            ask: 'connect',
            to: resolveTarget(c.to, scope)!,
            ringTimeoutMs: scope.number(c.ringTimeoutMs, 1000, 3_600_000),
            callerId: resolveCallerId(c.callerId, scope),
            comfort: c.comfort,
            ...(c.announcement.length > 0 || c.confirm
              ? { announcement: c.announcement.map((prompt) => scope.prompt(prompt)), confirm: c.confirm }
              : {}),
            ...(c.autoAnswer ? { autoAnswer: true } : {}),
            ...(c.maxTalkMs === null ? {} : { maxTalkMs: scope.number(c.maxTalkMs, 1000, 86_400_000) }),
          },
        ],
        on: { connect: ({ outcome }) => reached(outcome) },
      },
    },
  }),
  example: { to: { type: 'user', id: '${called.id}' }, ringTimeoutMs: 20_000 },
  variants: [
    {
      to: { type: 'number', number: '+39 02 ${entry}' },
      callerId: { number: '100', name: 'Front desk' },
      comfort: 'music',
    },
    { to: { type: 'sip', uri: 'sip:desk@pbx.example' }, autoAnswer: true, maxTalkMs: 60_000 },
    { to: { type: 'destination', destinationType: 'flow', id: '${entry}' } },
  ],
  migrations: [{ to: 2, up: (old) => ({ ...old }) }],
});
