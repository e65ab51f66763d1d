/** Announcements of the built-in catalogue as destinations: the caller hears one before the answer, then the call is refused. */
import { ANNOUNCEMENTS } from '@callwright/engine/admission';
import { type DestinationType, NOT_FOUND, plainCoordinates } from './destination-type.ts';
import { servedByFlow } from './flow.ts';

const known = (id: string): boolean => (ANNOUNCEMENTS as readonly string[]).includes(id);

export const announcement: DestinationType = {
  type: 'announcement',
  servedBy: 'announcement',
  offered: true,
  exists: async (_db, _scope, id) => known(id),
  resolve: async (db, companyId, id, asking) =>
    known(id)
      ? servedByFlow(db, companyId, 'announcement', { ...plainCoordinates('announcement', ''), id }, asking)
      : NOT_FOUND,
};
