/** Address books and their contacts. */
import * as z from 'zod';
import { Email, EntityNumber, Label, PageQuery, pageOf, Time, Uuid, WrittenNumber } from './fields.ts';
import { resourceRoutes } from './resource.ts';
import { defineRoute } from './route.ts';

const book = {
  name: Label,
  kind: z.enum(['company', 'department', 'private']),
  departmentId: Uuid.nullable().meta({ description: 'Of kind department: whose users see it' }),
  userId: Uuid.nullable().meta({ description: 'Of kind private: who sees it' }),
  editable: z.boolean().meta({ description: 'Users who see it may change its contacts' }),
};

export const phonebookRoutes = resourceRoutes({
  one: 'Phonebook',
  many: 'Phonebooks',
  path: '/phonebooks',
  called: ['address book', 'address books'],
  view: book,
  write: book,
  defaults: {
    kind: book.kind.default('company'),
    departmentId: book.departmentId.default(null),
    userId: book.userId.default(null),
    editable: z.boolean().default(false),
  },
  errors: ['API_NAME_TAKEN', 'API_UNKNOWN_REFERENCE', 'API_BOOK_OWNER'],
  scope: 'contacts',
});

export const CONTACT_NUMBER_KIND = z.enum(['office', 'home', 'mobile', 'mobile2', 'sms', 'fax', 'other']);
const text = z.string().max(200);

const contact = {
  givenName: z.string().max(100),
  familyName: z.string().max(100),
  organisation: text,
  email: Email.nullable(),
  address: z.string().max(500),
  notes: z.string().max(4000),
  favourite: z.boolean(),
  numbers: z.array(z.strictObject({ kind: CONTACT_NUMBER_KIND, number: WrittenNumber })).max(20),
  data: z
    .record(z.string().max(60), z.unknown())
    .meta({ description: 'Whatever else an application keeps with it; at most 16 kB' }),
};
const external = z
  .strictObject({ scheme: z.string().min(1).max(60), value: z.string().min(1).max(200) })
  .nullable()
  .meta({ description: 'How another application names it; unique in the company' });

export const Contact = z
  .strictObject({
    id: Uuid,
    number: EntityNumber,
    phonebookId: Uuid,
    ...contact,
    email: z.string().nullable(),
    numbers: z.array(z.strictObject({ kind: CONTACT_NUMBER_KIND, number: z.string(), e164: z.string().nullable() })),
    external,
    createdAt: Time,
    updatedAt: Time,
  })
  .meta({ id: 'Contact' });

export const NewContact = z.strictObject({
  phonebookId: Uuid,
  givenName: contact.givenName.default(''),
  familyName: contact.familyName.default(''),
  organisation: text.default(''),
  email: contact.email.default(null),
  address: contact.address.default(''),
  notes: contact.notes.default(''),
  favourite: z.boolean().default(false),
  numbers: contact.numbers.default([]),
  data: contact.data.default({}),
  external: external.default(null),
});

const tagged = { tag: 'contacts', company: true } as const;
const one = { path: '/contacts/:id', params: { id: Uuid } } as const;

export const contactRoutes = {
  listContacts: defineRoute({
    ...tagged,
    id: 'listContacts',
    method: 'GET',
    path: '/contacts',
    summary: 'Contacts by number',
    scope: 'read',
    query: {
      ...PageQuery,
      phonebook: Uuid.optional(),
      search: z.string().max(100).optional().meta({ description: 'Part of a name, organisation, e-mail or number' }),
    },
    body: null,
    answer: pageOf(Contact),
  }),
  createContact: defineRoute({
    ...tagged,
    id: 'createContact',
    method: 'POST',
    path: '/contacts',
    summary: 'Make a contact',
    scope: 'contacts',
    body: NewContact,
    status: 201,
    answer: Contact,
    errors: ['API_NAME_TAKEN', 'API_UNKNOWN_REFERENCE'],
  }),
  lookUpContacts: defineRoute({
    ...tagged,
    id: 'lookUpContacts',
    method: 'GET',
    path: '/contact-lookup',
    summary: 'Who has this number, best first; for a user: preferred book, own, department’s, company’s',
    scope: 'read',
    query: { number: WrittenNumber, user: Uuid.optional() },
    body: null,
    answer: z.strictObject({ items: z.array(Contact) }),
  }),
  getContact: defineRoute({
    ...tagged,
    ...one,
    id: 'getContact',
    method: 'GET',
    summary: 'One contact',
    scope: 'read',
    body: null,
    answer: Contact,
  }),
  updateContact: defineRoute({
    ...tagged,
    ...one,
    id: 'updateContact',
    method: 'PATCH',
    summary: 'Change a contact; `numbers` are replaced as a whole',
    scope: 'contacts',
    body: z.strictObject({ phonebookId: Uuid, ...contact }).partial(),
    answer: Contact,
    errors: ['API_UNKNOWN_REFERENCE'],
  }),
  deleteContact: defineRoute({
    ...tagged,
    ...one,
    id: 'deleteContact',
    method: 'DELETE',
    summary: 'Delete a contact',
    scope: 'contacts',
    body: null,
    answer: null,
  }),
};
