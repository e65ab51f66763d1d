/**
 * Encryption of secrets and personal values: AES-256-GCM under a key of each owner, derived by HKDF-SHA-256 (RFC 5869) from one
 * master key that lives in a file outside the database (design §3, §5).
 *
 * A sealed value is `version (1) ‖ nonce (12) ‖ ciphertext ‖ tag (16)`. Owner and purpose are authenticated with it, so a value
 * moved to another company's row, or to another column, does not open.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** What is wrong with a key file or a sealed value; `code` is what callers compare. */
export class CryptoError extends Error {
  readonly code: 'STO_KEY_FILE' | 'STO_SEALED_VALUE';
  constructor(code: CryptoError['code'], message: string) {
    super(message);
    this.name = 'CryptoError';
    this.code = code;
  }
}

/** Whose value it is and what it is for, e.g. `{ owner: companyId, purpose: 'sip-secret' }`. */
export interface SealContext {
  /** Company (or other owner) id; `installation` for what belongs to no owner. */
  readonly owner: string;
  readonly purpose: string;
}

/** Seals and opens values; holds the master key, hence is never logged or serialised. */
export interface Keyring {
  seal(context: SealContext, plain: Uint8Array | string): Buffer;
  /** Throws `STO_SEALED_VALUE` when the value was changed or belongs to another context. */
  open(context: SealContext, sealed: Uint8Array): Buffer;
  openText(context: SealContext, sealed: Uint8Array): string;
}

/** Keyring over a 32-byte master key. Derived keys are kept per owner for the life of the process. */
export function keyringFromBytes(master: Uint8Array): Keyring {
  if (master.length !== KEY_BYTES) throw new CryptoError('STO_KEY_FILE', 'The master key must be 32 bytes.');
  const derived = new Map<string, Buffer>();
  const keyOf = (owner: string): Buffer => {
    let key = derived.get(owner);
    if (!key) {
      key = Buffer.from(hkdfSync('sha256', master, '', `callwright/owner/${owner}`, KEY_BYTES));
      derived.set(owner, key);
    }
    return key;
  };
  const open = (context: SealContext, sealed: Uint8Array): Buffer => openSealed(keyOf(context.owner), context, sealed);
  return {
    seal: (context, plain) => sealPlain(keyOf(context.owner), context, plain),
    open,
    openText: (context, sealed) => open(context, sealed).toString('utf8'),
  };
}

function authenticated(context: SealContext): Buffer {
  return Buffer.from(JSON.stringify([VERSION, context.owner, context.purpose]));
}

function sealPlain(key: Buffer, context: SealContext, plain: Uint8Array | string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(authenticated(context));
  const body = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain);
  return Buffer.concat([Buffer.of(VERSION), nonce, body, cipher.final(), cipher.getAuthTag()]);
}

function openSealed(key: Buffer, context: SealContext, sealed: Uint8Array): Buffer {
  const value = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  if (value.length < 1 + NONCE_BYTES + TAG_BYTES || value[0] !== VERSION) {
    throw new CryptoError('STO_SEALED_VALUE', 'A sealed value has an unknown form.');
  }
  const nonce = value.subarray(1, 1 + NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(authenticated(context)).setAuthTag(value.subarray(value.length - TAG_BYTES));
  try {
    return Buffer.concat([
      decipher.update(value.subarray(1 + NONCE_BYTES, value.length - TAG_BYTES)),
      decipher.final(),
    ]);
  } catch {
    throw new CryptoError('STO_SEALED_VALUE', 'A sealed value was changed, or belongs to another owner or key.');
  }
}

/** Reads the master key file (`CALLWRIGHT_SECRET_KEY_FILE`): 32 random bytes in base64, readable by its owner only. */
export function keyringFromFile(path: string): Keyring {
  let text: string;
  let mode: number;
  try {
    mode = statSync(path).mode;
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new CryptoError('STO_KEY_FILE', `The key file ${path} cannot be read: ${(error as Error).message}`);
  }
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new CryptoError('STO_KEY_FILE', `The key file ${path} must be readable by its owner only (chmod 600).`);
  }
  const master = /^[A-Za-z0-9+/]{43}=$/.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0);
  if (master.length !== KEY_BYTES) {
    throw new CryptoError('STO_KEY_FILE', `The key file ${path} must hold 32 bytes in base64.`);
  }
  return keyringFromBytes(master);
}

/** Makes the master key file (mode 600) unless it is there; never replaces one. Returns whether it was made. */
export function ensureKeyFile(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new CryptoError('STO_KEY_FILE', `The key file ${path} cannot be made: ${(error as Error).message}`);
  }
  try {
    writeSync(file, `${randomBytes(KEY_BYTES).toString('base64')}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return true;
}
