/** Ring groups as destinations: their members ring by the group's strategy. */
import { type Coordinates, type IoResult, openingAt, type RingGroup } from '@callwright/engine';
import { sql } from 'kysely';
import { calendarInForce } from '../calendars.ts';
import { FULL_NAME, NOT_REACHABLE, REGISTERED } from '../reach.ts';
import type { Db } from '../scope.ts';
import { type DestinationType, isUuid, NOT_FOUND, plainCoordinates, resolved } from './destination-type.ts';
import { type UserRow, userCoordinates } from './user.ts';

interface GroupRow {
  id: string;
  number: number;
  extension: string | null;
  name: string;
  strategy: string;
  member_ring_ms: number;
  total_ring_ms: number;
  step_ms: number | null;
  primary_busy: boolean;
  broadcast: boolean;
  follow_diversion: boolean;
  calendar_id: string | null;
  fallback_type: string | null;
  fallback_id: string | null;
  wait_prompt: string | null;
  comfort: 'ringback' | 'music';
  name_prefix: string;
  alert: string | null;
}

const groupCoordinates = (row: GroupRow): Coordinates => ({
  type: 'ring-group',
  id: row.id,
  entityNumber: Number(row.number),
  number: row.extension ?? '',
  name: row.name,
});

/** The user's mode, else his rule: where it is a number that his calls go to, whatever comes. */
const DIVERTED = sql<string | null>`coalesce(
  case when u.user_mode = 'divert' and (u.mode_until is null or u.mode_until > now()) then u.divert_number end,
  (select f.destination_id from forwarding f where f.user_id = u.id and f.company_id = u.company_id
    and f.condition = 'always' and f.enabled and f.destination_type = 'number'))`;

async function findGroup(db: Db, companyId: string, id: string): Promise<GroupRow | undefined> {
  const { rows } = await sql<GroupRow>`
    select g.id, g.number, g.extension, g.name, g.strategy, g.member_ring_ms, g.total_ring_ms, g.step_ms, g.primary_busy, g.broadcast,
      g.follow_diversion, g.comfort, g.name_prefix, g.alert,
      g.calendar_id, g.fallback_type, g.fallback_id, p.name as wait_prompt
    from ring_group g left join prompt p on p.id = g.wait_prompt_id and p.company_id = g.company_id
    where g.company_id = ${companyId} and (g.id::text = ${id} or g.name = ${id})
    order by g.id::text = ${id} desc limit 1`.execute(db);
  return rows[0];
}

interface MemberRow extends Omit<UserRow, 'id' | 'extension'> {
  readonly member_id: string;
  readonly id: string | null;
  readonly extension: string | null;
  readonly outside: string | null;
  /** Number that the user's calls go to instead, now. */
  readonly diverted: string | null;
  readonly ring_ms: number | null;
  readonly delay_ms: number;
  readonly confirm: boolean;
  readonly weight: number;
  readonly call_waiting: boolean;
}

/** How an outside number can be dialled at this moment, if it can. */
export type OutsideLine = (number: string) => Promise<Extract<IoResult, { status: 'destination' }> | null>;

/** By id or name, with its members in ring order. */
export async function lookUpGroup(
  db: Db,
  companyId: string,
  id: string,
  at: number,
  outside: OutsideLine,
): Promise<IoResult> {
  const row = await findGroup(db, companyId, id);
  if (!row) return NOT_FOUND;
  const { rows: members } = await sql<MemberRow>`
    select m.id as member_id, u.id, u.number, u.extension, ${FULL_NAME} as name, (${REGISTERED} and not ${NOT_REACHABLE}) as registered,
      case when g.follow_diversion and not g.broadcast then ${DIVERTED} end as diverted, m.number as outside, m.ring_ms, m.delay_ms, m.confirm, m.weight, coalesce(u.call_waiting, false) as call_waiting
    from ring_group_member m join ring_group g on g.id = m.group_id and g.company_id = ${companyId}
    left join directory_user u on u.id = m.user_id and u.company_id = g.company_id
    where m.group_id = ${row.id} and m.logged_in
      and (m.number is not null or (u.id is not null and u.deleted_at is null and u.suspended_at is null))
    order by m.position, m.id limit 200`.execute(db);
  const calendar = row.calendar_id === null ? null : await calendarInForce(db, companyId, row.calendar_id);
  const group: RingGroup = {
    id: row.id,
    coordinates: groupCoordinates(row),
    strategy: row.strategy as RingGroup['strategy'],
    memberRingMs: row.member_ring_ms,
    totalRingMs: row.total_ring_ms,
    ...(row.step_ms === null ? {} : { stepMs: row.step_ms }),
    ...(row.primary_busy ? { primary: true } : {}),
    ...(row.broadcast ? { broadcast: true } : {}),
    ...(calendar && openingAt(calendar, at) !== 'open' ? { closed: true } : {}),
    ...(row.fallback_type === null ? {} : { fallback: { type: row.fallback_type, id: row.fallback_id ?? '' } }),
    ...(row.wait_prompt === null
      ? {}
      : { waitPrompt: { items: [{ type: 'audio' as const, name: row.wait_prompt }], bargeIn: false } }),
    ...(row.comfort === 'music' ? { comfort: row.comfort } : {}),
    ...(row.name_prefix === '' ? {} : { namePrefix: row.name_prefix }),
    ...(row.alert === null ? {} : { alert: row.alert }),
    members: await Promise.all(members.map((member) => memberOf(member, outside))),
  };
  return { status: 'ring-group', group };
}

type Member = RingGroup['members'][number];

async function memberOf(row: MemberRow, outside: OutsideLine): Promise<Member> {
  const { ring_ms: ringMs, delay_ms: delayMs, weight, confirm, call_waiting: callWaiting } = row;
  const options = { ringMs, delayMs, weight, confirm };
  if (row.id !== null && row.extension !== null && row.diverted === null) {
    const coordinates = userCoordinates({ ...row, id: row.id, extension: row.extension });
    return { userId: row.id, coordinates, registered: row.registered, callWaiting, ...options };
  }
  const number = row.diverted ?? row.outside ?? '';
  const found = await outside(number);
  // a diversion inside is to a colleague's phones
  if (row.diverted !== null && found?.destination.type === 'user') {
    const target = { type: 'user', userId: found.destination.id } as const;
    return { userId: row.member_id, coordinates: found.coordinates, registered: true, ...options, target };
  }
  const { trunks, limit } = found?.destination.type === 'number' ? found : {};
  const coordinates = found?.coordinates ?? { ...plainCoordinates('number', number) };
  // the pool knows it by its row
  const base = { userId: row.member_id, coordinates, ...options };
  if (!trunks) return { ...base, registered: false };
  return {
    ...base,
    registered: true,
    target: { type: 'trunk', trunkIds: trunks, number: coordinates.number, ...(limit ? { limit } : {}) },
  };
}

export const ringGroup: DestinationType = {
  type: 'ring-group',
  servedBy: 'direct-group',
  offered: true,
  exists: async (db, scope, id) =>
    isUuid(id) &&
    (await db
      .selectFrom('ring_group')
      .select('id')
      .where('company_id', '=', scope.companyId)
      .where('id', '=', id)
      .executeTakeFirst()) !== undefined,
  resolve: async (db, companyId, id) => {
    const row = await findGroup(db, companyId, id);
    return row ? resolved({ type: 'ring-group', id: row.id }, groupCoordinates(row)) : NOT_FOUND;
  },
};
