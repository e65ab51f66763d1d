/** Tags, branches and Call-IDs: unguessable and unique (RFC 3261 §19.3, §8.1.1.7). */
import { randomBytes } from 'node:crypto';

const POOL_BYTES = 8_192;
let pool = Buffer.alloc(0);
let used = 0;

/** `bytes` random bytes as base64url text (only token characters). */
export function randomToken(bytes: number): string {
  if (used + bytes > pool.length) {
    pool = randomBytes(POOL_BYTES);
    used = 0;
  }
  used += bytes;
  return pool.toString('base64url', used - bytes, used);
}

/** A new From or To tag (72 random bits). */
export const newTag = (): string => randomToken(9);

/** A new Via branch with the RFC 3261 magic cookie. */
export const newBranch = (): string => `z9hG4bK${randomToken(12)}`;
