/**
 * Sound files in a backup: what stands below `recordings` of the media directory (messages, calls, what flows have kept), after the lines of
 * the database. Prompts and greetings are rows. A file is told once it is whole, and never changes after that.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StartError } from '../errors.ts';

/** A line of a backup that tells of sound. */
export type SoundLine =
  | { readonly sound: string }
  | { readonly part: string }
  | { readonly heard: string; readonly sha256: string }
  | { readonly sounds: number };

export interface Sounds {
  readonly files: number;
}

const FOLDER = 'recordings';
const NAME = /^[0-9a-f-]{36}\/[0-9a-f-]{36}\.wav$/;
const PART_BYTES = 96 * 1024;

/** Company and recording, as `recordingFile` of the store lays them out. */
async function names(mediaDir: string): Promise<string[]> {
  const entries = await readdir(join(mediaDir, FOLDER), { recursive: true }).catch(noFolder);
  return entries
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => NAME.test(name))
    .toSorted();
}

function noFolder(error: unknown): string[] {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
  throw error;
}

/** The lines of all sound files; one that is deleted meanwhile is left out. */
export async function* soundLines(mediaDir: string): AsyncGenerator<SoundLine> {
  let files = 0;
  for (const name of await names(mediaDir)) {
    const file = await open(join(mediaDir, FOLDER, name)).catch(() => null);
    if (!file) continue;
    const hash = createHash('sha256');
    yield { sound: name };
    for await (const part of createReadStream('', { fd: file, highWaterMark: PART_BYTES })) {
      hash.update(part as Buffer);
      yield { part: (part as Buffer).toString('base64') };
    }
    yield { heard: name, sha256: hash.digest('hex') };
    files += 1;
  }
  yield { sounds: files };
}

const damaged = (why: string) => new StartError('STA_BACKUP', `The backup is damaged: ${why}.`);

/**
 * Puts the sound files of a backup into their places; rows and other lines are passed over. `undo` takes away what was put there. Throws
 * `STA_BACKUP`, and then nothing was put.
 */
export async function restoreSounds(
  lines: AsyncIterable<string>,
  mediaDir: string,
): Promise<Sounds & { undo(): Promise<void> }> {
  const made: string[] = [];
  const undo = async (): Promise<void> => {
    for (const path of made) await rm(path, { force: true });
  };
  let current: Writing | null = null;
  let told: number | null = 0;
  try {
    for await (const line of lines) {
      if (!/^\{"(sound|part|heard|sounds)":/.test(line)) continue;
      const read = JSON.parse(line) as Partial<Record<'sound' | 'part' | 'heard' | 'sha256', string>> & {
        sounds?: number;
      };
      if (read.sound !== undefined) {
        told = null;
        current = await begin(mediaDir, read.sound, made);
      } else if (read.part !== undefined) await current?.write(Buffer.from(read.part, 'base64'));
      else if (read.heard !== undefined) {
        if (current?.name !== read.heard || (await current.end()) !== read.sha256) throw damaged(`sound ${read.heard}`);
        current = null;
      } else told = read.sounds ?? null;
    }
    // a backup without sound tells of none
    if (told === null || told > made.length || current) throw damaged('sound files are missing');
    return { files: made.length, undo };
  } catch (error) {
    await current?.end();
    await undo();
    throw error;
  }
}

interface Writing {
  readonly name: string;
  write(part: Buffer): Promise<void>;
  /** Its checksum. */
  end(): Promise<string>;
}

async function begin(mediaDir: string, name: string, made: string[]): Promise<Writing> {
  if (!NAME.test(name)) throw damaged('a sound has no name');
  const path = join(mediaDir, FOLDER, name);
  await mkdir(dirname(path), { recursive: true, mode: 0o750 });
  let file: FileHandle;
  try {
    file = await open(path, 'wx', 0o640);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new StartError('STA_BACKUP', `${path} is there already: restore into a new media directory.`);
    throw error;
  }
  made.push(path);
  const hash = createHash('sha256');
  let unfinished = true;
  return {
    name,
    write: async (part) => {
      hash.update(part);
      await file.write(part);
    },
    end: async () => {
      if (unfinished) {
        unfinished = false;
        await file.datasync();
        await file.close();
      }
      return hash.copy().digest('hex');
    },
  };
}
