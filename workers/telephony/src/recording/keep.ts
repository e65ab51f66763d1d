/** Keeps what was recorded: the file under its final name first, then the row and what follows from it, tried until the store takes it. */
import { readFile, rm } from 'node:fs/promises';
import { recordingEnded, recordingFile, recordingStored, type Store, unfinishedFile } from '@callwright/store';
import { codeOf, TelephonyError } from '../errors.ts';
import { type FinishedWav, finishFile } from './finish-file.ts';

export interface Keeping {
  readonly store: Store;
  readonly mediaDir: string;
  readonly companyId: string;
  readonly id: string;
  /** What is shorter is thrown away. */
  readonly minMs: number;
  /** Its sound may become a prompt: kept in the store, too. */
  readonly asPrompt: boolean;
  readonly ended: string;
}

/** Why a recording ended that the disk took no more of: as events and records name it. */
export const DISK_FULL = 'disk-full';

const TRIES = 20;
const PAUSE_MS = 500;
/** What a file system says that takes no more. */
const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS']);

/** Answers the length of what was kept, null when nothing was. Rejects with `TEL_DISK` or `TEL_STORE`. */
export async function keepRecording(keeping: Keeping): Promise<number | null> {
  const { store, mediaDir, companyId, id, minMs, ended } = keeping;
  const unfinished = unfinishedFile(mediaDir, companyId, id);
  const final = recordingFile(mediaDir, companyId, id);
  let file: FinishedWav | null;
  try {
    file = await finishFile(unfinished, final);
  } catch (error) {
    await patiently(() => recordingEnded(store.db, companyId, id, 'failed', DISK_FULL));
    throw diskError(error);
  }
  if (file && file.durationMs >= Math.max(1, minMs)) {
    const whole = file;
    const content = keeping.asPrompt ? await readFile(final) : null;
    await patiently(() => recordingStored(store.db, companyId, id, { ...whole, ended, content }));
    return whole.durationMs;
  }
  const failed = ended === DISK_FULL;
  await patiently(() =>
    recordingEnded(store.db, companyId, id, failed ? 'failed' : 'discarded', failed ? DISK_FULL : 'short'),
  );
  await Promise.all([rm(unfinished, { force: true }), rm(final, { force: true })]);
  if (failed) throw new TelephonyError('TEL_DISK');
  return null;
}

/** The error of a disk that takes no more as ours. */
export const diskError = (error: unknown): unknown =>
  FULL.has(codeOf(error) ?? '') ? new TelephonyError('TEL_DISK') : error;

/** A store that restarts is waited for: what was said must not be lost for it. */
async function patiently(work: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await work();
      return;
    } catch {
      if (tries >= TRIES) throw new TelephonyError('TEL_STORE');
      await new Promise((resume) => setTimeout(resume, PAUSE_MS));
    }
  }
}
