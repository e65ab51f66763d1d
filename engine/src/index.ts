/** The engine: pure, deterministic, no I/O. */
export { createCallMachine, startCall, stepCall } from './call/call.ts';
export * from './call/state.ts';
export { restoreEvent } from './call/trace.ts';
export * from './define/ask.ts';
export { BUILT_IN_NAMES } from './define/expression.ts';
export { ENGINE_ERRORS, EngineError, type EngineErrorCode } from './errors.ts';
export { type ConfigOf, flow, type Kind, node, type Step, say } from './flow/author.ts';
export { canonicalJson, normalizeDocument, revisionHash } from './flow/canonical.ts';
export { diffFlows, type FieldChange, type FlowDiff } from './flow/diff.ts';
export * from './flow/document.ts';
export { DIAGNOSTICS, type Diagnostic, type DiagnosticCode, type Fix } from './flow/lint/codes.ts';
export { lint } from './flow/lint/lint.ts';
export * from './flow/machine.ts';
export { migrateDocument } from './flow/migrate.ts';
export { buildRevision, type FlowCatalogue, keepNumbers, NO_CATALOGUE } from './flow/publish.ts';
export * from './group/pool/pool.ts';
export * from './group/pool/protocol.ts';
export * from './protocol/index.ts';
