/** A body's form with words and widgets: titles in the reader's language, pickers where a field names an entity. */
import type { RJSFSchema, UiSchema } from '@rjsf/utils';
import { defaultsOf } from '../../forms/body-form.ts';
import { hintOf } from './registry.ts';
import type { FieldHint } from './resource.ts';
import type { Words } from './words.ts';

type Node = Record<string, unknown>;

const TIME: FieldHint = { field: 'time' };

/** Longer texts get several lines. */
const ONE_LINE = 400;

export interface DecoratedForm {
  readonly schema: RJSFSchema;
  readonly uiSchema: UiSchema;
}

/** Adds titles to a schema, and the widgets that its fields ask for. */
export function decorated(
  schema: RJSFSchema,
  words: Words,
  hints: Readonly<Record<string, FieldHint>> = {},
  first?: readonly string[],
): DecoratedForm {
  const uiSchema: Record<string, unknown> = {};
  const properties: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const { node, ui } = decoratedField(name, field as Node, words, hints);
    properties[name] = node;
    uiSchema[name] = ui;
  }
  return {
    schema: { ...schema, properties } as RJSFSchema,
    uiSchema: {
      ...uiSchema,
      'ui:submitButtonOptions': { norender: true },
      ...(first ? { 'ui:order': [...first, '*'], 'ui:options': { first } } : {}),
    },
  };
}

function decoratedField(
  name: string,
  field: Node,
  words: Words,
  hints: Readonly<Record<string, FieldHint>>,
): { node: Node; ui: Record<string, unknown> } {
  const hint = hints[name] ?? hintOf(name) ?? (field.format === 'date-time' ? TIME : undefined);
  const titled = { ...field, title: words.field(name), ...described(field, words) };
  const help = words.help(name);
  const base = help ? { 'ui:help': help } : {};
  if (hint) return { node: titled, ui: { ...base, ...widgetOf(hint) } };
  if (field.type === 'object' && field.properties) {
    const inner = decorated(field as RJSFSchema, words, hints);
    const { 'ui:submitButtonOptions': _submit, ...ui } = inner.uiSchema;
    return { node: { ...titled, properties: inner.schema.properties }, ui: { ...base, ...ui } };
  }
  const items = field.items as Node | undefined;
  if (field.type === 'array' && items) {
    const inner = decoratedField(name, items, words, hints);
    const isChoice = Array.isArray(items.enum);
    const item = {
      ...inner.node,
      title: '',
      ...(items.type === 'object' ? { default: defaultsOf(items as RJSFSchema) } : {}),
    };
    const node = { ...titled, items: isChoice ? items : item, uniqueItems: isChoice };
    return { node, ui: { ...base, ...(isChoice ? choices(items.enum as string[], words) : { items: inner.ui }) } };
  }
  if (Array.isArray(field.enum)) return { node: titled, ui: { ...base, ...choices(field.enum as string[], words) } };
  if (field.type === 'string' && Number(field.maxLength) > ONE_LINE && !field.pattern)
    return { node: titled, ui: { ...base, 'ui:widget': 'textarea' } };
  return { node: titled, ui: base };
}

const described = ({ description }: Node, words: Words): Node =>
  typeof description === 'string' ? { description: words.description(description) } : {};

const choices = (values: readonly string[], words: Words) => ({ 'ui:enumNames': values.map(words.value) });

function widgetOf(hint: FieldHint): Record<string, unknown> {
  if (hint.field === 'password' || hint.field === 'textarea') return { 'ui:widget': hint.field };
  const { field, ...options } = hint;
  return { 'ui:field': field, 'ui:options': options };
}
