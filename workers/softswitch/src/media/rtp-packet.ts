/** RTP header (RFC 3550 §5.1) read and written in place. */

/** Bytes of a header without CSRC and extension, as we send it. */
export const RTP_HEADER_BYTES = 12;

/** What a received header says; one object is reused for all packets. */
export interface RtpHeader {
  payloadType: number;
  marker: boolean;
  sequence: number;
  timestamp: number;
  ssrc: number;
  /** Where the payload begins and ends in the packet. */
  payloadStart: number;
  payloadEnd: number;
}

/** An empty header for `readRtp` to fill. */
export function newRtpHeader(): RtpHeader {
  return { payloadType: 0, marker: false, sequence: 0, timestamp: 0, ssrc: 0, payloadStart: 0, payloadEnd: 0 };
}

/** Reads `packet[0, length)` into `header`; false when it is not RTP version 2 or its lengths do not add up. */
export function readRtp(packet: Buffer, header: RtpHeader, length = packet.length): boolean {
  if (length < RTP_HEADER_BYTES) return false;
  const first = packet[0] as number;
  if (first >> 6 !== 2) return false;
  const second = packet[1] as number;
  let start = RTP_HEADER_BYTES + (first & 0x0f) * 4;
  if (first & 0x10) {
    if (start + 4 > length) return false;
    start += 4 + packet.readUInt16BE(start + 2) * 4;
  }
  let end = length;
  if (first & 0x20) end -= packet[length - 1] as number;
  if (start > end) return false;
  header.payloadType = second & 0x7f;
  header.marker = (second & 0x80) !== 0;
  header.sequence = packet.readUInt16BE(2);
  header.timestamp = packet.readUInt32BE(4);
  header.ssrc = packet.readUInt32BE(8);
  header.payloadStart = start;
  header.payloadEnd = end;
  return true;
}

/** Writes a 12-byte header at the start of `packet`. */
export function writeRtp(
  packet: Buffer,
  payloadType: number,
  marker: boolean,
  sequence: number,
  timestamp: number,
  ssrc: number,
): void {
  packet[0] = 0x80;
  packet[1] = (marker ? 0x80 : 0) | payloadType;
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE(timestamp >>> 0, 4);
  packet.writeUInt32BE(ssrc >>> 0, 8);
}

/** Signed distance of two 16-bit sequence numbers: how far `a` is after `b`. */
export function sequenceDistance(a: number, b: number): number {
  return ((a - b) << 16) >> 16;
}
