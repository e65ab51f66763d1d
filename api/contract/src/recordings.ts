/** Recordings that calls and flows have made. */
import * as z from 'zod';
import { Label, PageQuery, pageOf, Time, Uuid } from './fields.ts';
import { resourceRoutes } from './resource.ts';
import { defineRoute } from './route.ts';

export const Recording = z
  .strictObject({
    id: Uuid,
    callId: Uuid,
    kind: z.string().meta({ description: '`call`: what was said in it; `flow`: a node asked for it' }),
    state: z.string().meta({ description: '`recording`, `stored` or `failed`' }),
    durationMs: z.number().int().nullable(),
    bytes: z.number().int().nullable(),
    sha256: z.string().nullable().meta({ description: 'Of the file, in hexadecimal' }),
    ended: z.string().nullable().meta({ description: 'Why it ended or failed' }),
    startedAt: Time,
    heardAt: Time.nullable().meta({ description: 'When it was first listened to here; null: it is new' }),
    transcript: z
      .enum(['waiting', 'done', 'failed'])
      .nullable()
      .meta({ description: 'Whether what was said is to be read; null: nobody writes it down' }),
  })
  .meta({ id: 'Recording' });

/** What was said in a recording. */
export const RecordingTranscript = z
  .strictObject({
    state: z.enum(['waiting', 'done', 'failed']),
    text: z.string().nullable().meta({ description: 'Null until it is done' }),
    language: z.string().nullable().meta({ description: 'As the recogniser heard it' }),
    failure: z.string().nullable().meta({ description: 'Code of the last failure' }),
  })
  .meta({ id: 'RecordingTranscript' });

/** Recordings are those of the calls of the box's user; of a box that is nobody's, of the company. */
export const BoxCounts = z
  .strictObject({
    newMessages: z.number().int(),
    oldMessages: z.number().int(),
    newRecordings: z.number().int(),
  })
  .meta({ id: 'BoxCounts' });

const mine = { tag: 'me', company: true, scope: 'self' } as const;
const recordings = { tag: 'recordings', company: true, scope: 'calls' } as const;

export const recordingRoutes = {
  listRecordings: defineRoute({
    ...recordings,
    id: 'listRecordings',
    method: 'GET',
    path: '/recordings',
    summary: 'Recordings, newest first',
    query: { ...PageQuery, call: Uuid.optional() },
    body: null,
    answer: pageOf(Recording),
  }),
  getRecording: defineRoute({
    ...recordings,
    id: 'getRecording',
    method: 'GET',
    path: '/recordings/:id',
    summary: 'One recording',
    params: { id: Uuid },
    body: null,
    answer: Recording,
  }),
  getRecordingAudio: defineRoute({
    ...recordings,
    id: 'getRecordingAudio',
    method: 'GET',
    path: '/recordings/:id/audio',
    summary: 'The sound; a Range of bytes may be asked for',
    params: { id: Uuid },
    body: null,
    answer: 'wav',
  }),
  getRecordingTranscript: defineRoute({
    ...recordings,
    id: 'getRecordingTranscript',
    method: 'GET',
    path: '/recordings/:id/transcript',
    summary: 'What was said, as the recogniser heard it',
    params: { id: Uuid },
    body: null,
    answer: RecordingTranscript,
  }),
  listBoxRecordings: defineRoute({
    ...recordings,
    tag: 'voicemail-boxes',
    id: 'listBoxRecordings',
    method: 'GET',
    path: '/voicemail-boxes/:id/recordings',
    summary:
      'Recordings of the calls of a box’s user (of a box that is nobody’s: of the company), newest first, where the box lists them',
    params: { id: Uuid },
    query: PageQuery,
    body: null,
    answer: pageOf(Recording),
  }),
  countBox: defineRoute({
    ...recordings,
    tag: 'voicemail-boxes',
    scope: 'read',
    id: 'countBox',
    method: 'GET',
    path: '/voicemail-boxes/:id/counts',
    summary: 'How many messages a box holds, and how many recordings that nobody has listened to',
    params: { id: Uuid },
    body: null,
    answer: BoxCounts,
  }),
  listMyRecordings: defineRoute({
    ...mine,
    id: 'listMyRecordings',
    method: 'GET',
    path: '/me/recordings',
    summary: 'Recordings of one’s own calls, where one’s box lists them',
    query: PageQuery,
    body: null,
    answer: pageOf(Recording),
    errors: ['API_NOT_FOUND'],
  }),
  getMyRecordingAudio: defineRoute({
    ...mine,
    id: 'getMyRecordingAudio',
    method: 'GET',
    path: '/me/recordings/:id/audio',
    summary: 'The sound; a Range of bytes may be asked for',
    params: { id: Uuid },
    body: null,
    answer: 'wav',
  }),
  getMyRecordingTranscript: defineRoute({
    ...mine,
    id: 'getMyRecordingTranscript',
    method: 'GET',
    path: '/me/recordings/:id/transcript',
    summary: 'What was said, as the recogniser heard it',
    params: { id: Uuid },
    body: null,
    answer: RecordingTranscript,
  }),
  deleteRecording: defineRoute({
    ...recordings,
    id: 'deleteRecording',
    method: 'DELETE',
    path: '/recordings/:id',
    summary: 'Delete a recording and its file',
    params: { id: Uuid },
    body: null,
    answer: null,
  }),
};

const policy = {
  name: Label,
  position: z.number().int().min(0).max(1_000_000).meta({ description: 'The first that fits decides' }),
  enabled: z.boolean(),
  record: z.boolean().meta({ description: 'False: what fits is not recorded, whatever follows' }),
  subject: z.enum(['company', 'user', 'queue', 'ring-group', 'trunk', 'number']).meta({ description: 'Of whom' }),
  subjectId: Uuid.nullable().meta({ description: 'Which user, queue, ring group or trunk; null for the others' }),
  pattern: z
    .string()
    .min(1)
    .max(400)
    .nullable()
    .meta({ description: 'For `number`: a number or pattern of routing rules' }),
  direction: z.enum(['any', 'inbound', 'outbound', 'internal']),
  percent: z
    .number()
    .int()
    .min(1)
    .max(100)
    .meta({ description: 'The share of calls that is recorded, drawn per call' }),
  announce: z.enum(['none', 'outside', 'both']).meta({ description: 'Who is told before the recording begins' }),
  promptId: Uuid.nullable().meta({ description: 'What they are told; null: in the words of the platform' }),
  keys: z.boolean().meta({ description: 'The users of the call may pause and end it by their keys' }),
};

export const recordingPolicyRoutes = resourceRoutes({
  one: 'RecordingPolicy',
  many: 'RecordingPolicies',
  path: '/recording-policies',
  called: ['recording policy', 'recording policies'],
  view: policy,
  write: policy,
  defaults: {
    position: policy.position.default(100),
    enabled: z.boolean().default(true),
    record: z.boolean().default(true),
    subject: policy.subject.default('company'),
    subjectId: policy.subjectId.default(null),
    pattern: policy.pattern.default(null),
    direction: policy.direction.default('any'),
    percent: policy.percent.default(100),
    announce: policy.announce.default('both'),
    promptId: policy.promptId.default(null),
    keys: z.boolean().default(false),
  },
  errors: ['API_NAME_TAKEN', 'API_UNKNOWN_REFERENCE'],
  entitlement: 'recording',
});
