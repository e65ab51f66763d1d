/** Answers to the challenges of trunks (RFC 3261 §22.1, RFC 7616, RFC 8760): MD5 and SHA-256, with `auth` or without a quality of protection. */
import { createHash, randomBytes } from 'node:crypto';
import { algorithmOf, type Credentials, digestHa1 } from '../sip/digest.ts';
import { parseCredentials } from '../sip/headers.ts';

/** Who we are to a trunk. */
export interface TrunkAccount {
  readonly username: string;
  readonly secret: string;
  /** The only realm that is answered; null: any. */
  readonly realm: string | null;
}

export interface Challenged {
  readonly method: string;
  readonly uri: string;
  /** WWW-Authenticate or Proxy-Authenticate; several may come in one value. */
  readonly challenge: string;
}

/**
 * Value of the Authorization or Proxy-Authorization header; null when no challenge is one we can answer: another realm, another
 * algorithm, integrity only. The first that we can is taken, as the far end prefers them in its order (RFC 8760 §2.4).
 */
export function answerChallenge(
  account: TrunkAccount,
  { method, uri, challenge }: Challenged,
  cnonce: string = randomBytes(12).toString('hex'),
): string | null {
  const found = parseCredentials(challenge).find((given) => isAnswerable(account, given));
  if (!found) return null;
  const algorithm = algorithmOf(found)!;
  const hash = (text: string): string =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const realm = found.realm ?? '';
  const nonce = found.nonce ?? '';
  const ha1 = digestHa1(algorithm, account.username, realm, account.secret);
  const ha2 = hash(`${method}:${uri}`);
  const protects = found.qop !== undefined;
  const response = hash(protects ? `${ha1}:${nonce}:00000001:${cnonce}:auth:${ha2}` : `${ha1}:${nonce}:${ha2}`);
  return [
    `Digest username=${quoted(account.username)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(uri)}`,
    `response="${response}"`,
    // a far end of RFC 2069 may not know the parameter
    ...(found.algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
    ...(found.opaque === undefined ? [] : [`opaque=${quoted(found.opaque)}`]),
    ...(protects ? ['qop=auth', 'nc=00000001', `cnonce="${cnonce}"`] : []),
  ].join(', ');
}

function isAnswerable(account: TrunkAccount, given: Credentials): boolean {
  if (algorithmOf(given) === null || !given.nonce || given.nonce.length > 1000) return false;
  if (account.realm !== null && given.realm !== account.realm) return false;
  const qop = given.qop?.split(',').map((value) => value.trim().toLowerCase());
  return qop === undefined || qop.includes('auth');
}

const quoted = (value: string): string => `"${value.replace(/[\r\n]/g, '').replace(/["\\]/g, '\\$&')}"`;
