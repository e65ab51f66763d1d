/** What rings for a user (id or extension) or, by `group`, for the caller's groups, as a destination: the caller answers for him. */
import { type DestinationType, plainCoordinates } from './destination-type.ts';
import { servedByFlow } from './flow.ts';

export const pickUp: DestinationType = {
  type: 'pick-up',
  servedBy: 'pick-up',
  // a feature code leads here, not a rule
  offered: false,
  exists: async () => true,
  resolve: (db, companyId, id, asking) =>
    servedByFlow(db, companyId, 'pick-up', { ...plainCoordinates('pick-up', id), id }, asking),
};
