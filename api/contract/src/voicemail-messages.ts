/** Messages of voicemail boxes: the company's, and those of one's own box. */
import * as z from 'zod';
import { Time, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

export const VoicemailMessage = z
  .strictObject({
    id: Uuid,
    state: z.enum(['new', 'old']).meta({ description: 'New until it is heard' }),
    number: z.string().meta({ description: 'Who left it; empty when the number is not known' }),
    name: z.string(),
    durationMs: z.number().int(),
    at: Time,
    transcript: z
      .strictObject({
        state: z.enum(['waiting', 'done', 'failed']),
        text: z.string().nullable().meta({ description: 'What the recogniser has heard, once it is done' }),
      })
      .nullable()
      .meta({ description: 'Null: the box makes none' }),
  })
  .meta({ id: 'VoicemailMessage' });

const Messages = z.strictObject({ items: z.array(VoicemailMessage) });
const Change = z.strictObject({ state: VoicemailMessage.shape.state });

const box = { tag: 'voicemail-boxes', company: true, scope: 'directory', entitlement: 'voicemail' } as const;
const own = { tag: 'me', company: true, scope: 'self', entitlement: 'voicemail' } as const;
const ofBox = { ...box, params: { id: Uuid, message: Uuid } } as const;
const ofMine = { ...own, params: { message: Uuid } } as const;

export const voicemailMessageRoutes = {
  listMessages: defineRoute({
    ...box,
    id: 'listMessages',
    method: 'GET',
    path: '/voicemail-boxes/:id/messages',
    summary: 'The messages of a box, new ones first, oldest first among each; the first 500',
    params: { id: Uuid },
    body: null,
    answer: Messages,
  }),
  getMessageAudio: defineRoute({
    ...ofBox,
    id: 'getMessageAudio',
    method: 'GET',
    path: '/voicemail-boxes/:id/messages/:message/audio',
    summary: 'What was said; a Range of bytes may be asked for',
    body: null,
    answer: 'wav',
  }),
  updateMessage: defineRoute({
    ...ofBox,
    id: 'updateMessage',
    method: 'PATCH',
    path: '/voicemail-boxes/:id/messages/:message',
    summary: 'Say whether a message was heard',
    body: Change,
    answer: VoicemailMessage,
  }),
  deleteMessage: defineRoute({
    ...ofBox,
    id: 'deleteMessage',
    method: 'DELETE',
    path: '/voicemail-boxes/:id/messages/:message',
    summary: 'Delete a message and its sound',
    body: null,
    answer: null,
  }),
  listMyMessages: defineRoute({
    ...own,
    id: 'listMyMessages',
    method: 'GET',
    path: '/me/messages',
    summary: 'The messages in one’s own box',
    body: null,
    answer: Messages,
    errors: ['API_NOT_FOUND'],
  }),
  getMyMessageAudio: defineRoute({
    ...ofMine,
    id: 'getMyMessageAudio',
    method: 'GET',
    path: '/me/messages/:message/audio',
    summary: 'What was said; a Range of bytes may be asked for',
    body: null,
    answer: 'wav',
  }),
  updateMyMessage: defineRoute({
    ...ofMine,
    id: 'updateMyMessage',
    method: 'PATCH',
    path: '/me/messages/:message',
    summary: 'Say whether a message was heard',
    body: Change,
    answer: VoicemailMessage,
  }),
  deleteMyMessage: defineRoute({
    ...ofMine,
    id: 'deleteMyMessage',
    method: 'DELETE',
    path: '/me/messages/:message',
    summary: 'Delete a message and its sound',
    body: null,
    answer: null,
  }),
};
