/** Log-in passwords (argon2id) and API keys. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

/** OWASP's second recommendation for argon2id: 19 MiB, two passes. The library's default algorithm is argon2id. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export function hashPassword(password: string): Promise<string> {
  return hash(password, COST);
}

let decoy: Promise<string> | undefined;

/** Takes as long for an unknown account (null) as for a wrong password, so that names cannot be found out by time. */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  decoy ??= hashPassword(randomBytes(16).toString('hex'));
  const matches = await verify(stored ?? (await decoy), password).catch(() => false);
  return stored !== null && matches;
}

/** 144 random bits, for demo log-ins. */
export function randomPassword(): string {
  return randomBytes(18).toString('base64url');
}

const KEY_FORM = /^cw_[A-Za-z0-9_-]{43}$/;

export interface MintedKey {
  /** Shown once. */
  readonly key: string;
  readonly hash: Buffer;
  /** First characters, to tell keys apart in lists. */
  readonly prefix: string;
}

/** A 256-bit API key. */
export function mintApiKey(): MintedKey {
  const key = `cw_${randomBytes(32).toString('base64url')}`;
  return { key, hash: hashToken(key), prefix: key.slice(0, 10) };
}

export function isApiKey(value: string): boolean {
  return KEY_FORM.test(value);
}

/** SHA-256 of a secret of full entropy (API key, session id): looked up by it, so the database never holds the secret. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Constant-time equality of two texts. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(hashToken(a), hashToken(b));
}
