/**
 * A conference: every member hears the sum of the others, mixed once per frame (wire-protocols §B4).
 *
 * Members push what they say into a short queue of frames; two frames are kept back so that jitter makes no holes.
 */
import { v4 as uuidv4 } from 'uuid';
import type { Channel } from './channel.ts';
import { FrameQueue } from './frame-queue.ts';
import type { MediaCore } from './media-core.ts';
import { FRAME_SAMPLES, SAMPLE_RATE, type Source } from './source.ts';
import type { WavWriter } from './wav-writer.ts';

/** Flags of `conference name+flags{…}` that mean something here. */
export interface MemberFlags {
  readonly mute: boolean;
  readonly deaf: boolean;
  readonly endconf: boolean;
  readonly moderator: boolean;
  readonly ghost: boolean;
}

/** One channel in a conference. */
export interface Member {
  readonly id: number;
  readonly channel: Channel;
  readonly flags: MemberFlags;
  readonly input: FrameQueue;
  readonly out: Int16Array;
  muted: boolean;
  deaf: boolean;
  talking: boolean;
  /** Frames since speech was last heard. */
  quietFrames: number;
  tag: string;
  /** Mean amplitude from which on the member counts as talking. */
  energy: number;
  /** Steps of 2.5 dB, −4 … 4: of what is heard of the member, and of what it hears. */
  volumeIn: number;
  volumeOut: number;
  /** A prompt played to this member alone. */
  prompt: { source: Source; done: () => void } | null;
  /** True while another application plays to the member. */
  suspended: boolean;
  readonly leave: (reason: 'left' | 'kicked' | 'moved') => void;
}

interface Play {
  readonly file: string;
  readonly source: Source;
}

/** Mean amplitude above which a member counts as talking, and the frames of silence after which no longer. */
const TALK_LEVEL = 300;
const QUIET_FRAMES = 25;
const MAX_QUEUED_PLAYS = 200;

let lastMemberId = 0;

export class Conference {
  readonly name: string;
  readonly uuid = uuidv4();
  readonly profile: string;
  readonly members = new Map<number, Member>();
  readonly variables = new Map<string, string>();
  locked = false;
  pin = '';
  maxMembers = 0;
  recording: { file: string; writer: WavWriter; paused: boolean } | null = null;
  private readonly core: MediaCore;
  private readonly plays: Play[] = [];
  private readonly total = new Int32Array(FRAME_SAMPLES);
  private readonly frame = new Int16Array(FRAME_SAMPLES);
  private readonly leaveClock: () => void;
  private floor: Member | null = null;

  constructor(core: MediaCore, name: string, profile: string) {
    this.core = core;
    this.name = name;
    this.profile = profile;
    core.conferences.set(name, this);
    this.leaveClock = core.clock.join(this.mix);
  }

  /** Adds a channel; `leave` is called when it has been taken out again. */
  add(channel: Channel, flags: MemberFlags, leave: Member['leave']): Member {
    const member: Member = {
      id: ++lastMemberId,
      channel,
      flags,
      input: new FrameQueue(),
      out: new Int16Array(FRAME_SAMPLES),
      muted: flags.mute,
      deaf: flags.deaf,
      talking: false,
      quietFrames: 0,
      tag: '',
      energy: TALK_LEVEL,
      volumeIn: 0,
      volumeOut: 0,
      prompt: null,
      suspended: false,
      leave,
    };
    this.members.set(member.id, member);
    channel.stream.addTap(member.input.push);
    this.publishMember(member, 'add-member', {});
    return member;
  }

  /** Takes a member out; the conference ends with its last member or with one that has `endconf`. */
  remove(member: Member, reason: 'left' | 'kicked' | 'moved'): void {
    if (!this.members.delete(member.id)) return;
    member.channel.stream.removeTap(member.input.push);
    if (this.floor === member) this.setFloor(null);
    this.publishMember(member, 'del-member', {});
    member.leave(reason);
    if (this.members.size === 0) this.end();
    else if (member.flags.endconf && reason !== 'moved') this.endAll();
  }

  /** Queues a file for all members. */
  queuePlay(file: string, source: Source): boolean {
    if (this.plays.length >= MAX_QUEUED_PLAYS) return false;
    this.plays.push({ file, source });
    if (this.plays.length === 1) this.publish('play-file', { File: file, Async: 'true' });
    return true;
  }

  /** Stops the current file, or all of them. */
  stopPlays(which: 'current' | 'all'): number {
    const stopped = which === 'all' ? this.plays.splice(0) : this.plays.splice(0, 1);
    for (const play of stopped) this.playDone(play);
    return stopped.length;
  }

  /** Publishes a conference::maintenance event. */
  publish(action: string, headers: Readonly<Record<string, string>>): void {
    this.core.bus.publish('CUSTOM', { ...this.headers(), Action: action, ...headers }, 'conference::maintenance');
  }

  /** The same about a member, with its channel's headers. */
  publishMember(member: Member, action: string, headers: Readonly<Record<string, string>>): void {
    const about = {
      ...this.headers(),
      'Member-Type': member.flags.moderator ? 'moderator' : 'member',
      'Member-ID': String(member.id),
      'Member-Ghost': String(member.flags.ghost),
      Hear: String(!member.deaf),
      Speak: String(!member.muted),
      Talking: String(member.talking),
      Action: action,
    };
    member.channel.publish('CUSTOM', { ...about, ...headers }, false, 'conference::maintenance');
  }

