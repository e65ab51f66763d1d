import { spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { createPlatform, findPlatform, openStore, uuidv7 } from '@callwright/store';
import { type TestDatabase, testDatabase } from '@callwright/test-support';
import { afterAll, beforeAll, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../workers/start/src/backup/main.ts', import.meta.url));
let database: TestDatabase;
let folder: string;
let empty: string;

beforeAll(async () => {
  database = await testDatabase();
  await createPlatform(database.store.db, { id: uuidv7(), kind: 'platform', name: 'Kept', settings: {} });
  folder = mkdtempSync(join(tmpdir(), 'callwright-backup-'));
  empty = `restored_${randomBytes(6).toString('hex')}`;
  await database.store.pool.query(`create database "${empty}"`);
});
afterAll(async () => {
  await database.store.pool.query(`drop database "${empty}" with (force)`);
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const urlOf = (name: string) => Object.assign(new URL(database.url), { pathname: `/${name}` }).href;

function run(args: string[], url: string, dataDir: string) {
  const env = {
    ...process.env,
    INIT_CWD: folder,
    DATABASE_URL: url,
    CALLWRIGHT_DATA_DIR: join(folder, dataDir),
    CALLWRIGHT_SECRET_KEY_FILE: join(folder, dataDir, 'secret.key'),
  };
  const { status, stderr } = spawnSync(process.execPath, [MAIN, ...args], { env, encoding: 'utf8', timeout: 60_000 });
  return { status, said: stderr };
}

test('a backup with its key comes back in a new installation, and only there', async () => {
  run(['backup', 'first.backup'], database.url, 'old');
  const key = randomBytes(32);
  writeFileSync(join(folder, 'old', 'secret.key'), key);
  expect(run(['backup', 'all.backup', '--with-keys'], database.url, 'old')).toMatchObject({ status: 0 });
  const file = join(folder, 'all.backup');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const restored = run(['restore', 'all.backup'], urlOf(empty), 'new');
  expect(restored).toMatchObject({ status: 0, said: expect.stringContaining('are back, as of') });
  expect(readFileSync(join(folder, 'new', 'secret.key')).equals(key)).toBe(true);
  const store = openStore({ url: urlOf(empty), maxConnections: 1 });
  expect(await findPlatform(store.db)).toMatchObject({ name: 'Kept' });
  await store.close();
  expect(run(['restore', 'all.backup'], urlOf(empty), 'new')).toMatchObject({
    status: 1,
    said: expect.stringContaining('STO_NOT_EMPTY'),
  });
});

test('messages and recordings come back with it, unless they are left out; a damaged one restores nothing', async () => {
  const [company, recording] = [randomUUID(), randomUUID()];
  const soundOf = (dataDir: string) => join(folder, dataDir, 'media', 'recordings', company, `${recording}.wav`);
  const sound = randomBytes(300_000);
  mkdirSync(dirname(soundOf('loud')), { recursive: true });
  writeFileSync(soundOf('loud'), sound);
  writeFileSync(soundOf('loud').replace('.wav', '.part.wav'), 'unfinished');
  expect(run(['backup', 'loud.backup'], database.url, 'loud').said).toContain('and 1 sound files');
  expect(run(['backup', 'quiet.backup', '--without-sound'], database.url, 'loud').said).toContain('and 0 sound files');
  expect(statSync(join(folder, 'quiet.backup')).size).toBeLessThan(sound.length);

  const again = `restored_${randomBytes(6).toString('hex')}`;
  await database.store.pool.query(`create database "${again}"`);
  const lines = gunzipSync(readFileSync(join(folder, 'loud.backup')))
    .toString()
    .split('\n');
  const spoilt = lines.map((line) => (line.startsWith('{"part":') ? line.replace(/.{8}"}$/, 'AAAAAAAA"}') : line));
  writeFileSync(join(folder, 'spoilt.backup'), gzipSync(spoilt.join('\n')));
  expect(run(['restore', 'spoilt.backup'], urlOf(again), 'other').said).toContain('STA_BACKUP');
  expect(existsSync(soundOf('other'))).toBe(false);
  // the database of the first test is not empty: nothing is left of the sound either
  expect(run(['restore', 'loud.backup'], urlOf(empty), 'other').said).toContain('STO_NOT_EMPTY');
  expect(existsSync(soundOf('other'))).toBe(false);
  expect(run(['restore', 'loud.backup'], urlOf(again), 'other').said).toContain('1 sound files are back');
  expect(readFileSync(soundOf('other')).equals(sound)).toBe(true);
  await database.store.pool.query(`drop database "${again}" with (force)`);
});

test('without being asked for, the key stays out; a cut file is refused; a failed backup leaves the old one', () => {
  expect(run(['backup', 'plain.backup'], database.url, 'old')).toMatchObject({
    status: 0,
    said: expect.stringContaining('secret.key'),
  });
  const file = join(folder, 'plain.backup');
  const whole = readFileSync(file);
  writeFileSync(join(folder, 'cut.backup'), whole.subarray(0, whole.length / 2));
  expect(run(['restore', 'cut.backup'], urlOf(empty), 'new').status).toBe(1);
  expect(run(['restore', 'none.backup'], urlOf(empty), 'new').said).toContain('STA_BACKUP');
  const gone = new URL(database.url);
  gone.port = '1';
  expect(run(['backup', 'plain.backup'], gone.href, 'old').status).toBe(1);
  expect(readFileSync(file).equals(whole)).toBe(true);
  expect(existsSync(`${file}.part`)).toBe(false);
  expect(run(['backup'], database.url, 'old').status).toBe(2);
});
