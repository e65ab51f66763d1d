/** Names, numbers, variables and edges of a document. */
import { BUILT_IN_NAMES, isUsableName } from '../../define/expression.ts';
import type { FlowDocument } from '../document.ts';
import { coerce } from '../variables.ts';
import { type Diagnostic, diagnose } from './codes.ts';
import type { LintNode } from './lint.ts';

export function lintStructure(document: FlowDocument, nodes: readonly LintNode[]): Diagnostic[] {
  return [
    ...lintNames(document),
    ...lintVariables(document),
    ...lintEdges(document, nodes),
    ...lintWiring(document, nodes),
  ];
}

function lintNames(document: FlowDocument): Diagnostic[] {
  const found: Diagnostic[] = [];
  const ids = document.nodes.map((node) => node.id);
  const numbers = document.nodes.map((node) => node.number);
  for (const [index, node] of document.nodes.entries()) {
    if (ids.indexOf(node.id) < index)
      found.push(diagnose('FLW_DUPLICATE_NODE', ['nodes', index, 'id'], { node: node.id, detail: node.id }));
    if (numbers.indexOf(node.number) < index) {
      found.push(
        diagnose('FLW_DUPLICATE_NUMBER', ['nodes', index, 'number'], { node: node.id, detail: String(node.number) }),
      );
    }
  }
  const entry = document.nodes.find((node) => node.id === document.entry);
  if (!entry) found.push(diagnose('FLW_NO_ENTRY', ['entry'], { detail: document.entry }));
  else if (entry.number !== 0) found.push(diagnose('FLW_ENTRY_NUMBER', ['entry'], { node: entry.id }));
  return found;
}

function lintVariables(document: FlowDocument): Diagnostic[] {
  const names = document.variables.map((variable) => variable.name);
  return document.variables.flatMap((variable, index) => {
    const path = ['variables', index];
    const found: Diagnostic[] = [];
    if (names.indexOf(variable.name) < index)
      found.push(diagnose('FLW_DUPLICATE_VARIABLE', [...path, 'name'], { detail: variable.name }));
    if (BUILT_IN_NAMES.includes(variable.name) || !isUsableName(variable.name))
      found.push(diagnose('FLW_RESERVED_NAME', [...path, 'name'], { detail: variable.name }));
    if (coerce(variable.type, variable.initial) !== variable.initial) {
      found.push(diagnose('FLW_INITIAL_VALUE', [...path, 'initial'], { detail: variable.name }));
    }
    return found;
  });
}

function lintEdges(document: FlowDocument, nodes: readonly LintNode[]): Diagnostic[] {
  const byId = new Map(nodes.map((entry) => [entry.node.id, entry]));
  const seen = new Set<string>();
  return document.edges.flatMap((edge, index) => {
    const path = ['edges', index];
    const fix = { action: 'remove-edge', ...edge } as const;
    const found: Diagnostic[] = [];
    const from = byId.get(edge.from);
    if (!from) found.push(diagnose('FLW_UNKNOWN_NODE', [...path, 'from'], { detail: edge.from, fix }));
    else if (from.outcomes && !from.outcomes.includes(edge.outcome)) {
      found.push(diagnose('FLW_UNKNOWN_OUTCOME', [...path, 'outcome'], { node: edge.from, detail: edge.outcome, fix }));
    }
    if (!byId.has(edge.to))
      found.push(diagnose('FLW_UNKNOWN_NODE', [...path, 'to'], { node: edge.from, detail: edge.to, fix }));
    const key = `${edge.from}\n${edge.outcome}`;
    if (seen.has(key))
      found.push(diagnose('FLW_DUPLICATE_EDGE', [...path, 'outcome'], { node: edge.from, detail: edge.outcome, fix }));
    seen.add(key);
    return found;
  });
}

function lintWiring(document: FlowDocument, nodes: readonly LintNode[]): Diagnostic[] {
  const wired = new Set(document.edges.map((edge) => `${edge.from}\n${edge.outcome}`));
  return nodes.flatMap(({ node, index, definition, config, outcomes }) => {
    if (!definition || !config || !outcomes) return [];
    const optional = definition.optional?.(config) ?? [];
    const open = outcomes.filter((outcome) => !optional.includes(outcome) && !wired.has(`${node.id}\n${outcome}`));
    return open.map((outcome) =>
      diagnose('FLW_UNWIRED', ['nodes', index], {
        node: node.id,
        detail: outcome,
        fix: { action: 'wire', node: node.id, outcome },
      }),
    );
  });
}
