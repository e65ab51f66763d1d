/** Calling the draft of a flow before it is published. */
import * as z from 'zod';
import { Time, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

export const DraftCall = z
  .strictObject({
    id: Uuid,
    /** Hash of the unpublished revision that calls to the number run. */
    revision: z.string(),
    /** What any phone of the company dials. */
    number: z.string(),
    expiresAt: Time,
    /** A SIP log-in that dials this number and nothing else, for as long as the number serves. */
    phone: z.strictObject({ username: z.string(), password: z.string(), realm: z.string() }),
  })
  .meta({ id: 'DraftCall' });

export const draftCallRoutes = {
  createDraftCall: defineRoute({
    id: 'createDraftCall',
    method: 'POST',
    path: '/flows/:id/draft-calls',
    tag: 'flows',
    summary: 'Give the draft a number to be called at for an hour, as it stands now; nothing is published',
    scope: 'flows',
    company: true,
    params: { id: Uuid },
    body: z.strictObject({
      /** Draft version meant; refused when it is not the stored one. */
      version: z.number().int().min(1).max(2_000_000_000).optional(),
    }),
    status: 201,
    answer: DraftCall,
    errors: ['API_FLOW_INVALID', 'API_DRAFT_CHANGED', 'API_NOT_ENTITLED', 'API_TOO_MANY'],
  }),
};
