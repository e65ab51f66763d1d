/** Voicemail boxes and their greetings. */
import * as z from 'zod';
import { Email, Extension, Label, Language, Pin, Uuid } from './fields.ts';
import { resourceRoutes } from './resource.ts';
import { defineRoute } from './route.ts';

const box = {
  userId: Uuid.nullable().meta({ description: 'Null: a box of the company' }),
  name: Label,
  accessNumber: Extension.nullable().meta({ description: 'Dialled to leave a message or to manage the box' }),
  language: Language.nullable(),
  email: Email.nullable(),
  emailAttach: z.boolean(),
  emailDelete: z.boolean().meta({ description: 'A message leaves the box once it is mailed' }),
  transcribe: z.boolean(),
  mwi: z.boolean().meta({ description: 'Lamp of the user’s phones' }),
  editGreeting: z.boolean().meta({ description: 'The user may change the greetings' }),
  retentionDays: z.number().int().min(1).max(3650).nullable().meta({ description: 'Null: the company’s' }),
  maxMessages: z.number().int().min(1).max(10_000),
  maxMessageMs: z.number().int().min(5000).max(3_600_000),
  ownPhonePin: z.boolean().meta({ description: 'The user types the PIN at his own phone too' }),
  listRecordings: z.boolean().meta({ description: 'Recordings of its user’s calls are listed in it' }),
  notifyTrunkId: Uuid.nullable().meta({
    description:
      'Trunk to a peer that is told how many messages the box has (NOTIFY message-summary, RFC 3842); null: none',
  }),
  notifyAccount: z
    .string()
    .regex(/^[A-Za-z0-9+*#._~-]{1,64}$/)
    .nullable()
    .meta({ description: 'Name of the box at that peer; null: its user’s extension, else its access number' }),
};

export const voicemailBoxRoutes = resourceRoutes({
  one: 'VoicemailBox',
  many: 'VoicemailBoxes',
  path: '/voicemail-boxes',
  called: ['voicemail box', 'voicemail boxes'],
  view: { ...box, email: z.string().nullable(), hasPin: z.boolean() },
  write: { ...box, pin: Pin.nullable() },
  defaults: {
    userId: box.userId.default(null),
    accessNumber: box.accessNumber.default(null),
    language: box.language.default(null),
    email: box.email.default(null),
    emailAttach: z.boolean().default(true),
    emailDelete: z.boolean().default(false),
    transcribe: z.boolean().default(false),
    mwi: z.boolean().default(true),
    editGreeting: z.boolean().default(true),
    retentionDays: box.retentionDays.default(null),
    maxMessages: box.maxMessages.default(100),
    maxMessageMs: box.maxMessageMs.default(180_000),
    ownPhonePin: z.boolean().default(false),
    listRecordings: z.boolean().default(false),
    notifyTrunkId: box.notifyTrunkId.default(null),
    notifyAccount: box.notifyAccount.default(null),
    pin: Pin.nullable().default(null),
  },
  query: { user: Uuid.optional() },
  errors: ['API_NAME_TAKEN', 'API_NUMBER_TAKEN', 'API_UNKNOWN_REFERENCE'],
  entitlement: 'voicemail',
});

const Greetings = z.strictObject({
  default: Uuid.optional(),
  busy: Uuid.optional(),
  'no-answer': Uuid.optional(),
  dnd: Uuid.optional(),
  away: Uuid.optional(),
  closed: Uuid.optional(),
  name: Uuid.optional(),
});

const greetings = {
  path: '/voicemail-boxes/:id/greetings',
  tag: 'voicemail-boxes',
  company: true,
  params: { id: Uuid },
  answer: Greetings,
} as const;

export const greetingRoutes = {
  getGreetings: defineRoute({
    ...greetings,
    id: 'getGreetings',
    method: 'GET',
    summary: 'Prompt ids of a box by state; `name` is the recorded name',
    scope: 'read',
    body: null,
  }),
  putGreetings: defineRoute({
    ...greetings,
    id: 'putGreetings',
    method: 'PUT',
    summary: 'Replace the greetings of a box',
    scope: 'directory',
    entitlement: 'voicemail',
    body: Greetings,
    errors: ['API_UNKNOWN_REFERENCE'],
  }),
};
