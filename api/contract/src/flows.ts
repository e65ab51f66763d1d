/** Prompts and flows. Flow files are checked by the engine, which reports every fault at once; here they are any JSON object. */
import * as z from 'zod';
import { draftCallRoutes } from './draft-calls.ts';
import { Diagnostic, EntityNumber, Language, NumberText, PageQuery, pageOf, Slug, Time, Uuid } from './fields.ts';
import { flowDesignRoutes } from './flow-design.ts';
import { flowHistoryRoutes } from './flow-history.ts';
import { defineRoute } from './route.ts';

export * from './draft-calls.ts';
export * from './flow-design.ts';
export * from './flow-history.ts';

const id = { id: Uuid };
const name = { name: Slug };
const read = { scope: 'read', company: true } as const;
const flows = { scope: 'flows', company: true } as const;

const FLOW_BYTES = 2 * 1024 * 1024;
const AUDIO_BYTES = 20 * 1024 * 1024;

export const Prompt = z
  .strictObject({
    id: Uuid,
    number: EntityNumber,
    name: z.string(),
    /** Set when the audio is spoken text. */
    text: z.string().nullable(),
    language: z.string().nullable(),
    /** SHA-256 of the audio as played. */
    hash: z.string(),
    durationMs: z.number().int(),
    updatedAt: Time,
  })
  .meta({ id: 'Prompt' });

export const promptRoutes = {
  listPrompts: defineRoute({
    ...read,
    id: 'listPrompts',
    method: 'GET',
    path: '/prompts',
    tag: 'prompts',
    summary: 'Prompts by number',
    query: PageQuery,
    body: null,
    answer: pageOf(Prompt),
  }),
  getPrompt: defineRoute({
    ...read,
    id: 'getPrompt',
    method: 'GET',
    path: '/prompts/:name',
    tag: 'prompts',
    summary: 'One prompt',
    params: name,
    body: null,
    answer: Prompt,
  }),
  putPrompt: defineRoute({
    ...flows,
    id: 'putPrompt',
    method: 'PUT',
    path: '/prompts/:name',
    tag: 'prompts',
    summary: 'Make or replace a prompt by speaking a text',
    params: name,
    body: z.strictObject({ text: z.string().min(1).max(4000), language: Language }),
    answer: Prompt,
    errors: ['API_SPEECH_INVALID', 'API_SPEECH_UNAVAILABLE'],
  }),
  putPromptAudio: defineRoute({
    ...flows,
    id: 'putPromptAudio',
    method: 'PUT',
    path: '/prompts/:name/audio',
    tag: 'prompts',
    summary: 'Make or replace a prompt by a PCM WAV file (`audio/wav`); it is converted to 8 kHz mono 16 bit',
    params: name,
    body: 'wav',
    answer: Prompt,
    errors: ['API_AUDIO_INVALID'],
    bodyLimitBytes: AUDIO_BYTES,
  }),
  getPromptAudio: defineRoute({
    ...read,
    id: 'getPromptAudio',
    method: 'GET',
    path: '/prompts/:name/audio',
    tag: 'prompts',
    summary: 'The audio as played',
    params: name,
    body: null,
    answer: 'wav',
  }),
  deletePrompt: defineRoute({
    ...flows,
    id: 'deletePrompt',
    method: 'DELETE',
    path: '/prompts/:name',
    tag: 'prompts',
    summary: 'Delete a prompt; published revisions keep its audio',
    params: name,
    body: null,
    answer: null,
  }),
};

/** `{ document, layout? }`; the document’s form is the engine’s `FlowDocument`. */
export const FlowFileBody = z
  .record(z.string(), z.unknown())
  .meta({ id: 'FlowFile', description: '{ document, layout? }' });

export const Flow = z
  .strictObject({
    id: Uuid,
    number: EntityNumber,
    name: z.string(),
    title: z.string(),
    draftVersion: z.number().int(),
    published: z.strictObject({ number: z.number().int(), hash: z.string() }).nullable(),
    createdAt: Time,
    updatedAt: Time,
  })
  .meta({ id: 'Flow' });
export const FlowWithDraft = z.strictObject({ ...Flow.shape, draft: FlowFileBody }).meta({ id: 'FlowWithDraft' });

export const Revision = z
  .strictObject({
    number: z.number().int(),
    hash: z.string(),
    comment: z.string(),
    publishedBy: z.string(),
    publishedAt: Time,
  })
  .meta({ id: 'Revision' });

const Diagnostics = z.array(Diagnostic);
const revisionNumber = NumberText.regex(/^[1-9][0-9]{0,8}$/);
/** A revision number, or `draft`. */
const Side = z.string().regex(/^(draft|[1-9][0-9]{0,8})$/);

