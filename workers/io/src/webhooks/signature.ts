/** Signatures of webhooks: HMAC-SHA256 (RFC 2104) over time and body, one for each secret in use. */
import { createHmac, timingSafeEqual } from 'node:crypto';

export const SIGNATURE_HEADER = 'callwright-signature';
/** Receivers refuse what was signed longer ago, or further ahead, than this. */
export const REPLAY_WINDOW_SECONDS = 300;

const sign = (body: string, secret: string, seconds: number): string =>
  createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');

/** `t=<unix seconds>,v1=<hex>[,v1=<hex>…]`. */
export function signatureOf(body: string, secrets: readonly string[], at: number): string {
  const seconds = Math.floor(at / 1000);
  return [`t=${seconds}`, ...secrets.map((secret) => `v1=${sign(body, secret, seconds)}`)].join(',');
}

/** What a receiver does: any of the signatures fits the secret, and the time is near `at` (epoch ms). */
export function isSignedBy(header: string, body: string, secret: string, at: number): boolean {
  const parts = header.split(',').map((part) => part.trim().split('=') as [string, string | undefined]);
  const seconds = Number(parts.find(([name]) => name === 't')?.[1]);
  if (!Number.isInteger(seconds) || Math.abs(at / 1000 - seconds) > REPLAY_WINDOW_SECONDS) return false;
  const expected = Buffer.from(sign(body, secret, seconds));
  return parts.some(([name, value = '']) => {
    const given = Buffer.from(value);
    return name === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}
