/** What an author asks while he designs a flow: how a text sounds, what uses what, tests. */
import * as z from 'zod';
import { Diagnostic, Language, Slug, Time, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

const read = { scope: 'read', company: true } as const;
const flows = { scope: 'flows', company: true } as const;

const TestName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);

/** One thing that happens to the simulated call; its form is the engine's `ScriptStep`. */
const Script = z.array(z.record(z.string(), z.unknown())).max(500);
/** `node=outcome` of every node passed, in order. */
const PathTaken = z.array(z.string().max(300)).max(2000);

export const FlowTest = z
  .strictObject({ name: z.string(), script: Script, path: PathTaken, updatedAt: Time })
  .meta({ id: 'FlowTest' });

/** Where an entity is used. */
export const Uses = z
  .strictObject({
    flows: z.array(
      z.strictObject({
        id: Uuid,
        name: z.string(),
        title: z.string(),
        /** Ids of the nodes of the draft that name it. */
        draft: z.array(z.string()),
        /** Ids of the nodes of the published revision that name it. */
        published: z.array(z.string()),
      }),
    ),
    rules: z.array(z.strictObject({ id: Uuid, name: z.string(), number: z.string().nullable() })),
  })
  .meta({ id: 'Uses' });

const TRIAL_BYTES = 256 * 1024;

/** A request of a flow with its texts filled in. */
export const TrialRequest = z
  .strictObject({
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
    url: z
      .string()
      .max(4000)
      .regex(/^https?:\/\/\S+$/i),
    headers: z
      .record(z.string().regex(/^[A-Za-z0-9-]{1,100}$/), z.string().max(4000))
      .default({})
      .refine((headers) => Object.keys(headers).length <= 40),
    body: z.string().max(100_000).nullable().default(null),
    timeoutMs: z.number().int().min(100).max(10_000).default(5000),
  })
  .meta({ id: 'TrialRequest' });

/** What came of a request that was tried. */
export const TrialAnswer = z
  .discriminatedUnion('status', [
    z.strictObject({
      status: z.literal('http'),
      httpStatus: z.number().int(),
      /** JSON where the answer is JSON, else text; null without one. */
      body: z.unknown(),
      /** More came than is read. */
      truncated: z.boolean(),
      durationMs: z.number().int(),
    }),
    z.strictObject({
      status: z.literal('io-failed'),
      /** `refused`: the address may not be asked. */
      code: z.string(),
      message: z.string(),
      durationMs: z.number().int(),
    }),
  ])
  .meta({ id: 'TrialAnswer' });

/** How much of a draft tests take. */
export const FlowCoverage = z
  .strictObject({
    /** The company publishes tested flows only. */
    required: z.boolean(),
    /** False when nothing was searched, or the search was stopped. */
    complete: z.boolean(),
    transitions: z.number().int(),
    covered: z.number().int(),
    /** What publishing is refused for, should it be required: arrows that no test takes, and tests that fail. */
    diagnostics: z.array(Diagnostic),
  })
  .meta({ id: 'FlowCoverage' });

export const flowDesignRoutes = {
  previewSpeech: defineRoute({
    ...flows,
    id: 'previewSpeech',
    method: 'GET',
    path: '/speech',
    tag: 'prompts',
    summary: 'A text as callers will hear it; stores nothing',
    query: { text: z.string().min(1).max(1000), language: Language },
    body: null,
    answer: 'wav',
    errors: ['API_SPEECH_INVALID', 'API_SPEECH_UNAVAILABLE'],
  }),
  listUses: defineRoute({
    ...read,
    id: 'listUses',
    method: 'GET',
    path: '/uses',
    tag: 'flows',
    summary: 'Which flows and routing rules lead to an entity or name it',
    query: {
      type: z.enum([
        'prompt',
        'ring-group',
        'calendar',
        'flow',
        'user',
        'queue',
        'voicemail',
        'meeting-room',
        'caller-list',
      ]),
      /** Id of the entity; of a prompt, its name. */
      key: z.union([Uuid, Slug]).meta({ description: 'Id of the entity; of a prompt, its name' }),
    },
    body: null,
    answer: Uses,
  }),
  getFlowCoverage: defineRoute({
    ...read,
    id: 'getFlowCoverage',
    method: 'GET',
    path: '/flows/:id/coverage',
    tag: 'flows',
    summary: 'Which arrows of the draft no test takes, and why; found by generated calls and the tests kept',
    params: { id: Uuid },
    query: {
      ifRequired: z
        .enum(['true', 'false'])
        .optional()
        .meta({ description: 'Search only when the company publishes tested flows only' }),
    },
    body: null,
    answer: FlowCoverage,
    errors: ['API_FLOW_INVALID'],
  }),
  tryRequest: defineRoute({
    ...flows,
    id: 'tryRequest',
    method: 'POST',
    path: '/flows/try-request',
    tag: 'flows',
    summary:
      'Send a request as a flow would, once, and see the answer; addresses inside the installation’s network are refused',
    body: TrialRequest,
    answer: TrialAnswer,
    bodyLimitBytes: TRIAL_BYTES,
  }),
  listFlowTests: defineRoute({
    ...read,
    id: 'listFlowTests',
    method: 'GET',
    path: '/flows/:id/tests',
    tag: 'flows',
    summary: 'Tests of a flow by name',
    params: { id: Uuid },
    body: null,
    answer: z.strictObject({ items: z.array(FlowTest) }),
  }),
  putFlowTest: defineRoute({
    ...flows,
    id: 'putFlowTest',
    method: 'PUT',
    path: '/flows/:id/tests/:name',
    tag: 'flows',
    summary: 'Make or replace a test: a simulated call and the way it must take',
    params: { id: Uuid, name: TestName },
    body: z.strictObject({ script: Script, path: PathTaken }),
    answer: FlowTest,
  }),
  deleteFlowTest: defineRoute({
    ...flows,
    id: 'deleteFlowTest',
    method: 'DELETE',
    path: '/flows/:id/tests/:name',
    tag: 'flows',
    summary: 'Delete a test',
    params: { id: Uuid, name: TestName },
    body: null,
    answer: null,
  }),
};
