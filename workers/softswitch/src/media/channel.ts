/**
 * A channel: one SIP leg with its audio stream, its variables and the applications that run on it (wire-protocols §B3, §B4).
 *
 * Applications nest as in FreeSWITCH: parked, a channel takes the next message at once; a running media application takes it
 * too, is suspended while it runs and goes on after it. A message with `event-lock` holds later ones back until it is done.
 */
import { v4 as uuidv4 } from 'uuid';
import { APPS, type App, type RunningApp } from './apps/registry.ts';
import { channelHeaders, variableHeaders } from './channel-headers.ts';
import type { MediaCore } from './media-core.ts';
import type { RtpStream } from './rtp-stream.ts';
import type { ReceivedKey } from './telephone-event.ts';
import type { VideoStream } from './video-stream.ts';

/** What a channel knows of and wants from its SIP leg. */
export interface ChannelLeg {
  readonly callId: string;
  readonly userAgent: string;
  readonly fromUser: string;
  readonly toUser: string;
  /** Extension headers of the INVITE (`X-…`), names as the INVITE spells them. */
  readonly extraHeaders: Readonly<Record<string, string>>;
  /** Ends the dialog with BYE and a Reason header (RFC 3326). */
  bye(cause: string): void;
}

interface Message {
  readonly app: string;
  readonly arg: string;
  readonly uuid: string;
  readonly lock: boolean;
}

interface Run extends Message {
  running: RunningApp | null;
  /** The application this one has suspended. */
  outer: Run | null;
  finished: boolean;
}

const MAX_NESTING = 16;
const MAX_QUEUE = 1000;
const MAX_VARIABLES = 2000;

export class Channel {
  readonly uuid: string;
  readonly core: MediaCore;
  readonly leg: ChannelLeg;
  readonly stream: RtpStream;
  /** Its stream of video, once it has had one. */
  video: VideoStream | null = null;
  readonly variables = new Map<string, string>();
  readonly createdAt = Date.now();
  /** Partner of a bridge, or null. */
  bridgedWith: Channel | null = null;
  callState: 'ACTIVE' | 'HELD' | 'HANGUP' = 'ACTIVE';
  hangupCause: string | null = null;
  /** Called once when the channel is gone: after all its events. */
  onGone: (() => void) | null = null;
  /** Called at hang-up while the stream is still open: recordings close their files. */
  readonly atEnd = new Set<() => void>();
  private readonly stack: Run[] = [];
  private readonly queue: Message[] = [];

  constructor(core: MediaCore, leg: ChannelLeg, stream: RtpStream, uuid: string) {
    this.core = core;
    this.leg = leg;
    this.stream = stream;
    this.uuid = uuid;
    core.channels.set(uuid, this);
    core.traffic.channels++;
  }

  get name(): string {
    return `sofia/${this.core.profile}/${this.leg.toUser}@${this.core.identity.address}`;
  }

  get up(): boolean {
    return this.hangupCause === null;
  }

  /** Sets or, with an empty value, unsets a variable. */
  setVariable(name: string, value: string): void {
    if (value === '') this.variables.delete(name);
    else if (this.variables.has(name) || this.variables.size < MAX_VARIABLES) this.variables.set(name, value);
  }

  /** Publishes an event of this channel; `full` adds its variables. */
  publish(name: string, headers: Readonly<Record<string, string>>, full: boolean, subclass?: string): void {
    const base = channelHeaders(this);
    this.core.bus.publish(
      name,
      full ? { ...base, ...variableHeaders(this), ...headers } : { ...base, ...headers },
      subclass,
    );
  }

  /** Takes an `execute` message; false when too many wait. Unknown applications end the channel, as the real server does. */
  execute(app: string, arg: string, uuid: string | undefined, lock: boolean): boolean {
    if (!this.up || this.queue.length >= MAX_QUEUE) return false;
    this.queue.push({ app, arg, uuid: uuid || uuidv4(), lock });
    this.work();
    return true;
  }

  /** Breaks the innermost media application (`uuid_break`); `all` drops the waiting messages too. */
  breakApp(all: boolean): void {
    if (all) this.queue.length = 0;
    this.stack.at(-1)?.running?.break?.();
  }

  /** Ends everything that runs or waits on the channel (a bridge or transfer takes it over). */
  stopApps(): void {
    this.queue.length = 0;
    for (const run of [...this.stack].reverse()) {
      run.outer = null;
      run.running?.hangup?.();
      this.complete(run, undefined);
    }
  }

