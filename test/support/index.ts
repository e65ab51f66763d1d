/** Real services for tests: each test file gets a database of its own on the shared server, and the shared Temporal server. */
import { randomBytes } from 'node:crypto';
import { migrateStore, openStore, type Store } from '@callwright/store';
import pg from 'pg';
import { POSTGRES_VARIABLE, TEMPORAL_VARIABLE } from './variables.ts';

export { type CommandResult, runCommand, startCommand } from './command-line.ts';
export { sharedInstallation } from './shared-installation.ts';
export { POSTGRES_VARIABLE, TEMPORAL_VARIABLE } from './variables.ts';

function required(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(`${name} is not set: run integration tests through "npm test", which starts the services`);
  return value;
}

export interface TestDatabase {
  readonly url: string;
  readonly store: Store;
  /** Closes the store and drops the database. */
  drop(): Promise<void>;
}

/** A new, migrated, empty database. */
export async function testDatabase(): Promise<TestDatabase> {
  const adminUrl = required(POSTGRES_VARIABLE);
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(adminUrl, `create database ${name}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const store = openStore({ url: url.href });
  await migrateStore(store);
  return {
    url: url.href,
    store,
    drop: async () => {
      await store.close();
      await administer(adminUrl, `drop database ${name} with (force)`);
    },
  };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** The shared Temporal server; tests keep apart by unique task queues and workflow ids. */
export function testTemporal(): { address: string; namespace: string } {
  return { address: required(TEMPORAL_VARIABLE), namespace: 'default' };
}
