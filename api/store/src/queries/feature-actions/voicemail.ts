/** The user's own mailbox, or with an extension after the code that of somebody else, which asks for its PIN. */
import type { FeatureAction } from './feature-action.ts';

export const voicemail: FeatureAction = {
  action: 'voicemail',
  argument: 'optional',
  defaultCode: '*98',
  lead: async (_db, { argument }) => ({ type: 'mailbox', id: argument === '' ? 'own' : argument }),
};
