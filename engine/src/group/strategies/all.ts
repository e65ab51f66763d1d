/**
 * Ring all: every free member at once, each that becomes free joins in; the first who answers wins.
 * Invariant: while the group rings, a free member who was not tried yet rings.
 */
import { staged } from '../staged.ts';

export const all = staged('all', {
  stages: ({ members }) => [{ afterMs: 0, members: members.map(({ id }) => id) }],
  hasty: false,
});
