/** From a node kind's JSON Schema to what the form library draws: titles in the reader's language, a widget for every shape. */
import type { RJSFSchema, UiSchema } from '@rjsf/utils';

/** Texts the schema itself does not carry. */
export interface FormTexts {
  readonly french: boolean;
  /** Title of a field without one, by its name. */
  readonly field: (name: string) => string;
}

interface Meta {
  readonly titleFr?: string;
  readonly descriptionFr?: string;
  readonly widget?: string;
  readonly order?: number;
  readonly unit?: string;
  readonly advanced?: boolean;
}

type Node = RJSFSchema & Meta;

export interface Prepared {
  readonly schema: RJSFSchema;
  readonly uiSchema: UiSchema;
}

/** Widgets of text fields, by the name the engine's schemas use. */
const TEXT_WIDGETS: Readonly<Record<string, string>> = {
  expression: 'expression',
  template: 'template',
  variable: 'variable',
  'ring-group': 'ringGroup',
  calendar: 'calendar',
  flow: 'flow',
  'text-area': 'textarea',
};

/** Fields by what their name means wherever it occurs. */
const NAMED_WIDGETS: Readonly<Record<string, string>> = {
  fromMinute: 'timeOfDay',
  toMinute: 'timeOfDay',
  timeZone: 'timeZone',
};

/** The field stands for all branches of a union: the library adds no choice of its own. */
const REPLACES = { 'ui:fieldReplacesAnyOrOneOf': true } as const;

const isNull = (schema: Node): boolean => schema.type === 'null';
const isExpression = (schema: Node): boolean =>
  schema.type === 'object' && Object.keys(schema.properties ?? {}).join() === 'expr';
const isRecord = (schema: Node): boolean => schema.type === 'object' && !schema.properties;
const isAny = (schema: Node): boolean =>
  schema.type === undefined && !schema.anyOf && !schema.oneOf && !schema.enum && schema.const === undefined;
const isJson = (schema: Node): boolean => isAny(schema) || schema.$ref !== undefined || isRecursive(schema);

/** zod writes a JSON value as a union of everything, with references to itself. */
function isRecursive({ anyOf }: Node): boolean {
  return (anyOf as Node[] | undefined)?.some(({ type }) => type === 'boolean') === true && (anyOf?.length ?? 0) > 3;
}

/** Prepares a whole schema. */
export function prepare(schema: RJSFSchema, texts: FormTexts): Prepared {
  const { schema: titled, uiSchema } = walk(schema as Node, '', texts);
  return { schema: titled, uiSchema: { ...uiSchema, 'ui:submitButtonOptions': { norender: true }, 'ui:title': '' } };
}

function walk(raw: Node, name: string, texts: FormTexts): Prepared {
  const { title, titleFr, description, descriptionFr, ...rest } = raw;
  const shownTitle = (texts.french ? titleFr : undefined) ?? title ?? (name === '' ? undefined : texts.field(name));
  const shownDescription = (texts.french ? descriptionFr : undefined) ?? description;
  const schema = {
    ...rest,
    ...(shownTitle === undefined ? {} : { title: shownTitle }),
    ...(shownDescription === undefined ? {} : { description: shownDescription }),
  } as Node;
  if (isJson(schema)) return { schema, uiSchema: { ...REPLACES, 'ui:field': 'json' } };
  if (schema.anyOf) return walkAlternatives(schema, schema.anyOf as Node[], name, texts);
  if (schema.oneOf)
    return { schema, uiSchema: { ...REPLACES, 'ui:field': 'choice', 'ui:options': branchesOf(schema, texts) } };
  if (schema.type === 'array') return walkArray(schema, texts);
  if (schema.properties) return walkObject(schema, texts);
  return { schema, uiSchema: leaf(schema, name) };
}

function leaf(schema: Node, name: string): UiSchema {
  const widget = NAMED_WIDGETS[name] ?? TEXT_WIDGETS[schema.widget ?? ''];
  if (schema.const !== undefined) return { 'ui:widget': 'hidden' };
  if (schema.enum) return { 'ui:widget': 'choiceSelect' };
  return widget === undefined ? {} : { 'ui:widget': widget };
}

function walkAlternatives(schema: Node, options: readonly Node[], name: string, texts: FormTexts): Prepared {
  if (options.some(isNull)) {
    const others = options.filter((option) => !isNull(option));
    const { anyOf: _, default: __, ...outer } = schema;
    const inner = others.length === 1 ? { ...outer, ...others[0]! } : { ...outer, anyOf: others };
    return {
      schema,
      uiSchema: { ...REPLACES, 'ui:field': 'nullable', 'ui:options': { inner: walk(inner as Node, name, texts) } },
    };
  }
  if (options.some(isExpression)) {
    const { minimum, maximum, type } = options.find((option) => !isExpression(option)) ?? {};
    const limits = { minimum, maximum, integer: type === 'integer', unit: schema.unit };
    return { schema, uiSchema: { ...REPLACES, 'ui:field': 'valueOrExpression', 'ui:options': limits } };
  }
  if (options.some(isRecord))
    return { schema, uiSchema: { ...REPLACES, 'ui:field': 'localized', 'ui:options': { of: name } } };
  return { schema, uiSchema: { ...REPLACES, 'ui:field': 'json' } };
}

/** The prepared branches of a union; they ride on the ui schema, as the library takes unions of schemas apart by itself. */
function branchesOf(schema: Node, texts: FormTexts): { branches: Prepared[]; widget: string | undefined } {
  return { branches: (schema.oneOf as Node[]).map((branch) => walk(branch, '', texts)), widget: schema.widget };
}

function walkArray(schema: Node, texts: FormTexts): Prepared {
  const items = (schema.items ?? {}) as Node;
  if (items.type === 'integer' && items.maximum === 7) return { schema, uiSchema: { 'ui:field': 'days' } };
  if (items.type === 'string' && !items.enum) return { schema, uiSchema: { 'ui:field': 'tags' } };
  const inner = walk(items, '', texts);
  const simple = Object.values(items.properties ?? {}).every((one) => {
    const { type, oneOf, anyOf } = one as Node;
    return (type === 'string' || type === 'number' || type === 'integer') && !oneOf && !anyOf;
  });
  const inline = items.properties !== undefined && simple && Object.keys(items.properties).length <= 3;
  const item = { ...inner.uiSchema, 'ui:title': '' };
  const itemUi = inline ? { ...item, 'ui:options': { inline: true } } : item;
  return { schema: { ...schema, items: inner.schema }, uiSchema: { items: itemUi } };
}

function walkObject(schema: Node, texts: FormTexts): Prepared {
  const entries = Object.entries(schema.properties ?? {}) as [string, Node][];
  entries.sort(([, a], [, b]) => (a.order ?? 99) - (b.order ?? 99));
  const inner = entries.map(([name, property]) => [name, property, walk(property, name, texts)] as const);
  return {
    schema: { ...schema, properties: Object.fromEntries(inner.map(([name, , prepared]) => [name, prepared.schema])) },
    uiSchema: {
      'ui:order': inner.map(([name]) => name),
      'ui:options': { advanced: inner.flatMap(([name, property]) => (property.advanced ? [name] : [])) },
      ...Object.fromEntries(inner.map(([name, , prepared]) => [name, prepared.uiSchema])),
    },
  };
}
