import type { Call } from '@callwright/api-contract';
import type * as z from 'zod';

export type CallRow = z.infer<typeof Call>;
type Coordinates = CallRow['calling'];

/** A party as people say it: name and number, or whichever is known. */
export function partyText({ name, number }: Pick<Coordinates, 'name' | 'number'>): string {
  return name && number ? `${name} (${number})` : name || number || '–';
}

/** Seconds as `1:05` or `1:02:03`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, at) => (at === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

/** How long a call has lasted, or lasted. */
export function lengthOf(call: CallRow, nowMs: number): string {
  const from = Date.parse(call.startedAt ?? call.createdAt);
  return durationText((call.endedAt ? Date.parse(call.endedAt) : nowMs) - from);
}
