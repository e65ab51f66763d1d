/** `record_session file`: both directions of a channel mixed into a WAV file until it is stopped or the channel ends. */
import type { Channel } from '../channel.ts';
import { SAMPLE_RATE } from '../source.ts';
import { openWavWriter, type WavWriter } from '../wav-writer.ts';

interface Session {
  stop(): Promise<void>;
}

/** Running recordings by channel and file name. */
const sessions = new WeakMap<Channel, Map<string, Session>>();

/** Longest side that may run ahead of the other before silence is put in for it. */
const MAX_AHEAD = SAMPLE_RATE / 5;

export function recordSession(channel: Channel, arg: string): void {
  const file = arg.trim().split(/\s+/)[0] ?? '';
  const running = sessions.get(channel) ?? new Map<string, Session>();
  sessions.set(channel, running);
  if (file === '' || running.has(file)) return;
  running.set(file, startSession(channel, file));
}

export function stopRecordSession(channel: Channel, arg: string): void {
  void stopSession(channel, arg.trim());
}

/** Ends one recording (`all` = every one); false when there is none of that name. */
export async function stopSession(channel: Channel, file: string): Promise<boolean> {
  const running = sessions.get(channel);
  const chosen = [...(running ?? [])].filter(([name]) => file === 'all' || name === file);
  for (const [name, session] of chosen) {
    running?.delete(name);
    await session.stop();
  }
  return chosen.length > 0;
}

function startSession(channel: Channel, file: string): Session {
  const mixer = new SideMixer();
  const heard = (pcm: Int16Array, count: number) => mixer.add(0, pcm, count);
  const said = (pcm: Int16Array, count: number) => mixer.add(1, pcm, count);
  channel.stream.addTap(heard);
  channel.stream.addSentTap(said);
  const atEnd = () => void stopSession(channel, file);
  channel.atEnd.add(atEnd);
  const opening = channel.core.library
    .writablePath(file)
    .then((path) => (path ? openWavWriter(path) : null))
    .then(
      (writer) => mixer.open(writer),
      () => mixer.open(null),
    );
  channel.publish('RECORD_START', { 'Record-File-Path': file }, true);
  return {
    stop: async () => {
      channel.atEnd.delete(atEnd);
      channel.stream.removeTap(heard);
      channel.stream.removeSentTap(said);
      await opening;
      await mixer.close();
      channel.publish('RECORD_STOP', { 'Record-File-Path': file }, true);
    },
  };
}

/** Adds two sides that come in frames of their own rhythm; a side that is silent for long counts as silence. */
class SideMixer {
  private writer: WavWriter | null = null;
  private readonly sides: [number[], number[]] = [[], []];

  open(writer: WavWriter | null): void {
    this.writer = writer;
  }

  add(side: 0 | 1, pcm: Int16Array, count: number): void {
    const own = this.sides[side];
    for (let i = 0; i < count; i++) own.push(pcm[i] as number);
    const other = this.sides[1 - side] as number[];
    this.flush(own.length - other.length > MAX_AHEAD ? own.length : Math.min(own.length, other.length));
  }

  async close(): Promise<void> {
    this.flush(Math.max(this.sides[0].length, this.sides[1].length));
    await this.writer?.close();
  }

  private flush(count: number): void {
    if (count === 0) return;
    const [a, b] = this.sides;
    const mixed = new Int16Array(count);
    for (let i = 0; i < count; i++) mixed[i] = Math.max(-32768, Math.min(32767, (a[i] ?? 0) + (b[i] ?? 0)));
    a.splice(0, count);
    b.splice(0, count);
    this.writer?.write(mixed, count);
  }
}
