/** Refusing a call as a destination; the id is the cause that the caller is told. */
import { type DestinationType, NOT_FOUND, plainCoordinates } from './destination-type.ts';
import { servedByFlow } from './flow.ts';

/** Causes that a rule may give; `flows/refuse` has a branch for each. */
export const HANG_UP_CAUSES = ['rejected', 'busy', 'unavailable', 'not-found', 'forbidden'] as const;

const known = (id: string): boolean => (HANG_UP_CAUSES as readonly string[]).includes(id);

export const hangUp: DestinationType = {
  type: 'hang-up',
  servedBy: 'refuse',
  offered: true,
  exists: async (_db, _scope, id) => known(id),
  resolve: async (db, companyId, id, asking) =>
    known(id) ? servedByFlow(db, companyId, 'refuse', { ...plainCoordinates('hang-up', ''), id }, asking) : NOT_FOUND,
};
