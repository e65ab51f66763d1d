/**
 * SRTP and SRTCP (RFC 3711) with AES-128 in counter mode and HMAC-SHA1, in place and light on allocation: this runs for every packet of a
 * secure leg. AES blocks come from one cipher kept per key, in ECB over the counters, since making a cipher per packet costs more than
 * encrypting one.
 */
import { type Cipheriv, createCipheriv, createHmac, timingSafeEqual } from 'node:crypto';

/** Protection profiles: those of SDES (RFC 4568 §6.2) and DTLS-SRTP (RFC 5764 §4.1.2), by their SDES names. */
export const PROFILES = {
  AES_CM_128_HMAC_SHA1_80: { tagBytes: 10, dtls: 1 },
  AES_CM_128_HMAC_SHA1_32: { tagBytes: 4, dtls: 2 },
} as const;

export type SrtpProfile = keyof typeof PROFILES;

/** Master key and salt of one direction. */
export interface MasterKey {
  /** 16 bytes. */
  readonly key: Buffer;
  /** 14 bytes. */
  readonly salt: Buffer;
}

export const KEY_BYTES = 16;
export const SALT_BYTES = 14;
/** Room a packet needs behind its end. */
export const MAX_TAG_BYTES = 10;

const HEADER_BYTES = 12;
const MAX_BLOCKS = 96;
/** SRTCP's tag has 80 bits in both profiles (RFC 3711 §5.2, RFC 4568 §6.2.2). */
const SRTCP_TAG_BYTES = 10;
/** Indices of packets seen are kept for this many (RFC 3711 §3.3.2 asks for 64 at least). */
const REPLAY_WINDOW = 64;
/** Remote sources with a rollover counter of their own at a time. */
const MAX_SOURCES = 4;

/** Keys of one direction and one protocol, derived from the master key (RFC 3711 §4.3). */
interface SessionKeys {
  readonly cipher: Cipheriv;
  readonly auth: Buffer;
  /** 14 bytes and two zeros. */
  readonly salt: Buffer;
}

function aes(key: Buffer): Cipheriv {
  const cipher = createCipheriv('aes-128-ecb', key, null);
  cipher.setAutoPadding(false);
  return cipher;
}

/** RFC 3711 §4.3.1 with a key derivation rate of 0: x = label, put into byte 7 of the salt. */
function derive({ key, salt }: MasterKey, label: number, bytes: number): Buffer {
  const cipher = aes(key);
  const out = Buffer.alloc(Math.ceil(bytes / 16) * 16);
  for (let block = 0; block * 16 < bytes; block++) {
    const input = Buffer.alloc(16);
    salt.copy(input);
    input[7] = (input[7] as number) ^ label;
    input.writeUInt16BE(block, 14);
    cipher.update(input).copy(out, block * 16);
  }
  return out.subarray(0, bytes);
}

function sessionKeys(master: MasterKey, firstLabel: number): SessionKeys {
  return {
    cipher: aes(derive(master, firstLabel, KEY_BYTES)),
    auth: derive(master, firstLabel + 1, 20),
    salt: Buffer.concat([derive(master, firstLabel + 2, SALT_BYTES), Buffer.alloc(2)]),
  };
}

const counters = Buffer.alloc(MAX_BLOCKS * 16);

/** XORs the key stream of (SSRC, index) over `packet[start, end)`; the index is `high`·2³² + `low`, 48 bits (RFC 3711 §4.1.1). */
function crypt(
  keys: SessionKeys,
  packet: Buffer,
  start: number,
  end: number,
  ssrc: number,
  high: number,
  low: number,
): void {
  const blocks = (end - start + 15) >> 4;
  if (blocks === 0) return;
  const { salt } = keys;
  for (let block = 0; block < blocks; block++) {
    const at = block * 16;
    salt.copy(counters, at);
    counters.writeUInt32BE((salt.readUInt32BE(4) ^ ssrc) >>> 0, at + 4);
    counters.writeUInt16BE(salt.readUInt16BE(8) ^ high, at + 8);
    counters.writeUInt32BE((salt.readUInt32BE(10) ^ low) >>> 0, at + 10);
    counters.writeUInt16BE(block, at + 14);
  }
  const stream = keys.cipher.update(counters.subarray(0, blocks * 16));
  for (let i = start; i < end; i++) packet[i] = (packet[i] as number) ^ (stream[i - start] as number);
}

