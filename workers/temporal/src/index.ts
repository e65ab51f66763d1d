/** The embedded Temporal server: find, fetch or build its binary, and the flags it runs with (temporal.md §5). */
export { cacheDirectory } from './cache.ts';
export { TemporalError } from './errors.ts';
export { type FindOptions, findTemporal, TEMPORAL_VERSION } from './find.ts';
export { type ServerOptions, serverArguments } from './flags.ts';
export { temporalAnswers } from './health.ts';
