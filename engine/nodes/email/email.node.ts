/** Sends a mail. */
import * as z from 'zod';
import { defineNode } from '../../src/define/define-node.ts';
import { Template, templateReference } from '../../src/define/fields.ts';

const config = z.strictObject({
  to: Template.min(1).max(400).meta({ title: 'To', titleFr: 'À', widget: 'text', order: 1 }),
  subject: Template.min(1).max(400).meta({ title: 'Subject', titleFr: 'Objet', widget: 'text', order: 2 }),
  text: Template.max(10_000).default('').meta({ title: 'Text', titleFr: 'Texte', widget: 'text-area', order: 3 }),
  recording: Template.max(200).default('').meta({
    title: 'Recording that goes along',
    titleFr: 'Enregistrement joint',
    widget: 'text',
    order: 4,
    description: 'Its id, as the node Record keeps it; empty: none.',
  }),
});

export type Outcomes<_C> = 'next' | 'failed';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export default defineNode({
  kind: 'email',
  version: 1,
  title: { en: 'E-mail', fr: 'E-mail' },
  description: {
    en: 'Puts a mail into the company’s outbox and goes on at once.',
    fr: 'Place un e-mail dans la boîte d’envoi de la société et continue aussitôt.',
  },
  icon: 'mail',
  category: 'data',
  config,
  summary: (c) => ({ en: c.to, fr: c.to }),
  outcomes: () => ['next', 'failed'],
  references: (c) => [
    ...templateReference(['to'], c.to),
    ...templateReference(['subject'], c.subject),
    ...templateReference(['text'], c.text),
    ...templateReference(['recording'], c.recording),
  ],
  behaviour: (c) => ({
    initial: 'queueing',
    stages: {
      queueing: {
        asks: (scope) => {
          const recording = scope.text(c.recording).trim();
          return [
            {
              ask: 'lookup',
              lookup: {
                what: 'mail',
                // the same visit asks for the same mail, however often it is asked
                key: `${scope.node.id.slice(0, 100)}/${scope.at}`,
                to: scope.text(c.to).trim().slice(0, 320),
                subject: scope.text(c.subject).slice(0, 250),
                text: scope.text(c.text).slice(0, 20_000),
                language: scope.locale.language,
                recording: UUID.test(recording) ? recording : null,
              },
            },
          ];
        },
        on: {
          io: ({ result }) =>
            result.status === 'mail-queued'
              ? { outcome: 'next', reason: 'queued' }
              : { outcome: 'failed', reason: result.status },
        },
      },
    },
  }),
  example: { to: 'desk@example.com', subject: 'Call from ${caller.number}', text: 'Please call back.' },
  variants: [{ to: '${entry}', subject: 'x', recording: '${entry}' }],
  migrations: [],
});
