/** Contacts: known ones by their external name, all others are new. */
import { CONTACT_NUMBER_KIND, NewContact } from '@callwright/api-contract';
import {
  type ContactFields,
  type ContactNumberKind,
  getContactByExternal,
  listContacts,
  phonebooks,
  writeContacts,
} from '@callwright/store';
import { booleanCell, checked, defined, textOrNull, yes } from '../cells.ts';
import { type CsvKind, type Importing, RowRefused } from '../csv-kind.ts';
import { allPages } from '../export-csv.ts';

const NUMBERS = CONTACT_NUMBER_KIND.options;
const TEXTS = ['givenName', 'familyName', 'organisation', 'address', 'notes'] as const;

/** The company's book of that name. */
async function bookOf({ db, company }: Importing, name: string): Promise<string> {
  const only = { name, kind: 'company' } as const;
  const { items } = await phonebooks.list(db, company, { after: 0, limit: 1, only });
  if (!items[0]) throw new RowRefused([{ column: 'phonebook', message: 'is no address book of the company' }]);
  return items[0].id;
}

const columnOf = (numbers: readonly { readonly kind: string }[]) => (path: readonly PropertyKey[]) => {
  if (path[0] === 'numbers') return numbers[Number(path[1])]?.kind ?? 'numbers';
  if (path[0] === 'external') return path[1] === 'scheme' ? 'externalScheme' : 'externalId';
  return String(path[0]);
};

function numbersOf(values: Readonly<Record<string, string>>): { kind: ContactNumberKind; number: string }[] {
  return NUMBERS.flatMap((kind) => (values[kind] ? [{ kind, number: values[kind] }] : []));
}

export const contacts: CsvKind = {
  columns: ['phonebook', ...TEXTS, 'email', ...NUMBERS, 'favourite', 'externalScheme', 'externalId'],
  required: ['phonebook'],
  save: async (importing, values) => {
    const { db, company, country } = importing;
    const phonebookId = await bookOf(importing, values.phonebook!);
    const numbers = numbersOf(values);
    const named = Boolean(values.externalScheme || values.externalId);
    const external = named ? { scheme: values.externalScheme ?? '', value: values.externalId ?? '' } : null;
    const body = defined({
      phonebookId,
      ...Object.fromEntries(TEXTS.map((column) => [column, values[column]])),
      email: textOrNull(values, 'email'),
      favourite: booleanCell(values, 'favourite'),
      numbers,
      external,
    });
    const whole = checked(NewContact, body, columnOf(numbers));
    if (!whole.givenName && !whole.familyName && !whole.organisation)
      throw new RowRefused([{ column: 'familyName', message: 'a contact has a name or an organisation' }]);
    const known = external ? await getContactByExternal(db, company, external) : null;
    const { phonebookId: _book, external: _external, ...fields } = whole;
    const given = Object.fromEntries(Object.entries(fields).filter(([name]) => name in body));
    // what the file has no column for stays, numbers of its columns are replaced
    const kept = known?.numbers.filter(({ kind }) => !(kind in values)) ?? [];
    const merged = known ? { ...known, ...given, numbers: [...kept, ...numbers] } : fields;
    const write = { id: known?.id ?? null, fields: merged as ContactFields, external };
    const [written] = await writeContacts(db, company, phonebookId, country, [write]);
    return written!.act === 'insert' ? 'created' : 'updated';
  },
  rows: async function* (db, company) {
    const books = new Map<string, { name: string; kind: string }>();
    for await (const b of allPages((after, limit) => phonebooks.list(db, company, { after, limit })))
      books.set(b.id, b);
    for await (const c of allPages((after, limit) => listContacts(db, company, { after, limit }))) {
      const book = books.get(c.phonebookId);
      // books of departments and users are not the company's to hand out
      if (book?.kind !== 'company') continue;
      yield [
        book.name,
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
