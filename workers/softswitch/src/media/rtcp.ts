/** RTCP, the minimum that RFC 3550 asks: sender or receiver reports with SDES CNAME, sent every five seconds. */
import type { RtpStream } from './rtp-stream.ts';

/** Distance of two reports of a stream. */
export const RTCP_INTERVAL_MS = 5000;

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
/** Seconds from 1900 (NTP) to 1970. */
const NTP_EPOCH = 2_208_988_800;

/** Builds the compound packet for a stream; `cname` is stable for the server. */
export function buildReport(stream: RtpStream, cname: string, nowMs: number, wallMs: number): Buffer {
  const sends = stream.packetsSent > 0;
  const blocks = stream.reception.packets > 0 ? 1 : 0;
  const headBytes = sends ? 28 : 8;
  const name = Buffer.from(cname, 'latin1').subarray(0, 255);
  // Chunk: SSRC, CNAME item, at least one zero byte up to a 32-bit boundary.
  const chunkBytes = Math.ceil((4 + 2 + name.length + 1) / 4) * 4;
  const reportBytes = headBytes + blocks * 24;
  const packet = Buffer.alloc(reportBytes + 4 + chunkBytes);
  writeHead(packet, 0, blocks, sends ? SENDER_REPORT : RECEIVER_REPORT, reportBytes);
  packet.writeUInt32BE(stream.ssrc, 4);
  if (sends) {
    const seconds = wallMs / 1000 + NTP_EPOCH;
    packet.writeUInt32BE(Math.floor(seconds) >>> 0, 8);
    packet.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32) >>> 0, 12);
    packet.writeUInt32BE(stream.timestampNow(nowMs), 16);
    packet.writeUInt32BE(stream.packetsSent >>> 0, 20);
    packet.writeUInt32BE(stream.bytesSent >>> 0, 24);
  }
  if (blocks > 0) stream.reception.writeReport(packet, headBytes);
  writeHead(packet, reportBytes, 1, SOURCE_DESCRIPTION, 4 + chunkBytes);
  packet.writeUInt32BE(stream.ssrc, reportBytes + 4);
  packet[reportBytes + 8] = 1;
  packet[reportBytes + 9] = name.length;
  name.copy(packet, reportBytes + 10);
  return packet;
}

function writeHead(packet: Buffer, at: number, count: number, type: number, bytes: number): void {
  packet[at] = 0x80 | count;
  packet[at + 1] = type;
  packet.writeUInt16BE(bytes / 4 - 1, at + 2);
}
