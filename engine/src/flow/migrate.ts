/** Raise stored nodes to the versions this build knows (style D8): ordered, up only. */
import { NODES } from '../../nodes/registry.gen.ts';
import type { NodeDefinition } from '../define/define-node.ts';
import { EngineError } from '../errors.ts';
import type { FlowDocument, FlowNode } from './document.ts';

/** A node at its definition's current version. Throws `FLW_NEWER_NODE` when it was written by a later build. */
export function migrateNode(node: FlowNode, definition: NodeDefinition): FlowNode {
  if (node.version > definition.version)
    throw new EngineError('FLW_NEWER_NODE', `${node.id} (${node.kind} ${node.version})`);
  const due = definition.migrations.filter((migration) => migration.to > node.version);
  if (due.length === 0) return node;
  const config = due.reduce((old, migration) => migration.up(old), node.config);
  return { ...node, version: definition.version, config };
}

/** A document with every node of a known kind at its current version; unknown kinds and newer nodes are left as they stand. */
export function migrateDocument(document: FlowDocument): FlowDocument {
  const nodes = document.nodes.map((node) => {
    const definition = NODES[node.kind];
    return definition && node.version <= definition.version ? migrateNode(node, definition) : node;
  });
  return { ...document, nodes };
}
