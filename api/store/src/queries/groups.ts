/** Ring groups with their members in ring order: users and outside numbers. */
import type { Destination, RingStrategy } from '@callwright/engine';
import { toE164 } from '@callwright/engine/numbers';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../schema.ts';
import { claimDialled, lockDialPlan } from './dial-plan.ts';
import { checkReferences, forgetEntity, type Patch } from './resource.ts';
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
  readonly visible: boolean;
  readonly broadcast: boolean;
  readonly pickup_disabled: boolean;
  readonly member_login: boolean;
  readonly step_ms: number | null;
  readonly primary_busy: boolean;
  readonly follow_diversion: boolean;
  readonly calendar_id: string | null;
  readonly fallback_type: string | null;
  readonly fallback_id: string | null;
  readonly wait_prompt_id: string | null;
  readonly comfort: 'ringback' | 'music';
  readonly name_prefix: string;
  readonly alert: string | null;
  /** In ring order. */
  readonly members: readonly RingGroupMember[];
}

/** A user or an outside number, one of them. */
export interface RingGroupMember {
  readonly userId: string | null;
  readonly number: string | null;
  /** Null: the group's. */
  readonly ringMs: number | null;
  /** Rings so much later than the others. */
  readonly delayMs: number;
  /** An outside number must press a key before it gets the caller. */
  readonly confirm: boolean;
  readonly loggedIn: boolean;
  /** Weighted random: chances in proportion. */
  readonly weight: number;
}

/** A member that is rung like the group says. */
export const plainMember = (userId: string): RingGroupMember => ({
  userId,
  number: null,
  ringMs: null,
  delayMs: 0,
  confirm: false,
  loggedIn: true,
  weight: 1,
});

export interface RingGroupFields {
  readonly name: string;
  readonly extension: string | null;
  readonly strategy: RingStrategy;
  readonly memberRingMs: number;
  readonly totalRingMs: number;
  /** Shown to users. */
  readonly visible: boolean;
  /** Members answer by themselves and hear the caller. */
  readonly broadcast: boolean;
  readonly pickupDisabled: boolean;
  /** Members log on and off at run time. */
  readonly memberLogin: boolean;
  /** Progressive: time between one member and the next; null: as long as a member rings. */
  readonly stepMs: number | null;
  /** While the first member is occupied nobody is rung. */
  readonly primaryBusy: boolean;
  /** Members are rung where their own diversion leads. */
  readonly followDiversion: boolean;
  /** Outside its hours the group is not rung. */
  readonly calendarId: string | null;
  /** Where calls go that the group does not take. */
  readonly fallback: Destination | null;
  /** Heard by the caller before the ringing. */
  readonly waitPromptId: string | null;
  /** Heard by the caller while members ring. */
  readonly comfort: 'ringback' | 'music';
  /** Before the caller's name on the members' phones. */
  readonly namePrefix: string;
  /** How members' phones ring. */
  readonly alert: string | null;
  readonly members: readonly RingGroupMember[];
}

type Optional =
  | 'visible'
  | 'broadcast'
  | 'pickupDisabled'
  | 'memberLogin'
  | 'stepMs'
  | 'primaryBusy'
  | 'followDiversion'
  | 'calendarId'
  | 'fallback'
  | 'waitPromptId'
  | 'comfort'
  | 'namePrefix'
  | 'alert';
export type NewRingGroup = Omit<RingGroupFields, Optional> & Patch<RingGroupFields>;

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
  'visible',
  'broadcast',
  'pickup_disabled',
  'member_login',
  'step_ms',
  'primary_busy',
  'follow_diversion',
  'calendar_id',
  'fallback_type',
  'fallback_id',
  'wait_prompt_id',
  'comfort',
  'name_prefix',
  'alert',
] as const;

