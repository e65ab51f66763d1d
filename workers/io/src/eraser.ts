/** Goes on with erasures that were begun by a request and take longer than it waited, or whose api has died. */
import { rm } from 'node:fs/promises';
import {
  forgetRecording,
  type Keyring,
  recordingFile,
  type Store,
  stepErasure,
  unfinishedFile,
} from '@callwright/store';

export interface EraserParts {
  readonly store: Store;
  readonly keyring: Keyring;
  /** Where recordings lie; null: telephony removes their files. */
  readonly mediaDir: string | null;
}

/** Steps of a round: other tasks have their turn in between. */
const STEPS = 20;

/** One round: the next steps of whatever nobody works on. */
export function eraser({ store: { db }, keyring, mediaDir }: EraserParts): { round(): Promise<void> } {
  return {
    round: async () => {
      for (let steps = 0; steps < STEPS; steps += 1) {
        const step = await stepErasure(db, keyring, null);
        if (!step) return;
        const { companyId, recordings } = step;
        for (const id of mediaDir === null ? [] : recordings) {
          await rm(recordingFile(mediaDir!, companyId, id), { force: true });
          await rm(unfinishedFile(mediaDir!, companyId, id), { force: true });
          await forgetRecording(db, { id, companyId, kind: 'call' });
        }
      }
    },
  };
}
