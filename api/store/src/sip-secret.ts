/** SIP log-in passwords: made at random, kept sealed with the digests that telephony checks (design §5; RFC 8760 §2.3). */
import { createHash, randomInt } from 'node:crypto';
import type { Keyring, SealContext } from './crypto.ts';
import type { EncryptedSipSecret } from './queries/devices.ts';

/** Realm of every log-in: one for the installation, so that a log-in is valid under any host name that points here. */
export const SIP_REALM = 'callwright';

/** Contexts in which the three columns of `sip_login` are sealed. */
export const SIP_SEALS = {
  secret: (companyId: string): SealContext => ({ owner: companyId, purpose: 'sip-secret' }),
  ha1Md5: (companyId: string): SealContext => ({ owner: companyId, purpose: 'sip-ha1-md5' }),
  ha1Sha256: (companyId: string): SealContext => ({ owner: companyId, purpose: 'sip-ha1-sha256' }),
} as const;

/** Letters and digits that are not mistaken for one another. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const SECRET_LENGTH = 20;

/** 116 random bits as 20 letters and digits: typed on a phone once, never guessed. */
export function randomSipSecret(): string {
  return Array.from({ length: SECRET_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

/** Seals a password with its HA1 digests (lower-case hex, over `username:realm:password`). */
export function sealSipSecret(
  keyring: Keyring,
  companyId: string,
  login: { username: string; realm: string; secret: string },
): EncryptedSipSecret {
  const a1 = `${login.username}:${login.realm}:${login.secret}`;
  const digest = (algorithm: string): string => createHash(algorithm).update(a1).digest('hex');
  return {
    secretEnc: keyring.seal(SIP_SEALS.secret(companyId), login.secret),
    ha1Md5Enc: keyring.seal(SIP_SEALS.ha1Md5(companyId), digest('md5')),
    ha1Sha256Enc: keyring.seal(SIP_SEALS.ha1Sha256(companyId), digest('sha256')),
  };
}
