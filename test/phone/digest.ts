/** Digest answers of the test phone (RFC 2617 / RFC 8760): MD5 and SHA-256. */
import { createHash, randomBytes } from 'node:crypto';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

const parameter = (challenge: string, name: string): string =>
  new RegExp(`${name}="?([^",]+)"?`, 'i').exec(challenge)?.[1] ?? '';

/** Value of an Authorization / Proxy-Authorization header for a challenge. */
export function answerChallenge(
  challenge: string,
  { username, password }: Credentials,
  method: string,
  uri: string,
): string {
  const algorithm = parameter(challenge, 'algorithm') || 'MD5';
  const hash = (text: string) =>
    createHash(algorithm.toUpperCase() === 'SHA-256' ? 'sha256' : 'md5')
      .update(text)
      .digest('hex');
  const realm = parameter(challenge, 'realm');
  const nonce = parameter(challenge, 'nonce');
  const qop = parameter(challenge, 'qop') ? 'auth' : '';
  const cnonce = randomBytes(8).toString('hex');
  const ha1 = hash(`${username}:${realm}:${password}`);
  const ha2 = hash(`${method}:${uri}`);
  const response = qop ? hash(`${ha1}:${nonce}:00000001:${cnonce}:${qop}:${ha2}`) : hash(`${ha1}:${nonce}:${ha2}`);
  const opaque = parameter(challenge, 'opaque');
  return [
    `Digest username="${username}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${uri}"`,
    `response="${response}"`,
    `algorithm=${algorithm}`,
    ...(opaque ? [`opaque="${opaque}"`] : []),
    ...(qop ? [`qop=${qop}`, 'nc=00000001', `cnonce="${cnonce}"`] : []),
  ].join(', ');
}
