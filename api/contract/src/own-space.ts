/** A user's own space beside `me.ts`: the phone of the browser, own devices, how one is reached, the own box, the own password. */
import * as z from 'zod';
import { UserCallingSettings } from './calling.ts';
import { Password, Pin, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';
import { Device, NewDevice, SipSecret } from './users.ts';

const self = { scope: 'self', company: true, tag: 'me' } as const;
const ofBox = { ...self, entitlement: 'voicemail' } as const;
const GREETING_BYTES = 20 * 1024 * 1024;

/** What callers hear before they speak, and when. */
export const OwnGreeting = z.enum(['default', 'busy', 'no-answer', 'dnd', 'away', 'closed', 'name']);

/** What a user sees of his own box. */
export const OwnBox = z
  .strictObject({
    id: Uuid,
    name: z.string(),
    accessNumber: z.string().nullable(),
    hasPin: z.boolean(),
    mayEditGreetings: z.boolean(),
    listsRecordings: z.boolean(),
    greetings: z.array(z.strictObject({ kind: OwnGreeting, durationMs: z.number().int() })),
  })
  .meta({ id: 'OwnBox' });

/** How a user wants to be reached, without what is the administrator's to say. */
export const OwnCalling = z
  .strictObject(UserCallingSettings.shape)
  .omit({ keysDenied: true })
  .meta({ id: 'OwnCalling' });

const deviceId = { id: Uuid };
const greeting = { kind: OwnGreeting };

export const ownSpaceRoutes = {
  createMyPhone: defineRoute({
    ...self,
    id: 'createMyPhone',
    method: 'POST',
    path: '/me/phone',
    summary: 'SIP log-in of the browser’s phone: one for the session, which it ends with',
    body: z.strictObject({}),
    status: 201,
    answer: SipSecret,
    errors: ['API_NOT_FOUND'],
  }),
  createMyDevice: defineRoute({
    ...self,
    id: 'createMyDevice',
    method: 'POST',
    path: '/me/devices',
    summary: 'Make a device of one’s own; its SIP password is in the answer',
    body: z.strictObject({ name: NewDevice.shape.name, model: NewDevice.shape.model }),
    status: 201,
    answer: z.strictObject({ device: Device, sip: SipSecret }),
    errors: ['API_NOT_FOUND', 'API_DEVICE_LIMIT'],
  }),
  replaceMyDeviceSecret: defineRoute({
    ...self,
    id: 'replaceMyDeviceSecret',
    method: 'POST',
    path: '/me/devices/:id/secret',
    summary: 'Make a new SIP password of one’s own device; phones with the old one are unregistered',
    params: deviceId,
    body: null,
    answer: SipSecret,
  }),
  deleteMyDevice: defineRoute({
    ...self,
    id: 'deleteMyDevice',
    method: 'DELETE',
    path: '/me/devices/:id',
    summary: 'Delete one’s own device with its log-in',
    params: deviceId,
    body: null,
    answer: null,
  }),
  getMyCalling: defineRoute({
    ...self,
    id: 'getMyCalling',
    method: 'GET',
    path: '/me/calling',
    summary: 'How one wants to be reached',
    body: null,
    answer: OwnCalling,
    errors: ['API_NOT_FOUND'],
  }),
  putMyCalling: defineRoute({
    ...self,
    id: 'putMyCalling',
    method: 'PUT',
    path: '/me/calling',
    summary: 'Replace how one wants to be reached: calls are led to users, groups, boxes and numbers',
    body: OwnCalling,
    answer: OwnCalling,
    errors: ['API_NOT_FOUND', 'API_UNKNOWN_DESTINATION'],
  }),
  getMyBox: defineRoute({
    ...ofBox,
    id: 'getMyBox',
    method: 'GET',
    path: '/me/box',
    summary: 'One’s own voicemail box with its greetings',
    body: null,
    answer: OwnBox,
    errors: ['API_NOT_FOUND'],
  }),
  updateMyBox: defineRoute({
    ...ofBox,
    id: 'updateMyBox',
    method: 'PATCH',
    path: '/me/box',
    summary: 'Change the PIN of one’s own box; null: it cannot be entered from other phones',
    body: z.strictObject({ pin: Pin.nullable() }),
    answer: OwnBox,
    errors: ['API_NOT_FOUND'],
  }),
  getMyGreeting: defineRoute({
    ...ofBox,
    id: 'getMyGreeting',
    method: 'GET',
    path: '/me/box/greetings/:kind',
    summary: 'The sound of a greeting of one’s own box',
    params: greeting,
    body: null,
    answer: 'wav',
  }),
  putMyGreeting: defineRoute({
    ...ofBox,
    id: 'putMyGreeting',
    method: 'PUT',
    path: '/me/box/greetings/:kind',
    summary: 'Make or replace a greeting by a PCM WAV file (`audio/wav`)',
    params: greeting,
    body: 'wav',
    answer: OwnBox,
    errors: ['API_AUDIO_INVALID'],
    bodyLimitBytes: GREETING_BYTES,
  }),
  deleteMyGreeting: defineRoute({
    ...ofBox,
    id: 'deleteMyGreeting',
    method: 'DELETE',
    path: '/me/box/greetings/:kind',
    summary: 'Remove a greeting; callers hear the default one, else the platform’s',
    params: greeting,
    body: null,
    answer: null,
  }),
  changePassword: defineRoute({
    id: 'changePassword',
    method: 'PUT',
    path: '/session/password',
    tag: 'session',
    summary: 'Change the password of the account that is logged in; its other sessions end',
    scope: 'any',
    body: z.strictObject({ current: z.string().max(200), password: Password }),
    answer: null,
    errors: ['API_LOGIN_FAILED', 'API_LOCKED_OUT'],
  }),
};
