/**
 * `eavesdrop <uuid>`: hears both sides of another channel, silent to both. Keys change that, as on FreeSWITCH: 2 speaks with the channel,
 * 1 with its other half, 3 with both, 0 with nobody again. `eavesdrop_whisper_aleg=true` and `…_bleg=true` begin so,
 * `eavesdrop_enable_dtmf=false` takes the keys away. It ends with the channel it listens to.
 */
import type { Channel } from '../channel.ts';
import { FrameQueue } from '../frame-queue.ts';
import type { RtpStream } from '../rtp-stream.ts';
import { FRAME_SAMPLES } from '../source.ts';
import { addFrame } from '../voices.ts';
import type { App, RunningApp } from './registry.ts';

type Side = 'own' | 'other';

const isSet = (channel: Channel, name: string, fallback: boolean): boolean => {
  const value = channel.variables.get(name);
  return value === undefined ? fallback : /^(?:true|yes|on|1)$/i.test(value);
};

export const eavesdrop: App = (channel, arg, done) => {
  const target = channel.core.channels.get(arg.trim());
  if (!target || target === channel) {
    done();
    return {};
  }
  return new Eavesdropping(channel, target, done);
};

/** What the supervisor says into one stream. */
class Whisper {
  readonly queue = new FrameQueue();
  private stream: RtpStream | null = null;

  /** Speaks there from now on; null = nowhere. */
  into(stream: RtpStream | null): void {
    if (stream === this.stream) return;
    this.stream?.removeVoice(this.pull);
    this.stream = stream;
    stream?.addVoice(this.pull);
  }

  private readonly pull = (): Int16Array | null => (this.queue.next() ? this.queue.frame : null);
}

class Eavesdropping implements RunningApp {
  private readonly channel: Channel;
  private readonly target: Channel;
  private readonly done: () => void;
  private readonly says = new FrameQueue();
  private readonly hears = new FrameQueue();
  private readonly frame = new Int16Array(FRAME_SAMPLES);
  private readonly whispers: Readonly<Record<Side, Whisper>> = { own: new Whisper(), other: new Whisper() };
  private readonly speaksTo = new Set<Side>();
  private readonly leaveClock: () => void;
  private suspended = false;
  private over = false;

  constructor(channel: Channel, target: Channel, done: () => void) {
    this.channel = channel;
    this.target = target;
    this.done = done;
    if (isSet(channel, 'eavesdrop_whisper_aleg', false)) this.speaksTo.add('own');
    if (isSet(channel, 'eavesdrop_whisper_bleg', false)) this.speaksTo.add('other');
    target.stream.addTap(this.says.push);
    target.stream.addLinkTap(this.hears.push);
    channel.stream.addTap(this.speak);
    target.atEnd.add(this.end);
    this.leaveClock = channel.core.clock.join(this.tick);
  }

  onKey(key: string): void {
    if (!isSet(this.channel, 'eavesdrop_enable_dtmf', true)) return;
    const modes: Readonly<Record<string, readonly Side[]>> = { 0: [], 1: ['other'], 2: ['own'], 3: ['own', 'other'] };
    const sides = modes[key];
    if (!sides) return;
    this.speaksTo.clear();
    for (const side of sides) this.speaksTo.add(side);
  }

  suspend(): void {
    this.suspended = true;
  }

  resume(): void {
    this.suspended = false;
  }

  break(): void {
    this.end();
  }

  hangup(): void {
    this.end();
  }

  private readonly speak = (pcm: Int16Array, count: number): void => {
    for (const side of this.speaksTo) this.whispers[side].queue.push(pcm, count);
  };

  private readonly tick = (nowMs: number): void => {
    // the other half may change while we listen
    const { target, whispers, speaksTo } = this;
    whispers.own.into(speaksTo.has('own') ? target.stream : null);
    whispers.other.into(speaksTo.has('other') ? (target.bridgedWith?.stream ?? null) : null);
    this.frame.fill(0);
    for (const queue of [this.says, this.hears]) if (queue.next()) addFrame(this.frame, queue.frame);
    if (!this.suspended) this.channel.stream.sendFrame(this.frame, nowMs);
  };

  private readonly end = (): void => {
    if (this.over) return;
    this.over = true;
    this.leaveClock();
    this.target.atEnd.delete(this.end);
    this.target.stream.removeTap(this.says.push);
    this.target.stream.removeLinkTap(this.hears.push);
    this.channel.stream.removeTap(this.speak);
    this.whispers.own.into(null);
    this.whispers.other.into(null);
    this.done();
  };
}
