/** The scope a node reads from (`define/behaviour.ts`): expressions, templates, prompts and chance over one flow's variables. */
import { draw } from '../chance.ts';
import type { Evaluated, Scope } from '../define/behaviour.ts';
import { localTime } from '../define/calendar.ts';
import { MAX_INPUT_SIZE, sizeOf } from '../define/expression.ts';
import type { Localized, PromptField, PromptPart } from '../define/fields.ts';
import { renderTemplate } from '../define/template.ts';
import type { JsonValue, Prompt, PromptItem } from '../protocol/index.ts';
import type { CompiledDocument, CompiledNode } from './compile.ts';
import type { Shared } from './frame.ts';

/** What using a scope changes: the generator moves on, failures are told. */
export interface ScopeNotes {
  chance: number;
  readonly warnings: string[];
}

interface ScopeInput {
  readonly parts: Omit<CompiledDocument, 'machine'>;
  readonly node: CompiledNode;
  readonly variables: Readonly<Record<string, JsonValue>>;
  readonly memory: JsonValue;
  readonly shared: Shared;
  readonly notes: ScopeNotes;
}

const MASK = '***';

export function createScope(input: ScopeInput): Scope {
  const { parts, node, memory, shared, notes } = input;
  const values = (masked: boolean) => expressionValues(input, masked);
  const evaluate = (source: string, extra: Readonly<Record<string, JsonValue>> = {}, masked = false): Evaluated => {
    const fits = sizeOf(extra as JsonValue, MAX_INPUT_SIZE) <= MAX_INPUT_SIZE;
    const result: Evaluated = fits
      ? parts.expressions.evaluate(source, { ...values(masked), ...extra })
      : { ok: false, code: 'too-large' };
    if (!result.ok) notes.warnings.push(`An expression failed (${result.code}) and counts as empty`);
    return result;
  };
  const text = (template: string, masked: boolean, encode = (value: string) => value): string =>
    renderTemplate(template, (expr) => {
      const result = evaluate(expr, {}, masked);
      return result.ok ? encode(textOf(result.value)) : '';
    });
  return {
    node: { id: node.id, number: node.number, told: node.told },
    flow: parts.document.name,
    at: shared.at,
    locale: shared.locale,
    caller: shared.caller,
    called: shared.called,
    memory,
    evaluate,
    text: (template, encode) => text(template, false, encode),
    masked: (template) => text(template, true),
    number: (field, min, max) => {
      const result: Evaluated = typeof field === 'number' ? { ok: true, value: field } : evaluate(field.expr);
      const value = result.ok ? Number(result.value) : Number.NaN;
      return Number.isFinite(value) ? Math.round(Math.min(max, Math.max(min, value))) : min;
    },
    prompt: (field) => resolvePrompt(field, input, evaluate, (template) => text(template, false)),
    chance: () => {
      const drawn = draw(notes.chance);
      notes.chance = drawn.next;
      return drawn.value / 0x1_0000_0000;
    },
  };
}

/** Names an expression may read. Personal variables are masked where the text is shown or logged. */
function expressionValues(input: ScopeInput, masked: boolean): Record<string, JsonValue> {
  const { shared, variables, parts } = input;
  const { locale } = shared;
  const shown: Record<string, JsonValue> = { ...variables };
  if (masked) for (const name of parts.personal) shown[name] = MASK;
  return {
    ...shown,
    caller: { ...shared.caller },
    called: { ...shared.called },
    language: locale.language,
    now: { ...localTime(shared.at, locale.timeZone) },
  };
}

/** A value as text in a template. */
export function textOf(value: JsonValue): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

type Evaluate = (source: string) => Evaluated;

function resolvePrompt(
  field: PromptField,
  input: ScopeInput,
  evaluate: Evaluate,
  text: (template: string) => string,
): Prompt {
  const items = field.parts.flatMap((part) => resolvePart(part, input, evaluate, text));
  return { items: items.length > 0 ? items : [{ type: 'silence', ms: 10 }], bargeIn: field.bargeIn };
}

function resolvePart(
  part: PromptPart,
  input: ScopeInput,
  evaluate: Evaluate,
  text: (template: string) => string,
): PromptItem[] {
  const { parts, shared } = input;
  if (part.type === 'audio') {
    const { text: name } = localize(part.name, shared.locale.language, parts.document.language);
    const hash = parts.audio[name];
    return [hash === undefined ? { type: 'audio', name } : { type: 'audio', name, hash }];
  }
  if (part.type === 'text') {
    const chosen = localize(part.text, shared.locale.language, parts.document.language);
    const spoken = text(chosen.text).slice(0, 4000).trim();
    return spoken === '' ? [] : [{ type: 'text', text: spoken, language: chosen.language }];
  }
  return part.type === 'value' ? resolveValue(part, input, evaluate) : [part];
}

function resolveValue(
  part: Extract<PromptPart, { type: 'value' }>,
  input: ScopeInput,
  evaluate: Evaluate,
): PromptItem[] {
  const { parts, shared } = input;
  const result = evaluate(part.value);
  const value = result.ok ? textOf(result.value).slice(0, 200) : '';
  if (value === '') return [];
  const personal = [...parts.expressions.names(part.value)].some((name) => parts.personal.has(name));
  return [
    {
      type: 'value',
      as: part.as,
      value,
      language: shared.locale.language,
      timeZone: part.timeZone ?? shared.locale.timeZone,
      ...(part.as === 'money' ? { currency: part.currency ?? shared.locale.currency } : {}),
      ...(personal ? { pii: true } : {}),
    },
  ];
}

/** The text for a language: exact, then without region, then the document's language, then the first. A single text is the document's. */
export function localize(
  field: Localized,
  language: string,
  fallback: string,
): { readonly text: string; readonly language: string } {
  if (typeof field === 'string') return { text: field, language: fallback };
  for (const candidate of [language, language.split('-')[0]!, fallback, fallback.split('-')[0]!]) {
    if (Object.hasOwn(field, candidate)) return { text: field[candidate]!, language: candidate };
  }
  const [first] = Object.entries(field);
  return { text: first?.[1] ?? '', language: first?.[0] ?? fallback };
}
