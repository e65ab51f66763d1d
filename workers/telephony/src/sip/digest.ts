/** Digest authentication of requests (RFC 3261 §22, RFC 7616, RFC 8760): challenges, nonces, the check. MD5 and SHA-256. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export type DigestAlgorithm = 'MD5' | 'SHA-256';
const HASH: Readonly<Record<DigestAlgorithm, string>> = { MD5: 'md5', 'SHA-256': 'sha256' };

const digest = (algorithm: DigestAlgorithm, text: string): string =>
  createHash(HASH[algorithm]).update(text).digest('hex');

/** HA1, the part of the digest that is stored (encrypted) for a log-in. */
export function digestHa1(algorithm: DigestAlgorithm, username: string, realm: string, secret: string): string {
  return digest(algorithm, `${username}:${realm}:${secret}`);
}

/** Compares two hex digests without telling by time where they differ. */
export function sameDigest(a: string, b: string): boolean {
  const left = createHash('sha256').update(a.toLowerCase()).digest();
  const right = createHash('sha256').update(b.toLowerCase()).digest();
  return timingSafeEqual(left, right);
}

export type NonceState = 'fresh' | 'stale' | 'replayed';

/**
 * Nonces that need no table: `<time>.<random>.<HMAC>`. A count used once with a nonce is not taken again (replay); the memory of
 * counts is bounded, since nonces die after `lifeMs`.
 */
export interface Nonces {
  issue(nowMs: number): string;
  /** Whether a count may be used with the nonce. Does not use it up. */
  check(nonce: string, count: string, nowMs: number): NonceState;
  /** Marks a count as used, after the digest was found right: a stranger cannot burn a phone's counts. */
  use(nonce: string, count: string, nowMs: number): void;
}

const NONCE_MEMORY = 20_000;

export function createNonces(lifeMs: number, key: Uint8Array = randomBytes(32)): Nonces {
  const used = new Map<string, number>();
  const sign = (head: string): string => createHmac('sha256', key).update(head).digest('base64url').slice(0, 32);
  const isFresh = (nonce: string, nowMs: number): boolean => {
    const [time = '', random = '', mac = '', ...rest] = nonce.split('.');
    if (rest.length > 0 || mac.length !== 32 || !sameMac(mac, sign(`${time}.${random}`))) return false;
    const age = nowMs - Number.parseInt(time, 36);
    return age >= 0 && age <= lifeMs;
  };
  return {
    issue: (nowMs) => {
      const head = `${nowMs.toString(36)}.${randomBytes(9).toString('base64url')}`;
      return `${head}.${sign(head)}`;
    },
    check: (nonce, count, nowMs) => {
      if (nonce.length > 100 || !isFresh(nonce, nowMs)) return 'stale';
      return used.has(`${nonce}/${count}`) ? 'replayed' : 'fresh';
    },
    use: (nonce, count, nowMs) => {
      used.set(`${nonce}/${count}`, nowMs);
      // insertion order is age order
      for (const [entry, at] of used) {
        if (used.size <= NONCE_MEMORY && nowMs - at <= lifeMs) break;
        used.delete(entry);
      }
    },
  };
}

function sameMac(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Values of the challenge headers, in the order of preference (RFC 8760 §2.4). */
export function challenges(
  realm: string,
  nonce: string,
  stale: boolean,
  algorithms: readonly DigestAlgorithm[],
): string[] {
  return algorithms.map(
    (algorithm) =>
      `Digest realm="${realm}", nonce="${nonce}", algorithm=${algorithm}, qop="auth"${stale ? ', stale=true' : ''}`,
  );
}

/** The HA1 values of a log-in in hex. */
export interface StoredDigests {
  readonly realm: string;
  readonly ha1: Readonly<Record<DigestAlgorithm, string>>;
}

export type Credentials = Readonly<Record<string, string>>;

/** The algorithm of credentials; MD5 when they name none (RFC 3261 §22.4). Null for one that is not served. */
export function algorithmOf(credentials: Credentials): DigestAlgorithm | null {
  const name = (credentials.algorithm ?? 'MD5').toUpperCase();
  return name === 'MD5' || name === 'SHA-256' ? name : null;
}

/** True when the credentials are in order: quality of protection `auth`, a count, a client nonce (RFC 7616 §3.4). */
export function isWellFormed(credentials: Credentials): boolean {
  return (
    credentials.qop === 'auth' &&
    /^[0-9a-f]{8}$/i.test(credentials.nc ?? '') &&
    (credentials.cnonce ?? '') !== '' &&
    (credentials.username ?? '').length <= 200 &&
    /^[0-9a-f]{32,64}$/i.test(credentials.response ?? '')
  );
}

/**
 * Whether the response proves knowledge of the secret. With `stored` null the same work is done against a digest nobody has, so
 * that time does not tell which log-ins exist.
 */
export function checkDigest(credentials: Credentials, method: string, stored: StoredDigests | null): boolean {
  const algorithm = algorithmOf(credentials) ?? 'MD5';
  const ha1 = stored?.ha1[algorithm] ?? '0'.repeat(64);
  const ha2 = digest(algorithm, `${method}:${credentials.uri ?? ''}`);
  const expected = digest(
    algorithm,
    [ha1, credentials.nonce, credentials.nc, credentials.cnonce, credentials.qop, ha2].join(':'),
  );
  const right = sameDigest(expected, credentials.response ?? '');
  return right && stored !== null && credentials.realm === stored.realm;
}
