/** Where a flow begins. */
import * as z from 'zod';
import { defineNode } from '../../src/define/define-node.ts';

const config = z.strictObject({
  answer: z
    .boolean()
    .default(false)
    .meta({ title: 'Answer at once', titleFr: 'Décrocher tout de suite', widget: 'switch', order: 1 }),
});

export type Outcomes<_C> = 'next';

export default defineNode({
  kind: 'start',
  version: 1,
  title: { en: 'Start', fr: 'Début' },
  description: { en: 'Where a call enters the flow.', fr: 'Là où un appel entre dans le scénario.' },
  icon: 'play-circle',
  category: 'start',
  config,
  summary: (c) =>
    c.answer ? { en: 'answers', fr: 'décroche' } : { en: 'answers when needed', fr: 'décroche au besoin' },
  outcomes: () => ['next'],
  behaviour: (c) => ({
    initial: 'starting',
    stages: {
      starting: { enter: () => (c.answer ? { stage: 'answering' } : { outcome: 'next' }) },
      answering: { asks: () => [{ ask: 'answer' }], on: { ok: () => ({ outcome: 'next' }) } },
    },
  }),
  example: { answer: true },
  variants: [{}],
  migrations: [],
});
