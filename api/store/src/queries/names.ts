/** The directory by name: users by the keys of their names. */
import type { IoResult, Prompt } from '@callwright/engine';
import { sql } from 'kysely';
import { FULL_NAME } from './reach.ts';
import type { Db } from './scope.ts';

/** A company of more users is searched among the first of them. */
const MOST_USERS = 10_000;
const OFFERED = 9;

/** ITU-T E.161. */
const KEYS = ['abc', 'def', 'ghi', 'jkl', 'mno', 'pqrs', 'tuv', 'wxyz'];

/** A name as it is typed: letters without their accents, each by its key; what is no letter or digit is left out. */
export const keysOfName = (name: string): string =>
  [...name.normalize('NFD').toLowerCase().replace(/ß/g, 'ss').replace(/œ/g, 'oe').replace(/æ/g, 'ae')]
    .map((letter) => {
      const key = KEYS.findIndex((letters) => letters.includes(letter));
      return key >= 0 ? String(key + 2) : /[0-9]/.test(letter) ? letter : '';
    })
    .join('');

interface NameRow {
  readonly id: string;
  readonly extension: string;
  readonly name: string;
  readonly given_name: string;
  readonly family_name: string;
  readonly prompt: string | null;
  readonly hash: string | null;
}

/** Those whose family name, given name or both begin with these keys, by family name. */
export async function findNames(db: Db, companyId: string, digits: string): Promise<IoResult> {
  if (!/^[0-9]{1,20}$/.test(digits)) return { status: 'names', names: [] };
  const { rows } = await sql<NameRow>`
    select u.id, u.extension, ${FULL_NAME} as name, u.given_name, u.family_name, p.name as prompt, p.content_hash as hash
    from directory_user u
    left join voicemail_box b on b.user_id = u.id and b.company_id = u.company_id and b.deleted_at is null
    left join voicemail_greeting g on g.box_id = b.id and g.company_id = u.company_id and g.state = 'name'
    left join prompt p on p.id = g.prompt_id and p.company_id = u.company_id
    where u.company_id = ${companyId} and u.deleted_at is null and u.suspended_at is null
      and trim(u.given_name || u.family_name) <> ''
    order by u.family_name, u.given_name, u.extension limit ${MOST_USERS}`.execute(db);
  const fits = rows.filter(({ given_name, family_name }) =>
    [family_name + given_name, given_name + family_name].some((name) => keysOfName(name).startsWith(digits)),
  );
  return { status: 'names', names: fits.slice(0, OFFERED).map(nameOf) };
}

function nameOf({ id, extension, name, prompt, hash }: NameRow) {
  const recorded: Prompt | null =
    prompt && hash ? { items: [{ type: 'audio', name: prompt, hash }], bargeIn: true } : null;
  return { userId: id, number: extension, name, recorded };
}
