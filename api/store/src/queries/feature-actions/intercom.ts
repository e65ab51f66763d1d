/** Speaks to a colleague at once: his phone answers by itself where it does such a thing. */
import type { FeatureAction } from './feature-action.ts';

export const intercom: FeatureAction = {
  action: 'intercom',
  argument: 'required',
  defaultCode: '*80',
  lead: async (_db, { argument }) => ({ type: 'intercom', id: argument }),
};
