/**
 * Progressive (memory hunt): the first member rings, then the second beside him, then the third …
 * Invariant: nobody rings before all members listed above him have rung or were occupied, and nobody stops for another.
 */
import { staged } from '../staged.ts';

export const progressive = staged('progressive', {
  stages: ({ members, stepMs }) =>
    members.map(({ id }, index) => ({ afterMs: index === 0 ? 0 : stepMs, members: [id] })),
  hasty: true,
});
