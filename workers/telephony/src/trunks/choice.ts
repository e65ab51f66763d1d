/** Which trunk is tried when, and when the next one is: pure. */
import type { TelephonyTrunk, TrunkState } from '@callwright/store';

const DOUBTFUL: ReadonlySet<TrunkState> = new Set(['refused', 'unreachable']);

/**
 * The trunks in the order in which they are tried: as the call names them, those found out of order last, since what was found may be
 * old. Trunks that are not there (unknown, switched off, not the company's) drop out.
 */
export function orderTrunks(ids: readonly string[], found: readonly TelephonyTrunk[]): TelephonyTrunk[] {
  const known = ids.flatMap((id, at) => (ids.indexOf(id) === at ? (found.find((trunk) => trunk.id === id) ?? []) : []));
  const sound = known.filter(({ state }) => !DOUBTFUL.has(state));
  return [...sound, ...known.filter(({ state }) => DOUBTFUL.has(state))];
}

/**
 * Whether an INVITE that failed with this status is tried elsewhere: yes where the trunk is at fault or cannot take the call (no
 * response, 5xx, its refusal of ourselves, a redirection, other media), no where somebody has been reached or the number is wrong.
 */
export function failsOver(status: number): boolean {
  if (status >= 300 && status < 400) return true;
  if (status >= 500 && status < 600) return true;
  return [401, 402, 403, 407, 408, 420, 421, 423, 429, 488, 606].includes(status);
}

/** The status with which the caller learns that no trunk took the call: of media when that was the last fault, else 503. */
export const exhausted = (statuses: readonly number[]): number => {
  const last = statuses.at(-1);
  return last === 488 || last === 606 ? 488 : 503;
};