async function withMembers(
  db: Db,
  rows: readonly Omit<RingGroupRow, 'members' | 'strategy' | 'comfort'>[],
): Promise<RingGroupRow[]> {
  if (rows.length === 0) return [];
  const { rows: members } = await sql<RingGroupMember & { group_id: string }>`
    select group_id, user_id as "userId", number, ring_ms as "ringMs", delay_ms as "delayMs", confirm, logged_in as "loggedIn", weight
    from ring_group_member where group_id = any(${rows.map((r) => r.id)}::uuid[]) order by position, id`.execute(db);
  const of = (id: string): RingGroupMember[] =>
    members.filter((m) => m.group_id === id).map(({ group_id: _group, ...member }) => member);
  return rows.map((r) => ({ ...r, members: of(r.id) }) as unknown as RingGroupRow);
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

const flags = (fields: Patch<RingGroupFields>) => ({
  ...(fields.visible === undefined ? {} : { visible: fields.visible }),
  ...(fields.broadcast === undefined ? {} : { broadcast: fields.broadcast }),
  ...(fields.pickupDisabled === undefined ? {} : { pickup_disabled: fields.pickupDisabled }),
  ...(fields.memberLogin === undefined ? {} : { member_login: fields.memberLogin }),
  ...(fields.stepMs === undefined ? {} : { step_ms: fields.stepMs }),
  ...(fields.primaryBusy === undefined ? {} : { primary_busy: fields.primaryBusy }),
  ...(fields.followDiversion === undefined ? {} : { follow_diversion: fields.followDiversion }),
  ...(fields.calendarId === undefined ? {} : { calendar_id: fields.calendarId }),
  ...(fields.fallback === undefined
    ? {}
    : { fallback_type: fields.fallback?.type ?? null, fallback_id: fields.fallback?.id ?? null }),
  ...(fields.waitPromptId === undefined ? {} : { wait_prompt_id: fields.waitPromptId }),
  ...(fields.comfort === undefined ? {} : { comfort: fields.comfort }),
  ...(fields.namePrefix === undefined ? {} : { name_prefix: fields.namePrefix }),
  ...(fields.alert === undefined ? {} : { alert: fields.alert }),
});

/** Throws `UnknownReference` for what the company does not have. */
const checkNamed = (db: Db, scope: CompanyScope, { calendarId, waitPromptId }: Patch<RingGroupFields>): Promise<void> =>
  checkReferences(db, scope, [
    ['calendarId', 'calendar', calendarId],
    ['waitPromptId', 'prompt', waitPromptId],
  ]);

const memberKey = (m: RingGroupMember): string => m.userId ?? `number:${m.number}`;

async function writeMembers(
  tx: Transaction<Database>,
  scope: CompanyScope,
  groupId: string,
  members: readonly RingGroupMember[],
): Promise<void> {
  if (members.some((m) => (m.userId === null) === (m.number === null)))
    throw new UnknownMember('a member is either a user or a number');
  await sql`delete from ring_group_member m using ring_group g
    where g.id = m.group_id and g.company_id = ${scope.companyId} and m.group_id = ${groupId}`.execute(tx);
  if (members.length === 0) return;
  const users = new Set(members.flatMap((m) => (m.userId ? [m.userId] : [])));
  const { rows: known } = await sql`select 1 from directory_user
    where company_id = ${scope.companyId} and deleted_at is null and id = any(${[...users]}::uuid[])`.execute(tx);
  if (known.length !== users.size) throw new UnknownMember('a member is no user of the company');
  const { rows: company } = await sql<{ country: string | null }>`
    select settings->>'country' as country from owner where id = ${scope.companyId}`.execute(tx);
  const country = company[0]?.country ?? undefined;
  const distinct = new Map([...members].reverse().map((m) => [memberKey(m), m]));
  await tx
    .insertInto('ring_group_member')
    .values(
      [...distinct.values()].reverse().map((m, position) => ({
        group_id: groupId,
        user_id: m.userId,
        number: m.number,
        e164: m.number === null ? null : toE164(m.number, country),
        ring_ms: m.ringMs,
        delay_ms: m.delayMs,
        confirm: m.confirm,
        logged_in: m.loggedIn,
        weight: m.weight,
        position,
      })),
    )
    .execute();
}

/** Throws `DialPlanTaken`, `UnknownMember`, or 23505 on a taken name. Repeating it with the same id returns what is there. */
export async function createRingGroup(
  db: Db,
  scope: CompanyScope,
  id: string,
  fields: NewRingGroup,
): Promise<RingGroupRow> {
  return inTransaction(db, async (tx) => {
    await lockDialPlan(tx, scope);
    const found = await getRingGroup(tx, scope, id);
    if (found) return found;
    await checkNamed(tx, scope, fields);
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
        ...flags(fields),
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
  fields: Patch<RingGroupFields>,
): Promise<RingGroupRow | null> {
  return inTransaction(db, async (tx) => {
    await lockDialPlan(tx, scope);
    if (!(await getRingGroup(tx, scope, id))) return null;
    await checkNamed(tx, scope, fields);
    if (fields.extension) await claimDialled(tx, scope, fields.extension, id);
    const changes = Object.fromEntries(
      Object.entries({
        name: fields.name,
        extension: fields.extension,
        strategy: fields.strategy,
        member_ring_ms: fields.memberRingMs,
        total_ring_ms: fields.totalRingMs,
        ...flags(fields),
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
    await forgetEntity(tx, scope, 'ring-group', id);
    return true;
  });
}
