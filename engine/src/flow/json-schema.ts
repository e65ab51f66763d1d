/** JSON Schema of a flow file (2020-12), for editors, partners and AI tools: an output of the node registry, never edited (style D2). */
import * as z from 'zod';
import { NODES } from '../../nodes/registry.gen.ts';
import type { JsonValue } from '../protocol/index.ts';
import { FlowFile } from './document.ts';

type Schema = { [key: string]: JsonValue };

function schemaOf(type: z.ZodType): Schema {
  const { $schema: _, ...schema } = z.toJSONSchema(type, { io: 'input' }) as Schema;
  return schema;
}

/** Settings of every kind, with titles, widgets and order: what forms are made of. */
export function configSchemas(): Readonly<Record<string, Schema>> {
  return Object.fromEntries(Object.values(NODES).map(({ kind, config }) => [kind, schemaOf(config)]));
}

/** A flow file in which each node is one of the known kinds at its current version. */
export function flowFileSchema(): Schema {
  const file = schemaOf(FlowFile) as {
    properties: { document: { properties: { nodes: { items: Schema } } } };
  } & Schema;
  const { nodes } = file.properties.document.properties;
  const node = nodes.items as Schema & { properties: Schema };
  nodes.items = {
    oneOf: Object.values(NODES).map(({ kind, version, title, config }) => ({
      ...node,
      title: title.en,
      properties: { ...node.properties, kind: { const: kind }, version: { const: version }, config: schemaOf(config) },
    })),
  };
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'Callwright flow', ...file };
}
