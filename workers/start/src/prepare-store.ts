/** Brings the database to the newest schema, makes the master key and the demo company; prints what the ready block tells, as JSON. */
import { ensureKeyFile, migrateStore, openStore } from '@callwright/store';

const { DATABASE_URL: url = '', CALLWRIGHT_SECRET_KEY_FILE: keyFile = '' } = process.env;
const store = openStore({ url, maxConnections: 2 });
try {
  await migrateStore(store);
  ensureKeyFile(keyFile);
  process.stdout.write(JSON.stringify({ admin: { login: '', password: '' }, users: [], numbers: [] }));
} finally {
  await store.close();
}
