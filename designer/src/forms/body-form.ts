/** The body of a route as a form: what people fill in, and back to what the API takes. */
import type { RJSFSchema } from '@rjsf/utils';
import * as z from 'zod';

/** A field as JSON Schema, reduced to what a form can ask for. */
export interface BodyForm {
  readonly schema: RJSFSchema;
  /** Fields that may be null: an emptied one is sent as such. */
  readonly nullable: ReadonlySet<string>;
  /** Those of them that must be sent: null while they are empty. */
  readonly needed: ReadonlySet<string>;
}

type Node = Record<string, unknown>;

/** Schema of the form for a route's body; titles are added by the caller, in the reader's language; without the fields of `omit`. */
export function bodyForm(body: z.ZodType, omit: readonly string[] = []): BodyForm {
  return schemaForm(z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' }) as Node, omit);
}

/** The same for a JSON Schema of an object. */
export function schemaForm(root: Node, omit: readonly string[] = []): BodyForm {
  const schema = inlined(structuredClone(root));
  const nullable = new Set<string>();
  const properties = (schema.properties ?? {}) as Record<string, Node>;
  for (const name of omit) delete properties[name];
  for (const [name, field] of Object.entries(properties)) if (isNullable(field)) nullable.add(name);
  const { $schema: _, ...rest } = simplify(schema) as Node;
  const required = (rest.required ?? []) as readonly string[];
  const needed = new Set(required.filter((name) => nullable.has(name)));
  const asked = required.filter((name) => !needed.has(name) && name in properties);
  return { schema: { ...rest, required: asked } as RJSFSchema, nullable, needed };
}

const DEFINITION = '#/$defs/';

/** With named schemas in place of their names, so that a form sees their fields; one that holds itself keeps its name inside. */
function inlined(root: Node): Node {
  const { $defs, ...schema } = root;
  const named = ($defs ?? {}) as Readonly<Record<string, Node>>;
  const within = (value: unknown, open: readonly string[]): unknown => {
    if (Array.isArray(value)) return value.map((item) => within(item, open));
    if (typeof value !== 'object' || value === null) return value;
    const { $ref, ...node } = value as Node;
    const name = typeof $ref === 'string' ? $ref.replace(DEFINITION, '') : null;
    if (name !== null && (open.includes(name) || !named[name])) return value;
    const inner = name === null ? node : { ...named[name], ...node };
    const next = name === null ? open : [...open, name];
    return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, within(item, next)]));
  };
  const whole = within(schema, []) as Node;
  return JSON.stringify(whole).includes(DEFINITION) ? { ...whole, $defs } : whole;
}

const alternatives = (node: Node): Node[] => (Array.isArray(node.anyOf) ? (node.anyOf as Node[]) : []);
const isNullable = (node: Node): boolean => alternatives(node).some(({ type }) => type === 'null');

/** Without the alternative null: an empty field says the same; without defaults that are null. */
function simplify(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(simplify);
  if (typeof value !== 'object' || value === null) return value;
  const node = value as Node;
  const kept = alternatives(node).filter(({ type }) => type !== 'null');
  if (isNullable(node) && kept.length === 1) {
    const { anyOf: _anyOf, default: preset, ...outer } = node;
    const inner = simplify({ ...kept[0], ...outer }) as Node;
    return preset === null || preset === undefined ? inner : { ...inner, default: preset };
  }
  return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, simplify(item)]));
}

/** What the form starts with: the fields of `row` that the body knows, null as empty. */
export function formDataOf({ schema }: BodyForm, row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const known = Object.keys(schema.properties ?? {});
  return Object.fromEntries(known.filter((key) => (row[key] ?? null) !== null).map((key) => [key, row[key]]));
}

/** What something new starts with: what the API takes for fields that are left out, so that a form shows what will hold. */
export function defaultsOf({ properties = {} }: RJSFSchema): Record<string, unknown> {
  const presets = Object.entries(properties as Record<string, Node>).map(
    ([name, field]) => [name, field.default] as const,
  );
  return Object.fromEntries(presets.filter(([, preset]) => preset !== undefined && preset !== null));
}

/**
 * What is sent: everything filled in; for a change (`row` given) only what is no longer as it was, an emptied field as null where it may
 * be, else as the empty text.
 */
export function bodyOf(
  { schema, nullable, needed }: BodyForm,
  data: Readonly<Record<string, unknown>>,
  row?: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(schema.properties ?? {})) {
    const value = data[key] ?? emptied(field as Node, nullable.has(key), row?.[key]);
    if (value === undefined && !row && needed.has(key)) body[key] = null;
    if (value === undefined) continue;
    if (row && JSON.stringify(value) === JSON.stringify(row[key])) continue;
    body[key] = value;
  }
  return body;
}

function emptied(field: Node, mayBeNull: boolean, before: unknown): unknown {
  if (before === undefined || before === null) return undefined;
  if (mayBeNull) return null;
  return field.type === 'string' ? '' : undefined;
}
