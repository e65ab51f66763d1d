/**
 * Enterprise: all ring, each with a delay and a ring time of his own.
 * Invariant: nobody rings before his delay, nor longer than his own time.
 */
import { staged } from '../staged.ts';
import type { Stage } from '../strategy.ts';

export const enterprise = staged('enterprise', {
  stages: ({ members }) => {
    const delays = [...new Set(members.map(({ delayMs }) => delayMs))].sort((a, b) => a - b);
    return delays.map(
      (delayMs, index): Stage => ({
        afterMs: delayMs - (delays[index - 1] ?? 0),
        members: members.filter((member) => member.delayMs === delayMs).map(({ id }) => id),
      }),
    );
  },
  hasty: false,
});
