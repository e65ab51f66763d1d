/** The SMTP server by which an owner's mail goes out, and who turns messages into text; those below use them unless they have their own. */
import * as z from 'zod';
import { Email, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

const fields = {
  host: z.string().regex(/^(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)$/),
  port: z.number().int().min(1).max(65_535),
  security: z
    .enum(['none', 'starttls', 'tls'])
    .meta({ description: '`starttls`: nothing is said before the connection is safe' }),
  username: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/)
    .nullable(),
};

export const MailServer = z
  .strictObject({ ...fields, sender: z.string(), hasPassword: z.boolean() })
  .meta({ id: 'MailServer' });

const server = { tag: 'mail', scope: 'admin', path: '/owners/:id/mail-server', params: { id: Uuid } } as const;

export const mailRoutes = {
  getMailServer: defineRoute({
    ...server,
    id: 'getMailServer',
    method: 'GET',
    summary: 'The owner’s own mail server',
    body: null,
    answer: MailServer,
  }),
  putMailServer: defineRoute({
    ...server,
    id: 'putMailServer',
    method: 'PUT',
    summary: 'Set the owner’s mail server; without a password the one there is stays',
    body: z.strictObject({
      ...fields,
      sender: Email,
      password: z
        .string()
        .regex(/^[\x20-\x7e]{1,200}$/)
        .nullable()
        .optional(),
    }),
    answer: MailServer,
  }),
  deleteMailServer: defineRoute({
    ...server,
    id: 'deleteMailServer',
    method: 'DELETE',
    summary: 'Use the mail server of the owner above again',
    body: null,
    answer: null,
  }),
};

const recogniserFields = {
  provider: z.enum(['transcriptions-api']).meta({
    description: '`transcriptions-api`: a service that answers `POST /v1/audio/transcriptions` as OpenAI’s does',
  }),
  url: z
    .string()
    .max(2000)
    .regex(/^https?:\/\/[^\s@]+$/)
    .meta({ description: 'Whole; an internal address is refused unless the platform set or allowed it' }),
  model: z.string().regex(/^[\x21-\x7e]{1,200}$/),
};

export const Recogniser = z
  .strictObject({ ...recogniserFields, provider: z.string(), hasKey: z.boolean() })
  .meta({ id: 'Recogniser' });

const recogniser = { tag: 'mail', scope: 'admin', path: '/owners/:id/recogniser', params: { id: Uuid } } as const;

export const recogniserRoutes = {
  getRecogniser: defineRoute({
    ...recogniser,
    id: 'getRecogniser',
    method: 'GET',
    summary: 'Who turns the owner’s messages into text',
    body: null,
    answer: Recogniser,
  }),
  putRecogniser: defineRoute({
    ...recogniser,
    id: 'putRecogniser',
    method: 'PUT',
    summary: 'Set the owner’s recogniser; without a key the one there is stays',
    body: z.strictObject({
      ...recogniserFields,
      key: z
        .string()
        .regex(/^[\x21-\x7e]{1,500}$/)
        .nullable()
        .optional(),
    }),
    answer: Recogniser,
  }),
  deleteRecogniser: defineRoute({
    ...recogniser,
    id: 'deleteRecogniser',
    method: 'DELETE',
    summary: 'Use the recogniser of the owner above again',
    body: null,
    answer: null,
  }),
};
