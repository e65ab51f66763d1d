/**
 * The flow document: what an admin draws and a developer writes. A published revision is this document, immutable, named by
 * its content hash (design §3). Canvas positions live in `FlowFile.layout`, outside the hash.
 */
import * as z from 'zod';
import { Json } from '../protocol/common.ts';

/** Stable name of a node in its flow. */
export const NodeId = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/);

/** A node as stored; `config` is validated by the kind's own schema from the registry. */
export const FlowNode = z.strictObject({
  id: NodeId,
  /** Stable across revisions; the root is 0. */
  number: z.number().int().nonnegative(),
  kind: z.string().min(1).max(40),
  version: z.number().int().positive(),
  label: z.string().max(100).default(''),
  config: z.record(z.string(), Json),
});
export type FlowNode = z.infer<typeof FlowNode>;

/** From a node's named outcome to the next node. An outcome has exactly one edge. */
export const FlowEdge = z.strictObject({ from: NodeId, outcome: z.string().min(1).max(60), to: NodeId });
export type FlowEdge = z.infer<typeof FlowEdge>;

export const FlowVariable = z.strictObject({
  name: z.string().regex(/^[a-z][A-Za-z0-9]{0,40}$/),
  type: z.enum(['string', 'number', 'boolean', 'json']),
  initial: Json,
  pii: z.boolean().default(false),
});
export type FlowVariable = z.infer<typeof FlowVariable>;

export const FlowDocument = z.strictObject({
  format: z.literal(1),
  /** Unique name in the company. */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  title: z.string().max(120).default(''),
  /** Language of text prompts unless a prompt or the call says otherwise. */
  language: z.string().min(2).max(10),
  entry: NodeId,
  variables: z.array(FlowVariable).max(200),
  nodes: z.array(FlowNode).min(1).max(1000),
  edges: z.array(FlowEdge).max(5000),
});
export type FlowDocument = z.infer<typeof FlowDocument>;

/** A note on the canvas. */
export const FlowNote = z.strictObject({
  x: z.number(),
  y: z.number(),
  text: z.string().max(4000),
  width: z.number().min(80).max(2000).optional(),
  height: z.number().min(40).max(2000).optional(),
  colour: z.enum(['yellow', 'blue', 'green', 'pink', 'grey']).optional(),
});
export type FlowNote = z.infer<typeof FlowNote>;

/** Nodes drawn together under a title; collapsed, they are one card. */
export const FlowGroup = z.strictObject({
  id: NodeId,
  title: z.string().max(120),
  nodes: z.array(NodeId).max(1000),
  collapsed: z.boolean().optional(),
});
export type FlowGroup = z.infer<typeof FlowGroup>;

/** How a flow is drawn; nothing of it changes what the flow does. */
export const FlowLayout = z.strictObject({
  positions: z.record(NodeId, z.strictObject({ x: z.number(), y: z.number() })),
  notes: z.array(FlowNote).max(500).default([]),
  groups: z.array(FlowGroup).max(200).optional(),
});
export type FlowLayout = z.infer<typeof FlowLayout>;

/** A flow as kept in a file or a draft: the document, and where its nodes stand. */
export const FlowFile = z.strictObject({ document: FlowDocument, layout: FlowLayout.optional() });
export type FlowFile = z.infer<typeof FlowFile>;

/**
 * A revision with everything it pins: sub-flows by hash (each with its own document) and prompt audio by content hash.
 * `documents` holds the root and all sub-flows, keyed by revision hash.
 */
export const RevisionClosure = z.strictObject({
  root: z.string(),
  documents: z.record(
    z.string(),
    z.strictObject({
      document: FlowDocument,
      /** Sub-flow name in the document → pinned revision hash. */
      subflows: z.record(z.string(), z.string()),
      /** Audio name → SHA-256 of its content. */
      audio: z.record(z.string(), z.string()),
    }),
  ),
});
export type RevisionClosure = z.infer<typeof RevisionClosure>;
