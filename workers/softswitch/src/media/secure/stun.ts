/** STUN messages as ICE needs them (RFC 8489): Binding requests read and checked, their answers written. IPv4. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { crc32 } from 'node:zlib';

const HEADER_BYTES = 20;
const MAGIC = 0x2112_a442;
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const BINDING_ERROR = 0x0111;
const ATTRIBUTE = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  xorMappedAddress: 0x0020,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
  iceControlled: 0x8029,
} as const;
const INTEGRITY_BYTES = 24;
const FINGERPRINT_BYTES = 8;
const FINGERPRINT_XOR = 0x5354_554e;

/** A Binding request. */
export interface BindingRequest {
  readonly transactionId: Buffer;
  readonly username: string;
  readonly useCandidate: boolean;
  /** Says that it is the controlled side: with a lite agent, a conflict (RFC 8445 §7.3.1.1). */
  readonly controlled: boolean;
  /** The message up to MESSAGE-INTEGRITY, and that attribute's value; null when it has none. */
  readonly integrity: { readonly covered: Buffer; readonly value: Buffer } | null;
}

/** True for what the first byte says is STUN where RTP and DTLS come too (RFC 7983). */
export const isStun = (packet: Buffer): boolean => packet.length >= HEADER_BYTES && (packet[0] as number) < 4;

/** Reads a Binding request; null for anything else and for what does not add up. */
export function readBindingRequest(packet: Buffer): BindingRequest | null {
  if (!isStun(packet) || packet.readUInt16BE(0) !== BINDING_REQUEST || packet.readUInt32BE(4) !== MAGIC) return null;
  const end = HEADER_BYTES + packet.readUInt16BE(2);
  if (end !== packet.length || end % 4 !== 0) return null;
  const found = {
    username: '',
    useCandidate: false,
    controlled: false,
    integrity: null as BindingRequest['integrity'],
  };
  let at = HEADER_BYTES;
  while (at + 4 <= end) {
    const type = packet.readUInt16BE(at);
    const length = packet.readUInt16BE(at + 2);
    const value = packet.subarray(at + 4, at + 4 + length);
    if (at + 4 + length > end) return null;
    if (type === ATTRIBUTE.fingerprint) {
      const crc = (crc32(packet.subarray(0, at)) ^ FINGERPRINT_XOR) >>> 0;
      if (length !== 4 || value.readUInt32BE(0) !== crc) return null;
    } else if (found.integrity) {
      // what follows the integrity is not covered by it
    } else if (type === ATTRIBUTE.messageIntegrity) found.integrity = { covered: packet.subarray(0, at), value };
    else if (type === ATTRIBUTE.username) found.username = value.toString('utf8');
    else if (type === ATTRIBUTE.useCandidate) found.useCandidate = true;
    else if (type === ATTRIBUTE.iceControlled) found.controlled = true;
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  return { transactionId: packet.subarray(8, HEADER_BYTES), ...found };
}

/** HMAC-SHA1 of the message before MESSAGE-INTEGRITY, its length counted as if that attribute were the last (RFC 8489 §14.5). */
function integrityOf(covered: Buffer, password: string): Buffer {
  const copy = Buffer.from(covered);
  copy.writeUInt16BE(covered.length - HEADER_BYTES + INTEGRITY_BYTES, 2);
  return createHmac('sha1', password).update(copy).digest();
}

/** True when the request was made by somebody who knows the password. */
export function isAuthentic({ integrity }: BindingRequest, password: string): boolean {
  if (integrity?.value.length !== 20) return false;
  return timingSafeEqual(integrityOf(integrity.covered, password), integrity.value);
}

function attribute(type: number, value: Buffer): Buffer {
  const padded = Math.ceil(value.length / 4) * 4;
  const out = Buffer.alloc(4 + padded);
  out.writeUInt16BE(type, 0);
  out.writeUInt16BE(value.length, 2);
  value.copy(out, 4);
  return out;
}

function message(type: number, transactionId: Buffer, first: Buffer, password: string): Buffer {
  const head = Buffer.alloc(HEADER_BYTES);
  head.writeUInt16BE(type, 0);
  head.writeUInt32BE(MAGIC, 4);
  transactionId.copy(head, 8);
  const covered = Buffer.concat([head, first]);
  const signed = Buffer.concat([covered, attribute(ATTRIBUTE.messageIntegrity, integrityOf(covered, password))]);
  signed.writeUInt16BE(signed.length - HEADER_BYTES + FINGERPRINT_BYTES, 2);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE((crc32(signed) ^ FINGERPRINT_XOR) >>> 0);
  return Buffer.concat([signed, attribute(ATTRIBUTE.fingerprint, crc)]);
}

/** The answer that tells the asker the address it was seen at. */
export function bindingSuccess(
  { transactionId }: BindingRequest,
  password: string,
  address: string,
  port: number,
): Buffer {
  const mapped = Buffer.alloc(8);
  mapped[1] = 1;
  mapped.writeUInt16BE(port ^ (MAGIC >>> 16), 2);
  const octets = isIPv4(address) ? address.split('.').map(Number) : [0, 0, 0, 0];
  mapped.writeUInt32BE((Buffer.from(octets).readUInt32BE(0) ^ MAGIC) >>> 0, 4);
  return message(BINDING_SUCCESS, transactionId, attribute(ATTRIBUTE.xorMappedAddress, mapped), password);
}

/** 487 Role Conflict (RFC 8445 §7.3.1.1): a lite agent is always the controlled one. */
export function roleConflict({ transactionId }: BindingRequest, password: string): Buffer {
  const value = Buffer.concat([Buffer.from([0, 0, 4, 87]), Buffer.from('Role Conflict')]);
  return message(BINDING_ERROR, transactionId, attribute(ATTRIBUTE.errorCode, value), password);
}
