/** Plays one file or a list of them on a channel, with the events and variables `playback` leaves behind. */
import type { Channel } from '../channel.ts';
import { SAMPLE_RATE, type Source } from '../source.ts';

/** How a list ended: played to its end, cut, or its last file could not be opened. */
export type PlayStatus = 'played' | 'broken' | 'not-found';

/** A running play; `stop` ends it as `broken`, `abort` likewise when the channel ends. */
export interface Player {
  stop(): void;
  suspend(): void;
  resume(): void;
}

/** Files of an argument: a list only where the channel's `playback_delimiter` says so. */
export function splitFiles(channel: Channel, arg: string): string[] {
  const delimiter = channel.variables.get('playback_delimiter');
  const files = delimiter ? arg.split(delimiter) : [arg];
  return files.map((file) => file.trim()).filter((file) => file !== '');
}

/** Starts to play; `done` is called once, never before this returns. */
export function startPlayer(channel: Channel, files: readonly string[], done: (status: PlayStatus) => void): Player {
  const { stream, core } = channel;
  let current: { source: Source; headers: Record<string, string> } | null = null;
  let status: PlayStatus = 'not-found';
  let ended = false;
  let suspended = false;
  let offset = 0;
  let index = -1;

  function finish(final: PlayStatus): void {
    if (ended) return;
    ended = true;
    done(final);
  }

  function close(how: 'done' | 'break'): void {
    if (!current) return;
    const { source, headers } = current;
    current = null;
    offset += source.position;
    const ms = Math.round((source.position * 1000) / SAMPLE_RATE);
    channel.setVariable('playback_ms', String(ms));
    channel.setVariable('playback_seconds', String(Math.floor(ms / 1000)));
    channel.setVariable('playback_samples', String(source.position));
    channel.setVariable('playback_last_offset_pos', String(offset));
    channel.publish('PLAYBACK_STOP', { ...headers, 'Playback-Status': how }, true);
  }

  async function next(): Promise<void> {
    index++;
    const file = files[index];
    if (file === undefined) {
      finish(status);
      return;
    }
    const opened = await core.library.open(file);
    if (ended) return;
    if (!opened) {
      status = 'not-found';
      await next();
      return;
    }
    const headers = {
      'Playback-File-Path': file,
      ...(opened.type === 'file' ? {} : { 'Playback-File-Type': opened.type }),
    };
    current = { source: opened.source, headers };
    status = 'played';
    if (!suspended) play(opened.source);
    channel.publish('PLAYBACK_START', headers, true);
  }

  function play(source: Source): void {
    stream.play(source, () => {
      close('done');
      void next();
    });
  }

  void next();
  return {
    stop: () => {
      if (ended) return;
      stream.stopPlaying();
      close('break');
      finish('broken');
    },
    suspend: () => {
      suspended = true;
      if (current) stream.stopPlaying();
    },
    resume: () => {
      suspended = false;
      if (current) play(current.source);
    },
  };
}
