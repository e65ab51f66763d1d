/** Contacts: known ones by their external name, all others are new. */
import { CONTACT_NUMBER_KIND, NewContact } from '@callwright/api-contract';
import {
  type ContactFields,
  type ContactNumberKind,
  type ContactWrite,
  getContactsByExternal,
  listContacts,
  phonebooks,
  writeContacts,
} from '@callwright/store';
import { booleanCell, checked, defined, textOrNull, yes } from '../cells.ts';
import { type CsvKind, type Importing, RowRefused } from '../csv-kind.ts';
import { allPages } from '../export-csv.ts';

const NUMBERS = CONTACT_NUMBER_KIND.options;
const TEXTS = ['givenName', 'familyName', 'organisation', 'address', 'notes'] as const;

type Values = Readonly<Record<string, string>>;

/** The company's own books: those of departments and users are not the company's to hand out. */
async function companyBooks({ db, company }: Pick<Importing, 'db' | 'company'>): Promise<Map<string, string>> {
  const books = new Map<string, string>();
  const only = { kind: 'company' } as const;
  for await (const b of allPages((after, limit) => phonebooks.list(db, company, { after, limit, only })))
    books.set(b.name, b.id);
  return books;
}

const columnOf = (numbers: readonly { readonly kind: string }[]) => (path: readonly PropertyKey[]) => {
  if (path[0] === 'numbers') return numbers[Number(path[1])]?.kind ?? 'numbers';
  if (path[0] === 'external') return path[1] === 'scheme' ? 'externalScheme' : 'externalId';
  return String(path[0]);
};

const numbersOf = (values: Values): { kind: ContactNumberKind; number: string }[] =>
  NUMBERS.flatMap((kind) => (values[kind] ? [{ kind, number: values[kind] }] : []));

interface ReadRow {
  readonly body: NewContactBody;
  /** Columns that the file has. */
  readonly given: ReadonlySet<string>;
}
type NewContactBody = ReturnType<(typeof NewContact)['parse']>;

/** A row as a contact. Throws `RowRefused`. */
function readRow(values: Values, books: ReadonlyMap<string, string>): ReadRow {
  if (!values.phonebook) throw new RowRefused([{ column: 'phonebook', message: 'is missing' }]);
  const phonebookId = books.get(values.phonebook);
  if (!phonebookId) throw new RowRefused([{ column: 'phonebook', message: 'is no address book of the company' }]);
  const numbers = numbersOf(values);
  const named = Boolean(values.externalScheme || values.externalId);
  const given = defined({
    phonebookId,
    ...Object.fromEntries(TEXTS.map((column) => [column, values[column]])),
    email: textOrNull(values, 'email'),
    favourite: booleanCell(values, 'favourite'),
    numbers,
    external: named ? { scheme: values.externalScheme ?? '', value: values.externalId ?? '' } : null,
  });
  const body = checked(NewContact, given, columnOf(numbers));
  if (!body.givenName && !body.familyName && !body.organisation)
    throw new RowRefused([{ column: 'familyName', message: 'a contact has a name or an organisation' }]);
  return { body, given: new Set(Object.keys(given)) };
}

type Known = Awaited<ReturnType<typeof getContactsByExternal>>[number];

/** What the file has no column for stays, numbers of its columns are replaced. */
function writeOf({ body, given }: ReadRow, values: Values, known: Known | undefined): ContactWrite {
  const { phonebookId: _book, external, ...fields } = body;
  const whole = fields as ContactFields;
  if (!known) return { id: null, fields: whole, external };
  const changed = Object.fromEntries(Object.entries(whole).filter(([name]) => given.has(name)));
  const kept = known.numbers.filter(({ kind }) => !(kind in values));
  return { id: known.id, fields: { ...known, ...changed, numbers: [...kept, ...whole.numbers] }, external };
}

const nameOf = ({ scheme, value }: { scheme: string; value: string }): string => JSON.stringify([scheme, value]);

const saveMany: NonNullable<CsvKind['saveMany']> = async (importing, rows) => {
  const { db, company, country } = importing;
  const books = await companyBooks(importing);
  const outcomes: Awaited<ReturnType<typeof saveMany>>[number][] = [];
  const read = rows.map((values, index) => {
    try {
      return readRow(values, books);
    } catch (error) {
      if (!(error instanceof RowRefused)) throw error;
      outcomes[index] = error.faults;
      return null;
    }
  });
  const names = read.flatMap((row) => (row?.body.external ? [row.body.external] : []));
  const known = new Map((await getContactsByExternal(db, company, names)).map((c) => [nameOf(c.external), c]));
  for (const book of new Set(read.flatMap((row) => (row ? [row.body.phonebookId] : [])))) {
    const mine = read.flatMap((row, index) => (row?.body.phonebookId === book ? [{ row, index }] : []));
    const writes = mine.map(({ row, index }) =>
      writeOf(row, rows[index]!, row.body.external ? known.get(nameOf(row.body.external)) : undefined),
    );
    const written = await writeContacts(db, company, book, country, writes);
    for (const [i, { index }] of mine.entries()) outcomes[index] = written[i]!.act === 'insert' ? 'created' : 'updated';
  }
  return outcomes;
};

export const contacts: CsvKind = {
  columns: ['phonebook', ...TEXTS, 'email', ...NUMBERS, 'favourite', 'externalScheme', 'externalId'],
  required: ['phonebook'],
  save: async (importing, values) => {
    const [outcome] = await saveMany(importing, [values]);
    if (typeof outcome === 'string') return outcome;
    throw new RowRefused(outcome ?? []);
  },
  saveMany,
  rows: async function* (db, company) {
    const books = new Map([...(await companyBooks({ db, company }))].map(([name, id]) => [id, name]));
    for await (const c of allPages((after, limit) => listContacts(db, company, { after, limit, asker: null }))) {
      const book = books.get(c.phonebookId);
      if (book === undefined) continue;
      yield [
        book,
        ...TEXTS.map((column) => c[column]),
        c.email,
        ...NUMBERS.map((kind) => c.numbers.find((n) => n.kind === kind)?.number ?? null),
        yes(c.favourite),
        c.external?.scheme ?? null,
        c.external?.value ?? null,
      ];
    }
  },
};
