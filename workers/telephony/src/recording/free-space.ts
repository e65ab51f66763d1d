/** Whether the disk that recordings lie on has room for more: calls need it for themselves long before it is full. */
import { statfs } from 'node:fs/promises';

/** Bytes that an ordinary process may still write there. */
export type FreeBytes = (directory: string) => Promise<number>;

export const freeBytesOf: FreeBytes = async (directory) => {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
};

export interface RecordingSpace {
  readonly mediaDir: string;
  /** Below this nothing is recorded (CALLWRIGHT_RECORDING_MIN_FREE_MB). */
  readonly minFreeBytes: number;
  readonly freeBytes: FreeBytes;
}

/** False below the limit. A disk that cannot be asked counts as one with room: writing will tell. */
export async function hasSpace({ mediaDir, minFreeBytes, freeBytes }: RecordingSpace): Promise<boolean> {
  if (minFreeBytes === 0) return true;
  return freeBytes(mediaDir).then(
    (free) => free >= minFreeBytes,
    () => true,
  );
}
