/** Webhooks: the catalogue of events, subscriptions, secrets, deliveries. */
import { Fact } from '@callwright/engine/protocol';
import * as z from 'zod';
import { Label, PageQuery, pageOf, Time, Uuid } from './fields.ts';
import { ChatPresence, DIRECTORY_EVENT_TYPES, USER_STATES } from './presence.ts';
import { resourceRoutes } from './resource.ts';
import { defineRoute } from './route.ts';

/** Version of every event's schema. A change that a receiver could trip over makes a new one. */
export const EVENT_VERSION = 1;

const head = <T extends string>(type: T) => ({
  /** The same over every attempt and for every subscription: what a receiver knows repetitions by. */
  id: z.string(),
  type: z.literal(type),
  version: z.literal(EVENT_VERSION),
  at: Time,
  companyId: Uuid,
});

const UserId = Uuid.nullable();
const device = z.looseObject({ loginId: Uuid, userId: UserId, userAgent: z.string(), expired: z.boolean() });
const recording = z.strictObject({
  recordingId: Uuid,
  callId: Uuid,
  kind: z.string(),
  durationMs: z.number().int().nullable(),
  /** Why it could not be kept. */
  code: z.string().optional(),
});
const DIRECTORY_DATA = {
  'recording.stored': recording,
  'recording.failed': recording,
  /** What was said can be read, or could not be made out. */
  'recording.transcribed': recording.extend({ state: z.enum(['done', 'failed']) }),
  'voicemail.received': z.strictObject({
    messageId: Uuid,
    boxId: Uuid,
    /** Null: the box is nobody's own. */
    userId: UserId,
    callId: Uuid,
    /** Who left it. */
    number: z.string(),
    name: z.string(),
    durationMs: z.number().int(),
  }),
  'user.presence': z.strictObject({
    userId: Uuid,
    state: z.enum(USER_STATES),
    before: z.enum(USER_STATES).nullable(),
  }),
  'user.chat': z.strictObject({ userId: Uuid, chat: ChatPresence.nullable(), before: ChatPresence.nullable() }),
  'device.registered': device,
  'device.unregistered': device,
  'trunk.state': z.looseObject({
    trunkId: Uuid,
    name: z.string(),
    state: z.string(),
    before: z.string(),
    sipStatus: z.number().int().nullable(),
  }),
} as const satisfies Record<(typeof DIRECTORY_EVENT_TYPES)[number], z.ZodType>;

function callEvents(): Record<string, z.ZodType> {
  return Object.fromEntries(
    Fact.options.map((option) => {
      const type = option.shape.type.value;
      const event = { ...head(type), callId: Uuid, n: z.number().int().positive(), data: option };
      return [type, z.strictObject(event)];
    }),
  );
}

function directoryEvents(): Record<string, z.ZodType> {
  return Object.fromEntries(
    DIRECTORY_EVENT_TYPES.map((type) => [
      type,
      z.strictObject({ ...head(type), n: z.number().int().positive(), data: DIRECTORY_DATA[type] }),
    ]),
  );
}

/** Schema of what is sent, by event type. */
export const WEBHOOK_EVENTS: Readonly<Record<string, z.ZodType>> = {
  ...callEvents(),
  ...directoryEvents(),
  /** A node `notify` of a flow; only the webhook that it names is told. */
  'flow.notify': z.strictObject({
    ...head('flow.notify'),
    callId: Uuid,
    data: z.strictObject({ event: z.string(), values: z.record(z.string(), z.unknown()) }),
  }),
  'webhook.test': z.strictObject({ ...head('webhook.test'), data: z.strictObject({ text: z.string() }) }),
};

const fields = {
  name: Label,
  url: z
    .string()
    .max(2000)
    .regex(/^https?:\/\/[^\s@]+$/)
    .meta({ description: 'http or https, without user name; an internal address is refused when it is called' }),
  events: z
    .array(z.string().regex(/^[a-z][a-z.-]{0,60}\*?$/))
    .max(100)
    .meta({ description: 'Names of events, or beginnings of names with `*` at the end; empty: all' }),
  enabled: z.boolean().meta({ description: 'What happens while it is off is delivered later' }),
};

const resource = resourceRoutes({
  one: 'Webhook',
  many: 'Webhooks',
  path: '/webhooks',
  called: ['webhook', 'webhooks'],
  view: fields,
  write: fields,
  defaults: { events: fields.events.default([]), enabled: z.boolean().default(true) },
  scope: 'admin',
});

