/** A colleague (id or extension) whose phone is to answer by itself. */
import { type DestinationType, plainCoordinates } from './destination-type.ts';
import { servedByFlow } from './flow.ts';

export const intercom: DestinationType = {
  type: 'intercom',
  servedBy: 'intercom',
  // a feature code leads here, not a rule
  offered: false,
  exists: async () => true,
  resolve: (db, companyId, id, asking) =>
    servedByFlow(db, companyId, 'intercom', { ...plainCoordinates('intercom', id), id }, asking),
};
