/**
 * Round robin with memory: agents in the order in which they logged in, going on after the one offered last.
 * Invariant: between two offers to one agent every other agent who was free throughout was offered a call.
 */
import type { Candidate, QueueStrategy } from '../strategy.ts';

export const roundRobin: QueueStrategy = {
  together: false,
  choose: (candidates, { pointer }) => {
    const ordered = [...candidates].sort(byLogIn);
    const next = pointer ? ordered.find((candidate) => byLogIn(candidate, pointer) > 0) : undefined;
    return next ? [next] : ordered.slice(0, 1);
  },
};

type Place = Pick<Candidate, 'listed' | 'loggedInAt'>;

const byLogIn = (a: Place, b: Place): number => a.loggedInAt - b.loggedInAt || a.listed - b.listed;
