/** Whom an erasure is about, and what he is known by in a company. */
import { numberForms, stripSeparators, toE164 } from '@callwright/engine/numbers';
import { sql } from 'kysely';
import { localeOf, settingsOfCompany } from '../owners.ts';
import type { CompanyScope, Db } from '../scope.ts';
import type { Terms } from './redact.ts';

/** A user, a contact of the address books, or whoever has a number. */
export type ErasureSubject =
  | { readonly type: 'user'; readonly id: string }
  | { readonly type: 'contact'; readonly id: string }
  | { readonly type: 'number'; readonly number: string };

export interface KnownSubject {
  readonly terms: Terms;
  readonly userId: string | null;
  readonly contactIds: readonly string[];
  /** E.164 and as written: what columns of numbers are compared with. */
  readonly spellings: readonly string[];
  readonly emails: readonly string[];
}

/** Shorter ones are extensions and service numbers, which belong to nobody. */
const SHORTEST = 6;

interface Person {
  readonly names: readonly string[];
  readonly emails: readonly string[];
  readonly numbers: readonly string[];
}

/** Null: the company knows no such user or contact, or it is no number of a person. */
export async function findSubject(db: Db, scope: CompanyScope, subject: ErasureSubject): Promise<KnownSubject | null> {
  const { country } = localeOf(await settingsOfCompany(db, scope));
  switch (subject.type) {
    case 'user': {
      const person = await userOf(db, scope, subject.id);
      return person && known(person, country, subject.id, []);
    }
    case 'contact': {
      const person = await contactsOf(db, scope, [subject.id]);
      return person && known(person, country, null, [subject.id]);
    }
    case 'number': {
      const digits = stripSeparators(subject.number);
      if (!/^\+?[0-9]+$/.test(digits) || digits.replace('+', '').length < SHORTEST) return null;
      const ids = await havingNumber(db, scope, [digits, toE164(digits, country) ?? digits]);
      const person = (await contactsOf(db, scope, ids)) ?? { names: [], emails: [], numbers: [] };
      // other numbers of a contact who has it are his, too
      return known({ ...person, numbers: [digits, ...person.numbers] }, country, null, ids);
    }
  }
}

async function userOf(db: Db, { companyId }: CompanyScope, id: string): Promise<Person | null> {
  const { rows } = await sql<{ given: string; family: string; email: string | null; numbers: (string | null)[] }>`
    select u.given_name as given, u.family_name as family, u.email,
      array[u.outbound_number, u.divert_number] || coalesce((select array_agg(n.number) from user_number n
        where n.user_id = u.id and n.company_id = u.company_id), '{}') as numbers
    from directory_user u where u.company_id = ${companyId} and u.id = ${id}`.execute(db);
  const [user] = rows;
  if (!user) return null;
  const { rows: accounts } = await sql<{ email: string; name: string }>`
    select email, name from account where owner_id = ${companyId} and user_id = ${id}`.execute(db);
  return {
    names: [...fullNames(user.given, user.family), ...accounts.map(({ name }) => name)],
    emails: [user.email ?? '', ...accounts.map(({ email }) => email)],
    // the company's own numbers are not his, though he shows them
    numbers: await notOfCompany(
      db,
      companyId,
      user.numbers.flatMap((one) => one ?? []),
    ),
  };
}

async function notOfCompany(db: Db, companyId: string, numbers: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{
    dialled: string;
  }>`select dialled from phone_number where company_id = ${companyId}`.execute(db);
  const own = new Set(rows.map(({ dialled }) => dialled));
  return numbers.filter((one) => !own.has(one));
}

async function contactsOf(db: Db, { companyId }: CompanyScope, ids: readonly string[]): Promise<Person | null> {
  const { rows } = await sql<{ given: string; family: string; email: string | null; numbers: string[] | null }>`
    select c.given_name as given, c.family_name as family, c.email,
      (select array_agg(n.number) from contact_number n where n.contact_id = c.id and n.company_id = c.company_id) as numbers
    from contact c where c.company_id = ${companyId} and c.id::text = any(${[...ids]}::text[])`.execute(db);
  if (rows.length === 0) return null;
  return {
    names: rows.flatMap(({ given, family }) => fullNames(given, family)),
    emails: rows.flatMap(({ email }) => email ?? []),
    numbers: rows.flatMap(({ numbers }) => numbers ?? []),
  };
}

async function havingNumber(db: Db, { companyId }: CompanyScope, numbers: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select distinct contact_id as id from contact_number
    where company_id = ${companyId} and (number = any(${[...numbers]}::text[]) or e164 = any(${[...numbers]}::text[]))`.execute(
    db,
  );
  return rows.map(({ id }) => id);
}

/** A given name alone is many people's. */
const fullNames = (given: string, family: string): string[] =>
  given.trim() !== '' && family.trim() !== ''
    ? [`${given} ${family}`, `${family} ${given}`, `${family}, ${given}`]
    : [];

function known(
  person: Person,
  country: string | undefined,
  userId: string | null,
  contactIds: readonly string[],
): KnownSubject {
  const forms = person.numbers.map((written) => ({
    written: stripSeparators(written),
    forms: numberForms(written, country),
  }));
  const digits = forms.flatMap(({ written, forms: all }) => [written, all?.e164 ?? '', all?.national ?? '']);
  const emails = person.emails.filter((one) => one !== '');
  const words = [...person.names, ...emails].map((one) => one.trim().toLowerCase()).filter((one) => one.length >= 4);
  return {
    terms: {
      ids: new Set([...contactIds, ...(userId === null ? [] : [userId])]),
      numbers: [...new Set(digits.map((one) => one.replace(/[^0-9]/g, '')))].filter((one) => one.length >= SHORTEST),
      words: [...new Set(words)],
    },
    userId,
    contactIds,
    spellings: [
      ...new Set(forms.flatMap(({ written, forms: all }) => [written, ...(all ? [all.e164, all.national] : [])])),
    ],
    emails: emails.map((one) => one.toLowerCase()),
  };
}
