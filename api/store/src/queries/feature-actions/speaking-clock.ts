/** The time of day in the company's zone. */
import type { FeatureAction } from './feature-action.ts';

export const speakingClock: FeatureAction = {
  action: 'speaking-clock',
  argument: 'none',
  defaultCode: '*60',
  lead: async () => ({ type: 'flow', id: 'speaking-clock' }),
};
