/** Agents log in to queues and out of them, or pause: the code, for one queue or ring group followed by its extension. */
import type { FeatureAction } from './feature-action.ts';

export const agentLogIn: FeatureAction = {
  action: 'agent-log-in',
  argument: 'optional',
  defaultCode: '*45',
  lead: async (_db, { userId, argument }) =>
    userId === null ? null : { type: 'agent', id: argument === '' ? 'all' : argument },
};

export const agentPause: FeatureAction = {
  action: 'agent-pause',
  argument: 'none',
  defaultCode: '*46',
  lead: async (_db, { userId }) => (userId === null ? null : { type: 'agent', id: 'pause' }),
};