  /** A key of the far end, by RTP or SIP INFO (`ENDPOINT`, as FreeSWITCH names it). Digits nobody waits for are dropped; the event is always sent. */
  onKey(key: ReceivedKey, source: 'RTP' | 'ENDPOINT', ssrc: number): void {
    if (!this.up) return;
    this.publish(
      'DTMF',
      {
        'DTMF-Digit': key.key,
        'DTMF-Duration': String(key.duration),
        'DTMF-Source': source,
        ...(source === 'RTP' ? { 'DTMF-SSRC': ssrc.toString(16), 'DTMF-Timestamp': String(key.timestamp) } : {}),
      },
      false,
    );
    this.stack.at(-1)?.running?.onKey?.(key.key, key.duration);
    // RTP keys are forwarded packet by packet in a bridge; INFO keys have to be made anew.
    if (source === 'ENDPOINT') this.bridgedWith?.stream.sendKey(key.key, key.duration);
  }

  /** The far end has put us on hold, or taken us back. */
  setHeld(held: boolean): void {
    const state = held ? 'HELD' : 'ACTIVE';
    if (!this.up || this.callState === state) return;
    const before = this.callState;
    this.callState = state;
    this.publish('CHANNEL_CALLSTATE', { 'Original-Channel-Call-State': before }, false);
  }

  /** Gives the channel a stream of video, which goes to and comes from its bridge partner's. */
  addVideo(video: VideoStream): void {
    this.video = video;
    this.bridgeVideo();
  }

  /** Joins the video of both sides of a bridge, where both have some. */
  bridgeVideo(): void {
    const other = this.bridgedWith;
    if (!other) return;
    this.video?.bridgeTo(other.video);
    other.video?.bridgeTo(this.video);
  }

  /** Leaves a bridge; the other side is left to its caller. */
  unbridge(): void {
    const other = this.bridgedWith;
    if (!other) return;
    this.bridgedWith = null;
    this.stream.bridgeTo(null);
    this.video?.bridgeTo(null);
    this.setVariable('bridge_uuid', '');
    if (other.bridgedWith === this) other.unbridge();
  }

  /** Ends the channel. `byFarEnd`: its BYE has come; else ours is sent. Order of events: wire-protocols §B3.5. */
  hangup(cause: string, byFarEnd: boolean): void {
    if (!this.up) return;
    this.hangupCause = cause;
    this.stopApps();
    for (const end of this.atEnd) end();
    this.callState = 'HANGUP';
    this.endBridge(cause);
    if (!byFarEnd) this.publish('CHANNEL_CALLSTATE', { 'Original-Channel-Call-State': 'ACTIVE' }, false);
    this.publish('CHANNEL_HANGUP', { 'Hangup-Cause': cause }, true);
    this.core.channels.delete(this.uuid);
    if (!byFarEnd) this.leg.bye(cause);
    this.onGone?.();
    this.stream.close();
    this.core.ports.release(this.stream.ports);
    if (!this.video) return;
    this.video.close();
    this.core.ports.release(this.video.ports);
  }

  /** After the partner has gone the channel stays parked only when told so, as on the real server. */
  private endBridge(cause: string): void {
    const other = this.bridgedWith;
    this.unbridge();
    if (other && other.variables.get('park_after_bridge') !== 'true') other.hangup(cause, false);
  }

  private work(): void {
    for (;;) {
      const top = this.stack.at(-1);
      if (!this.up || this.queue.length === 0 || this.stack.length >= MAX_NESTING || top?.lock) return;
      // An application still in its start has no handle yet: it takes messages once it runs.
      if (top && !top.running) return;
      this.start(this.queue.shift() as Message);
    }
  }

  private start(message: Message): void {
    const app: App | undefined = APPS[message.app];
    if (!app) {
      this.hangup('DESTINATION_OUT_OF_ORDER', false);
      return;
    }
    const outer = this.stack.at(-1);
    const run: Run = { ...message, running: null, outer: null, finished: false };
    this.stack.push(run);
    this.variables.set('current_application', message.app);
    if (message.arg) this.variables.set('current_application_data', message.arg);
    this.publish(
      'CHANNEL_EXECUTE',
      { Application: message.app, 'Application-Data': message.arg, 'Application-UUID': message.uuid },
      true,
    );
    const running = app(this, message.arg, (response) => this.complete(run, response));
    if (run.finished) return;
    run.running = running;
    run.outer = outer ?? null;
    // Media applications begin to play after their start returns, so the outer one is silent by then.
    outer?.running?.suspend?.();
  }

  private complete(run: Run, response: string | undefined): void {
    if (run.finished) return;
    run.finished = true;
    const at = this.stack.indexOf(run);
    if (at >= 0) this.stack.splice(at, 1);
    this.publish(
      'CHANNEL_EXECUTE_COMPLETE',
      {
        Application: run.app,
        'Application-Data': run.arg,
        'Application-Response': response ?? '_none_',
        'Application-UUID': run.uuid,
      },
      true,
    );
    if (!this.up) return;
    run.outer?.running?.resume?.();
    this.work();
  }
}
