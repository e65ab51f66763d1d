/**
 * Audio side of the test phone: one UDP socket per call, one 20 ms clock for all calls of the process, everything received kept
 * with its arrival time, so that a test can ask what was heard and when.
 */

import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { encodeUlaw, expand } from './g711.ts';

const SILENCE_ULAW = 0xff;
const FRAME = 160;

/** Every byte of µ-law as linear. */
const ULAW = Int16Array.from({ length: 256 }, (_, byte) => expand(byte, 'ulaw'));

/** Lateness of the phone's own clock since the last reset: the generator's lag, reported beside every latency. */
export class Lag {
  private readonly values: number[] = [];
  add(ms: number): void {
    this.values.push(ms);
  }
  take(): readonly number[] {
    return this.values.splice(0);
  }
}

export const clockLag = new Lag();

const streams = new Set<RtpStream>();
let running = false;

function tick(next: number): void {
  const now = performance.now();
  clockLag.add(Math.max(0, now - next));
  for (const stream of streams) stream.sendFrame();
  if (streams.size === 0) {
    running = false;
    return;
  }
  const following = next + 20 < now - 200 ? now + 20 : next + 20;
  setTimeout(tick, Math.max(0, following - performance.now()), following);
}

function startClock(): void {
  if (running) return;
  running = true;
  tick(performance.now());
}

/** A received audio packet: arrival (performance.now()) and where its samples stand in `heard`. */
export interface Arrival {
  readonly atMs: number;
  readonly sequence: number;
  readonly timestamp: number;
}

export interface RtpStreamOptions {
  /** Send a frame every 20 ms (as phones do); else only when something is to be said. */
  readonly continuous: boolean;
  /** Keep samples (for checks of what was heard); arrival times are always kept. */
  readonly keepAudio: boolean;
}

export class RtpStream {
  readonly socket: Socket;
  readonly arrivals: Arrival[] = [];
  /** Linear samples in arrival order. */
  private readonly chunks: Int16Array[] = [];
  private remote: { host: string; port: number } | undefined;
  private sequence = randomInt(0x8000);
  private timestamp = randomInt(0x7fffffff);
  private readonly ssrc = randomInt(0x7fffffff);
  private readonly packet = Buffer.alloc(12 + FRAME);
  private voice: Uint8Array | undefined;
  private voiceAt = 0;
  private voiceLoops = false;
  private digits: DigitJob[] = [];
  private readonly options: RtpStreamOptions;
  dtmfPayload = 101;
  /** Keys received by RFC 4733, one per event. */
  readonly receivedKeys: string[] = [];
  private lastEvent = -1;

  constructor(options: RtpStreamOptions) {
    this.options = options;
    this.socket = createSocket('udp4');
    this.socket.on('message', (data) => this.receive(data));
    this.socket.on('error', () => {});
  }

  /** Binds on loopback; resolves with the port. */
  open(): Promise<number> {
    return new Promise((resolve) => this.socket.bind(0, '127.0.0.1', () => resolve(this.socket.address().port)));
  }

  start(host: string, port: number): void {
    this.remote = { host, port };
    streams.add(this);
    startClock();
    // open the way back at once, as a phone's first frame does
    this.sendAudio(this.nextFrame());
  }

  stop(): void {
    streams.delete(this);
    this.remote = undefined;
    try {
      this.socket.close();
    } catch {
      // closed already
    }
  }

  /** Says linear samples from now on, looped or once, then silence. */
  say(samples: Int16Array, loop = false): void {
    this.voice = Uint8Array.from(samples, encodeUlaw);
    this.voiceAt = 0;
    this.voiceLoops = loop;
  }

  /** Sends a key by RFC 4733; resolves with performance.now() of the first end packet. */
  sendKey(key: string, durationMs = 100): Promise<number> {
    return new Promise((resolve) => {
      this.digits.push({
        event: '0123456789*#ABCD'.indexOf(key),
        frames: Math.max(1, Math.round(durationMs / 20)),
        sent: 0,
        ends: 0,
        start: 0,
        resolve,
      });
    });
  }

