/** Contacts as partner contracts see them: by positive number or external name, in the company's own books. */
import type { ContactPatch, HostContact, PartnerHost } from '@callwright/partners';
import {
  type CompanyScope,
  type ContactFields,
  type ContactNumberKind,
  type ContactRow,
  type Db,
  deleteContact,
  getContactsByExternal,
  inTransaction,
  listContacts,
  phonebooks,
  uuidv7,
  writeContacts,
} from '@callwright/store';

/** Book of contacts that come without a name of another application. */
const OWN_BOOK = 'Contacts';
/** Contacts written in one statement. */
const BATCH = 1000;

const seen = (row: ContactRow): HostContact => ({ ...row });

async function byNumber(db: Db, company: CompanyScope, number: number): Promise<ContactRow | null> {
  const [row] = (await listContacts(db, company, { after: number - 1, limit: 1 })).items;
  return row?.number === number ? row : null;
}

/** The company's book of that name, made at the first use. */
async function bookOf(db: Db, company: CompanyScope, name: string): Promise<string> {
  const [known] = (await phonebooks.list(db, company, { after: 0, limit: 1, only: { name, kind: 'company' } })).items;
  if (known) return known.id;
  const fields = { name, kind: 'company', departmentId: null, userId: null, editable: false } as const;
  return (await phonebooks.create(db, company, uuidv7(), fields)).id;
}

function merged(known: ContactRow | null, { numbers = {}, data, ...patch }: ContactPatch): ContactFields {
  const empty = {
    givenName: '',
    familyName: '',
    organisation: '',
    email: null,
    address: '',
    notes: '',
    favourite: false,
  };
  const { givenName, familyName, organisation, email, address, notes, favourite } = known ?? empty;
  const kept = (known?.numbers ?? [])
    .filter(({ kind }) => !(kind in numbers))
    .map(({ kind, number }) => ({ kind, number }));
  const added = Object.entries(numbers).flatMap(([kind, number]) =>
    number === '' ? [] : [{ kind: kind as ContactNumberKind, number }],
  );
  return {
    ...{ givenName, familyName, organisation, email, address, notes, favourite },
    ...patch,
    numbers: [...kept, ...added],
    data: { ...known?.data, ...data },
  };
}

/** Positive numbers of contacts, by id. */
async function numbersOf(db: Db, company: CompanyScope, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('contact')
    .select(['id', 'number'])
    .where('company_id', '=', company.companyId)
    .where('id', 'in', [...new Set(ids)])
    .execute();
  return new Map(rows.map(({ id, number }) => [id, number]));
}

type Contacts = Pick<PartnerHost, 'searchContacts' | 'contact' | 'writeContact' | 'importContacts' | 'deleteContact'>;

export function contactHost(db: Db, company: CompanyScope, country: string): Contacts {
  const external = async (scheme: string, value: string) =>
    (await getContactsByExternal(db, company, [{ scheme, value }]))[0] ?? null;

  const write = async (tx: Db, number: number | null, patch: ContactPatch, name: HostContact['external']) => {
    const known =
      number !== null ? await byNumber(tx, company, number) : name && (await external(name.scheme, name.value));
    if (number !== null && !known) return null;
    const book = known?.phonebookId ?? (await bookOf(tx, company, name?.scheme ?? OWN_BOOK));
    const fields = merged(known, patch);
    const [written] = await writeContacts(tx, company, book, country, [
      { id: known?.id ?? null, fields, external: name },
    ]);
    const numbers = await numbersOf(tx, company, [written!.id]);
    return { number: numbers.get(written!.id)!, act: written!.act };
  };

  const importBatch = async (
    tx: Db,
    book: string,
    scheme: string,
    batch: Parameters<Contacts['importContacts']>[1],
  ) => {
    const names = batch.map(({ value }) => ({ scheme, value }));
    const known = new Map(
      (await getContactsByExternal(tx, company, names)).map((row) => [row.external.value, row] as const),
    );
    const writes = batch.map(({ value, patch }) => ({
      id: null,
      fields: merged(known.get(value) ?? null, patch),
      external: { scheme, value },
    }));
    const written = await writeContacts(tx, company, book, country, writes);
    const numbers = await numbersOf(
      tx,
      company,
      written.map(({ id }) => id),
    );
    return written.map(({ id, act }) => ({ number: numbers.get(id)!, act }));
  };

  return {
    searchContacts: async (search, limit) =>
      (await listContacts(db, company, { after: 0, limit, search })).items.map(seen),
    contact: async (by) => {
      const row = 'number' in by ? await byNumber(db, company, by.number) : await external(by.scheme, by.value);
      return row ? seen(row) : null;
    },
    writeContact: (number, patch, name) => inTransaction(db, (tx) => write(tx, number, patch, name)),
    importContacts: (scheme, contacts) =>
      inTransaction(db, async (tx) => {
        const book = await bookOf(tx, company, scheme);
        const results = [];
        for (let at = 0; at < contacts.length; at += BATCH)
          results.push(...(await importBatch(tx, book, scheme, contacts.slice(at, at + BATCH))));
        return results;
      }),
    deleteContact: async (number) => {
      const row = await byNumber(db, company, number);
      return row !== null && (await deleteContact(db, company, row.id));
    },
  };
}
