/** The user who calls is not to be disturbed; the same code lets him be called again. */
import type { FeatureAction } from './feature-action.ts';

export const doNotDisturb: FeatureAction = {
  action: 'do-not-disturb',
  argument: 'none',
  defaultCode: '*78',
  lead: async (_db, { userId }) => (userId === null ? null : { type: 'flow', id: 'do-not-disturb' }),
};
