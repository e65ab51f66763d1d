/** The destinations table as its owners keep it: what a prefix is and costs, for the owner and all below it. */
import type { DestinationPrefix } from '@callwright/engine/numbers';
import { sql } from 'kysely';
import { type Db, inSubtree, type Page, page } from '../scope.ts';

export interface PrefixFields extends Omit<DestinationPrefix, 'distance'> {}

export interface PrefixRow extends PrefixFields {
  readonly id: string;
  readonly ownerId: string;
  readonly createdAt: Date;
}

const SELECTED = sql`p.id, p.owner_id as "ownerId", p.prefix, p.country, p.kind, p.label, p.micros_per_minute::float8 as "microsPerMinute",
  p.created_at as "createdAt"`;

export async function getPrefix(db: Db, asker: string, id: string): Promise<PrefixRow | null> {
  const { rows } = await sql<PrefixRow>`select ${SELECTED} from number_prefix p join owner on owner.id = p.owner_id
    where p.id = ${id} and ${inSubtree(asker)}`.execute(db);
  return rows[0] ?? null;
}

/** Of one owner in the asking owner's subtree, by id. */
export async function listPrefixes(
  db: Db,
  asker: string,
  filter: { readonly ownerId: string; readonly after: string | null; readonly limit: number },
): Promise<Page<PrefixRow>> {
  const after = filter.after === null ? sql`` : sql`and p.id > ${filter.after}`;
  const { rows } = await sql<PrefixRow>`select ${SELECTED} from number_prefix p join owner on owner.id = p.owner_id
    where p.owner_id = ${filter.ownerId} and ${inSubtree(asker)} ${after} order by p.id limit ${filter.limit + 1}`.execute(
    db,
  );
  return page(rows, filter.limit, (row) => row.id);
}

/** Null when the owner is outside the subtree. Throws 23505 when it has the prefix. Repeating it with the same id returns what is there. */
export async function createPrefix(
  db: Db,
  asker: string,
  row: PrefixFields & { readonly id: string; readonly ownerId: string },
): Promise<PrefixRow | null> {
  await sql`insert into number_prefix (id, owner_id, prefix, country, kind, label, micros_per_minute)
    select ${row.id}::uuid, owner.id, ${row.prefix}, ${row.country}, ${row.kind}, ${row.label}, ${row.microsPerMinute}::bigint
    from owner where owner.id = ${row.ownerId} and ${inSubtree(asker)} on conflict (id) do nothing`.execute(db);
  return getPrefix(db, asker, row.id);
}

/** Throws 23505 when the owner has the prefix; null when unknown. */
export async function updatePrefix(
  db: Db,
  asker: string,
  id: string,
  fields: Partial<PrefixFields>,
): Promise<PrefixRow | null> {
  const known = await getPrefix(db, asker, id);
  if (!known) return null;
  const { prefix, country, kind, label, microsPerMinute } = { ...known, ...defined(fields) };
  await sql`update number_prefix p set prefix = ${prefix}, country = ${country}, kind = ${kind}, label = ${label}, micros_per_minute = ${microsPerMinute}
    from owner where owner.id = p.owner_id and ${inSubtree(asker)} and p.id = ${id}`.execute(db);
  return getPrefix(db, asker, id);
}

const defined = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;

export async function deletePrefix(db: Db, asker: string, id: string): Promise<boolean> {
  const { rows } = await sql`delete from number_prefix p using owner
    where owner.id = p.owner_id and ${inSubtree(asker)} and p.id = ${id} returning p.id`.execute(db);
  return rows.length > 0;
}
