/** Brings the database to the newest schema, makes the master key and the demo company; prints what the ready block tells, as JSON. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue, pinTogether } from '@callwright/flows';
import { ensureKeyFile, keyringFromFile, migrateStore, openStore, seedDemo } from '@callwright/store';
import { writeAtomically } from './atomic-file.ts';

const {
  DATABASE_URL: url = '',
  CALLWRIGHT_SECRET_KEY_FILE: keyFile = '',
  CALLWRIGHT_DATA_DIR: dataDir = '',
} = process.env;

const keyPath = join(dataDir, 'admin.key');
// hashed in the database, so the start command keeps it to show it again
const passwordPath = join(dataDir, 'admin.password');

function kept(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() || null : null;
}

const store = openStore({ url, maxConnections: 2 });
try {
  await migrateStore(store);
  ensureKeyFile(keyFile);
  const demo = await seedDemo(store, keyringFromFile(keyFile), pinTogether(catalogue), {
    apiKey: kept(keyPath),
    password: kept(passwordPath),
  });
  writeAtomically(keyPath, `${demo.admin.apiKey}\n`, 0o600);
  writeAtomically(passwordPath, `${demo.admin.password}\n`, 0o600);
  const { users, numbers } = demo;
  process.stdout.write(
    JSON.stringify({ admin: { login: demo.admin.login, password: demo.admin.password }, users, numbers }),
  );
} finally {
  await store.close();
}
