/**
 * Keys as RTP events (RFC 4733).
 *
 * Receiving: a key is one event = one RTP timestamp. It is known at its first packet and reported once, at the first packet with
 * the end bit: the earliest moment at which its duration is known, and when FreeSWITCH reports it too. When all end packets are
 * lost it is reported when the next event begins or after END_LOST_MS without a packet of it. Late, doubled and reordered packets
 * of an event already reported are known by their timestamp.
 */
import { SAMPLE_RATE } from './source.ts';

/** Keys in the order of their event codes 0–15 (RFC 4733 §3.2). */
export const EVENT_KEYS = '0123456789*#ABCD';
/** Silence of an unfinished event after which its end packets count as lost; events are repeated every 50 ms at most. */
export const END_LOST_MS = 120;
const DEFAULT_DURATION = 0.1 * SAMPLE_RATE;
/** How many reported timestamps are kept against late packets. */
const REMEMBERED = 8;

/** A key pressed by the far end; duration in samples of 8 kHz. */
export interface ReceivedKey {
  readonly key: string;
  readonly duration: number;
  readonly timestamp: number;
}

/** State machine of one receiving direction. */
export class KeyReceiver {
  private code = -1;
  private timestamp = 0;
  private duration = 0;
  private lastPacketMs = 0;
  private readonly done: number[] = [];

  /** True while a key is held down. */
  get active(): boolean {
    return this.code >= 0;
  }

  /** Takes the payload of an event packet. Answers the keys that are finished by it (0, 1 or 2). */
  receive(payload: Buffer, start: number, end: number, timestamp: number, nowMs: number): readonly ReceivedKey[] {
    if (end - start < 4) return NONE;
    const code = payload[start] as number;
    const ended = ((payload[start + 1] as number) & 0x80) !== 0;
    const duration = payload.readUInt16BE(start + 2);
    if (code >= EVENT_KEYS.length || this.done.includes(timestamp)) return NONE;
    let finished: readonly ReceivedKey[] = NONE;
    if (this.code >= 0 && this.timestamp !== timestamp) {
      if (isEarlier(timestamp, this.timestamp)) return NONE;
      finished = [this.finish()];
    }
    if (this.code < 0) {
      this.code = code;
      this.timestamp = timestamp;
      this.duration = 0;
    }
    this.duration = Math.max(this.duration, duration);
    this.lastPacketMs = nowMs;
    return ended ? [...finished, this.finish()] : finished;
  }

  /** To be called regularly: the key whose end was lost, if that is now certain. */
  expire(nowMs: number): ReceivedKey | null {
    return this.code >= 0 && nowMs - this.lastPacketMs >= END_LOST_MS ? this.finish() : null;
  }

  private finish(): ReceivedKey {
    const key = EVENT_KEYS[this.code] as string;
    const finished = { key, duration: this.duration || DEFAULT_DURATION, timestamp: this.timestamp };
    this.done.push(this.timestamp);
    if (this.done.length > REMEMBERED) this.done.shift();
    this.code = -1;
    return finished;
  }
}

const NONE: readonly ReceivedKey[] = [];

function isEarlier(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

/** Packets of a key to be sent, one per 20 ms frame: updates with growing duration, then three end packets. */
export class KeySender {
  private readonly queue: { code: number; duration: number }[] = [];
  private elapsed = 0;
  private endsSent = 0;
  private pause = 0;

  get busy(): boolean {
    return this.queue.length > 0;
  }

  /** Queues a key; answers false for a character that is no key. Duration in samples. */
  push(key: string, duration: number): boolean {
    const code = EVENT_KEYS.indexOf(key.toUpperCase());
    if (key.length !== 1 || code < 0 || this.queue.length >= 128) return false;
    this.queue.push({ code, duration: Math.max(320, Math.min(duration, 0xffff)) });
    return true;
  }

  clear(): void {
    this.queue.length = 0;
    this.elapsed = 0;
    this.endsSent = 0;
    this.pause = 0;
  }

  /**
   * Writes the next packet's 4 payload bytes. `first` = begin of an event: its RTP timestamp is the current one and stays for
   * the event. Null = a pause between two keys.
   */
  next(out: Buffer, at: number, frame: number): { first: boolean; last: boolean } | null {
    const current = this.queue[0];
    if (!current) return null;
    if (this.pause > 0) {
      this.pause--;
      return null;
    }
    const first = this.elapsed === 0;
    this.elapsed = Math.min(this.elapsed + frame, current.duration);
    const ending = this.elapsed >= current.duration;
    if (ending) this.endsSent++;
    out[at] = current.code;
    out[at + 1] = (ending ? 0x80 : 0) | VOLUME;
    out.writeUInt16BE(this.elapsed, at + 2);
    const last = this.endsSent === 3;
    if (last) {
      this.queue.shift();
      this.elapsed = 0;
      this.endsSent = 0;
      this.pause = PAUSE_FRAMES;
    }
    return { first, last };
  }
}

/** −10 dBm0, a usual level. */
const VOLUME = 10;
/** 60 ms between two keys, above the 40 ms that detectors need. */
const PAUSE_FRAMES = 3;
