/** The engine: pure, deterministic, no I/O. */
export { createCallMachine, startCall, stepCall } from './call/call.ts';
export * from './call/state.ts';
export { restoreEvent } from './call/trace.ts';
export * from './define/ask.ts';
export { BUILT_IN_NAMES } from './define/expression.ts';
export { EngineError, type EngineErrorCode, ENGINE_ERRORS } from './errors.ts';
export { type ConfigOf, flow, type Kind, node, say, type Step } from './flow/author.ts';
export { canonicalJson, normalizeDocument, revisionHash } from './flow/canonical.ts';
export * from './flow/document.ts';
export * from './flow/machine.ts';
export { migrateDocument } from './flow/migrate.ts';
export { buildRevision, type FlowCatalogue, keepNumbers, NO_CATALOGUE } from './flow/publish.ts';
export * from './group/pool/pool.ts';
export * from './group/pool/protocol.ts';
export * from './protocol/index.ts';
