/** What a user does as an agent, as a destination: `pause`, or the queue or group he logs in to or out of (`all`: his queues). */
import { type DestinationType, plainCoordinates } from './destination-type.ts';
import { servedByFlow } from './flow.ts';

export const agent: DestinationType = {
  type: 'agent',
  servedBy: 'agent',
  // a feature code leads here, not a rule
  offered: false,
  exists: async () => true,
  resolve: (db, companyId, id, asking) =>
    servedByFlow(db, companyId, 'agent', { ...plainCoordinates('agent', id), id }, asking),
};