  /** All samples heard so far. */
  heard(): Int16Array {
    const all = new Int16Array(this.chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let at = 0;
    for (const chunk of this.chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  /** Samples of packets that arrived in [fromMs, toMs) of performance.now(). */
  heardBetween(fromMs: number, toMs: number): Int16Array {
    const parts = this.arrivals.flatMap((arrival, index) =>
      arrival.atMs >= fromMs && arrival.atMs < toMs && this.chunks[index] ? [this.chunks[index]] : [],
    );
    const all = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  /** Samples of one arrival. */
  samplesOf(index: number): Int16Array {
    return this.chunks[index] ?? new Int16Array(0);
  }

  /** Called by the clock. */
  sendFrame(): void {
    if (!this.remote) return;
    const job = this.digits[0];
    if (job) {
      this.sendDigitPacket(job);
      this.timestamp = (this.timestamp + FRAME) >>> 0;
      return;
    }
    if (this.options.continuous || this.voice) this.sendAudio(this.nextFrame());
    else this.timestamp = (this.timestamp + FRAME) >>> 0;
  }

  private nextFrame(): Uint8Array | undefined {
    if (!this.voice) return undefined;
    const frame = this.voice.subarray(this.voiceAt, this.voiceAt + FRAME);
    this.voiceAt += FRAME;
    if (this.voiceAt >= this.voice.length) {
      if (this.voiceLoops) this.voiceAt = 0;
      else this.voice = undefined;
    }
    return frame;
  }

  private sendAudio(frame: Uint8Array | undefined): void {
    const { packet } = this;
    this.writeHeader(packet, 0, this.timestamp);
    packet.fill(SILENCE_ULAW, 12);
    if (frame) packet.set(frame, 12);
    this.timestamp = (this.timestamp + FRAME) >>> 0;
    this.send(packet);
  }

  private sendDigitPacket(job: DigitJob): void {
    if (job.sent === 0) job.start = this.timestamp;
    const ended = job.sent >= job.frames;
    const packet = Buffer.alloc(16);
    this.writeHeader(packet, this.dtmfPayload, job.start);
    if (job.sent === 0) packet[1]! |= 0x80;
    packet[12] = job.event;
    packet[13] = (ended ? 0x80 : 0) | 10;
    packet.writeUInt16BE(Math.min(job.sent + 1, job.frames) * FRAME, 14);
    this.send(packet);
    job.sent++;
    if (!ended) return;
    if (job.ends === 0) job.resolve(performance.now());
    job.ends++;
    if (job.ends === 3) this.digits.shift();
  }

  private writeHeader(packet: Buffer, payloadType: number, timestamp: number): void {
    packet[0] = 0x80;
    packet[1] = payloadType;
    packet.writeUInt16BE(this.sequence, 2);
    packet.writeUInt32BE(timestamp >>> 0, 4);
    packet.writeUInt32BE(this.ssrc, 8);
    this.sequence = (this.sequence + 1) & 0xffff;
  }

  private send(packet: Buffer): void {
    if (this.remote) this.socket.send(packet, this.remote.port, this.remote.host);
  }

  private receive(data: Buffer): void {
    if (data.length < 12 || data[0]! >> 6 !== 2) return;
    const payloadType = data[1]! & 0x7f;
    if (payloadType === this.dtmfPayload) {
      this.receiveKey(data);
      return;
    }
    if (payloadType !== 0) return;
    this.arrivals.push({ atMs: performance.now(), sequence: data.readUInt16BE(2), timestamp: data.readUInt32BE(4) });
    if (this.options.keepAudio) this.chunks.push(Int16Array.from(data.subarray(12), (byte) => ULAW[byte]!));
  }

  private receiveKey(data: Buffer): void {
    const timestamp = data.readUInt32BE(4);
    if (timestamp === this.lastEvent) return;
    this.lastEvent = timestamp;
    this.receivedKeys.push('0123456789*#ABCD'[data[12]!] ?? '?');
  }
}

interface DigitJob {
  readonly event: number;
  readonly frames: number;
  sent: number;
  ends: number;
  start: number;
  resolve(atMs: number): void;
}
