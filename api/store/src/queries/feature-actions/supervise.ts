/** Hears the call of a colleague: the code and his extension, for supervisors. */
import type { FeatureAction } from './feature-action.ts';

export const supervise: FeatureAction = {
  action: 'supervise',
  argument: 'required',
  defaultCode: '*33',
  lead: async (_db, { userId, argument }) => (userId === null ? null : { type: 'supervise', id: argument }),
};
