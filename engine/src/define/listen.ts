/** What the kinds that listen to the caller share. */
import * as z from 'zod';
import { durationField, PromptField } from './fields.ts';

/** Fields of every interaction. */
export const listenFields = {
  prompts: z
    .array(PromptField)
    .min(1)
    .max(10)
    .meta({ title: 'Prompts', titleFr: 'Messages', widget: 'prompt-list', order: 1 }),
  tries: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(3)
    .meta({ title: 'Tries', titleFr: 'Essais', widget: 'number', order: 20 }),
  firstDigitTimeoutMs: durationField(0, 600_000).default(5000).meta({
    title: 'Wait for the first key',
    titleFr: 'Attente de la première touche',
    widget: 'duration',
    unit: 'ms',
    order: 21,
  }),
  interDigitTimeoutMs: durationField(100, 60_000).default(3000).meta({
    title: 'Wait between keys',
    titleFr: 'Attente entre les touches',
    widget: 'duration',
    unit: 'ms',
    order: 22,
  }),
  noInputPrompts: z
    .array(PromptField)
    .max(5)
    .default([])
    .meta({ title: 'When nothing is pressed', titleFr: 'Si rien n’est saisi', widget: 'prompt-list', order: 30 }),
  noMatchPrompts: z
    .array(PromptField)
    .max(5)
    .default([])
    .meta({ title: 'When the entry is wrong', titleFr: 'Si la saisie est fausse', widget: 'prompt-list', order: 31 }),
  clearDigits: z.boolean().default(false).meta({
    title: 'Forget keys pressed before',
    titleFr: 'Oublier les touches déjà pressées',
    widget: 'switch',
    order: 40,
    advanced: true,
  }),
};
