/** SIP addresses as destinations; telephony's guard decides whether they may be reached (design §5). */
import { type DestinationType, plainCoordinates, resolved } from './destination-type.ts';

export const sip: DestinationType = {
  type: 'sip',
  servedBy: 'direct-sip',
  offered: true,
  exists: async (_db, _scope, id) => /^sips?:[^\s<>"]{1,390}$/i.test(id),
  resolve: async (_db, _companyId, id) => resolved({ type: 'sip', id }, { ...plainCoordinates('sip', id), id }),
};
