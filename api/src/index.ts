/** The api as a library: for tests that run it in process. */
export { checkHealth } from './health.ts';
export { liveFeed } from './live/live-feed.ts';
export { buildServer, type ServerOptions } from './server.ts';
export { type TemporalGate, temporalGate } from './temporal-gate.ts';
