/** The engine: pure, deterministic, no I/O. */
export { createCallMachine, startCall, stepCall } from './call/call.ts';
export * from './call/state.ts';
export { restoreEvent } from './call/trace.ts';
export * from './define/ask.ts';
export * from './flow/document.ts';
export * from './protocol/index.ts';
