/**
 * Proof that the peer of a DTLS handshake holds the key of the certificate it showed, and saw the handshake we saw (RFC 5246 §7.4.3,
 * §7.4.8, §7.4.9). The library completes handshakes without asking for any of it, and without it a certificate's fingerprint proves nothing:
 * anybody on the path could show the certificate of another.
 */
import { createHash, createHmac, timingSafeEqual, verify, X509Certificate } from 'node:crypto';

/** A handshake message of the transcript, in its order. */
export interface HandshakeMessage {
  readonly type: number;
  readonly local: boolean;
  /** The message with its header, as it counts in the transcript. */
  readonly bytes: Buffer;
  /** The message alone. */
  readonly body: Buffer;
}

export interface Handshake {
  readonly role: 'client' | 'server';
  /** All messages but for a Finished that came after the last cached. */
  readonly transcript: readonly HandshakeMessage[];
  /** Body of the peer's Finished. */
  readonly remoteFinished: Buffer;
  readonly masterSecret: Buffer;
  readonly clientRandom: Buffer;
  readonly serverRandom: Buffer;
  /** DER of the peer. */
  readonly certificate: Buffer;
}

const SERVER_KEY_EXCHANGE = 12;
const CERTIFICATE_VERIFY = 15;
const FINISHED = 20;
const VERIFY_DATA_BYTES = 12;
/** SignatureAndHashAlgorithm (RFC 5246 §7.4.1.4.1): SHA-256 or better with RSA or ECDSA. */
const HASHES: Readonly<Record<number, string>> = { 4: 'sha256', 5: 'sha384', 6: 'sha512' };

/** True when both proofs hold. */
export function isProven(handshake: Handshake): boolean {
  try {
    return holdsKey(handshake) && sawTheSame(handshake);
  } catch {
    // a message that is cut short, a certificate that is none
    return false;
  }
}

/** `<hash><algorithm><length><signature>` over `signed` by the peer's certificate. */
function isSigned(signed: Buffer, signature: Buffer, certificate: Buffer): boolean {
  const hash = HASHES[signature[0] as number];
  const length = signature.readUInt16BE(2);
  if (hash === undefined || signature.length !== 4 + length) return false;
  return verify(hash, signed, new X509Certificate(certificate).publicKey, signature.subarray(4));
}

/** A server signs its part of the key exchange, a client the transcript up to there. */
function holdsKey(handshake: Handshake): boolean {
  const { role, transcript, certificate, clientRandom, serverRandom } = handshake;
  const type = role === 'client' ? SERVER_KEY_EXCHANGE : CERTIFICATE_VERIFY;
  const at = transcript.findIndex((message) => message.type === type && !message.local);
  const message = transcript[at];
  if (!message) return false;
  if (role === 'server') return isSigned(joined(transcript.slice(0, at)), message.body, certificate);
  // curve type, named curve, point
  const paramsEnd = 4 + (message.body[3] as number);
  const signed = Buffer.concat([clientRandom, serverRandom, message.body.subarray(0, paramsEnd)]);
  return isSigned(signed, message.body.subarray(paramsEnd), certificate);
}

function sawTheSame({ role, transcript, remoteFinished, masterSecret }: Handshake): boolean {
  // the client's Finished comes first, so it stands in the transcript of the server's
  const at = transcript.findIndex(({ type }) => type === FINISHED);
  if (at < 0) return false;
  const seen = role === 'client' ? transcript.slice(0, at + 1) : transcript.slice(0, at);
  const label = role === 'client' ? 'server finished' : 'client finished';
  const seed = verifySeed(label, joined(seen));
  const wanted = prf(masterSecret, seed, VERIFY_DATA_BYTES);
  return remoteFinished.length === VERIFY_DATA_BYTES && timingSafeEqual(wanted, remoteFinished);
}

const joined = (messages: readonly HandshakeMessage[]): Buffer => Buffer.concat(messages.map(({ bytes }) => bytes));

const verifySeed = (label: string, messages: Buffer): Buffer => Buffer.concat([Buffer.from(label), sha256(messages)]);

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** P_SHA256 of RFC 5246 §5. */
function prf(secret: Buffer, seed: Buffer, bytes: number): Buffer {
  const hmac = (data: Buffer): Buffer => createHmac('sha256', secret).update(data).digest();
  let a = seed;
  let out = Buffer.alloc(0);
  while (out.length < bytes) {
    a = hmac(a);
    out = Buffer.concat([out, hmac(Buffer.concat([a, seed]))]);
  }
  return out.subarray(0, bytes);
}
