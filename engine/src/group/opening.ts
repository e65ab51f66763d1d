/** How every strategy begins and ends: nobody to ring is the end at once, whatever was begun is taken back at the end. */
import type { GroupContext, GroupEffect } from './strategy.ts';
import { expire, giveUp } from './strategy.ts';

/** Nobody can be rung at all. */
export const nobody = {
  guard: 'noMembers',
  target: 'over',
  actions: { type: 'effects', params: (): GroupEffect[] => [{ do: 'ended', outcome: 'unavailable' }] },
} as const;

/** The group's time is over, or nobody wants it any more. */
export const endings = {
  expired: {
    target: 'over',
    actions: { type: 'effects', params: ({ context }: { context: GroupContext }) => expire(context) },
  },
  withdrawn: {
    target: 'over',
    actions: {
      type: 'effects',
      params: ({ context }: { context: GroupContext }) => giveUp(context, 'cancelled', null),
    },
  },
} as const;
