/**
 * One audio stream: a UDP port, what it plays, what it hears.
 *
 * Outgoing audio comes from one place at a time: a source (prompt), a mixer, or a bridge partner. Keys to be sent go before
 * audio. SSRC and sequence numbers run on over prompts, the timestamp advances with time, the marker bit begins a talkspurt.
 */
import { randomBytes } from 'node:crypto';
import type { RemoteInfo } from 'node:dgram';
import { type CodecName, decodeFrame, encodeFrame, STATIC_PAYLOAD, TRANSCODE } from './g711.ts';
import { Latch } from './latch.ts';
import type { MediaClock } from './media-clock.ts';
import type { Traffic } from './media-core.ts';
import { Reception } from './reception.ts';
import { newRtpHeader, RTP_HEADER_BYTES, type RtpHeader, readRtp, sequenceDistance, writeRtp } from './rtp-packet.ts';
import type { PortPair } from './rtp-ports.ts';
import { FRAME_SAMPLES, SAMPLE_RATE, type Source } from './source.ts';
import { KeyReceiver, KeySender, type ReceivedKey } from './telephone-event.ts';

/** What SDP settled for a stream. */
export interface StreamTarget {
  readonly address: string;
  readonly port: number;
  readonly codec: CodecName;
  /** Payload type of telephone-event towards the far end; null = it has none. */
  readonly keyPayload: number | null;
  /** Payload type the far end uses for telephone-event towards us. */
  readonly receivedKeyPayload: number | null;
  /** False while the far end holds us (sendonly or inactive on its side). */
  readonly send: boolean;
  readonly receive: boolean;
}

/** What a stream tells its owner. */
export interface StreamListener {
  onKey(key: ReceivedKey, ssrc: number): void;
}

/** Takes decoded 20 ms frames of what the far end says; `pcm` is reused after the call. */
export type AudioTap = (pcm: Int16Array, count: number) => void;

const RING = 8;
const MAX_PAYLOAD = 1024;
/** A pause longer than this begins a new talkspurt: marker bit, timestamp by elapsed time. */
const TALKSPURT_GAP_MS = 40;

export class RtpStream {
  readonly ports: PortPair;
  readonly ssrc = randomBytes(4).readUInt32BE();
  readonly latch = new Latch();
  readonly reception = new Reception();
  packetsSent = 0;
  bytesSent = 0;
  /** True while nothing the far end says shall be heard (set_mute read). */
  muted = false;
  target: StreamTarget | null = null;
  private readonly clock: MediaClock;
  private readonly traffic: Traffic;
  private readonly listener: StreamListener;
  private readonly ring = Array.from({ length: RING }, () => Buffer.alloc(RTP_HEADER_BYTES + MAX_PAYLOAD));
  private readonly header: RtpHeader = newRtpHeader();
  private readonly frame = new Int16Array(FRAME_SAMPLES);
  private readonly heard = new Int16Array(MAX_PAYLOAD);
  private readonly taps = new Set<AudioTap>();
  private readonly sentTaps = new Set<AudioTap>();
  private readonly keysOut = new KeySender();
  private keysIn = new KeyReceiver();
  private source: Source | null = null;
  private onSourceEnd: (() => void) | null = null;
  private leaveClock: (() => void) | null = null;
  private partner: RtpStream | null = null;
  private forwardSsrc = -1;
  private forwardSequence = 0;
  private forwardTimestamp = 0;
  private slot = 0;
  private sequence = randomBytes(2).readUInt16BE();
  private readonly originTimestamp = randomBytes(4).readUInt32BE();
  private readonly originMs: number;
  private timestamp = this.originTimestamp;
  private eventTimestamp = 0;
  private lastSentMs = 0;
  private closed = false;

  constructor(ports: PortPair, clock: MediaClock, traffic: Traffic, listener: StreamListener) {
    this.ports = ports;
    this.clock = clock;
    this.traffic = traffic;
    this.listener = listener;
    this.originMs = clock.now();
    ports.rtp.on('message', this.onPacket);
  }

  /** Applies what SDP settled; may come again with a re-INVITE. */
  setTarget(target: StreamTarget): void {
    this.target = target;
    this.latch.signal(target.address, target.port);
  }

  /** Plays a source; the one before it is dropped without its `onEnd`. The first packet leaves before this returns. */
  play(source: Source, onEnd: () => void): void {
    this.source = source;
    this.onSourceEnd = onEnd;
    // A bridge partner's packets are numbered anew after a prompt has been played over them.
    this.forwardSsrc = -1;
    const nowMs = this.clock.now();
    if (!this.leaveClock) this.tick(nowMs);
    this.run();
  }

