/** Where recordings lie below the directory that telephony, the media server, the api and io workers share (`CALLWRIGHT_MEDIA_DIR`). */
import { join } from 'node:path';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A whole recording. Throws for ids that are none: they must not lead anywhere else. */
export function recordingFile(mediaDir: string, companyId: string, id: string): string {
  if (!UUID.test(companyId) || !UUID.test(id)) throw new RangeError('no id of a recording');
  return join(mediaDir, 'recordings', companyId, `${id}.wav`);
}

/** The same while it is written. */
export const unfinishedFile = (mediaDir: string, companyId: string, id: string): string =>
  recordingFile(mediaDir, companyId, id).replace(/\.wav$/, '.part.wav');
