/** Applications that change a channel's variables or its hearing. */
import type { Channel } from '../channel.ts';

/** `set name=value`; an empty value, or none, unsets. */
export function set(channel: Channel, arg: string): void {
  const at = arg.indexOf('=');
  if (at < 0) channel.setVariable(arg.trim(), '');
  else assign(channel, arg.slice(0, at), arg.slice(at + 1));
}

/** `unset name`. */
export function unset(channel: Channel, arg: string): void {
  channel.setVariable(arg.trim(), '');
}

/** `export [nolocal:]name=value`: as set; there are no child channels to export to. */
export function exportVariable(channel: Channel, arg: string): void {
  set(channel, arg.replace(/^nolocal:/, ''));
}

/** `multiset a=1 b=2`, or with another separator: `multiset ^^:a=1:b=2`. */
export function multiset(channel: Channel, arg: string): void {
  const custom = arg.startsWith('^^') && arg.length > 2;
  const separator = custom ? (arg[2] as string) : ' ';
  for (const pair of (custom ? arg.slice(3) : arg).split(separator)) if (pair !== '') set(channel, pair);
}

/** `set_mute read true|false`: whether what the far end says is heard. Muting the write side silences nothing here. */
export function setMute(channel: Channel, arg: string): void {
  const [direction, state] = arg.trim().split(/\s+/);
  if (direction === 'read') channel.stream.muted = state === 'true' || Number(state) > 0;
}

function assign(channel: Channel, name: string, value: string): void {
  channel.setVariable(name.trim(), value === '_undef_' ? '' : value);
}
