/** Keys in SDP (RFC 4568): `a=crypto:<tag> <suite> inline:<key and salt>`. */
import { randomBytes } from 'node:crypto';
import { KEY_BYTES, type MasterKey, PROFILES, SALT_BYTES, type SrtpProfile } from './srtp.ts';

/** A crypto attribute as sdp-transform reads and writes it. */
export interface CryptoAttribute {
  readonly id: number;
  readonly suite: string;
  readonly config: string;
  readonly sessionConfig?: string;
}

/** One that we can use. */
export interface OfferedKey {
  readonly tag: number;
  readonly profile: SrtpProfile;
  readonly key: MasterKey;
}

/** Session parameters that change what goes over the wire; without them understood the line is none of ours (RFC 4568 §6.3). */
const HARMLESS = /^(?:WSH=\d+|KDR=0)$/i;

/** The first line we can use, in the offerer's order; null when there is none. */
export function chooseKey(lines: readonly CryptoAttribute[]): OfferedKey | null {
  for (const { id, suite, config, sessionConfig } of lines) {
    if (!Object.hasOwn(PROFILES, suite)) continue;
    if (
      sessionConfig &&
      !sessionConfig
        .trim()
        .split(/\s+/)
        .every((each) => HARMLESS.test(each))
    )
      continue;
    // a lifetime may follow; a master key identifier would stand in every packet, and there is none in ours
    const inline = /^inline:([A-Za-z0-9+/]+=*)(?:\|(?:2\^)?\d+)?$/.exec(config.trim());
    const bytes = inline ? Buffer.from(inline[1] as string, 'base64') : null;
    if (bytes?.length !== KEY_BYTES + SALT_BYTES) continue;
    const key = { key: bytes.subarray(0, KEY_BYTES), salt: bytes.subarray(KEY_BYTES) };
    return { tag: id, profile: suite as SrtpProfile, key };
  }
  return null;
}

/** A fresh key. */
export function newMasterKey(): MasterKey {
  return { key: randomBytes(KEY_BYTES), salt: randomBytes(SALT_BYTES) };
}

/** The line that tells the far end what we send with. */
export function cryptoLine(tag: number, profile: SrtpProfile, { key, salt }: MasterKey): CryptoAttribute {
  return { id: tag, suite: profile, config: `inline:${Buffer.concat([key, salt]).toString('base64')}` };
}