  /** Stops the source; its `onEnd` is not called. */
  stopPlaying(): void {
    this.source = null;
    this.onSourceEnd = null;
    this.rest();
  }

  /** Sends one frame of a mixer now. */
  sendFrame(pcm: Int16Array, nowMs: number): void {
    const codec = this.target?.codec;
    if (codec === undefined || this.keysOut.busy) return;
    encodeFrame(codec, pcm, FRAME_SAMPLES, this.ring[this.slot] as Buffer, RTP_HEADER_BYTES);
    this.sendAudio(codec, FRAME_SAMPLES, nowMs);
  }

  /** Queues a key towards the far end; false when it takes none or the character is no key. Duration in samples. */
  sendKey(key: string, duration: number): boolean {
    if (this.target?.keyPayload == null || !this.keysOut.push(key, duration)) return false;
    this.run();
    return true;
  }

  /** Forwards all that is heard here to `partner` at once; null ends it. */
  bridgeTo(partner: RtpStream | null): void {
    this.partner = partner;
    this.forwardSsrc = -1;
  }

  addTap(tap: AudioTap): void {
    this.taps.add(tap);
  }

  removeTap(tap: AudioTap): void {
    this.taps.delete(tap);
  }

  /** Frames this stream sends, whatever they come from. */
  addSentTap(tap: AudioTap): void {
    this.sentTaps.add(tap);
  }

  removeSentTap(tap: AudioTap): void {
    this.sentTaps.delete(tap);
  }

  /** To be called every few frames: reports a key whose end packets were lost. */
  expireKeys(): void {
    const key = this.keysIn.expire(this.clock.now());
    if (key) this.listener.onKey(key, this.reception.ssrc);
  }

  /** RTP timestamp that belongs to now, for RTCP. */
  timestampNow(nowMs: number): number {
    return (this.originTimestamp + Math.round(((nowMs - this.originMs) * SAMPLE_RATE) / 1000)) >>> 0;
  }

  close(): void {
    this.closed = true;
    this.stopPlaying();
    this.keysOut.clear();
    this.rest();
    this.partner = null;
    this.taps.clear();
    this.sentTaps.clear();
    this.ports.rtp.off('message', this.onPacket);
  }

  private run(): void {
    if (!this.leaveClock && !this.closed) this.leaveClock = this.clock.join(this.tick);
  }

  private rest(): void {
    if (this.source || this.keysOut.busy) return;
    this.leaveClock?.();
    this.leaveClock = null;
  }

  private readonly tick = (nowMs: number): void => {
    if (this.keysOut.busy) this.sendKeyPacket(nowMs);
    else if (this.source) this.playFrame(nowMs);
    else this.rest();
  };

  private playFrame(nowMs: number): void {
    while (this.source) {
      const count = this.source.read(this.frame);
      if (count > 0) {
        const codec = this.target?.codec;
        if (codec === undefined) return;
        this.frame.fill(0, count);
        encodeFrame(codec, this.frame, FRAME_SAMPLES, this.ring[this.slot] as Buffer, RTP_HEADER_BYTES);
        this.sendAudio(codec, FRAME_SAMPLES, nowMs);
        return;
      }
      const ended = this.onSourceEnd;
      this.source = null;
      this.onSourceEnd = null;
      ended?.();
    }
    this.rest();
  }

  private sendAudio(codec: CodecName, samples: number, nowMs: number): void {
    const marker = this.advance(nowMs);
    const packet = this.ring[this.slot] as Buffer;
    if (this.sentTaps.size > 0) this.tapSent(packet, codec, samples);
    writeRtp(packet, STATIC_PAYLOAD[codec], marker, this.sequence, this.timestamp, this.ssrc);
    this.emit(packet, RTP_HEADER_BYTES + samples, nowMs);
  }

  private tapSent(packet: Buffer, codec: CodecName, samples: number): void {
    decodeFrame(codec, packet, RTP_HEADER_BYTES, samples, this.heard);
    for (const tap of this.sentTaps) tap(this.heard, samples);
  }

  private sendKeyPacket(nowMs: number): void {
    const payload = this.target?.keyPayload;
    const packet = this.ring[this.slot] as Buffer;
    if (payload == null) {
      this.keysOut.clear();
      return;
    }
    const written = this.keysOut.next(packet, RTP_HEADER_BYTES, FRAME_SAMPLES);
    if (!written) return;
    this.advance(nowMs);
    if (written.first) this.eventTimestamp = this.timestamp;
    writeRtp(packet, payload, written.first, this.sequence, this.eventTimestamp, this.ssrc);
    this.emit(packet, RTP_HEADER_BYTES + 4, nowMs);
  }

