/** Runners of the engine's machines on Temporal. */
export { type BundleOptions, callsBundle } from './bundle.ts';
export { type CallsWorkerOptions, createCallsWorker } from './worker.ts';
