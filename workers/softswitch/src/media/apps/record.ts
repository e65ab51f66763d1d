/** `record file [limitSeconds] [silenceThreshold] [silenceSeconds]`: what the far end says into a WAV file. */
import type { Channel } from '../channel.ts';
import { SAMPLE_RATE } from '../source.ts';
import { openWavWriter, type WavWriter } from '../wav-writer.ts';
import { splitArguments } from './arguments.ts';
import { terminators } from './playback.ts';
import type { App } from './registry.ts';

export const record: App = (channel, arg, done) => {
  const [file = '', limit, threshold, silenceSeconds] = splitArguments(arg);
  const recording = new Recording(channel, Number(threshold) || 0, Number(silenceSeconds) || 0, done);
  void recording.start(file, Number(limit) || 0);
  return recording;
};

/** One run; sample counts are of received audio, not of wall time (wire-protocols §B6). */
class Recording {
  private readonly channel: Channel;
  private readonly threshold: number;
  private readonly silenceSamples: number;
  private readonly done: () => void;
  private writer: WavWriter | null = null;
  private timer: NodeJS.Timeout | undefined;
  private file = '';
  private samples = 0;
  private quiet = 0;
  private over = false;
  private paused = false;
  private failed = false;

  constructor(channel: Channel, threshold: number, silenceSeconds: number, done: () => void) {
    this.channel = channel;
    this.threshold = threshold;
    this.silenceSamples = silenceSeconds * SAMPLE_RATE;
    this.done = done;
  }

  async start(file: string, limitSeconds: number): Promise<void> {
    this.file = file;
    const path = await this.channel.core.library.writablePath(file);
    // a full disk ends the recording, and the variable says why
    const onError = (): void => {
      this.failed = true;
      this.finish();
    };
    const writer = path ? await openWavWriter(path, { onError }).catch(() => null) : null;
    if (!writer) this.failed = true;
    if (this.over || !writer) {
      await writer?.close();
      this.finish();
      return;
    }
    this.writer = writer;
    this.channel.stream.addTap(this.tap);
    if (limitSeconds > 0) this.timer = setTimeout(() => this.finish(), limitSeconds * 1000);
    this.channel.publish('RECORD_START', { 'Record-File-Path': file }, true);
  }

  onKey(key: string): void {
    if (!terminators(this.channel).includes(key)) return;
    this.channel.setVariable('playback_terminator_used', key);
    this.finish();
  }

  break(): void {
    this.finish();
  }

  hangup(): void {
    this.finish();
  }

  suspend(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  private readonly tap = (pcm: Int16Array, count: number): void => {
    if (this.paused || this.over) return;
    this.writer?.write(pcm, count);
    this.samples += count;
    if (this.silenceSamples === 0) return;
    let energy = 0;
    for (let i = 0; i < count; i++) energy += Math.abs(pcm[i] as number);
    this.quiet = energy / count < this.threshold ? this.quiet + count : 0;
    if (this.quiet >= this.silenceSamples) this.finish();
  };

  private stopped(): void {
    this.channel.publish('RECORD_STOP', { 'Record-File-Path': this.file }, true);
    this.done();
  }

  private finish(): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.timer);
    this.channel.stream.removeTap(this.tap);
    const ms = Math.round((this.samples * 1000) / SAMPLE_RATE);
    this.channel.setVariable('record_samples', String(this.samples));
    this.channel.setVariable('record_ms', String(ms));
    this.channel.setVariable('record_seconds', String(Math.floor(ms / 1000)));
    this.channel.setVariable('record_completion_cause', this.failed ? 'uri-failure' : 'success');
    // The file is whole before the application says that it is done.
    if (this.writer && this.channel.up) void this.writer.close().then(() => this.stopped());
    else {
      void this.writer?.close();
      this.done();
    }
  }
}