export const flowRoutes = {
  ...flowDesignRoutes,
  ...flowHistoryRoutes,
  ...draftCallRoutes,
  listFlows: defineRoute({
    ...read,
    id: 'listFlows',
    method: 'GET',
    path: '/flows',
    tag: 'flows',
    summary: 'Flows by number',
    query: { ...PageQuery, name: Slug.optional() },
    body: null,
    answer: pageOf(Flow),
  }),
  createFlow: defineRoute({
    ...flows,
    id: 'createFlow',
    method: 'POST',
    path: '/flows',
    tag: 'flows',
    summary: 'Make a flow from a flow file; it is a draft until it is published',
    body: z.strictObject({ file: FlowFileBody }),
    status: 201,
    answer: FlowWithDraft,
    errors: ['API_NAME_TAKEN', 'API_FLOW_INVALID'],
    bodyLimitBytes: FLOW_BYTES,
  }),
  lintFlow: defineRoute({
    ...flows,
    id: 'lintFlow',
    method: 'POST',
    path: '/flows/lint',
    tag: 'flows',
    summary: 'All diagnostics of a flow file against what the company has; stores nothing',
    body: z.strictObject({ file: FlowFileBody }),
    answer: z.strictObject({ publishable: z.boolean(), diagnostics: Diagnostics }),
    errors: ['API_FLOW_INVALID'],
    bodyLimitBytes: FLOW_BYTES,
  }),
  getFlow: defineRoute({
    ...read,
    id: 'getFlow',
    method: 'GET',
    path: '/flows/:id',
    tag: 'flows',
    summary: 'One flow with its draft',
    params: id,
    body: null,
    answer: FlowWithDraft,
  }),
  saveDraft: defineRoute({
    ...flows,
    id: 'saveDraft',
    method: 'PUT',
    path: '/flows/:id/draft',
    tag: 'flows',
    summary: 'Save the draft over the version it was loaded as',
    params: id,
    body: z.strictObject({ version: z.number().int().min(1).max(2_000_000_000), file: FlowFileBody }),
    answer: FlowWithDraft,
    errors: ['API_DRAFT_CHANGED', 'API_NAME_TAKEN', 'API_FLOW_INVALID'],
    bodyLimitBytes: FLOW_BYTES,
  }),
  deleteFlow: defineRoute({
    ...flows,
    id: 'deleteFlow',
    method: 'DELETE',
    path: '/flows/:id',
    tag: 'flows',
    summary: 'Delete a flow to which nothing leads',
    params: id,
    body: null,
    answer: null,
    errors: ['API_IN_USE'],
  }),
  publishFlow: defineRoute({
    ...flows,
    id: 'publishFlow',
    method: 'POST',
    path: '/flows/:id/publish',
    tag: 'flows',
    summary: 'Publish the draft as an immutable revision; refused with all diagnostics while it has errors',
    params: id,
    body: z.strictObject({
      /** Draft version meant; refused when it is not the stored one. */
      version: z.number().int().min(1).max(2_000_000_000).optional(),
      comment: z.string().max(500).default(''),
    }),
    answer: z.strictObject({ revision: Revision, diagnostics: Diagnostics }),
    errors: ['API_FLOW_INVALID', 'API_FLOW_UNTESTED', 'API_DRAFT_CHANGED'],
  }),
  listRevisions: defineRoute({
    ...read,
    id: 'listRevisions',
    method: 'GET',
    path: '/flows/:id/revisions',
    tag: 'flows',
    summary: 'Revisions, newest first',
    params: id,
    query: PageQuery,
    body: null,
    answer: pageOf(Revision),
  }),
  getRevision: defineRoute({
    ...read,
    id: 'getRevision',
    method: 'GET',
    path: '/flows/:id/revisions/:number',
    tag: 'flows',
    summary: 'One revision with its document and what it pins',
    params: { ...id, number: revisionNumber },
    body: null,
    answer: z.strictObject({ ...Revision.shape, closure: z.unknown(), layout: z.unknown() }),
  }),
  nameRevision: defineRoute({
    ...flows,
    id: 'nameRevision',
    method: 'PATCH',
    path: '/flows/:id/revisions/:number',
    tag: 'flows',
    summary: 'Change the comment of a revision, its name for people',
    params: { ...id, number: revisionNumber },
    body: z.strictObject({ comment: z.string().max(500) }),
    answer: Revision,
  }),
  diffFlow: defineRoute({
    ...read,
    id: 'diffFlow',
    method: 'GET',
    path: '/flows/:id/diff',
    tag: 'flows',
    summary: 'What changed between two revisions, or a revision and the draft',
    params: id,
    query: { from: Side, to: Side },
    body: null,
    answer: z.strictObject({ changes: z.unknown() }),
    errors: ['API_FLOW_INVALID'],
  }),
  rollbackFlow: defineRoute({
    ...flows,
    id: 'rollbackFlow',
    method: 'POST',
    path: '/flows/:id/rollback',
    tag: 'flows',
    summary: 'Make an earlier revision the published one; new calls take it at once',
    params: id,
    body: z.strictObject({ number: z.number().int().min(1).max(2_000_000_000) }),
    answer: Revision,
  }),
};
