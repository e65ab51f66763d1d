/** Ring groups with their members in ring order, and calendars. */
import type { Calendar, RingStrategy } from '@callwright/engine';
import type { Transaction } from 'kysely';
import type { Database } from '../schema.ts';
import { claimDialled, lockDialPlan } from './dial-plan.ts';
import { type CompanyScope, type Db, inTransaction, nextNumber, type Page, page } from './scope.ts';

export interface RingGroupRow {
  readonly id: string;
  readonly number: number;
  readonly extension: string | null;
  readonly name: string;
  readonly strategy: RingStrategy;
  readonly member_ring_ms: number;
  readonly total_ring_ms: number;
  readonly created_at: Date;
  /** User ids in ring order. */
  readonly members: readonly string[];
}

export interface RingGroupFields {
  readonly name: string;
  readonly extension: string | null;
  readonly strategy: RingStrategy;
  readonly memberRingMs: number;
  readonly totalRingMs: number;
  readonly members: readonly string[];
}

/** A member that is no user of the company; callers compare `code`. */
export class UnknownMember extends Error {
  readonly code = 'STO_UNKNOWN_MEMBER';
}

const COLUMNS = [
  'id',
  'number',
  'extension',
  'name',
  'strategy',
  'member_ring_ms',
  'total_ring_ms',
  'created_at',
] as const;

async function withMembers(
  db: Db,
  rows: readonly Omit<RingGroupRow, 'members' | 'strategy'>[],
): Promise<RingGroupRow[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((r) => r.id);
  const members = await db
    .selectFrom('ring_group_member')
    .select(['group_id', 'user_id'])
    .where('group_id', 'in', ids)
    .orderBy('position')
    .execute();
  return rows.map(
    (r) =>
      ({ ...r, members: members.filter((m) => m.group_id === r.id).map((m) => m.user_id) }) as unknown as RingGroupRow,
  );
}

export async function getRingGroup(db: Db, scope: CompanyScope, id: string): Promise<RingGroupRow | null> {
  const rows = await db
    .selectFrom('ring_group')
    .select(COLUMNS)
    .where('company_id', '=', scope.companyId)
    .where('id', '=', id)
    .execute();
  return (await withMembers(db, rows))[0] ?? null;
}

export async function listRingGroups(
  db: Db,
  scope: CompanyScope,
  after: number,
  limit: number,
): Promise<Page<RingGroupRow>> {
  const rows = await db
    .selectFrom('ring_group')
    .select(COLUMNS)
    .where('company_id', '=', scope.companyId)
    .where('number', '>', after)
    .orderBy('number')
    .limit(limit + 1)
    .execute();
  return page(await withMembers(db, rows), limit, (r) => String(r.number));
}

async function writeMembers(
  tx: Transaction<Database>,
  scope: CompanyScope,
  groupId: string,
  members: readonly string[],
): Promise<void> {
  await tx.deleteFrom('ring_group_member').where('group_id', '=', groupId).execute();
  if (members.length === 0) return;
  const known = await tx
    .selectFrom('directory_user')
    .select('id')
    .where('company_id', '=', scope.companyId)
    .where('deleted_at', 'is', null)
    .where('id', 'in', [...members])
    .execute();
  if (known.length !== new Set(members).size) throw new UnknownMember('a member is no user of the company');
  await tx
    .insertInto('ring_group_member')
    .values([...new Set(members)].map((user_id, position) => ({ group_id: groupId, user_id, position })))
    .execute();
}

/** Throws `DialPlanTaken`, `UnknownMember`, or 23505 on a taken name. Repeating it with the same id returns what is there. */
export async function createRingGroup(
  db: Db,
  scope: CompanyScope,
  id: string,
  fields: RingGroupFields,
): Promise<RingGroupRow> {
  return inTransaction(db, async (tx) => {
    await lockDialPlan(tx, scope);
    const found = await getRingGroup(tx, scope, id);
    if (found) return found;
    if (fields.extension !== null) await claimDialled(tx, scope, fields.extension, id);
    await tx
      .insertInto('ring_group')
      .values({
        id,
        company_id: scope.companyId,
        number: await nextNumber(tx, scope.companyId, 'ring-group'),
        extension: fields.extension,
        name: fields.name,
        strategy: fields.strategy,
        member_ring_ms: fields.memberRingMs,
        total_ring_ms: fields.totalRingMs,
      })
      .execute();
    await writeMembers(tx, scope, id, fields.members);
    return (await getRingGroup(tx, scope, id))!;
  });
}

