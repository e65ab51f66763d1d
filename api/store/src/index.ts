/** The store: PostgreSQL schema, migrations and typed queries, shared by api and workers. */
export * from './crypto.ts';
export * from './schema.ts';
export * from './store.ts';
export * from './queries/io.ts';