const roc = Buffer.alloc(4);

function tagOf(keys: SessionKeys, packet: Buffer, length: number, rollover: number): Buffer {
  roc.writeUInt32BE(rollover >>> 0);
  return createHmac('sha1', keys.auth).update(packet.subarray(0, length)).update(roc).digest();
}

/** Where the payload begins: after CSRCs and header extension, which stay in clear. -1 when the lengths do not add up. */
function payloadStart(packet: Buffer, length: number): number {
  if (length < HEADER_BYTES) return -1;
  let start = HEADER_BYTES + ((packet[0] as number) & 0x0f) * 4;
  if ((packet[0] as number) & 0x10) {
    if (start + 4 > length) return -1;
    start += 4 + packet.readUInt16BE(start + 2) * 4;
  }
  return start <= length ? start : -1;
}

/** The sending direction of one stream with one SSRC. */
export class SrtpSender {
  readonly profile: SrtpProfile;
  private readonly rtp: SessionKeys;
  private readonly rtcp: SessionKeys;
  private readonly tagBytes: number;
  private rollover = 0;
  private lastSequence = -1;
  private rtcpIndex = 0;

  constructor(profile: SrtpProfile, master: MasterKey) {
    this.profile = profile;
    this.rtp = sessionKeys(master, 0);
    this.rtcp = sessionKeys(master, 3);
    this.tagBytes = PROFILES[profile].tagBytes;
  }

  /** Protects `packet[0, length)` in place; the buffer must have MAX_TAG_BYTES of room behind. Answers the new length, 0 = send nothing. */
  protect(packet: Buffer, length: number): number {
    const start = payloadStart(packet, length);
    if (start < 0 || length - start > MAX_BLOCKS * 16) return 0;
    const sequence = packet.readUInt16BE(2);
    const rollover = this.rolloverOf(sequence);
    crypt(
      this.rtp,
      packet,
      start,
      length,
      packet.readUInt32BE(8),
      rollover >>> 16,
      ((rollover << 16) | sequence) >>> 0,
    );
    tagOf(this.rtp, packet, length, rollover).copy(packet, length, 0, this.tagBytes);
    return length + this.tagBytes;
  }

  /** A protected copy of a compound RTCP packet (RFC 3711 §3.4). */
  protectRtcp(packet: Buffer): Buffer {
    this.rtcpIndex = (this.rtcpIndex + 1) & 0x7fff_ffff;
    const out = Buffer.alloc(packet.length + 4 + SRTCP_TAG_BYTES);
    packet.copy(out);
    crypt(this.rtcp, out, 8, packet.length, packet.readUInt32BE(4), 0, this.rtcpIndex);
    out.writeUInt32BE((0x8000_0000 | this.rtcpIndex) >>> 0, packet.length);
    const tag = createHmac('sha1', this.rtcp.auth)
      .update(out.subarray(0, packet.length + 4))
      .digest();
    tag.copy(out, packet.length + 4, 0, SRTCP_TAG_BYTES);
    return out;
  }

  /** Packets of a bridge partner may leave out of order, also across the wrap. */
  private rolloverOf(sequence: number): number {
    const last = this.lastSequence;
    if (last < 0) {
      this.lastSequence = sequence;
      return 0;
    }
    const step = ((sequence - last) << 16) >> 16;
    if (step <= 0) return sequence > last ? Math.max(0, this.rollover - 1) : this.rollover;
    if (sequence < last) this.rollover = (this.rollover + 1) >>> 0;
    this.lastSequence = sequence;
    return this.rollover;
  }
}

/** What is known of one remote SSRC. */
interface Source {
  rollover: number;
  highest: number;
  /** Bit n = the packet n before the highest was seen. */
  seenLow: number;
  seenHigh: number;
}

/** The receiving direction: checks, refuses repeats, decrypts. */
export class SrtpReceiver {
  private readonly keys: SessionKeys;
  private readonly tagBytes: number;
  private readonly sources = new Map<number, Source>();

  constructor(profile: SrtpProfile, master: MasterKey) {
    this.keys = sessionKeys(master, 0);
    this.tagBytes = PROFILES[profile].tagBytes;
  }

