/** Logs the calling user in to or out of queues, or pauses and resumes him. */
import * as z from 'zod';
import { defineNode } from '../../src/define/define-node.ts';
import { entityReference, Template, templateReference } from '../../src/define/fields.ts';

const config = z.strictObject({
  do: z.enum(['toggle', 'log-in', 'log-out', 'toggle-pause', 'pause', 'resume', 'ready']).default('toggle').meta({
    title: 'What to do',
    titleFr: 'Action',
    widget: 'select',
    order: 1,
  }),
  queue: Template.max(400).default('').meta({
    title: 'Queue',
    titleFr: 'File d’attente',
    widget: 'text',
    order: 2,
    description: 'Id, name or extension; empty: all queues of the user.',
  }),
  reason: Template.max(100).default('').meta({
    title: 'Reason for the pause',
    titleFr: 'Motif de la pause',
    widget: 'text',
    order: 3,
  }),
});

export const OUTCOMES = ['logged-in', 'logged-out', 'paused', 'resumed', 'ready', 'refused', 'failed'] as const;
export type Outcomes<_C> = (typeof OUTCOMES)[number];

export default defineNode({
  kind: 'agent-log-in',
  version: 1,
  title: { en: 'Agent log-in', fr: 'Connexion agent' },
  description: {
    en: 'Logs the user who calls in to or out of queues, or pauses and resumes him.',
    fr: 'Connecte ou déconnecte des files l’utilisateur qui appelle, ou le met en pause.',
  },
  icon: 'user-check',
  category: 'data',
  config,
  summary: (c) => ({ en: `${c.do} ${c.queue}`.trim(), fr: `${c.do} ${c.queue}`.trim() }),
  outcomes: () => OUTCOMES,
  references: (c) => [
    ...(c.queue === '' ? [] : entityReference(['queue'], 'queue', c.queue)),
    ...templateReference(['reason'], c.reason),
  ],
  behaviour: (c) => ({
    initial: 'doing',
    stages: {
      doing: {
        asks: (scope) => {
          const queue = scope.text(c.queue).trim().slice(0, 400);
          return [
            {
              ask: 'lookup',
              lookup: {
                what: 'agent',
                id: '',
                user: scope.caller.type === 'user' ? (scope.caller.id ?? '').slice(0, 64) : '',
                wish: c.do,
                queue: queue === '' ? null : queue,
                reason: scope.text(c.reason).trim().slice(0, 100),
              },
            },
          ];
        },
        on: {
          io: ({ result }) => {
            if (result.status === 'agent') return { outcome: result.did, reason: result.did };
            if (result.status === 'not-found') return { outcome: 'refused', reason: 'not-found' };
            return { outcome: 'failed', reason: result.status };
          },
        },
      },
    },
  }),
  example: { do: 'toggle', queue: 'support' },
  variants: [{}, { do: 'pause', reason: 'lunch' }, { do: 'resume' }, { do: 'log-out' }, { do: 'ready' }],
  migrations: [],
});
