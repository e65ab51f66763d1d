/** Lets the owner of a voicemail box hear and manage it by telephone. */
import * as z from 'zod';
import { defineNode } from '../../src/define/define-node.ts';
import { Template, templateReference, VariableName } from '../../src/define/fields.ts';
import { accessStages } from './access.ts';
import { greetingStages } from './greetings.ts';
import { messageStages } from './messages.ts';

const config = z.strictObject({
  box: Template.max(400).default('').meta({
    title: 'Box',
    titleFr: 'Messagerie',
    widget: 'text',
    order: 1,
    description: 'Id or access number of the box, id or extension of its user; empty: the caller’s own.',
  }),
  callBack: VariableName.optional().meta({
    title: 'Keep the number to call back in',
    titleFr: 'Garder le numéro à rappeler dans',
    widget: 'variable',
    order: 2,
  }),
});

type Ends = 'left' | 'refused' | 'failed';
export type Outcomes<C> = C extends { readonly callBack: string } ? Ends | 'call-back' : Ends;

const ENDS: readonly Ends[] = ['left', 'refused', 'failed'];

export default defineNode({
  kind: 'mailbox',
  version: 1,
  title: { en: 'Mailbox', fr: 'Consultation de messagerie' },
  description: {
    en: 'The caller hears, saves and deletes messages, records greetings and changes the PIN.',
    fr: 'L’appelant écoute, garde et supprime ses messages, enregistre ses annonces et change son code.',
  },
  icon: 'inbox',
  category: 'listen',
  config,
  summary: (c) => (c.box === '' ? { en: 'own box', fr: 'sa messagerie' } : { en: c.box, fr: c.box }),
  outcomes: (c) => (c.callBack ? [...ENDS, 'call-back'] : ENDS),
  decidedBy: (outcome) => (outcome === 'failed' ? 'machine' : 'caller'),
  references: (c) => [
    ...templateReference(['box'], c.box),
    ...(c.callBack ? [{ to: 'variable' as const, path: ['callBack'], name: c.callBack }] : []),
  ],
  behaviour: (c) => ({
    initial: 'opening',
    stages: { ...accessStages(c.box), ...messageStages(c.callBack), ...greetingStages() },
  }),
  example: {},
  variants: [{ box: '102', callBack: 'entry' }],
  migrations: [],
});
