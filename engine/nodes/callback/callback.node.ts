/** Has the caller called back when his turn comes in the queue he has left by its key. */
import * as z from 'zod';
import { defineNode } from '../../src/define/define-node.ts';
import { Template, templateReference } from '../../src/define/fields.ts';

const config = z.strictObject({
  number: Template.min(1).max(200).default('${caller.number}').meta({
    title: 'Number',
    titleFr: 'Numéro',
    widget: 'text',
    order: 1,
    description: 'Dialled for the agent once he has answered.',
  }),
});

export type Outcomes<_C> = 'requested' | 'refused';

export default defineNode({
  kind: 'callback',
  version: 1,
  title: { en: 'Callback', fr: 'Rappel' },
  description: {
    en: 'The caller may hang up: he is called back when his turn comes in the queue he has left by its callback key.',
    fr: 'L’appelant peut raccrocher : il est rappelé quand vient son tour dans la file qu’il a quittée par la touche de rappel.',
  },
  icon: 'phone-incoming',
  category: 'connect',
  config,
  summary: (c) => ({ en: c.number, fr: c.number }),
  outcomes: () => ['requested', 'refused'],
  references: (c) => templateReference(['number'], c.number),
  behaviour: (c) => ({
    initial: 'asking',
    stages: {
      asking: {
        asks: (scope) => [
          {
            ask: 'callback',
            number: scope
              .text(c.number)
              .replace(/[\s().-]/g, '')
              .slice(0, 64),
          },
        ],
        on: {
          connect: ({ outcome }) => ({ outcome: outcome === 'completed' ? 'requested' : 'refused', reason: outcome }),
        },
      },
    },
  }),
  example: {},
  variants: [{ number: '${entry}' }],
  migrations: [],
});
