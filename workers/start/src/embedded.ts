/** The embedded servers by themselves, for test runs. */
export { awaitPostgres, type EmbeddedPostgres, type PostgresOptions, preparePostgres } from './postgres.ts';
export { Reaper } from './reaper.ts';
