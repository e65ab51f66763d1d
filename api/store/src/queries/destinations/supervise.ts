/** The call of a colleague (id or extension), as a destination: a supervisor hears it. */
import { type DestinationType, plainCoordinates } from './destination-type.ts';
import { servedByFlow } from './flow.ts';

export const supervise: DestinationType = {
  type: 'supervise',
  servedBy: 'supervise',
  // a feature code leads here, not a rule
  offered: false,
  exists: async () => true,
  resolve: (db, companyId, id, asking) =>
    servedByFlow(db, companyId, 'supervise', { ...plainCoordinates('supervise', id), id }, asking),
};