  async stopRecording(): Promise<void> {
    const recording = this.recording;
    this.recording = null;
    if (!recording) return;
    const whole = await recording.writer.close();
    this.publish('stop-recording', {
      Path: recording.file,
      'Other-Recordings': 'false',
      ...(whole ? {} : { 'Record-Completion-Cause': 'uri-failure' }),
    });
  }

  private headers(): Record<string, string> {
    return {
      'Conference-Name': this.name,
      'Conference-Size': String(this.members.size),
      'Conference-Ghosts': '0',
      'Conference-Profile-Name': this.profile,
      'Conference-Unique-ID': this.uuid,
    };
  }

  private endAll(): void {
    for (const member of [...this.members.values()]) this.remove(member, 'left');
  }

  private end(): void {
    this.leaveClock();
    this.core.conferences.delete(this.name);
    void this.stopRecording();
    this.publish('conference-destroy', {});
  }

  private readonly mix = (nowMs: number): void => {
    const total = this.total;
    total.fill(0);
    for (const member of this.members.values()) {
      const heard = member.input.next();
      if (heard && member.volumeIn !== 0) amplify(member.input.frame, member.volumeIn);
      const speaks = heard && !member.muted;
      this.followTalk(member, speaks ? member.input.frame : null);
      if (speaks) add(total, member.input.frame);
    }
    this.addPlay(total);
    if (this.recording && !this.recording.paused) this.record(total);
    for (const member of this.members.values()) this.send(member, total, nowMs);
  };

  /** Sum minus own voice; a member being played a prompt of its own hears that too. */
  private send(member: Member, total: Int32Array, nowMs: number): void {
    const { out, input } = member;
    const own = input.filled && !member.muted ? input.frame : null;
    for (let i = 0; i < FRAME_SAMPLES; i++) {
      const value = member.deaf ? 0 : (total[i] as number) - (own ? (own[i] as number) : 0);
      out[i] = clamp16(value);
    }
    if (member.volumeOut !== 0) amplify(out, member.volumeOut);
    if (member.prompt) this.addPrompt(member);
    if (!member.suspended) member.channel.stream.sendFrame(out, nowMs);
  }

  private addPrompt(member: Member): void {
    const prompt = member.prompt;
    const count = prompt?.source.read(this.frame) ?? 0;
    for (let i = 0; i < count; i++) {
      const value = (member.out[i] as number) + (this.frame[i] as number);
      member.out[i] = clamp16(value);
    }
    if (count > 0) return;
    member.prompt = null;
    prompt?.done();
  }

  private addPlay(total: Int32Array): void {
    const play = this.plays[0];
    if (!play) return;
    const count = play.source.read(this.frame);
    for (let i = 0; i < count; i++) total[i] = (total[i] as number) + (this.frame[i] as number);
    if (count > 0) return;
    this.plays.shift();
    this.playDone(play);
    const next = this.plays[0];
    if (next) this.publish('play-file', { File: next.file, Async: 'true' });
  }

  private playDone(play: Play): void {
    const samples = play.source.position;
    const milliseconds = Math.round((samples * 1000) / SAMPLE_RATE);
    this.publish('play-file-done', {
      File: play.file,
      seconds: String(Math.floor(milliseconds / 1000)),
      milliseconds: String(milliseconds),
      samples: String(samples),
    });
  }

  private record(total: Int32Array): void {
    for (let i = 0; i < FRAME_SAMPLES; i++) this.frame[i] = Math.max(-32768, Math.min(32767, total[i] as number));
    this.recording?.writer.write(this.frame, FRAME_SAMPLES);
  }

  private followTalk(member: Member, frame: Int16Array | null): void {
    let level = 0;
    if (frame) for (let i = 0; i < FRAME_SAMPLES; i++) level += Math.abs(frame[i] as number);
    if (level > 0 && level / FRAME_SAMPLES >= member.energy) {
      member.quietFrames = 0;
      if (member.talking) return;
      member.talking = true;
      this.publishMember(member, 'start-talking', {});
      if (!this.floor?.talking) this.setFloor(member);
    } else if (member.talking && ++member.quietFrames >= QUIET_FRAMES) {
      member.talking = false;
      this.publishMember(member, 'stop-talking', {});
    }
  }

  /** Gives the floor: `conference <name> floor <member>`. */
  setFloor(member: Member | null): void {
    if (this.floor === member) return;
    const old = this.floor ? String(this.floor.id) : 'none';
    this.floor = member;
    this.publish('floor-change', { 'Old-ID': old, 'New-ID': member ? String(member.id) : 'none' });
  }
}

function clamp16(value: number): number {
  return Math.max(-32768, Math.min(32767, value));
}

function amplify(frame: Int16Array, steps: number): void {
  const factor = 10 ** ((steps * 2.5) / 20);
  for (let i = 0; i < FRAME_SAMPLES; i++) frame[i] = clamp16((frame[i] as number) * factor);
}

function add(total: Int32Array, frame: Int16Array): void {
  for (let i = 0; i < FRAME_SAMPLES; i++) total[i] = (total[i] as number) + (frame[i] as number);
}
