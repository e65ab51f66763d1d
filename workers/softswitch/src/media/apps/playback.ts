/** `playback file[!file…]` (wire-protocols §B4, §B6). */
import type { Channel } from '../channel.ts';
import { splitFiles, startPlayer } from './player.ts';
import type { App } from './registry.ts';

const RESPONSE = { played: 'FILE PLAYED', broken: 'FILE PLAYED', 'not-found': 'FILE NOT FOUND' } as const;

/** Keys that end a playback or recording: `playback_terminators`, `*` when unset, as FreeSWITCH has it. */
export function terminators(channel: Channel): string {
  const value = channel.variables.get('playback_terminators') ?? '*';
  if (value === 'any') return '1234567890*#';
  return value === 'none' ? '' : value;
}

export const playback: App = (channel, arg, done) => {
  const player = startPlayer(channel, splitFiles(channel, arg), (status) => {
    clearTimeout(timer);
    done(RESPONSE[status]);
  });
  // A time-out of 1 s is ignored by the real server too (wire-protocols §B6).
  const timeoutSeconds = Number(channel.variables.get('playback_timeout_sec'));
  const timer = timeoutSeconds > 1 ? setTimeout(player.stop, timeoutSeconds * 1000) : undefined;
  return {
    onKey: (key) => {
      if (!terminators(channel).includes(key)) return;
      channel.setVariable('playback_terminator_used', key);
      player.stop();
    },
    break: player.stop,
    hangup: player.stop,
    suspend: player.suspend,
    resume: player.resume,
  };
};
