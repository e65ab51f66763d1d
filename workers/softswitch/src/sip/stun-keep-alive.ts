/** STUN on the port of SIP: how phones keep their way through a NAT open over UDP and learn that it is (RFC 5626 §4.4.2, §8). */
import { isIPv4 } from 'node:net';

const COOKIE = 0x2112a442;
const HEADER_BYTES = 20;
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const XOR_MAPPED_ADDRESS = 0x0020;

/** True for a datagram that is STUN, not SIP: its first two bits are zero, and the cookie is there (RFC 8489 §5). */
export const isStun = (packet: Buffer): boolean =>
  packet.length >= HEADER_BYTES && (packet[0] as number) < 0x40 && packet.readUInt32BE(4) === COOKIE;

/** The answer to a Binding request: where it came from. Null for anything else, which is not answered. IPv4. */
export function stunAnswer(packet: Buffer, address: string, port: number): Buffer | null {
  const whole = packet.readUInt16BE(2) + HEADER_BYTES === packet.length;
  if (packet.readUInt16BE(0) !== BINDING_REQUEST || !whole || !isIPv4(address)) return null;
  const answer = Buffer.alloc(HEADER_BYTES + 12);
  answer.writeUInt16BE(BINDING_SUCCESS, 0);
  answer.writeUInt16BE(12, 2);
  packet.copy(answer, 4, 4, HEADER_BYTES);
  answer.writeUInt16BE(XOR_MAPPED_ADDRESS, HEADER_BYTES);
  answer.writeUInt16BE(8, HEADER_BYTES + 2);
  answer.writeUInt16BE(1, HEADER_BYTES + 4);
  answer.writeUInt16BE(port ^ (COOKIE >>> 16), HEADER_BYTES + 6);
  const numeric = address.split('.').reduce((value, part) => value * 256 + Number(part), 0);
  answer.writeUInt32BE((numeric ^ COOKIE) >>> 0, HEADER_BYTES + 8);
  return answer;
}