const DeliveryState = z.enum(['waiting', 'delivered', 'dead']);
const delivery = {
  number: z.number().int(),
  eventId: z.string(),
  type: z.string(),
  at: Time,
  state: DeliveryState,
  attempts: z.number().int(),
  /** Of the next attempt, while it waits. */
  dueAt: Time,
  lastStatus: z.number().int().nullable(),
  lastError: z.string().nullable(),
  settledAt: Time.nullable(),
};
export const WebhookDelivery = z.strictObject(delivery).meta({ id: 'WebhookDelivery' });

const id = { id: Uuid };
const numbered = { id: Uuid, number: z.string().regex(/^[0-9]{1,15}$/) };
const read = { scope: 'read', company: true, tag: 'webhooks', method: 'GET', body: null } as const;
const change = { scope: 'admin', company: true, tag: 'webhooks' } as const;

const secrets = { scope: 'secrets', company: true, tag: 'webhooks' } as const;

export const webhookRoutes = {
  ...resource,
  listWebhookSecrets: defineRoute({
    ...secrets,
    method: 'GET',
    body: null,
    id: 'listWebhookSecrets',
    path: '/webhooks/:id/secrets',
    summary: 'Numbers of the secrets in use; deliveries are signed with each',
    params: id,
    answer: z.strictObject({ items: z.array(z.strictObject({ number: z.number().int(), createdAt: Time })) }),
  }),
  addWebhookSecret: defineRoute({
    ...secrets,
    id: 'addWebhookSecret',
    method: 'POST',
    path: '/webhooks/:id/secrets',
    summary: 'Make another secret; it is shown this once',
    params: id,
    body: z.strictObject({}),
    status: 201,
    answer: z.strictObject({ number: z.number().int(), secret: z.string() }),
    errors: ['API_TOO_MANY_SECRETS'],
  }),
  deleteWebhookSecret: defineRoute({
    ...secrets,
    id: 'deleteWebhookSecret',
    method: 'DELETE',
    path: '/webhooks/:id/secrets/:number',
    summary: 'Stop signing with a secret',
    params: numbered,
    body: null,
    answer: null,
  }),
  testWebhook: defineRoute({
    ...change,
    id: 'testWebhook',
    method: 'POST',
    path: '/webhooks/:id/test',
    summary: 'Send an event `webhook.test`',
    params: id,
    body: z.strictObject({}),
    status: 202,
    answer: z.strictObject({ eventId: z.string() }),
  }),
  listWebhookDeliveries: defineRoute({
    ...read,
    id: 'listWebhookDeliveries',
    path: '/webhooks/:id/deliveries',
    summary: 'What was sent, is to be sent, or has been given up (`dead`), newest first',
    params: id,
    query: { ...PageQuery, state: DeliveryState.optional() },
    answer: pageOf(WebhookDelivery),
  }),
  getWebhookDelivery: defineRoute({
    ...read,
    id: 'getWebhookDelivery',
    path: '/webhooks/:id/deliveries/:number',
    summary: 'One delivery with its event and every attempt',
    params: numbered,
    answer: z
      .strictObject({
        ...delivery,
        body: z.unknown(),
        log: z.array(
          z.strictObject({
            at: Time,
            durationMs: z.number().int(),
            httpStatus: z.number().int().nullable(),
            error: z.string().nullable(),
          }),
        ),
      })
      .meta({ id: 'WebhookDeliveryLog' }),
  }),
  resendWebhookDeliveries: defineRoute({
    ...change,
    id: 'resendWebhookDeliveries',
    method: 'POST',
    path: '/webhooks/:id/resend',
    summary: 'Send again what was given up, or the deliveries named',
    params: id,
    body: z.strictObject({
      deliveries: z
        .array(z.number().int().positive())
        .max(1000)
        .nullable()
        .default(null)
        .meta({ description: 'Numbers of settled deliveries; null: all that were given up' }),
    }),
    answer: z.strictObject({ resent: z.number().int() }),
  }),
  listEventTypes: defineRoute({
    ...read,
    id: 'listEventTypes',
    path: '/event-types',
    summary: 'The catalogue of events with their JSON schemas',
    answer: z.strictObject({
      items: z.array(z.strictObject({ type: z.string(), version: z.number().int(), schema: z.unknown() })),
    }),
  }),
};