  /** Moves sequence and timestamp to the next packet; true = a talkspurt begins. */
  private advance(nowMs: number): boolean {
    const elapsedMs = nowMs - this.lastSentMs;
    const fresh = this.packetsSent === 0 || elapsedMs > TALKSPURT_GAP_MS;
    this.timestamp = (this.timestamp + FRAME_SAMPLES) >>> 0;
    const byTime = this.timestampNow(nowMs);
    if (fresh && ((byTime - this.timestamp) | 0) > 0) this.timestamp = byTime;
    this.sequence = (this.sequence + 1) & 0xffff;
    return fresh;
  }

  private emit(packet: Buffer, length: number, nowMs: number): void {
    this.lastSentMs = nowMs;
    if (this.closed || !this.target?.send || this.latch.port === 0) return;
    this.slot = (this.slot + 1) % RING;
    this.packetsSent++;
    this.traffic.sent++;
    this.bytesSent += length - RTP_HEADER_BYTES;
    this.ports.rtp.send(packet, 0, length, this.latch.port, this.latch.address);
  }

  private readonly onPacket = (packet: Buffer, from: RemoteInfo): void => {
    const target = this.target;
    const header = this.header;
    if (!target || packet.length > RTP_HEADER_BYTES + MAX_PAYLOAD || !readRtp(packet, header)) return;
    const isKey = header.payloadType === target.receivedKeyPayload;
    const codec = header.payloadType === 0 ? 'PCMU' : header.payloadType === 8 ? 'PCMA' : null;
    if (!isKey && !codec) return;
    const nowMs = this.clock.now();
    if (!this.latch.accept(from.address, from.port, header.ssrc, nowMs)) return;
    if (header.ssrc !== this.reception.ssrc) this.keysIn = new KeyReceiver();
    const bytes = header.payloadEnd - header.payloadStart;
    this.reception.count(header.ssrc, header.sequence, header.timestamp, bytes, nowMs);
    this.traffic.received++;
    if (!target.receive) return;
    if (isKey) this.hearKey(packet, nowMs);
    else if (codec) this.hearAudio(packet, codec);
  };

  private hearKey(packet: Buffer, nowMs: number): void {
    const { payloadStart, payloadEnd, timestamp, ssrc } = this.header;
    this.partner?.forward(packet, this.header, null);
    for (const key of this.keysIn.receive(packet, payloadStart, payloadEnd, timestamp, nowMs)) {
      this.listener.onKey(key, ssrc);
    }
  }

  private hearAudio(packet: Buffer, codec: CodecName): void {
    if (this.muted) return;
    this.partner?.forward(packet, this.header, codec);
    if (this.taps.size === 0) return;
    const { payloadStart, payloadEnd } = this.header;
    decodeFrame(codec, packet, payloadStart, payloadEnd - payloadStart, this.heard);
    for (const tap of this.taps) tap(this.heard, payloadEnd - payloadStart);
  }

  /** Sends a partner's packet on, numbers and times shifted by a constant so that loss, order and spacing stay as they came. */
  private forward(packet: Buffer, from: RtpHeader, codec: CodecName | null): void {
    const target = this.target;
    if (!target || (codec && (this.source || this.keysOut.busy)) || (!codec && target.keyPayload === null)) return;
    const nowMs = this.clock.now();
    if (from.ssrc !== this.forwardSsrc) {
      this.advance(nowMs);
      this.forwardSsrc = from.ssrc;
      this.forwardSequence = this.sequence - from.sequence;
      this.forwardTimestamp = this.timestamp - from.timestamp;
    }
    const sequence = (from.sequence + this.forwardSequence) & 0xffff;
    const timestamp = (from.timestamp + this.forwardTimestamp) >>> 0;
    const out = this.ring[this.slot] as Buffer;
    const bytes = from.payloadEnd - from.payloadStart;
    const payload = codec ? STATIC_PAYLOAD[target.codec] : (target.keyPayload as number);
    if (codec && codec !== target.codec) {
      const table = TRANSCODE[codec][target.codec];
      for (let i = 0; i < bytes; i++)
        out[RTP_HEADER_BYTES + i] = table[packet[from.payloadStart + i] as number] as number;
    } else packet.copy(out, RTP_HEADER_BYTES, from.payloadStart, from.payloadEnd);
    if (codec && this.sentTaps.size > 0) this.tapSent(out, target.codec, bytes);
    writeRtp(out, payload, from.marker, sequence, timestamp, this.ssrc);
    if (sequenceDistance(sequence, this.sequence) > 0) this.sequence = sequence;
    if (codec && ((timestamp - this.timestamp) | 0) > 0) this.timestamp = timestamp;
    this.emit(out, RTP_HEADER_BYTES + bytes, nowMs);
  }
}
