/** Answers for somebody else whose phone rings. */
import * as z from 'zod';
import { defineNode } from '../../src/define/define-node.ts';
import { Template } from '../../src/define/fields.ts';

const config = z.strictObject({
  user: Template.max(200).default('').meta({
    title: 'For whom',
    titleFr: 'Pour qui',
    widget: 'text',
    order: 1,
    description: 'Id or extension; empty: anybody in a group of the caller’s.',
  }),
});

export type Outcomes<_C> = 'nobody' | 'forbidden' | 'failed';

/** How each reply leaves the node; the caller who gets the call leaves for it, so there is no outcome for that. */
const LEAVE_BY: Readonly<Record<string, 'nobody' | 'forbidden'>> = { 'not-found': 'nobody', forbidden: 'forbidden' };

export default defineNode({
  kind: 'pick-up',
  version: 1,
  title: { en: 'Pick up', fr: 'Intercepter' },
  description: {
    en: 'The caller answers for a colleague whose phone rings; the flow goes on only when that cannot be.',
    fr: 'L’appelant répond à la place d’un collègue dont le poste sonne ; le scénario ne continue qu’en cas d’échec.',
  },
  icon: 'hand',
  category: 'connect',
  config,
  summary: (c) => (c.user === '' ? { en: 'own groups', fr: 'ses groupes' } : { en: c.user, fr: c.user }),
  outcomes: () => ['nobody', 'forbidden', 'failed'],
  behaviour: (c) => ({
    initial: 'picking',
    stages: {
      picking: {
        asks: (scope) => [{ ask: 'pick-up', user: scope.text(c.user).trim().slice(0, 400) || null }],
        on: { connect: ({ outcome }) => ({ outcome: LEAVE_BY[outcome] ?? 'failed', reason: outcome }) },
      },
    },
  }),
  example: { user: '${called.id}' },
  variants: [{}],
  migrations: [],
});
