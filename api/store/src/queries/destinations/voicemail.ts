/**
 * Voicemail as a destination: a box takes a message (`<box>`, or `<box>/<why nobody answers>`), and its owner's own access to it (`mailbox`:
 * `own`, or the extension of a box).
 */
import { findBox } from '../voicemail.ts';
import { type DestinationType, isUuid, NOT_FOUND, plainCoordinates } from './destination-type.ts';
import { servedByFlow } from './flow.ts';

export const voicemail: DestinationType = {
  type: 'voicemail',
  servedBy: 'voicemail',
  offered: true,
  exists: async (db, scope, id) => isUuid(id) && (await findBox(db, scope.companyId, id))?.id === id,
  resolve: async (db, companyId, id, asking) => {
    const [name = '', state] = id.split('/');
    const box = await findBox(db, companyId, name);
    if (!box) return NOT_FOUND;
    const entity = { ...plainCoordinates('voicemail', ''), id: state === undefined ? box.id : `${box.id}/${state}` };
    return servedByFlow(db, companyId, 'voicemail', entity, asking);
  },
};

export const mailbox: DestinationType = {
  type: 'mailbox',
  servedBy: 'mailbox',
  // a feature code leads here, not a rule
  offered: false,
  exists: async () => true,
  resolve: (db, companyId, id, asking) =>
    servedByFlow(db, companyId, 'mailbox', { ...plainCoordinates('mailbox', ''), id }, asking),
};
