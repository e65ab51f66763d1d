/**
 * The protection of one stream at work: checks and handshakes that come to its port are answered here, its packets are protected and
 * unprotected. Nothing is sent and nothing heard before the keys are there.
 */
import type { RemoteInfo } from 'node:dgram';
import type { DtlsAssociation, DtlsEngine } from './dtls.ts';
import { answerCheck } from './ice-lite.ts';
import type { SecurityTerms, StreamTerms } from './leg-security.ts';
import { type MasterKey, SrtpReceiver, SrtpSender } from './srtp.ts';
import { isStun } from './stun.ts';

/** What it needs of the stream's socket. */
export interface StreamWire {
  send(bytes: Uint8Array, port: number, address: string): void;
  /** The far end is there: checks settled it. */
  reach(address: string, port: number): void;
}

interface Handshake {
  readonly association: DtlsAssociation;
  readonly key: string;
  /** What it said before anybody knew where to; a handshake's first flight is small. */
  waiting: Uint8Array[];
}

const MAX_WAITING = 4;
const MAX_CHECKED = 16;

const placeOf = ({ address, port }: { readonly address: string; readonly port: number }): string =>
  `${address}|${port}`;

/** What came before SDP told whose it is: a called phone begins its handshake with its 200. */
interface Early {
  readonly packet: Buffer;
  readonly from: RemoteInfo;
}

export class StreamSecurity {
  private readonly wire: StreamWire;
  private readonly engine: DtlsEngine | null;
  private terms: StreamTerms = { security: null, ice: null, rtcpMux: false };
  private sender: SrtpSender | null = null;
  private receiver: SrtpReceiver | null = null;
  private keyed = '';
  private handshake: Handshake | null = null;
  private early: Early[] = [];
  /** Places from which checks of the far end have come. */
  private readonly checked = new Set<string>();
  private address = '';
  private port = 0;

  constructor(wire: StreamWire, engine: DtlsEngine | null) {
    this.wire = wire;
    this.engine = engine;
  }

  /** True when packets must be protected. */
  get secure(): boolean {
    return this.terms.security !== null;
  }

  get rtcpMux(): boolean {
    return this.terms.rtcpMux;
  }

  /** Takes what SDP settled, `address` and `port` being where SDP says the far end is. What has not changed goes on. */
  apply(terms: StreamTerms, address: string, port: number): void {
    this.terms = terms;
    if (!terms.ice && port > 0) this.moved(address, port);
    const { security } = terms;
    if (security?.kind === 'sdes') {
      this.endHandshake();
      this.useKeys(security.profile, security.send, security.receive);
    } else if (security?.kind === 'dtls') this.begin(security);
    else {
      this.endHandshake();
      this.sender = null;
      this.receiver = null;
      this.keyed = '';
    }
  }

  /** Takes checks and handshakes; false when the packet is something else. */
  takes(packet: Buffer, from: RemoteInfo): boolean {
    if (isStun(packet)) {
      const answer = this.terms.ice && answerCheck(this.terms.ice, packet, from.address, from.port);
      if (!answer) return true;
      this.wire.send(answer.reply, from.port, from.address);
      if (this.checked.size < MAX_CHECKED) this.checked.add(placeOf(from));
      if (!answer.nominated) return true;
      this.wire.reach(from.address, from.port);
      this.moved(from.address, from.port);
      return true;
    }
    const first = packet[0] as number;
    if (first < 20 || first > 63) return false;
    // handshakes cost the worker time: only the far end is listened to
    if (this.terms.ice ? !this.checked.has(placeOf(from)) : this.sender && placeOf(from) !== this.place) return true;
    if (!this.handshake) {
      if (this.early.length < MAX_WAITING) this.early.push({ packet, from });
      return true;
    }
    // without checks, the far end is where its handshake comes from: behind a NAT its SDP does not know
    if (!this.terms.ice && !this.sender) this.moved(from.address, from.port);
    this.handshake.association.receive(packet);
    return true;
  }

  /** Protects in place; the new length, 0 = do not send. */
  protect(packet: Buffer, length: number): number {
    return this.sender ? this.sender.protect(packet, length) : 0;
  }

  /** Unprotects in place; the new length, -1 = not from the far end. */
  unprotect(packet: Buffer): number {
    return this.receiver ? this.receiver.unprotect(packet) : -1;
  }

  /** The report as it may be sent; null while there are no keys. */
  protectReport(report: Buffer): Buffer | null {
    if (!this.secure) return report;
    return this.sender ? this.sender.protectRtcp(report) : null;
  }

  close(): void {
    this.early = [];
    this.endHandshake();
  }

  private begin({ role, remote }: Extract<SecurityTerms, { kind: 'dtls' }>): void {
    const key = `${role}|${remote.hash}`;
    if (this.handshake?.key === key || !this.engine) return;
    this.endHandshake();
    this.sender = null;
    this.receiver = null;
    const association = this.engine.open(role, remote, {
      onPacket: (bytes) => this.sendHandshake(bytes),
      onKeys: ({ profile, send, receive }) => this.useKeys(profile, send, receive),
    });
    this.handshake = { association, key, waiting: [] };
    for (const { packet, from } of this.early.splice(0)) this.takes(packet, from);
  }

  private sendHandshake(bytes: Uint8Array): void {
    if (this.port > 0) this.wire.send(bytes, this.port, this.address);
    else if (this.handshake && this.handshake.waiting.length < MAX_WAITING) this.handshake.waiting.push(bytes);
  }

  private get place(): string {
    return placeOf({ address: this.address, port: this.port });
  }

  private moved(address: string, port: number): void {
    this.address = address;
    this.port = port;
    for (const bytes of this.handshake?.waiting.splice(0) ?? []) this.wire.send(bytes, port, address);
  }

  /** The same keys again, as a re-INVITE repeats them, go on counting. */
  private useKeys(profile: SrtpSender['profile'], send: MasterKey, receive: MasterKey): void {
    const keyed = [profile, send.key.toString('hex'), receive.key.toString('hex'), receive.salt.toString('hex')].join();
    if (keyed === this.keyed) return;
    const [before, now] = [this.keyed.split(','), keyed.split(',')];
    if (!this.sender || before[0] !== now[0] || before[1] !== now[1]) this.sender = new SrtpSender(profile, send);
    this.receiver = new SrtpReceiver(profile, receive);
    this.keyed = keyed;
  }

  private endHandshake(): void {
    this.handshake?.association.close();
    this.handshake = null;
  }
}
