/** Recordings that calls and flows have made. */
import * as z from 'zod';
import { PageQuery, pageOf, Time, Uuid } from './fields.ts';
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
  })
  .meta({ id: 'Recording' });

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
