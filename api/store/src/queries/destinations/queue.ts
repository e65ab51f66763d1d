/** Queues as destinations: the caller waits for an agent. */
import { findQueueCoordinates, queues } from '../queues.ts';
import { type DestinationType, isUuid, NOT_FOUND } from './destination-type.ts';
import { servedByFlow } from './flow.ts';

export const queue: DestinationType = {
  type: 'queue',
  servedBy: 'direct-queue',
  offered: true,
  exists: async (db, scope, id) => isUuid(id) && (await queues.get(db, scope, id)) !== null,
  resolve: async (db, companyId, id, asking) => {
    const coordinates = await findQueueCoordinates(db, companyId, id);
    return coordinates ? servedByFlow(db, companyId, 'direct-queue', coordinates, asking) : NOT_FOUND;
  },
};
