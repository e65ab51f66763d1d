/** Answers for a colleague whose phone rings: the code and his extension, or the code alone for the user's groups. */
import type { FeatureAction } from './feature-action.ts';

export const pickUp: FeatureAction = {
  action: 'pick-up',
  argument: 'optional',
  defaultCode: '*8',
  lead: async (_db, { argument }) => ({ type: 'pick-up', id: argument === '' ? 'group' : argument }),
};
