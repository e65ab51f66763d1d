/** Address books and contacts. */
import { contactRoutes, phonebookRoutes } from '@callwright/api-contract';
import {
  type CompanyScope,
  type ContactFields,
  type ContactRow,
  type Db,
  deleteContact,
  findContactsByNumber,
  getContact,
  listContacts,
  mayWriteBook,
  type Patch,
  type PhonebookFields,
  phonebooks,
  settingsOfCompany,
  writeContacts,
} from '@callwright/store';
import { type Implementation, implement, type Services } from '../http/context.ts';
import { found, iso, limitOf, numberCursor } from '../http/paging.ts';
import { ApiError } from '../problem.ts';
import { plainCodec, resourceHandlers } from './resource.ts';

export const contactView = (contact: ContactRow) => ({
  ...contact,
  numbers: [...contact.numbers],
  data: { ...contact.data },
  createdAt: iso(contact.createdAt),
  updatedAt: iso(contact.updatedAt),
});

const DATA_BYTES = 16_384;

/** The data of a body, which JSON brought; throws `API_TOO_LARGE` when it is more than a contact may keep. */
export function boundData(data: Readonly<Record<string, unknown>>): ContactFields['data'] {
  if (Buffer.byteLength(JSON.stringify(data)) > DATA_BYTES) throw new ApiError('API_TOO_LARGE');
  return data as ContactFields['data'];
}

/** The numbers of a contact are read in the country of its company. */
export const countryOf = async (db: Db, company: CompanyScope): Promise<string | undefined> =>
  (await settingsOfCompany(db, company)).country;

/** Whose book it is fits its kind. Throws `API_BOOK_OWNER`. */
function checkKind({ kind, departmentId = null, userId = null }: Patch<PhonebookFields>): void {
  const fits =
    kind === 'private'
      ? userId && !departmentId
      : kind === 'department'
        ? departmentId && !userId
        : !departmentId && !userId;
  if (!fits) throw new ApiError('API_BOOK_OWNER');
}

/** Changes a contact; fields left out stay. Null when unknown. */
export async function changeContact(
  db: Db,
  company: CompanyScope,
  contact: ContactRow,
  body: Patch<ContactFields> & { readonly phonebookId?: string | undefined },
): Promise<ContactRow | null> {
  const { phonebookId = contact.phonebookId, ...changes } = body;
  const given = Object.fromEntries(Object.entries(changes).filter(([, v]) => v !== undefined));
  const fields = { ...contact, ...given };
  await writeContacts(db, company, phonebookId, await countryOf(db, company), [
    { id: contact.id, fields, external: null },
  ]);
  return getContact(db, company, contact.id);
}

function bookHandlers(db: Db): Implementation[] {
  const books = {
    ...phonebooks,
    create: (async (tx, company, id, fields) => {
      checkKind(fields);
      return phonebooks.create(tx, company, id, fields);
    }) satisfies typeof phonebooks.create as typeof phonebooks.create,
    update: (async (tx, company, id, fields) => {
      const book = await phonebooks.get(tx, company, id);
      if (!book) return null;
      const given = Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined));
      checkKind({ ...book, ...given });
      return phonebooks.update(tx, company, id, fields);
    }) satisfies typeof phonebooks.update as typeof phonebooks.update,
  };
  return resourceHandlers(db, phonebookRoutes, ['Phonebook', 'Phonebooks'], books, plainCodec<PhonebookFields>());
}

/** A user's own book is his alone, for whoever may change all others. Throws `API_UNKNOWN_REFERENCE`, as for a book that is not there. */
async function checkBook(db: Db, company: CompanyScope, phonebookId: string, asker: string | null): Promise<void> {
  if (!(await mayWriteBook(db, company, phonebookId, asker)))
    throw new ApiError('API_UNKNOWN_REFERENCE', { detail: 'phonebookId is not known.' });
}

function contactHandlers(db: Db): Implementation[] {
  return [
    implement(contactRoutes.listContacts, async ({ query }, { company, identity }) => {
      const { items, next } = await listContacts(db, company, {
        after: numberCursor(query) ?? 0,
        limit: limitOf(query),
        phonebookId: query.phonebook,
        search: query.search,
        asker: identity.userId,
      });
      return { items: items.map(contactView), next };
    }),
    implement(contactRoutes.createContact, async ({ body }, { company, identity, mintId }) => {
      const { phonebookId, external, ...rest } = body;
      await checkBook(db, company, phonebookId, identity.userId);
      const fields = { ...rest, data: boundData(body.data) };
      const country = await countryOf(db, company);
      const made = await getContact(db, company, mintId);
      if (!made) {
        const [written] = await writeContacts(db, company, phonebookId, country, [{ id: mintId, fields, external }]);
        return contactView(found(await getContact(db, company, written!.id)));
      }
      return contactView(made);
    }),
    implement(contactRoutes.lookUpContacts, async ({ query }, { company, identity }) => {
      const country = await countryOf(db, company);
      const items = await findContactsByNumber(db, company, {
        number: query.number,
        country,
        userId: query.user ?? null,
        asker: identity.userId,
      });
      return { items: items.map(contactView) };
    }),
    implement(contactRoutes.getContact, async ({ params }, { company, identity }) =>
      contactView(found(await getContact(db, company, params.id, identity.userId))),
    ),
    implement(contactRoutes.updateContact, async ({ params, body }, { company, identity }) => {
      const { data, ...rest } = body;
      const changes = data === undefined ? rest : { ...rest, data: boundData(data) };
      const contact = found(await getContact(db, company, params.id, identity.userId));
      if (body.phonebookId !== undefined) await checkBook(db, company, body.phonebookId, identity.userId);
      return contactView(found(await changeContact(db, company, contact, changes)));
    }),
    implement(contactRoutes.deleteContact, async ({ params }, { company, identity, audit }) => {
      found(await getContact(db, company, params.id, identity.userId));
      if (!(await deleteContact(db, company, params.id))) throw new ApiError('API_NOT_FOUND');
      await audit({ action: 'contact.deleted', entity: { type: 'contact', id: params.id } });
    }),
  ];
}

export function phonebookHandlers({ store: { db } }: Services): Implementation[] {
  return [...bookHandlers(db), ...contactHandlers(db)];
}
