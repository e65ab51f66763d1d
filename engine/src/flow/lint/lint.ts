/**
 * Lint: everything wrong with a flow, at once, as coded diagnostics; designer, API and CLI show the same list. Errors refuse publishing.
 */
import { NODES } from '../../../nodes/registry.gen.ts';
import type { NodeDefinition } from '../../define/define-node.ts';
import { canonicalJson } from '../canonical.ts';
import { FlowDocument, type FlowNode } from '../document.ts';
import { migrateNode } from '../migrate.ts';
import type { FlowCatalogue } from '../publish.ts';
import { type Diagnostic, diagnose } from './codes.ts';
import { lintGraph } from './graph.ts';
import { lintReferences } from './references.ts';
import { lintStructure } from './structure.ts';

/** Largest document, as canonical JSON. */
const MAX_SIZE = 500_000;

/** A node with all that lint needs: its definition and parsed settings, when it has them. */
export interface LintNode {
  readonly node: FlowNode;
  readonly index: number;
  readonly definition: NodeDefinition | null;
  /** Null when the kind is unknown or the settings are invalid. */
  readonly config: Readonly<Record<string, unknown>> | null;
  readonly outcomes: readonly string[] | null;
}

/** Everything wrong with a flow. Takes anything; what is not a document gives `FLW_BAD_DOCUMENT` for every place that breaks its schema. */
export function lint(candidate: unknown, catalogue: FlowCatalogue): Diagnostic[] {
  const parsed = FlowDocument.safeParse(candidate);
  if (!parsed.success) {
    return parsed.error.issues.map((issue) =>
      diagnose(
        'FLW_BAD_DOCUMENT',
        issue.path.filter((part) => typeof part !== 'symbol'),
        { detail: issue.message },
      ),
    );
  }
  const document = parsed.data;
  const size = canonicalJson(document).length;
  const found: Diagnostic[] = size > MAX_SIZE ? [diagnose('FLW_TOO_LARGE', [], { detail: String(MAX_SIZE) })] : [];
  const nodes = document.nodes.map((node, index) => lintNode(node, index, found));
  found.push(
    ...lintStructure(document, nodes),
    ...lintReferences(document, nodes, catalogue),
    ...lintGraph(document, nodes, catalogue),
  );
  return found;
}

function lintNode(node: FlowNode, index: number, found: Diagnostic[]): LintNode {
  const path = ['nodes', index];
  const definition = NODES[node.kind] ?? null;
  const unknown = { node, index, definition: null, config: null, outcomes: null };
  if (!definition) {
    found.push(diagnose('FLW_UNKNOWN_KIND', [...path, 'kind'], { node: node.id, detail: node.kind }));
    return unknown;
  }
  if (node.version > definition.version) {
    found.push(diagnose('FLW_NEWER_NODE', [...path, 'version'], { node: node.id }));
    return unknown;
  }
  const parsed = definition.config.safeParse(migrateNode(node, definition).config);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const at = [...path, 'config', ...issue.path.filter((part) => typeof part !== 'symbol')];
      found.push(diagnose('FLW_BAD_CONFIG', at, { node: node.id, detail: issue.message }));
    }
    return { ...unknown, definition };
  }
  const config = parsed.data;
  for (const problem of definition.check?.(config) ?? []) {
    found.push(diagnose(problem.code, [...path, 'config', ...problem.path], { node: node.id }));
  }
  return { node, index, definition, config, outcomes: definition.outcomes(config) };
}