/** Throws like `createRingGroup`; null when unknown. */
export async function updateRingGroup(
  db: Db,
  scope: CompanyScope,
  id: string,
  fields: Partial<RingGroupFields>,
): Promise<RingGroupRow | null> {
  return inTransaction(db, async (tx) => {
    await lockDialPlan(tx, scope);
    if (!(await getRingGroup(tx, scope, id))) return null;
    if (fields.extension) await claimDialled(tx, scope, fields.extension, id);
    const changes = Object.fromEntries(
      Object.entries({
        name: fields.name,
        extension: fields.extension,
        strategy: fields.strategy,
        member_ring_ms: fields.memberRingMs,
        total_ring_ms: fields.totalRingMs,
      }).filter(([, v]) => v !== undefined),
    );
    if (Object.keys(changes).length > 0) {
      await tx
        .updateTable('ring_group')
        .set(changes)
        .where('id', '=', id)
        .where('company_id', '=', scope.companyId)
        .execute();
    }
    if (fields.members) await writeMembers(tx, scope, id, fields.members);
    return getRingGroup(tx, scope, id);
  });
}

export async function deleteRingGroup(db: Db, scope: CompanyScope, id: string): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const gone = await tx
      .deleteFrom('ring_group')
      .where('id', '=', id)
      .where('company_id', '=', scope.companyId)
      .returning('id')
      .executeTakeFirst();
    if (!gone) return false;
    await tx
      .deleteFrom('routing_rule')
      .where('company_id', '=', scope.companyId)
      .where('destination_type', '=', 'ring-group')
      .where('destination_id', '=', id)
      .execute();
    return true;
  });
}

export interface CalendarRow {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly hours: Calendar;
}

const CALENDAR = ['id', 'number', 'name', 'hours'] as const;

export async function getCalendar(db: Db, scope: CompanyScope, id: string): Promise<CalendarRow | null> {
  const row = await db
    .selectFrom('calendar')
    .select(CALENDAR)
    .where('company_id', '=', scope.companyId)
    .where('id', '=', id)
    .executeTakeFirst();
  return (row as CalendarRow | undefined) ?? null;
}

export async function listCalendars(
  db: Db,
  scope: CompanyScope,
  after: number,
  limit: number,
): Promise<Page<CalendarRow>> {
  const rows = await db
    .selectFrom('calendar')
    .select(CALENDAR)
    .where('company_id', '=', scope.companyId)
    .where('number', '>', after)
    .orderBy('number')
    .limit(limit + 1)
    .execute();
  return page(rows as unknown as CalendarRow[], limit, (r) => String(r.number));
}

/** Throws 23505 on a taken name. Repeating it with the same id returns what is there. */
export async function createCalendar(
  db: Db,
  scope: CompanyScope,
  id: string,
  name: string,
  hours: Calendar,
): Promise<CalendarRow> {
  return inTransaction(db, async (tx) => {
    const found = await getCalendar(tx, scope, id);
    if (found) return found;
    const number = await nextNumber(tx, scope.companyId, 'calendar');
    await tx
      .insertInto('calendar')
      .values({ id, company_id: scope.companyId, number, name, hours: JSON.stringify(hours) })
      .execute();
    return (await getCalendar(tx, scope, id))!;
  });
}

export async function updateCalendar(
  db: Db,
  scope: CompanyScope,
  id: string,
  fields: { readonly name?: string; readonly hours?: Calendar },
): Promise<CalendarRow | null> {
  const changes = {
    ...(fields.name === undefined ? {} : { name: fields.name }),
    ...(fields.hours === undefined ? {} : { hours: JSON.stringify(fields.hours) }),
  };
  if (Object.keys(changes).length > 0) {
    await db
      .updateTable('calendar')
      .set(changes)
      .where('id', '=', id)
      .where('company_id', '=', scope.companyId)
      .execute();
  }
  return getCalendar(db, scope, id);
}

export async function deleteCalendar(db: Db, scope: CompanyScope, id: string): Promise<boolean> {
  const gone = await db
    .deleteFrom('calendar')
    .where('id', '=', id)
    .where('company_id', '=', scope.companyId)
    .returning('id')
    .executeTakeFirst();
  return gone !== undefined;
}
