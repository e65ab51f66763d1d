import { chmodSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CryptoError, ensureKeyFile, keyringFromBytes, keyringFromFile } from './crypto.ts';

const ring = keyringFromBytes(Buffer.alloc(32, 7));
const context = { owner: 'company-a', purpose: 'sip-secret' };

describe('keyring', () => {
  it('opens what it sealed, text and bytes, empty too', () => {
    for (const text of ['', 'x', 'Grüße', 'a'.repeat(100_000)]) {
      expect(ring.openText(context, ring.seal(context, text))).toBe(text);
    }
    expect(ring.open(context, ring.seal(context, Buffer.of(0, 255, 1)))).toEqual(Buffer.of(0, 255, 1));
  });

  it('never seals the same text twice to the same bytes', () => {
    expect(ring.seal(context, 'same').equals(ring.seal(context, 'same'))).toBe(false);
  });

  it.each([
    { owner: 'company-b', purpose: 'sip-secret' },
    { owner: 'company-a', purpose: 'trunk-secret' },
  ])('refuses a value moved to $owner $purpose', (other) => {
    expect(() => ring.open(other, ring.seal(context, 'secret'))).toThrow(CryptoError);
  });

  it('refuses every value with one changed byte, cut short, or of another key', () => {
    const sealed = ring.seal(context, 'secret');
    for (let i = 0; i < sealed.length; i += 1) {
      const changed = Buffer.from(sealed);
      changed[i] = changed[i]! ^ 1;
      expect(() => ring.open(context, changed)).toThrow(CryptoError);
      expect(() => ring.open(context, sealed.subarray(0, i))).toThrow(CryptoError);
    }
    expect(() => keyringFromBytes(Buffer.alloc(32, 8)).open(context, sealed)).toThrow(CryptoError);
  });
});

describe('key file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyring-'));

  it('is made once, mode 600, and kept', () => {
    const path = join(folder, 'secret.key');
    expect(ensureKeyFile(path)).toBe(true);
    const first = readFileSync(path, 'utf8');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(ensureKeyFile(path)).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe(first);
    expect(keyringFromFile(path).openText(context, keyringFromFile(path).seal(context, 'kept'))).toBe('kept');
  });

  it('is refused when others may read it, when it is short, or missing', () => {
    const open = join(folder, 'open.key');
    ensureKeyFile(open);
    chmodSync(open, 0o644);
    const short = join(folder, 'short.key');
    writeFileSync(short, Buffer.alloc(31).toString('base64'), { mode: 0o600 });
    for (const path of [open, short, join(folder, 'missing.key')]) {
      expect(() => keyringFromFile(path)).toThrow(expect.objectContaining({ code: 'STO_KEY_FILE' }));
    }
  });
});
