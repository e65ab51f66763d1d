/**
 * Field types shared by node kinds: expressions, templates, numbers, prompts, targets. Each comes with a function that lists what
 * it refers to, so that lint checks it without knowing any kind.
 */
import * as z from 'zod';
import type { VariableType } from './expression.ts';

/** A CEL expression standing in for a value. */
export const Expression = z.strictObject({ expr: z.string().min(1).max(1000) });
export type Expression = z.infer<typeof Expression>;

/** CEL source on its own. */
export const ExpressionSource = z.string().min(1).max(1000).meta({ widget: 'expression' });

/** Text with CEL inside `${…}`; `$${` stands for a literal `${`. */
export const Template = z.string().max(4000).meta({ widget: 'template' });

/** A number, or an expression that gives one. */
export const NumberField = z.union([z.number(), Expression]);
export type NumberField = z.infer<typeof NumberField>;

/** A duration in ms within the given bounds, or an expression that gives one (then clamped when it runs). */
export function durationField(minMs: number, maxMs: number) {
  return z.union([z.number().int().min(minMs).max(maxMs), Expression]);
}

/** Name of a flow variable. */
export const VariableName = z
  .string()
  .regex(/^[a-z][A-Za-z0-9]{0,40}$/)
  .meta({ widget: 'variable' });

/** Name of an outcome. */
export const OutcomeName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/);

/** Keys of a telephone. */
export const Keys = z.string().regex(/^[0-9*#]{1,12}$/);

/** One text, or one per language. */
export const Localized = z.union([
  z.string().min(1).max(4000),
  z.record(z.string().min(2).max(10), z.string().min(1).max(4000)),
]);
export type Localized = z.infer<typeof Localized>;

/** How a value is said. */
export const SayAs = z.enum(['digits', 'number', 'date', 'time', 'datetime', 'money']);

/** One thing to be heard, as an author writes it. */
export const PromptPart = z.discriminatedUnion('type', [
  /** Audio by its unique name in the company, or one name per language. */
  z.strictObject({ type: z.literal('audio'), name: Localized }),
  /** Spoken text: a template, or one per language. */
  z.strictObject({ type: z.literal('text'), text: Localized }),
  z.strictObject({
    type: z.literal('tone'),
    frequenciesHz: z.array(z.number().min(20).max(4000)).min(1).max(4),
    onMs: z.number().int().min(10).max(60_000),
    offMs: z.number().int().min(0).max(60_000).default(0),
    repeat: z.number().int().min(1).max(1000).default(1),
  }),
  z.strictObject({ type: z.literal('silence'), ms: z.number().int().min(10).max(60_000) }),
  z.strictObject({
    type: z.literal('value'),
    as: SayAs,
    /** CEL. */
    value: ExpressionSource,
    currency: z.string().length(3).optional(),
    timeZone: z.string().max(60).optional(),
  }),
]);
export type PromptPart = z.infer<typeof PromptPart>;

/** A prompt as an author writes it. */
export const PromptField = z.strictObject({
  parts: z.array(PromptPart).min(1).max(50),
  bargeIn: z.boolean().default(true),
});
export type PromptField = z.infer<typeof PromptField>;

/** Whom to reach. Ids, numbers and URIs are templates. A ring group or flow may be named by its unique name. */
export const TargetField = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('user'), id: Template.min(1) }),
  z.strictObject({ type: z.literal('number'), number: Template.min(1) }),
  z.strictObject({ type: z.literal('sip'), uri: Template.min(1) }),
  /** Any other entity of the destination registry. */
  z.strictObject({ type: z.literal('destination'), destinationType: z.string().min(1).max(40), id: Template.min(1) }),
]);
export type TargetField = z.infer<typeof TargetField>;

/** Number and name shown to the called party; absent = the caller's own. Templates. */
export const CallerIdField = z.strictObject({ number: Template.min(1).max(200), name: Template.max(200).default('') });

/** Something a config refers to, with its place in the config. */
export type Reference =
  | {
      readonly to: 'expression';
      readonly path: Path;
      readonly source: string;
      readonly type: VariableType;
      readonly extra?: readonly string[];
    }
  | { readonly to: 'template'; readonly path: Path; readonly source: string }
  | { readonly to: 'audio'; readonly path: Path; readonly name: string }
  | {
      readonly to: 'flow';
      readonly path: Path;
      readonly name: string;
      readonly outcomes: readonly string[];
      readonly variables: readonly string[];
    }
  | { readonly to: 'language'; readonly path: Path; readonly languages: readonly string[] }
  | { readonly to: 'time-zone'; readonly path: Path; readonly name: string }
  /** An entity of the directory, looked up live by id or unique name. */
  | { readonly to: 'entity'; readonly path: Path; readonly type: string; readonly id: string }
  /** Writes a variable; `source` = the expression it is set to, when it is one. */
  | { readonly to: 'variable'; readonly path: Path; readonly name: string; readonly source?: string };
export type Path = readonly (string | number)[];

export function templateReference(path: Path, source: string): Reference[] {
  return source.includes('${') ? [{ to: 'template', path, source }] : [];
}

/** A template that names a directory entity: checked against the directory when it holds no expression. */
export function entityReference(path: Path, type: string, source: string): Reference[] {
  return source.includes('${') ? templateReference(path, source) : [{ to: 'entity', path, type, id: source.trim() }];
}

export function numberReference(path: Path, field: NumberField | null | undefined): Reference[] {
  return field !== null && typeof field === 'object'
    ? [{ to: 'expression', path: [...path, 'expr'], source: field.expr, type: 'number' }]
    : [];
}

function localizedEntries(path: Path, field: Localized): [Path, string][] {
  if (typeof field === 'string') return [[path, field]];
  return Object.entries(field).map(([language, text]) => [[...path, language], text]);
}

/** What a prompt refers to: audio names, templates, expressions, the languages of its texts. */
export function promptReferences(path: Path, prompt: PromptField | undefined): Reference[] {
  if (!prompt) return [];
  return prompt.parts.flatMap((part, index): Reference[] => {
    const at = [...path, 'parts', index];
    if (part.type === 'audio' || part.type === 'text') {
      const field = part.type === 'audio' ? part.name : part.text;
      const key = part.type === 'audio' ? 'name' : 'text';
      const entries = localizedEntries([...at, key], field);
      const found = entries.flatMap(([place, text]): Reference[] =>
        part.type === 'audio' ? [{ to: 'audio', path: place, name: text }] : templateReference(place, text),
      );
      if (typeof field !== 'string') found.push({ to: 'language', path: [...at, key], languages: Object.keys(field) });
      return found;
    }
    if (part.type !== 'value') return [];
    const zone: Reference[] = part.timeZone
      ? [{ to: 'time-zone', path: [...at, 'timeZone'], name: part.timeZone }]
      : [];
    return [{ to: 'expression', path: [...at, 'value'], source: part.value, type: 'any' }, ...zone];
  });
}

export function targetReferences(path: Path, target: TargetField): Reference[] {
  if (target.type === 'number') return templateReference([...path, 'number'], target.number);
  if (target.type === 'sip') return templateReference([...path, 'uri'], target.uri);
  return entityReference([...path, 'id'], target.type === 'user' ? 'user' : target.destinationType, target.id);
}

export function callerIdReferences(path: Path, field: z.infer<typeof CallerIdField> | null | undefined): Reference[] {
  if (!field) return [];
  return [...templateReference([...path, 'number'], field.number), ...templateReference([...path, 'name'], field.name)];
}
