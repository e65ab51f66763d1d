/**
 * One audio stream: a UDP port, what it plays, what it hears.
 *
 * Outgoing audio comes from one place at a time: a source (prompt), a mixer, or a bridge partner. Keys to be sent go before
 * audio. SSRC and sequence numbers run on over prompts, the timestamp advances with time, the marker bit begins a talkspurt.
 */
import { randomBytes } from 'node:crypto';
import type { RemoteInfo } from 'node:dgram';
import { type AudioCodec, type Coder, clockRateOf, createCoder, isOwn } from './codec/coder.ts';
import { isG711, TRANSCODE } from './codec/g711.ts';
import { Displacement } from './displacement.ts';
import { FrameAssembler } from './frame-assembler.ts';
import { Latch } from './latch.ts';
import type { MediaClock } from './media-clock.ts';
import type { Traffic } from './media-core.ts';
import { Reception } from './reception.ts';
import { newRtpHeader, RTP_HEADER_BYTES, type RtpHeader, readRtp, sequenceDistance, writeRtp } from './rtp-packet.ts';
import type { PortPair } from './rtp-ports.ts';
import type { DtlsEngine } from './secure/dtls.ts';
import { MAX_TAG_BYTES } from './secure/srtp.ts';
import { StreamSecurity } from './secure/stream-security.ts';
import { FRAME_SAMPLES, SAMPLE_RATE, type Source } from './source.ts';
import { heardCodec, type StreamTarget } from './stream-target.ts';
import { KeyReceiver, KeySender, type ReceivedKey } from './telephone-event.ts';
import { Voices } from './voices.ts';

/** What a stream tells its owner. */
export interface StreamListener {
  onKey(key: ReceivedKey, ssrc: number): void;
}

/** Takes decoded 20 ms frames of what the far end says; `pcm` is reused after the call. */
export type AudioTap = (pcm: Int16Array, count: number) => void;

