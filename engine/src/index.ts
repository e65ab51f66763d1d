/** The engine: pure, deterministic, no I/O. */
export * from './call/state.ts';
export * from './define/ask.ts';
export * from './flow/document.ts';
export * from './protocol/index.ts';
