/**
 * Sequential by agent order: for each caller down the list, going on after the agent he was offered last.
 * Invariant: no caller is offered to one agent twice before every free, fit agent below him was tried.
 */
import { after, type QueueStrategy } from '../strategy.ts';

export const sequential: QueueStrategy = {
  together: false,
  choose: (candidates, { offered, rules }) => {
    const last = rules.agents.findIndex(({ userId }) => userId === offered.at(-1));
    return after(candidates, last);
  },
};
