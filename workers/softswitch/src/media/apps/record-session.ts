/**
 * `record_session file[+limitSeconds]` and `uuid_record`: both directions of a channel in a WAV file until it is stopped, its time is
 * over, or the channel ends. `RECORD_STEREO=true` keeps what is heard left and what is said to it right; `RECORD_READ_ONLY` and
 * `RECORD_WRITE_ONLY` keep one of them. While masked, silence is written: a card number is not kept, the length stays true.
 */
import type { Channel } from '../channel.ts';
import { SideMixer } from '../side-mixer.ts';
import { SAMPLE_RATE } from '../source.ts';
import { openWavWriter, type WavWriter } from '../wav-writer.ts';

/** Why a recording ended, as FreeSWITCH's Record-Completion-Cause has it; a disk that takes no more is a `uri-failure`. */
type Completion = 'success' | 'success-maxtime' | 'hangup' | 'uri-failure';

interface Session {
  masked: boolean;
  stop(cause: Completion): Promise<void>;
}

/** Running recordings by channel and file name. */
const sessions = new WeakMap<Channel, Map<string, Session>>();
const MAX_SESSIONS = 8;
/** No packet holds more. */
const MAX_PACKET_SAMPLES = 2048;

const isTrue = (channel: Channel, name: string): boolean =>
  /^(?:true|yes|on|1)$/i.test(channel.variables.get(name) ?? '');

/** The application: nobody waits for its outcome, RECORD_START tells it. */
export function recordSession(channel: Channel, arg: string): void {
  const match = /^(\S+?)(?:\+(\d+))?$/.exec(arg.trim().split(/\s+/)[0] ?? '');
  if (match) void startSession(channel, match[1] as string, Number(match[2] ?? 0));
}

export function stopRecordSession(channel: Channel, arg: string): void {
  void stopSession(channel, arg.trim());
}

/** `record_session_mask` and `record_session_unmask`. */
export const maskRecordSession = (channel: Channel, arg: string): void => void maskSession(channel, arg.trim(), true);
export const unmaskRecordSession = (channel: Channel, arg: string): void =>
  void maskSession(channel, arg.trim(), false);

/** Ends one recording (`all` = every one); false when there is none of that name. */
export async function stopSession(channel: Channel, file: string): Promise<boolean> {
  const chosen = chosenSessions(channel, file);
  for (const session of chosen) await session.stop('success');
  return chosen.length > 0;
}

/** Hides or shows what is said; false when there is no recording of that name. */
export function maskSession(channel: Channel, file: string, masked: boolean): boolean {
  const chosen = chosenSessions(channel, file);
  for (const session of chosen) session.masked = masked;
  return chosen.length > 0;
}

function chosenSessions(channel: Channel, file: string): Session[] {
  return [...(sessions.get(channel) ?? [])].flatMap(([name, session]) =>
    file === 'all' || name === file ? [session] : [],
  );
}

/** Starts a recording; false when the file cannot be written, is being written, or the channel has gone. */
export async function startSession(channel: Channel, file: string, limitSeconds = 0): Promise<boolean> {
  const running = sessions.get(channel) ?? new Map<string, Session>();
  sessions.set(channel, running);
  if (file === '' || running.has(file) || running.size >= MAX_SESSIONS) return false;
  const recording = new SessionRecording(channel, file, () => running.delete(file));
  running.set(file, recording);
  return recording.start(limitSeconds);
}

class SessionRecording implements Session {
  masked = false;
  private readonly channel: Channel;
  private readonly file: string;
  private readonly forget: () => void;
  private readonly mixer: SideMixer;
  private readonly stereo: boolean;
  private readonly silence = new Int16Array(MAX_PACKET_SAMPLES);
  private writer: WavWriter | null = null;
  private timer: NodeJS.Timeout | undefined;
  private samples = 0;
  private stopping: Promise<void> | null = null;

  constructor(channel: Channel, file: string, forget: () => void) {
    this.channel = channel;
    this.file = file;
    this.forget = forget;
    this.stereo = isTrue(channel, 'RECORD_STEREO');
    this.mixer = new SideMixer(this.stereo, (pcm, count) => {
      this.samples += this.stereo ? count / 2 : count;
      this.writer?.write(pcm, count);
    });
  }

  async start(limitSeconds: number): Promise<boolean> {
    const { channel, file } = this;
    channel.atEnd.add(this.atEnd);
    const path = await channel.core.library.writablePath(file);
    const onError = (): void => void this.stop('uri-failure');
    const channels = this.stereo ? 2 : 1;
    this.writer = path ? await openWavWriter(path, { channels, onError }).catch(() => null) : null;
    if (!this.writer || this.stopping) {
      if (!this.writer) channel.setVariable('record_completion_cause', 'uri-failure');
      this.leave();
      return false;
    }
    if (!isTrue(channel, 'RECORD_WRITE_ONLY')) channel.stream.addTap(this.heard);
    if (!isTrue(channel, 'RECORD_READ_ONLY')) channel.stream.addSentTap(this.said);
    if (limitSeconds > 0) this.timer = setTimeout(() => void this.stop('success-maxtime'), limitSeconds * 1000);
    channel.publish('RECORD_START', { 'Record-File-Path': file }, true);
    return true;
  }

  stop(cause: Completion): Promise<void> {
    this.stopping ??= this.finish(cause);
    return this.stopping;
  }

  private readonly atEnd = (): void => void this.stop('hangup');

  private readonly heard = (pcm: Int16Array, count: number): void =>
    this.mixer.add(0, this.masked ? this.silence : pcm, count);

  private readonly said = (pcm: Int16Array, count: number): void =>
    this.mixer.add(1, this.masked ? this.silence : pcm, count);

  private async finish(cause: Completion): Promise<void> {
    this.leave();
    if (!this.writer) return;
    this.mixer.end();
    const whole = await this.writer.close();
    const { channel, file } = this;
    const ms = Math.round((this.samples * 1000) / SAMPLE_RATE);
    channel.setVariable('record_samples', String(this.samples));
    channel.setVariable('record_ms', String(ms));
    channel.setVariable('record_seconds', String(Math.floor(ms / 1000)));
    const completion = whole ? cause : 'uri-failure';
    channel.setVariable('record_completion_cause', completion);
    channel.publish('RECORD_STOP', { 'Record-File-Path': file, 'Record-Completion-Cause': completion }, true);
    if (!whole && isTrue(channel, 'RECORD_HANGUP_ON_ERROR')) channel.hangup('DESTINATION_OUT_OF_ORDER', false);
  }

  private leave(): void {
    clearTimeout(this.timer);
    this.forget();
    this.channel.atEnd.delete(this.atEnd);
    this.channel.stream.removeTap(this.heard);
    this.channel.stream.removeSentTap(this.said);
  }
}
