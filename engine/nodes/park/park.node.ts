/** Lets the caller wait in a park slot until he is fetched. */
import * as z from 'zod';
import { defineNode } from '../../src/define/define-node.ts';
import { Template } from '../../src/define/fields.ts';

const config = z.strictObject({
  slot: Template.max(200).default('').meta({
    title: 'Slot',
    titleFr: 'Position',
    widget: 'text',
    order: 1,
    description: 'Id or extension; empty: any that is free.',
  }),
});

export type Outcomes<_C> = 'nobody' | 'forbidden' | 'not-taken' | 'failed';

const LEAVE_BY: Readonly<Record<string, 'nobody' | 'forbidden' | 'failed'>> = {
  'not-found': 'nobody',
  forbidden: 'forbidden',
  failed: 'failed',
};

export default defineNode({
  kind: 'park',
  version: 1,
  title: { en: 'Park', fr: 'Parquer' },
  description: {
    en: 'The caller waits in a park slot until a colleague fetches him; a user who dials the slot fetches who waits there.',
    fr: 'L’appelant attend en position de parcage jusqu’à ce qu’un collègue le reprenne ; un utilisateur qui compose la position reprend l’appel.',
  },
  icon: 'parking',
  category: 'connect',
  rings: true,
  config,
  summary: (c) => (c.slot === '' ? { en: 'any slot', fr: 'position libre' } : { en: c.slot, fr: c.slot }),
  outcomes: () => ['nobody', 'forbidden', 'not-taken', 'failed'],
  behaviour: (c) => ({
    initial: 'parking',
    stages: {
      parking: {
        asks: (scope) => {
          const slot = scope.text(c.slot).trim().slice(0, 400);
          return [{ ask: 'park', slot: slot === '' || slot === 'any' ? null : slot }];
        },
        on: { connect: ({ outcome }) => ({ outcome: LEAVE_BY[outcome] ?? 'not-taken', reason: outcome }) },
      },
    },
  }),
  example: { slot: '${called.id}' },
  variants: [{}],
  migrations: [],
});
