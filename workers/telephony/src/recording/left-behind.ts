/** Recordings whose media instance died while it wrote them are kept as far as they go; the files of deleted ones go. */
import { rm } from 'node:fs/promises';
import {
  discardedRecordings,
  forgetRecording,
  leftRecordings,
  recordingFile,
  type Store,
  unfinishedFile,
} from '@callwright/store';
import type { Logger } from 'pino';
import { codeOf } from '../errors.ts';
import { keepRecording } from './keep.ts';

const ROUND_MS = 10_000;
const BATCH = 50;

export interface LeftBehindDeps {
  readonly store: Store;
  readonly mediaDir: string;
  readonly log: Logger;
}

/** One round over both kinds. */
export async function tidyRecordings({ store, mediaDir, log }: LeftBehindDeps): Promise<void> {
  for (const { id, companyId, kind } of await leftRecordings(store.db, BATCH)) {
    const keeping = { store, mediaDir, companyId, id, minMs: 1, asPrompt: kind === 'greeting', ended: 'media-lost' };
    await keepRecording(keeping).catch((error: unknown) =>
      log.warn({ recording: id, code: codeOf(error) }, 'a recording left behind could not be kept'),
    );
  }
  for (const left of await discardedRecordings(store.db, BATCH)) {
    await rm(recordingFile(mediaDir, left.companyId, left.id), { force: true });
    await rm(unfinishedFile(mediaDir, left.companyId, left.id), { force: true });
    await forgetRecording(store.db, left);
  }
}

/** Rounds until `stop`. */
export function keepTidy(deps: LeftBehindDeps): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const round = async (): Promise<void> => {
    await tidyRecordings(deps).catch((error: unknown) =>
      deps.log.warn({ code: codeOf(error) }, 'recordings could not be tidied'),
    );
    if (!stopped) timer = setTimeout(() => void round(), ROUND_MS).unref();
  };
  void round();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
