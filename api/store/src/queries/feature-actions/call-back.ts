/** Calls back as soon as a colleague who is busy is free: the code and his extension. */
import { callWhenFree } from '../when-free.ts';
import type { FeatureAction } from './feature-action.ts';

export const callBack: FeatureAction = {
  action: 'call-back',
  argument: 'required',
  defaultCode: '*37',
  lead: async (db, { companyId, userId, argument }) =>
    userId !== null && (await callWhenFree(db, companyId, userId, argument)) ? { type: 'flow', id: 'call-back' } : null,
};
