/** Writes files so that a reader sees the old or the new content, never a part. */
import { renameSync, writeFileSync } from 'node:fs';

/** Replaces `file` by `content` in one step. */
export function writeAtomically(file: string, content: string, mode = 0o644): void {
  const draft = `${file}.${process.pid}.tmp`;
  writeFileSync(draft, content, { mode });
  renameSync(draft, file);
}
