/** Calls the draft of a flow by the number its author was given. */
import { draftByCode, TRY_DRAFT } from '../draft-numbers.ts';
import type { FeatureAction } from './feature-action.ts';

export const tryDraft: FeatureAction = {
  action: TRY_DRAFT,
  argument: 'required',
  defaultCode: '*55',
  lead: async (db, { companyId, argument }) => {
    const id = /^[0-9]{4}$/.test(argument) ? await draftByCode(db, companyId, argument) : null;
    return id === null ? null : { type: 'draft', id };
  },
};
