/** Sends the call to a SIP peer by an INVITE template; the template is filled when the peer is dialled (`destinations/peer.ts`). */
import type { FeatureAction } from './feature-action.ts';

export const peer: FeatureAction = {
  action: 'peer',
  argument: 'optional',
  defaultCode: null,
  lead: async (_db, { id, argument }) => (id === null ? null : { type: 'peer', id: `${id}/${argument}` }),
};