  /** Decrypts in place; answers the length without the tag, or -1: forged, repeated, too old or no RTP. */
  unprotect(packet: Buffer): number {
    const length = packet.length - this.tagBytes;
    const start = payloadStart(packet, length);
    if (start < 0 || length - start > MAX_BLOCKS * 16) return -1;
    const sequence = packet.readUInt16BE(2);
    const ssrc = packet.readUInt32BE(8);
    const known = this.sources.get(ssrc);
    const rollover = known ? guessRollover(known, sequence) : 0;
    if (rollover < 0 || (known && wasSeen(known, rollover, sequence))) return -1;
    const tag = tagOf(this.keys, packet, length, rollover).subarray(0, this.tagBytes);
    if (!timingSafeEqual(tag, packet.subarray(length))) return -1;
    note(known ?? this.remember(ssrc, sequence), rollover, sequence);
    crypt(this.keys, packet, start, length, ssrc, rollover >>> 16, ((rollover << 16) | sequence) >>> 0);
    return length;
  }

  private remember(ssrc: number, sequence: number): Source {
    if (this.sources.size >= MAX_SOURCES) this.sources.delete(this.sources.keys().next().value as number);
    const source = { rollover: 0, highest: sequence, seenLow: 0, seenHigh: 0 };
    this.sources.set(ssrc, source);
    return source;
  }
}

/** RFC 3711 §3.3.1: the rollover counter that puts the packet nearest to the highest seen; -1 before the first turn. */
function guessRollover({ rollover, highest }: Source, sequence: number): number {
  if (highest < 0x8000) return sequence - highest > 0x8000 ? rollover - 1 : rollover;
  return highest - 0x8000 > sequence ? rollover + 1 : rollover;
}

const distanceOf = (source: Source, rollover: number, sequence: number): number =>
  (rollover - source.rollover) * 65_536 + sequence - source.highest;

function wasSeen(source: Source, rollover: number, sequence: number): boolean {
  const behind = -distanceOf(source, rollover, sequence);
  if (behind < 0) return false;
  if (behind >= REPLAY_WINDOW) return true;
  return ((behind < 32 ? source.seenLow >>> behind : source.seenHigh >>> (behind - 32)) & 1) === 1;
}

function note(source: Source, rollover: number, sequence: number): void {
  const ahead = distanceOf(source, rollover, sequence);
  if (ahead <= 0) {
    const behind = -ahead;
    if (behind < 32) source.seenLow |= 1 << behind;
    else source.seenHigh |= 1 << (behind - 32);
    return;
  }
  for (let step = Math.min(ahead, REPLAY_WINDOW); step > 0; step--) {
    source.seenHigh = (source.seenHigh << 1) | (source.seenLow >>> 31);
    source.seenLow <<= 1;
  }
  source.seenLow |= 1;
  source.rollover = rollover;
  source.highest = sequence;
}

/** Reports of the far end (RFC 3711 §3.4): checked and decrypted. Each source counts its own. */
export class SrtcpReceiver {
  private readonly keys: SessionKeys;
  /** Highest index by source. */
  private readonly seen = new Map<number, number>();

  constructor(master: MasterKey) {
    this.keys = sessionKeys(master, 3);
  }

  /** Decrypts in place; the length of the report, or -1: forged, repeated or no report. */
  unprotect(packet: Buffer): number {
    const signed = packet.length - SRTCP_TAG_BYTES;
    const length = signed - 4;
    if (length < 8 || length > MAX_BLOCKS * 16) return -1;
    const tag = createHmac('sha1', this.keys.auth).update(packet.subarray(0, signed)).digest();
    if (!timingSafeEqual(tag.subarray(0, SRTCP_TAG_BYTES), packet.subarray(signed))) return -1;
    const word = packet.readUInt32BE(length);
    const index = word & 0x7fff_ffff;
    const ssrc = packet.readUInt32BE(4);
    if (index <= (this.seen.get(ssrc) ?? -1)) return -1;
    if (!this.seen.has(ssrc) && this.seen.size >= MAX_SOURCES)
      this.seen.delete(this.seen.keys().next().value as number);
    this.seen.set(ssrc, index);
    if (word >>> 31 === 1) crypt(this.keys, packet, 8, length, ssrc, 0, index);
    return length;
  }
}
