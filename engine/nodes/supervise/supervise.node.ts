/** Hears the call of a colleague, whispers to him or speaks to both. */
import * as z from 'zod';
import { defineNode } from '../../src/define/define-node.ts';
import { Template } from '../../src/define/fields.ts';
import { SupervisionMode } from '../../src/protocol/index.ts';

const config = z.strictObject({
  user: Template.min(1).max(200).meta({
    title: 'Whom',
    titleFr: 'Qui',
    widget: 'text',
    order: 1,
    description: 'Id or extension of the user whose call is heard.',
  }),
  mode: SupervisionMode.default('listen').meta({
    title: 'At first',
    titleFr: 'Pour commencer',
    widget: 'select',
    order: 2,
  }),
});

export type Outcomes<_C> = 'idle' | 'forbidden' | 'failed';

/** How each reply leaves the node; a caller who gets in leaves for that call, so there is no outcome for it. */
const LEAVE_BY: Readonly<Record<string, 'idle' | 'forbidden'>> = { 'not-found': 'idle', forbidden: 'forbidden' };

export default defineNode({
  kind: 'supervise',
  version: 1,
  title: { en: 'Supervise', fr: 'Superviser' },
  description: {
    en: 'The caller, a supervisor, hears the call of a user; by keys he whispers or joins in. The flow goes on only when that cannot be.',
    fr: 'L’appelant, un superviseur, écoute l’appel d’un utilisateur ; par touche il chuchote ou intervient. Le scénario ne continue qu’en cas d’échec.',
  },
  icon: 'ear',
  category: 'connect',
  config,
  summary: (c) => ({ en: c.user, fr: c.user }),
  outcomes: () => ['idle', 'forbidden', 'failed'],
  behaviour: (c) => ({
    initial: 'entering',
    stages: {
      entering: {
        asks: (scope) => [{ ask: 'supervise', user: scope.text(c.user).trim().slice(0, 400), mode: c.mode }],
        on: { connect: ({ outcome }) => ({ outcome: LEAVE_BY[outcome] ?? 'failed', reason: outcome }) },
      },
    },
  }),
  example: { user: '${called.id}' },
  variants: [{ user: '102', mode: 'barge' }],
  migrations: [],
});
