/**
 * Round robin, ordered: agents as the queue lists them, going on after the one offered last.
 * Invariant: between two offers to one agent every other agent who was free throughout was offered a call.
 */
import { after, type QueueStrategy } from '../strategy.ts';

export const roundRobinOrdered: QueueStrategy = {
  together: false,
  choose: (candidates, { pointer }) => after(candidates, pointer?.listed ?? -1),
};
