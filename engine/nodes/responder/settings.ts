/** Settings of a node of a responder. */
import * as z from 'zod';
import { Keys, OutcomeName, PromptField, TargetField } from '../../src/define/fields.ts';
import { ResponderAction, ResponderInput } from '../../src/protocol/index.ts';

/** A key that stands for itself. */
const Key = z.string().regex(/^[0-9*#]$/);

export const config = z.strictObject({
  prompts: z
    .array(PromptField)
    .max(10)
    .default([])
    .meta({ title: 'Message', titleFr: 'Message', widget: 'prompt-list', order: 1 }),
  loop: z.boolean().default(false).meta({
    title: 'Repeat the message',
    titleFr: 'Répéter le message',
    widget: 'switch',
    order: 2,
    description: 'While the caller is waited for.',
  }),
  input: ResponderInput.default('none').meta({ title: 'Entry', titleFr: 'Saisie', widget: 'select', order: 3 }),
  inputLength: z
    .number()
    .int()
    .min(1)
    .max(64)
    .default(1)
    .meta({ title: 'Number of keys', titleFr: 'Nombre de touches', widget: 'number', order: 4 }),
  terminator: Key.default('#').meta({ title: 'Key that ends it', titleFr: 'Touche de fin', widget: 'text', order: 5 }),
  pauseMs: z
    .number()
    .int()
    .min(100)
    .max(60_000)
    .default(3000)
    .meta({ title: 'Pause that ends it', titleFr: 'Pause de fin', widget: 'duration', unit: 'ms', order: 6 }),
  waitMs: z.number().int().min(0).max(600_000).default(10_000).meta({
    title: 'Wait after the message',
    titleFr: 'Attente après le message',
    widget: 'duration',
    unit: 'ms',
    order: 7,
  }),
  action: ResponderAction.default('next').meta({ title: 'Then', titleFr: 'Ensuite', widget: 'select', order: 8 }),
  choices: z
    .array(z.strictObject({ key: Keys, outcome: OutcomeName, label: z.string().max(100).default('') }))
    .max(50)
    .default([])
    .meta({ title: 'Next nodes', titleFr: 'Nœuds suivants', widget: 'choice-list', order: 9 }),
  backKey: Key.nullable()
    .default(null)
    .meta({ title: 'Key that leads back', titleFr: 'Touche de retour', widget: 'text', order: 10 }),
  target: TargetField.nullable()
    .default(null)
    .meta({ title: 'Call', titleFr: 'Appeler', widget: 'destination', order: 11 }),
  ringTimeoutMs: z.number().int().min(1000).max(3_600_000).default(60_000).meta({
    title: 'Ring for',
    titleFr: 'Durée de sonnerie',
    widget: 'duration',
    unit: 'ms',
    order: 12,
    advanced: true,
  }),
  script: z
    .string()
    .max(2000)
    .regex(/^(|(https?:\/\/)?[^\s/:][^\s]*)$/)
    .default('')
    .meta({ title: 'Address of the script', titleFr: 'Adresse du script', widget: 'text', order: 13 }),
  dialect: z.string().max(40).default('').meta({
    title: 'Dialect of the script',
    titleFr: 'Dialecte du script',
    widget: 'text',
    order: 14,
    advanced: true,
    description: 'Empty: the only one there is.',
  }),
  scriptTimeoutMs: z.number().int().min(100).max(60_000).default(10_000).meta({
    title: 'Longest wait for the script',
    titleFr: 'Attente du script',
    widget: 'duration',
    unit: 'ms',
    order: 15,
    advanced: true,
  }),
  tag: z
    .number()
    .int()
    .default(-1)
    .meta({ title: 'Tag', titleFr: 'Étiquette', widget: 'number', order: 16, advanced: true }),
  tries: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(3)
    .meta({ title: 'Tries', titleFr: 'Essais', widget: 'number', order: 17, advanced: true }),
});
export type Config = z.infer<typeof config>;
