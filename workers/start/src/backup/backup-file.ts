/** A backup as a file: lines of JSON, compressed, written beside and renamed when whole. */
import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { backupLines, openStore, type Restored, restoreLines } from '@callwright/store';
import pg from 'pg';
import { StartError } from '../errors.ts';
import { restoreSounds, soundLines } from './sound-files.ts';

export interface Written {
  readonly tables: number;
  readonly rows: number;
  /** Sound files. */
  readonly sounds: number;
}

export interface WriteOptions {
  readonly key: Buffer | null;
  /** Where sound files lie; null: they stay out. */
  readonly mediaDir: string | null;
}

/** Writes the database to `path`; readable by its owner alone. A file that is there is replaced only by a whole backup. */
export async function writeBackup(url: string, path: string, { key, mediaDir }: WriteOptions): Promise<Written> {
  // one connection, its end frees it whatever state it is in
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  const draft = `${path}.${process.pid}.part`;
  let written: Written = { tables: 0, rows: 0, sounds: 0 };
  try {
    await client.connect();
    async function* text(): AsyncGenerator<string> {
      for await (const line of backupLines(client, { key: key?.toString('base64') })) {
        if ('done' in line) written = { ...written, tables: line.tables, rows: line.rows };
        yield `${JSON.stringify(line)}\n`;
      }
      if (mediaDir === null) return;
      // after the database: what was stored as of that moment has its file
      for await (const line of soundLines(mediaDir)) {
        if ('sounds' in line) written = { ...written, sounds: line.sounds };
        yield `${JSON.stringify(line)}\n`;
      }
    }
    await pipeline(Readable.from(text()), createGzip(), createWriteStream(draft, { mode: 0o600 }));
    const file = openSync(draft, 'r+');
    fsyncSync(file);
    closeSync(file);
    renameSync(draft, path);
    return written;
  } finally {
    rmSync(draft, { force: true });
    await client.end();
  }
}

export interface ReadOptions {
  /** Where the key of the backup goes, unless one is there. */
  readonly keyFile: string;
  /** Where its sound files go. */
  readonly mediaDir: string;
}

/** Restores `path`, all of it or nothing. Throws `RestoreError`, `STA_BACKUP`. */
export async function readBackup(
  url: string,
  path: string,
  { keyFile, mediaDir }: ReadOptions,
): Promise<Restored & { readonly sounds: number }> {
  if (!existsSync(path)) throw new StartError('STA_BACKUP', `${path} is not there.`);
  const store = openStore({ url, maxConnections: 2 });
  try {
    // read to its end first: the database is filled once everything else is in its place
    const sounds = await restoreSounds(linesOf(path), mediaDir);
    try {
      const restored = await restoreLines(store.pool, linesOf(path));
      if (restored.key && !existsSync(keyFile)) writeFileSync(keyFile, restored.key, { mode: 0o600, flag: 'wx' });
      return { ...restored, sounds: sounds.files };
    } catch (error) {
      await sounds.undo();
      throw error;
    }
  } finally {
    await store.close();
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const plain = createReadStream(path).pipe(createGunzip());
  const failed = new Promise<never>((_resolve, reject) => {
    plain.once('error', () => reject(new StartError('STA_BACKUP', `${path} is cut off, or no backup.`)));
  });
  failed.catch(() => {});
  const lines = createInterface({ input: plain, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  for (;;) {
    const next = await Promise.race([lines.next(), failed]);
    if (next.done) return;
    yield next.value;
  }
}
