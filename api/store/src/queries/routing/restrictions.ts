/** Restrictions of an owner for itself and all below it, or of one user; the first that fits decides at its level. */
import type { Restriction } from '@callwright/engine/admission';
import { sql } from 'kysely';
import { type Db, inSubtree, inTransaction } from '../scope.ts';

export interface RestrictionFields extends Restriction {
  readonly name: string;
  /** Order within the level. */
  readonly position: number;
}

export interface RestrictionRow extends RestrictionFields {
  readonly id: string;
  readonly ownerId: string;
  /** Null: for all users of the owner's companies. */
  readonly userId: string | null;
  readonly createdAt: Date;
}

/** Restrictions of one owner, its users' included; more are not made. */
export const MAX_RESTRICTIONS = 1000;

const SELECTED = sql`r.id, r.owner_id as "ownerId", r.user_id as "userId", r.position, r.name, r.effect, r.kinds, r.countries, r.pattern,
  r.created_at as "createdAt"`;

export async function getRestriction(db: Db, asker: string, id: string): Promise<RestrictionRow | null> {
  const { rows } =
    await sql<RestrictionRow>`select ${SELECTED} from call_restriction r join owner on owner.id = r.owner_id
    where r.id = ${id} and ${inSubtree(asker)}`.execute(db);
  return rows[0] ?? null;
}

/** Of one owner in the asking owner's subtree, level by level in order. */
export async function listRestrictions(db: Db, asker: string, ownerId: string): Promise<readonly RestrictionRow[]> {
  const { rows } =
    await sql<RestrictionRow>`select ${SELECTED} from call_restriction r join owner on owner.id = r.owner_id
    where r.owner_id = ${ownerId} and ${inSubtree(asker)}
    order by r.user_id nulls first, r.position, r.id limit ${MAX_RESTRICTIONS}`.execute(db);
  return rows;
}

export type NewRestriction = RestrictionFields & Pick<RestrictionRow, 'id' | 'ownerId' | 'userId'>;

/** Null when the owner is outside the subtree, the user not of that company, or there are as many as may be. Repeatable by id. */
export async function createRestriction(db: Db, asker: string, row: NewRestriction): Promise<RestrictionRow | null> {
  const { id, ownerId, userId } = row;
  await sql`insert into call_restriction (id, owner_id, user_id, position, name, effect, kinds, countries, pattern)
    select ${id}::uuid, owner.id, ${userId}::uuid, ${row.position}::int, ${row.name}, ${row.effect}, ${[...row.kinds]}::text[],
      ${[...row.countries]}::text[], ${row.pattern}
    from owner where owner.id = ${ownerId} and ${inSubtree(asker)}
      and (${userId}::uuid is null or exists (select 1 from directory_user u
        where u.id = ${userId} and u.company_id = owner.id and u.deleted_at is null))
      and (select count(*) from call_restriction r where r.owner_id = owner.id) < ${MAX_RESTRICTIONS}
    on conflict (id) do nothing`.execute(db);
  return getRestriction(db, asker, id);
}

/** Null when unknown. */
export async function updateRestriction(
  db: Db,
  asker: string,
  id: string,
  fields: Partial<RestrictionFields>,
): Promise<RestrictionRow | null> {
  return inTransaction(db, async (tx) => {
    const known = await getRestriction(tx, asker, id);
    if (!known) return null;
    const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    const { position, name, effect, kinds, countries, pattern }: RestrictionFields = { ...known, ...given };
    await sql`update call_restriction r set position = ${position}, name = ${name}, effect = ${effect}, kinds = ${[...kinds]}::text[],
      countries = ${[...countries]}::text[], pattern = ${pattern}
      from owner where owner.id = r.owner_id and ${inSubtree(asker)} and r.id = ${id}`.execute(tx);
    return getRestriction(tx, asker, id);
  });
}

export async function deleteRestriction(db: Db, asker: string, id: string): Promise<boolean> {
  const { rows } = await sql`delete from call_restriction r using owner
    where owner.id = r.owner_id and ${inSubtree(asker)} and r.id = ${id} returning r.id`.execute(db);
  return rows.length > 0;
}
