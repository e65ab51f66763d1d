/** How every strategy begins and ends: nobody to ring is the end at once, whatever was begun is taken back at the end. */
import {
  expire,
  type GroupContext,
  type GroupEffect,
  type GroupEvent,
  giveUp,
  ringMsOf,
  settleOn,
} from './strategy.ts';

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

type Granted = Extract<GroupEvent, { type: 'granted' }>;
type Answered = Extract<GroupEvent, { type: 'answered' }>;

/** A granted member is rung; the first who answers ends it. */
export const ringing = {
  granted: {
    guard: 'isNew',
    actions: [
      'opened',
      {
        type: 'effects',
        params: ({ context, event }: { context: GroupContext; event: Granted }): GroupEffect[] => [
          { do: 'ring', grant: event.grant, userId: event.userId, ringMs: ringMsOf(context, event.userId) },
        ],
      },
    ],
  },
  answered: {
    guard: 'isOpen',
    target: 'over',
    actions: {
      type: 'effects',
      params: ({ context, event }: { context: GroupContext; event: Answered }) => settleOn(context, event.grant),
    },
  },
} as const;
