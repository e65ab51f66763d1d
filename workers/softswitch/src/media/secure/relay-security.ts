/**
 * Protection of a stream that is passed on with its sources as they are (SDES): the far end's packets are opened, the partner's closed with our
 * key. Every source has a sender of its own, since one key must never meet the same source and number twice (RFC 3711 §9.1).
 */
import type { SecurityTerms } from './leg-security.ts';
import { MAX_TAG_BYTES, SrtcpReceiver, SrtpReceiver, SrtpSender } from './srtp.ts';

export type SdesTerms = Extract<SecurityTerms, { kind: 'sdes' }>;

/** Sources passed on in the life of a stream; more are none of an honest camera's. */
const MAX_SENT_SOURCES = 32;

export class RelaySecurity {
  private readonly terms: SdesTerms;
  private readonly senders = new Map<number, SrtpSender>();
  private readonly reports: SrtpSender;
  private receiver: SrtpReceiver;
  private reportsIn: SrtcpReceiver;

  constructor(terms: SdesTerms) {
    this.terms = terms;
    this.reports = new SrtpSender(terms.profile, terms.send);
    this.receiver = new SrtpReceiver(terms.profile, terms.receive);
    this.reportsIn = new SrtcpReceiver(terms.receive);
  }

  /** Whether it goes on under these terms: with the same key of ours it must, so that no number is used twice. */
  follow(terms: SdesTerms): boolean {
    const { profile, send, receive } = this.terms;
    if (profile !== terms.profile || !send.key.equals(terms.send.key)) return false;
    if (!receive.key.equals(terms.receive.key) || !receive.salt.equals(terms.receive.salt)) {
      this.receiver = new SrtpReceiver(profile, terms.receive);
      this.reportsIn = new SrtcpReceiver(terms.receive);
    }
    return true;
  }

  /** The far end's packet, opened in place; null when it is not from it. */
  open(packet: Buffer): Buffer | null {
    const length = this.receiver.unprotect(packet);
    return length < 0 ? null : packet.subarray(0, length);
  }

  openReport(packet: Buffer): Buffer | null {
    const length = this.reportsIn.unprotect(packet);
    return length < 0 ? null : packet.subarray(0, length);
  }

  /** A closed copy; null when it cannot be sent. */
  close(packet: Buffer): Buffer | null {
    const ssrc = packet.readUInt32BE(8);
    let sender = this.senders.get(ssrc);
    if (!sender) {
      if (this.senders.size >= MAX_SENT_SOURCES) return null;
      sender = new SrtpSender(this.terms.profile, this.terms.send);
      this.senders.set(ssrc, sender);
    }
    const copy = Buffer.allocUnsafe(packet.length + MAX_TAG_BYTES);
    packet.copy(copy);
    const length = sender.protect(copy, packet.length);
    return length === 0 ? null : copy.subarray(0, length);
  }

  closeReport(report: Buffer): Buffer {
    return this.reports.protectRtcp(report);
  }
}
