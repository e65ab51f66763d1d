/** Text that JSON can carry and PostgreSQL cannot hold: NUL and halves of surrogate pairs. Refused before anything is done. */
import { ApiError } from '../problem.ts';

const MAX_DEPTH = 64;

function bad(text: string): boolean {
  return text.includes('\0') || !text.isWellFormed();
}

/** Throws `API_BAD_REQUEST` when a string or key anywhere in `value` cannot be stored, or it nests too deep. */
export function refuseUnstorableText(value: unknown, depth = 0): void {
  if (typeof value === 'string') {
    if (bad(value)) throw new ApiError('API_BAD_REQUEST', { detail: 'Text holds a NUL or half a surrogate pair.' });
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth >= MAX_DEPTH) throw new ApiError('API_BAD_REQUEST', { detail: `JSON nests deeper than ${MAX_DEPTH}.` });
  if (Array.isArray(value)) {
    for (const item of value) refuseUnstorableText(item, depth + 1);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    refuseUnstorableText(key, depth + 1);
    refuseUnstorableText(item, depth + 1);
  }
}
