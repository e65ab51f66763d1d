/** The engine: pure, deterministic, no I/O. */
export { NODES } from '../nodes/registry.gen.ts';
export { accountOf, type CallAccount, type FailingSide, type LegAccount, type TimedFact } from './call/account.ts';
export { createCallMachine, startCall, stepCall } from './call/call.ts';
export { failedCdr } from './call/failed-cdr.ts';
export * from './call/state.ts';
export { restoreEvent } from './call/trace.ts';
export * from './define/ask.ts';
export { openingAt } from './define/calendar.ts';
export type { DecidedBy, NodeCategory, NodeDefinition } from './define/define-node.ts';
export {
  BUILT_IN_NAMES,
  createExpressions,
  EXPRESSION_FUNCTIONS,
  type ExpressionProblem,
  type Expressions,
  isUsableName,
  type VariableType,
} from './define/expression.ts';
export type { Path, Reference } from './define/fields.ts';
export type { Widget, Words } from './define/meta.ts';
export { parseTemplate } from './define/template.ts';
export { ENGINE_ERRORS, EngineError, type EngineErrorCode } from './errors.ts';
export { type ConfigOf, flow, type Kind, node, type Step, say } from './flow/author.ts';
export { canonicalJson, normalizeDocument, revisionHash } from './flow/canonical.ts';
export { diffFlows, type FieldChange, type FlowDiff } from './flow/diff.ts';
export * from './flow/document.ts';
export { configSchemas, flowFileSchema } from './flow/json-schema.ts';
export { DIAGNOSTICS, type Diagnostic, type DiagnosticCode, type Fix } from './flow/lint/codes.ts';
export { lint } from './flow/lint/lint.ts';
export * from './flow/machine.ts';
export { migrateDocument } from './flow/migrate.ts';
export { printFlow } from './flow/print/print-flow.ts';
export { buildRevision, type FlowCatalogue, keepNumbers, NO_CATALOGUE, referencesOf } from './flow/publish.ts';
export { type ResponderNode, responderTree } from './flow/responder.ts';
export * from './group/pool/pool.ts';
export * from './group/pool/protocol.ts';
export type { AgentState } from './group/queue/state.ts';
export * from './protocol/index.ts';
