/** A user's own space: who logs in as a directory user sees and changes what is the user's. */
import * as z from 'zod';
import { CallerListEntry, CallerListKind, NewCallerListEntry } from './caller-lists.ts';
import { Dialled, EntityNumber, Language, PageQuery, Pin, pageOf, Time, Uuid, WrittenNumber } from './fields.ts';
import { Contact, NewContact } from './phonebooks.ts';
import { defineRoute } from './route.ts';
import { Device, User, UserModeName } from './users.ts';

const self = { scope: 'self', company: true, tag: 'me' } as const;

/** What colleagues see of a user. */
export const Colleague = z
  .strictObject({
    id: Uuid,
    number: EntityNumber,
    extension: z.string(),
    givenName: z.string(),
    familyName: z.string(),
    email: z.string().nullable(),
    departmentId: Uuid.nullable(),
    phrase: z.string(),
    mode: UserModeName,
    modeNote: z.string(),
    registered: z.boolean(),
    numbers: User.shape.numbers,
  })
  .meta({ id: 'Colleague' });

const { phonebookId: _book, external: _external, ...contactFields } = NewContact.shape;

export const meRoutes = {
  getMe: defineRoute({
    ...self,
    id: 'getMe',
    method: 'GET',
    path: '/me',
    summary: 'The user that the account belongs to',
    body: null,
    answer: User,
    errors: ['API_NOT_FOUND'],
  }),
  updateMe: defineRoute({
    ...self,
    id: 'updateMe',
    method: 'PATCH',
    path: '/me',
    summary: 'Change one’s own state, phrase, language, PIN',
    body: z
      .strictObject({
        phrase: z.string().max(200),
        language: Language.nullable(),
        callWaiting: z.boolean(),
        mode: UserModeName,
        modeUntil: Time.nullable(),
        modeNote: z.string().max(200),
        divertNumber: Dialled.nullable(),
        phonebookId: Uuid.nullable(),
        pin: Pin.nullable(),
        missedCallMail: z.boolean(),
      })
      .partial(),
    answer: User,
    errors: ['API_NOT_FOUND', 'API_UNKNOWN_REFERENCE'],
  }),
  listMyDevices: defineRoute({
    ...self,
    id: 'listMyDevices',
    method: 'GET',
    path: '/me/devices',
    summary: 'One’s own devices',
    body: null,
    answer: z.strictObject({ items: z.array(Device) }),
    errors: ['API_NOT_FOUND'],
  }),
  listColleagues: defineRoute({
    ...self,
    id: 'listColleagues',
    method: 'GET',
    path: '/me/colleagues',
    summary: 'Users of the company that are shown to colleagues',
    query: { ...PageQuery, search: z.string().max(100).optional() },
    body: null,
    answer: pageOf(Colleague),
    errors: ['API_NOT_FOUND'],
  }),
  listMyContacts: defineRoute({
    ...self,
    id: 'listMyContacts',
    method: 'GET',
    path: '/me/contacts',
    summary: 'Contacts of the address books that the user sees',
    query: { ...PageQuery, search: z.string().max(100).optional() },
    body: null,
    answer: pageOf(Contact),
    errors: ['API_NOT_FOUND'],
  }),
  lookUpMyContacts: defineRoute({
    ...self,
    id: 'lookUpMyContacts',
    method: 'GET',
    path: '/me/contact-lookup',
    summary: 'Who has this number, best first',
    query: { number: WrittenNumber },
    body: null,
    answer: z.strictObject({ items: z.array(Contact) }),
    errors: ['API_NOT_FOUND'],
  }),
  createMyContact: defineRoute({
    ...self,
    id: 'createMyContact',
    method: 'POST',
    path: '/me/contacts',
    summary: 'Make a contact in one’s own address book',
    body: z.strictObject(contactFields),
    status: 201,
    answer: Contact,
    errors: ['API_NOT_FOUND'],
  }),
  deleteMyContact: defineRoute({
    ...self,
    id: 'deleteMyContact',
    method: 'DELETE',
    path: '/me/contacts/:id',
    summary: 'Delete a contact of one’s own, or of a book that its users may change',
    params: { id: Uuid },
    body: null,
    answer: null,
  }),
  getMyCallerLists: defineRoute({
    ...self,
    id: 'getMyCallerLists',
    method: 'GET',
    path: '/me/caller-lists',
    summary: 'Callers that the user lets in, refuses and prefers, on lists of his own',
    body: null,
    answer: z.strictObject({
      allow: z.array(CallerListEntry),
      block: z.array(CallerListEntry),
      vip: z.array(CallerListEntry),
    }),
    errors: ['API_NOT_FOUND'],
  }),
  putMyCallerList: defineRoute({
    ...self,
    id: 'putMyCallerList',
    method: 'PUT',
    path: '/me/caller-lists',
    summary: 'Replace the user’s own list of a kind',
    body: z.strictObject({ kind: CallerListKind, entries: z.array(NewCallerListEntry).max(1000) }),
    answer: null,
    errors: ['API_NOT_FOUND', 'API_PATTERN_INVALID'],
  }),
};
