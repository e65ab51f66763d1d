/**
 * One stream of video: a pair of UDP ports whose packets go to a bridge partner as they came, numbers, times and sources untouched, so
 * that reports and requests for a new picture (RFC 4585) fit on the other side, too; opened and closed again where a side is protected. Alone it
 * is silent.
 */
import type { RemoteInfo } from 'node:dgram';
import { Latch } from './latch.ts';
import type { MediaClock } from './media-clock.ts';
import type { Traffic } from './media-core.ts';
import { newRtpHeader, type RtpHeader, readRtp } from './rtp-packet.ts';
import type { PortPair } from './rtp-ports.ts';
import { RelaySecurity } from './secure/relay-security.ts';
import type { VideoTarget } from './video-sdp.ts';

/** As much as a packet on an Ethernet carries. */
const MAX_PACKET = 1500;

/** Second bytes of RTCP on the port of RTP (RFC 5761 §4). */
const isReport = (packet: Buffer): boolean => {
  const type = packet[1] ?? 0;
  return type >= 192 && type <= 223;
};

export class VideoStream {
  readonly ports: PortPair;
  private readonly clock: MediaClock;
  private readonly traffic: Traffic;
  private readonly latch = new Latch();
  private readonly header: RtpHeader = newRtpHeader();
  private target: VideoTarget | null = null;
  private partner: VideoStream | null = null;
  /** Kept when it is not in force, too: its numbers must never begin anew. */
  private keys: RelaySecurity | null = null;
  private secure = false;
  private closed = false;

  constructor(ports: PortPair, clock: MediaClock, traffic: Traffic) {
    this.ports = ports;
    this.clock = clock;
    this.traffic = traffic;
    ports.rtp.on('message', this.onPacket);
    ports.rtcp.on('message', this.onReport);
  }

  /** Applies what SDP settled; null: there is no video any more. */
  setTarget(target: VideoTarget | null): void {
    this.target = target;
    if (!target) return;
    const { security } = target;
    this.secure = security !== null;
    if (security && !this.keys?.follow(security)) this.keys = new RelaySecurity(security);
    this.latch.signal(target.address, target.port);
  }

  /** Passes all that comes to `partner`; null ends it. */
  bridgeTo(partner: VideoStream | null): void {
    this.partner = partner;
  }

  private get security(): RelaySecurity | null {
    return this.secure ? this.keys : null;
  }

  close(): void {
    this.closed = true;
    this.partner = null;
    this.ports.rtp.off('message', this.onPacket);
    this.ports.rtcp.off('message', this.onReport);
  }

  private readonly onPacket = (received: Buffer, from: RemoteInfo): void => {
    const { target, header, security } = this;
    if (!target || received.length > MAX_PACKET) return;
    if (target.rtcpMux && isReport(received)) {
      this.onReport(received, from);
      return;
    }
    const packet = security ? security.open(received) : received;
    if (!packet || !readRtp(packet, header)) return;
    const format = target.formats.get(header.payloadType);
    if (format === undefined) return;
    if (!this.latch.accept(from.address, from.port, header.ssrc, this.clock.now())) return;
    this.traffic.received++;
    if (target.receive) this.partner?.forward(packet, header.payloadType, format);
  };

  /** A report is taken from where the packets come from. */
  private readonly onReport = (packet: Buffer, from: RemoteInfo): void => {
    if (!this.target || packet.length > MAX_PACKET || packet.length < 8 || (packet[0] as number) >> 6 !== 2) return;
    if (from.address !== this.latch.address) return;
    const report = this.security ? this.security.openReport(packet) : packet;
    if (report) this.partner?.forwardReport(report);
  };

  private forward(packet: Buffer, payload: number, format: string): void {
    const { target, latch } = this;
    if (this.closed || !target?.send || latch.port === 0) return;
    const own = numberOf(target.formats, payload, format);
    if (own === null) return;
    packet[1] = ((packet[1] as number) & 0x80) | own;
    const sent = this.security ? this.security.close(packet) : packet;
    if (!sent) return;
    this.traffic.sent++;
    this.ports.rtp.send(sent, 0, sent.length, latch.port, latch.address);
  }

  private forwardReport(report: Buffer): void {
    const { target, latch } = this;
    if (this.closed || !target || latch.port === 0 || latch.port > 65_534) return;
    const packet = this.security ? this.security.closeReport(report) : report;
    if (target.rtcpMux) this.ports.rtp.send(packet, 0, packet.length, latch.port, latch.address);
    else this.ports.rtcp.send(packet, 0, packet.length, latch.port + 1, latch.address);
  }
}

/** The number under which a far end has the format: the same one when it means the same, else its first of that name. */
function numberOf(formats: ReadonlyMap<number, string>, payload: number, format: string): number | null {
  if (formats.get(payload) === format) return payload;
  for (const [own, name] of formats) if (name === format) return own;
  return null;
}
