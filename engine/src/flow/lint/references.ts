/** What nodes refer to: expressions, templates, variables, languages, audio, flows. */
import { isTimeZone } from '../../define/calendar.ts';
import { createExpressions, type ExpressionProblem, type Expressions } from '../../define/expression.ts';
import type { Reference } from '../../define/fields.ts';
import { parseTemplate } from '../../define/template.ts';
import type { FlowDocument, RevisionClosure } from '../document.ts';
import type { FlowCatalogue } from '../publish.ts';
import { returnsOf } from '../returns.ts';
import { type Diagnostic, type DiagnosticCode, diagnose } from './codes.ts';
import type { LintNode } from './lint.ts';

/** Deepest stack of flows; the machine enforces the same. */
const MAX_DEPTH = 8;

const PROBLEM_CODES: Record<ExpressionProblem, DiagnosticCode> = {
  syntax: 'FLW_EXPRESSION_SYNTAX',
  'unknown-name': 'FLW_UNKNOWN_NAME',
  'forbidden-function': 'FLW_FORBIDDEN_FUNCTION',
  'wrong-type': 'FLW_WRONG_TYPE',
  'too-large': 'FLW_EXPRESSION_SYNTAX',
  failed: 'FLW_EXPRESSION_SYNTAX',
};

interface Context {
  readonly document: FlowDocument;
  readonly expressions: Expressions;
  readonly catalogue: FlowCatalogue;
  readonly node: string;
  readonly path: readonly (string | number)[];
}

export function lintReferences(
  document: FlowDocument,
  nodes: readonly LintNode[],
  catalogue: FlowCatalogue,
): Diagnostic[] {
  const expressions = createExpressions(document.variables);
  return nodes.flatMap(({ node, index, definition, config }) => {
    if (!definition || !config) return [];
    return (definition.references?.(config) ?? []).flatMap((reference) => {
      const path = ['nodes', index, 'config', ...reference.path];
      return lintReference(reference, { document, expressions, catalogue, node: node.id, path });
    });
  });
}

function lintReference(reference: Reference, context: Context): Diagnostic[] {
  const { document, catalogue, node, path } = context;
  switch (reference.to) {
    case 'expression':
      return lintExpression(reference.source, reference.type, reference.extra ?? [], context);
    case 'template':
      return lintTemplate(reference.source, context);
    case 'variable': {
      const { name } = reference;
      if (document.variables.some((variable) => variable.name === name)) return [];
      return [
        diagnose('FLW_UNKNOWN_VARIABLE', path, { node, detail: name, fix: { action: 'declare-variable', name } }),
      ];
    }
    case 'language':
      // a part in exactly one language is meant for every caller, e.g. in a language choice
      return reference.languages.includes(document.language) || reference.languages.length === 1
        ? []
        : [diagnose('FLW_MISSING_LANGUAGE', path, { node, detail: document.language })];
    case 'time-zone':
      return isTimeZone(reference.name)
        ? []
        : [diagnose('FLW_UNKNOWN_TIME_ZONE', path, { node, detail: reference.name })];
    case 'audio':
      return catalogue.audio(reference.name) === null
        ? [diagnose('FLW_NO_AUDIO', path, { node, detail: reference.name })]
        : [];
    case 'entity':
      return catalogue.entity?.(reference.type, reference.id) === false
        ? [diagnose('FLW_NO_ENTITY', path, { node, detail: `${reference.type} ${reference.id}` })]
        : [];
    case 'flow':
      return lintFlow(reference, context);
  }
}

function lintExpression(
  source: string,
  type: Parameters<Expressions['check']>[1],
  extra: readonly string[],
  context: Context,
): Diagnostic[] {
  const problem = context.expressions.check(source, type, extra);
  return problem
    ? [diagnose(PROBLEM_CODES[problem.code], context.path, { node: context.node, detail: problem.detail })]
    : [];
}

function lintTemplate(source: string, context: Context): Diagnostic[] {
  const parts = parseTemplate(source);
  if (!parts) return [diagnose('FLW_TEMPLATE', context.path, { node: context.node })];
  return parts.flatMap((part) => ('expr' in part ? lintExpression(part.expr, 'any', [], context) : []));
}

function lintFlow(reference: Extract<Reference, { to: 'flow' }>, context: Context): Diagnostic[] {
  const { document, catalogue, node, path } = context;
  const { name } = reference;
  if (name === document.name) return [diagnose('FLW_RECURSION', path, { node, detail: name })];
  const closure = catalogue.flow(name);
  if (closure === undefined) return [];
  const called = closure?.documents[closure.root]?.document;
  if (!closure || !called) return [diagnose('FLW_NO_FLOW', path, { node, detail: name })];
  const found: Diagnostic[] = [];
  if (Object.values(closure.documents).some((pinned) => pinned.document.name === document.name)) {
    found.push(diagnose('FLW_RECURSION', path, { node, detail: name }));
  }
  if (depthOf(closure, closure.root) >= MAX_DEPTH)
    found.push(diagnose('FLW_TOO_DEEP', path, { node, detail: String(MAX_DEPTH) }));
  for (const outcome of returnsOf(called)) {
    if (!reference.outcomes.includes(outcome))
      found.push(diagnose('FLW_FLOW_OUTCOME', path, { node, detail: outcome }));
  }
  for (const variable of reference.variables) {
    const known = called.variables.some((candidate) => candidate.name === variable);
    if (!known) found.push(diagnose('FLW_FLOW_VARIABLE', path, { node, detail: variable }));
  }
  return found;
}

/** Flows stacked when this one runs, itself included. */
function depthOf(closure: RevisionClosure, hash: string, seen: readonly string[] = []): number {
  const pinned = closure.documents[hash];
  if (!pinned || seen.includes(hash)) return 0;
  return 1 + Math.max(0, ...Object.values(pinned.subflows).map((next) => depthOf(closure, next, [...seen, hash])));
}