const RING = 8;
const MAX_PAYLOAD = 1024;
/** Samples at 8 kHz of the longest packet: 120 ms of Opus, or a payload of G.711. */
const MAX_HEARD = 1024;
/** A pause longer than this begins a new talkspurt: marker bit, timestamp by elapsed time. */
const TALKSPURT_GAP_MS = 40;
const SILENCE = new Int16Array(FRAME_SAMPLES);

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
  private readonly ring = Array.from({ length: RING }, () =>
    Buffer.alloc(RTP_HEADER_BYTES + MAX_PAYLOAD + MAX_TAG_BYTES),
  );
  private readonly header: RtpHeader = newRtpHeader();
  private readonly frame = new Int16Array(FRAME_SAMPLES);
  private readonly assembler = new FrameAssembler();
  private readonly heard = new Int16Array(MAX_HEARD);
  private readonly engine: DtlsEngine | null;
  private security: StreamSecurity | null = null;
  /** Of the codec in use; made anew when it changes. */
  private encoder: Coder | null = null;
  private decoder: Coder | null = null;
  private clockRate = SAMPLE_RATE;
  private readonly taps = new Set<AudioTap>();
  private readonly sentTaps = new Set<AudioTap>();
  private readonly linkTaps = new Set<AudioTap>();
  private readonly voices = new Voices();
  private leaveVoices: (() => void) | null = null;
  private displaced: Displacement | null = null;
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

  /** Without an engine there is no DTLS. */
  constructor(
    ports: PortPair,
    clock: MediaClock,
    traffic: Traffic,
    listener: StreamListener,
    engine: DtlsEngine | null = null,
  ) {
    this.engine = engine;
    this.ports = ports;
    this.clock = clock;
    this.traffic = traffic;
    this.listener = listener;
    this.originMs = clock.now();
    ports.rtp.on('message', this.onPacket);
  }

  /** Applies what SDP settled; may come again with a re-INVITE. */
  setTarget(target: StreamTarget): void {
    if (target.codec !== this.target?.codec) this.useCodec(target.codec);
    this.target = target;
    const { terms, address, port } = target;
    // with ICE, checks say where the far end is
    if (!terms.ice) this.latch.signal(address, port);
    if (!this.security && (terms.security || terms.ice || terms.rtcpMux)) this.security = this.makeSecurity();
    this.security?.apply(terms, address, port);
  }

  /** An offer of DTLS is out: what the far end begins before its answer is known here is kept. */
  expectHandshake(): void {
    this.security ??= this.makeSecurity();
  }

  private makeSecurity(): StreamSecurity {
    return new StreamSecurity(
      {
        send: (bytes, port, address) => {
          if (!this.closed) this.ports.rtp.send(bytes, 0, bytes.length, port, address);
        },
        reach: (address, port) => this.latch.signal(address, port),
      },
      this.engine,
    );
  }

  private useCodec(codec: AudioCodec): void {
    this.encoder?.free();
    this.decoder?.free();
    this.encoder = createCoder(codec);
    this.decoder = createCoder(codec);
    const clockRate = clockRateOf(codec);
    // its timestamps begin anew, with the time that has passed
    if (clockRate !== this.clockRate) this.lastSentMs = Number.NEGATIVE_INFINITY;
    this.clockRate = clockRate;
    this.assembler.clear();
    this.forwardSsrc = -1;
  }

  /** Sends a compound RTCP packet where the far end wants it; nothing while there are no keys. */
  sendReport(report: Buffer): void {
    const { latch, security } = this;
    const packet = security ? security.protectReport(report) : report;
    if (!packet || this.closed || latch.port === 0 || latch.port > 65_534 || !this.target?.send) return;
    if (security?.rtcpMux) this.ports.rtp.send(packet, 0, packet.length, latch.port, latch.address);
    else this.ports.rtcp.send(packet, 0, packet.length, latch.port + 1, latch.address);
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
    const { target, encoder } = this;
    if (!target || !encoder || this.keysOut.busy) return;
    for (const tap of this.linkTaps) tap(pcm, FRAME_SAMPLES);
    const spoken = this.voices.size === 0 ? pcm : this.voices.added(pcm);
    for (const tap of this.sentTaps) tap(spoken, FRAME_SAMPLES);
    const bytes = encoder.encode(spoken, this.ring[this.slot] as Buffer, RTP_HEADER_BYTES);
    // a coder that is not ready yet has nothing to send
    if (bytes === 0) return;
    const marker = this.advance(nowMs);
    writeRtp(this.ring[this.slot] as Buffer, target.payload, marker, this.sequence, this.timestamp, this.ssrc);
    this.emit(this.ring[this.slot] as Buffer, RTP_HEADER_BYTES + bytes, nowMs);
  }

  /** Queues a key towards the far end; false when it takes none or the character is no key. Duration in samples. */
  sendKey(key: string, duration: number): boolean {
    const { target } = this;
    if (target?.keyPayload == null || !this.keysOut.push(key, duration)) return false;
    this.run();
    return true;
  }

  /** Forwards all that is heard here to `partner` at once; null ends it. */
  bridgeTo(partner: RtpStream | null): void {
    this.partner = partner;
    this.forwardSsrc = -1;
    this.assembler.clear();
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

  /** Frames this stream sends, without the voices added to them. */
  addLinkTap(tap: AudioTap): void {
    this.linkTaps.add(tap);
  }

  removeLinkTap(tap: AudioTap): void {
    this.linkTaps.delete(tap);
  }

  /** Adds a voice to all that is sent; `pull` gives its next frame, or null. */
  addVoice(pull: () => Int16Array | null): void {
    this.voices.add(pull);
    // a line on which nobody else speaks must carry it too
    this.leaveVoices ??= this.clock.join((nowMs) => {
      if (nowMs - this.lastSentMs > TALKSPURT_GAP_MS - 5) this.sendFrame(SILENCE, nowMs);
    });
  }

  removeVoice(pull: () => Int16Array | null): void {
    this.voices.delete(pull);
    if (this.voices.size > 0) return;
    this.leaveVoices?.();
    this.leaveVoices = null;
  }

  /** Replaces what the far end says by a source, or adds it (`mux`), until the source ends; null ends it now. */
  displace(source: Source | null, mux = false, onEnd: () => void = () => {}): void {
    const before = this.displaced;
    this.displaced = source && new Displacement(source, mux, onEnd);
    before?.end();
  }

  /** To be called every few frames: reports a key whose end packets were lost. */
  expireKeys(): void {
    const key = this.keysIn.expire(this.clock.now());
    if (key) this.listener.onKey(key, this.reception.ssrc);
  }

  /** RTP timestamp that belongs to now, for RTCP. */
  timestampNow(nowMs: number): number {
    return (this.originTimestamp + Math.round(((nowMs - this.originMs) * this.clockRate) / 1000)) >>> 0;
  }

  close(): void {
    this.closed = true;
    this.security?.close();
    this.encoder?.free();
    this.decoder?.free();
    this.stopPlaying();
    this.keysOut.clear();
    this.rest();
    this.partner = null;
    this.displace(null);
    this.leaveVoices?.();
    this.leaveVoices = null;
    this.taps.clear();
    this.sentTaps.clear();
    this.linkTaps.clear();
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
        this.frame.fill(0, count);
        this.sendFrame(this.frame, nowMs);
        return;
      }
      const ended = this.onSourceEnd;
      this.source = null;
      this.onSourceEnd = null;
      ended?.();
    }
    this.rest();
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
    const { keyRate } = this.target as StreamTarget;
    if (keyRate !== SAMPLE_RATE) scaleDuration(packet, keyRate / SAMPLE_RATE);
    this.advance(nowMs);
    if (written.first) this.eventTimestamp = this.timestamp;
    writeRtp(packet, payload, written.first, this.sequence, this.eventTimestamp, this.ssrc);
    this.emit(packet, RTP_HEADER_BYTES + 4, nowMs);
  }

  /** Moves sequence and timestamp to the next packet; true = a talkspurt begins. */
  private advance(nowMs: number): boolean {
    const elapsedMs = nowMs - this.lastSentMs;
    const fresh = this.packetsSent === 0 || elapsedMs > TALKSPURT_GAP_MS;
    this.timestamp = (this.timestamp + (FRAME_SAMPLES * this.clockRate) / SAMPLE_RATE) >>> 0;
    const byTime = this.timestampNow(nowMs);
    if (fresh && ((byTime - this.timestamp) | 0) > 0) this.timestamp = byTime;
    this.sequence = (this.sequence + 1) & 0xffff;
    return fresh;
  }

  private emit(packet: Buffer, length: number, nowMs: number): void {
    this.lastSentMs = nowMs;
    if (this.closed || !this.target?.send || this.latch.port === 0) return;
    const { security } = this;
    const sent = security?.secure ? security.protect(packet, length) : length;
    if (sent === 0) return;
    this.slot = (this.slot + 1) % RING;
    this.packetsSent++;
    this.traffic.sent++;
    this.bytesSent += length - RTP_HEADER_BYTES;
    this.ports.rtp.send(packet, 0, sent, this.latch.port, this.latch.address);
  }

  private readonly onPacket = (packet: Buffer, from: RemoteInfo): void => {
    const { target, header, security } = this;
    let length = packet.length;
    if (security && (length === 0 || security.takes(packet, from))) return;
    if (!target || length > RTP_HEADER_BYTES + MAX_PAYLOAD) return;
    if (security?.secure) length = security.unprotect(packet);
    if (length < 0) return;
    if (!readRtp(packet, header, length)) return;
    const isKey = header.payloadType === target.receivedKeyPayload;
    const codec = isKey ? null : heardCodec(header.payloadType, target);
    if (!isKey && !codec) return;
    const nowMs = this.clock.now();
    if (!this.latch.accept(from.address, from.port, header.ssrc, nowMs)) return;
    if (header.ssrc !== this.reception.ssrc) this.keysIn = new KeyReceiver();
    const bytes = header.payloadEnd - header.payloadStart;
    this.reception.count(header.ssrc, header.sequence, header.timestamp, bytes, nowMs, this.clockRate);
    this.traffic.received++;
    if (!target.receive) return;
    if (isKey) this.hearKey(packet, target.keyRate, nowMs);
    else if (codec) this.hearAudio(packet, codec);
  };

  private hearKey(packet: Buffer, keyRate: number, nowMs: number): void {
    const { payloadStart, payloadEnd, timestamp, ssrc } = this.header;
    const { partner } = this;
    // clocks that differ cannot share timestamps: such a key is made anew once it is known
    const together = partner?.keyClock === this.keyClock;
    if (together) partner?.forward(packet, this.header, null);
    for (const key of this.keysIn.receive(packet, payloadStart, payloadEnd, timestamp, nowMs)) {
      const scaled = keyRate === SAMPLE_RATE ? key : { ...key, duration: (key.duration * SAMPLE_RATE) / keyRate };
      if (!together) partner?.sendKey(scaled.key, scaled.duration);
      this.listener.onKey(scaled, ssrc);
    }
  }

  /** Clocks of audio and events, which packets of a bridge must have in common to be passed on. */
  private get keyClock(): number {
    return this.clockRate * 100_000 + (this.target?.keyRate ?? 0);
  }

  private hearAudio(packet: Buffer, codec: AudioCodec): void {
    if (this.muted) return;
    const { partner, taps, header, displaced } = this;
    const passed = !displaced && (partner?.passes(codec) ?? true);
    if (partner && passed) partner.forward(packet, header, codec);
    if (taps.size === 0 && (!partner || (passed && !partner.tapped))) return;
    const coder = codec === this.target?.codec ? this.decoder : createCoder(codec);
    const count = coder?.decode(packet, header.payloadStart, header.payloadEnd, this.heard) ?? 0;
    if (count === 0) return;
    if (displaced && !displaced.apply(this.heard, count) && this.displaced === displaced) this.displace(null);
    for (const tap of taps) tap(this.heard, count);
    if (!partner) return;
    if (passed) partner.tapForwarded(this.heard, count);
    else partner.forwardSamples(this.heard, count);
  }

  /** True when packets of that codec can be passed on as they are, or by a table. */
  private passes(codec: AudioCodec): boolean {
    const own = this.target?.codec;
    // voices are added to sound, which a format that is only passed on never becomes
    if (this.voices.size > 0 && (own === undefined || isOwn(own))) return false;
    return own === codec || (own !== undefined && isG711(own) && isG711(codec));
  }

  private get tapped(): boolean {
    return this.sentTaps.size > 0 || this.linkTaps.size > 0;
  }

  private tapForwarded(pcm: Int16Array, count: number): void {
    if (this.source || this.keysOut.busy) return;
    for (const tap of this.linkTaps) tap(pcm, count);
    for (const tap of this.sentTaps) tap(pcm, count);
  }

  /** A partner with another codec: what it heard is cut into frames and encoded. */
  private forwardSamples(pcm: Int16Array, count: number): void {
    if (this.source || this.keysOut.busy) return;
    const nowMs = this.clock.now();
    this.assembler.push(pcm, count, (frame) => this.sendFrame(frame, nowMs));
  }

  /** Sends a partner's packet on, numbers and times shifted by a constant so that loss, order and spacing stay as they came. */
  private forward(packet: Buffer, from: RtpHeader, codec: AudioCodec | null): void {
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
    const payload = codec ? target.payload : (target.keyPayload as number);
    if (codec && codec !== target.codec) {
      const table = TRANSCODE[codec as 'PCMU'][target.codec as 'PCMU'];
      for (let i = 0; i < bytes; i++)
        out[RTP_HEADER_BYTES + i] = table[packet[from.payloadStart + i] as number] as number;
    } else packet.copy(out, RTP_HEADER_BYTES, from.payloadStart, from.payloadEnd);
    writeRtp(out, payload, from.marker, sequence, timestamp, this.ssrc);
    if (sequenceDistance(sequence, this.sequence) > 0) this.sequence = sequence;
    if (codec && ((timestamp - this.timestamp) | 0) > 0) this.timestamp = timestamp;
    this.emit(out, RTP_HEADER_BYTES + bytes, nowMs);
  }
}

/** Durations of key events count in their clock. */
function scaleDuration(packet: Buffer, factor: number): void {
  const at = RTP_HEADER_BYTES + 2;
  packet.writeUInt16BE(Math.min(0xffff, packet.readUInt16BE(at) * factor), at);
}
