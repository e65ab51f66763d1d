/** The draft of a flow, for those who try it before it is published: its pinned revision takes the call. */
import { findDraft } from '../draft-numbers.ts';
import { type DestinationType, isUuid, NOT_FOUND, resolved } from './destination-type.ts';

export const draft: DestinationType = {
  type: 'draft',
  servedBy: null,
  // nothing may lead here for good
  offered: false,
  exists: async () => false,
  resolve: async (db, companyId, id) => {
    const found = isUuid(id) ? await findDraft(db, companyId, id) : null;
    if (!found) return NOT_FOUND;
    return { ...resolved({ type: 'draft', id }, found.coordinates), revision: found.revision };
  },
};
