/** The caller hears himself. */
import type { FeatureAction } from './feature-action.ts';

export const echoTest: FeatureAction = {
  action: 'echo-test',
  argument: 'none',
  defaultCode: '*43',
  lead: async () => ({ type: 'flow', id: 'echo-test' }),
};
