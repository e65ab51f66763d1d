/** Finds a colleague by the keys of his name. */
import type { FeatureAction } from './feature-action.ts';

export const directory: FeatureAction = {
  action: 'directory',
  argument: 'none',
  defaultCode: '*411',
  lead: async () => ({ type: 'flow', id: 'directory' }),
};
