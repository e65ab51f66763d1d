/** What io workers look up while a call runs: published revisions, users, groups, calendars, numbers, destinations. */
import type {
  Calendar,
  Coordinates,
  Destination,
  IoResult,
  Lookup,
  RevisionClosure,
  RingGroup,
} from '@callwright/engine';
import { sql } from 'kysely';
import type { Store } from '../store.ts';
import type { Db } from './scope.ts';

/**
 * Published closures by company and hash, for the payload codec. Content-addressed, so a row never changes; null when the company
 * has none of that hash.
 */
export function closureSource(store: Store): (companyId: string, hash: string) => Promise<RevisionClosure | null> {
  return async (companyId, hash) => {
    const row = await store.db
      .selectFrom('revision')
      .select('closure')
      .where('company_id', '=', companyId)
      .where('hash', '=', hash)
      .executeTakeFirst();
    return row ? (row.closure as unknown as RevisionClosure) : null;
  };
}

const NOT_FOUND: IoResult = { status: 'not-found' };

/** Answers a live look-up within its company. */
export async function lookUp(db: Db, companyId: string, lookup: Lookup): Promise<IoResult> {
  switch (lookup.what) {
    case 'user':
      return lookUpUser(db, companyId, lookup.id);
    case 'ring-group':
      return lookUpGroup(db, companyId, lookup.id);
    case 'calendar':
      return lookUpCalendar(db, companyId, lookup.id);
    case 'number':
      return lookUpNumber(db, companyId, lookup.number);
    case 'destination':
      return lookUpDestination(db, companyId, lookup.destination);
  }
}

/** True while a contact of the user's log-ins is registered. */
const REGISTERED = sql<boolean>`exists (
  select 1 from sip_login join registration on registration.sip_login_id = sip_login.id
  where sip_login.user_id = u.id and sip_login.disabled_at is null and registration.expires_at > now())`;
const FULL_NAME = sql<string>`trim(u.given_name || ' ' || u.family_name)`;

interface UserRow {
  id: string;
  number: number;
  extension: string;
  name: string;
  registered: boolean;
}

const userCoordinates = (row: UserRow): Coordinates => ({
  type: 'user',
  id: row.id,
  entityNumber: Number(row.number),
  number: row.extension,
  name: row.name,
});

async function lookUpUser(db: Db, companyId: string, id: string): Promise<IoResult> {
  const { rows } = await sql<UserRow & { language: string; call_waiting: boolean }>`
    select u.id, u.number, u.extension, ${FULL_NAME} as name, ${REGISTERED} as registered, u.call_waiting,
      coalesce(u.language, owner.settings->>'language', 'en') as language
    from directory_user u join owner on owner.id = u.company_id
    where u.company_id = ${companyId} and (u.id::text = ${id} or u.extension = ${id}) and u.deleted_at is null
    order by u.id::text = ${id} desc limit 1`.execute(db);
  const row = rows[0];
  if (!row) return NOT_FOUND;
  const { registered, language } = row;
  const user = {
    userId: row.id,
    coordinates: userCoordinates(row),
    language,
    registered,
    callWaiting: row.call_waiting,
  };
  return { status: 'user', user };
}

interface GroupRow {
  id: string;
  number: number;
  extension: string | null;
  name: string;
  strategy: string;
  member_ring_ms: number;
  total_ring_ms: number;
}

const groupCoordinates = (row: GroupRow): Coordinates => ({
  type: 'ring-group',
  id: row.id,
  entityNumber: Number(row.number),
  number: row.extension ?? '',
  name: row.name,
});

async function findGroup(db: Db, companyId: string, id: string): Promise<GroupRow | undefined> {
  const { rows } = await sql<GroupRow>`
    select id, number, extension, name, strategy, member_ring_ms, total_ring_ms from ring_group
    where company_id = ${companyId} and (id::text = ${id} or name = ${id})
    order by id::text = ${id} desc limit 1`.execute(db);
  return rows[0];
}

async function lookUpGroup(db: Db, companyId: string, id: string): Promise<IoResult> {
  const row = await findGroup(db, companyId, id);
  if (!row) return NOT_FOUND;
  const { rows: members } = await sql<UserRow>`
    select u.id, u.number, u.extension, ${FULL_NAME} as name, ${REGISTERED} as registered
    from ring_group_member m join directory_user u on u.id = m.user_id and u.deleted_at is null
    where m.group_id = ${row.id} and u.company_id = ${companyId}
    order by m.position, u.id limit 200`.execute(db);
  const group: RingGroup = {
    id: row.id,
    coordinates: groupCoordinates(row),
    strategy: row.strategy as RingGroup['strategy'],
    memberRingMs: row.member_ring_ms,
    totalRingMs: row.total_ring_ms,
    members: members.map((m) => ({ userId: m.id, coordinates: userCoordinates(m), registered: m.registered })),
  };
  return { status: 'ring-group', group };
}

async function lookUpCalendar(db: Db, companyId: string, id: string): Promise<IoResult> {
  const { rows } = await sql<{ hours: Calendar }>`
    select hours from calendar where company_id = ${companyId} and (id::text = ${id} or name = ${id})
    order by id::text = ${id} desc limit 1`.execute(db);
  return rows[0] ? { status: 'calendar', calendar: rows[0].hours } : NOT_FOUND;
}

/** Forms under which a dialled number may stand in the directory: as dialled, and as E.164. */
function spellings(dialled: string): string[] {
  const digits = dialled.replace(/[\s().-]/g, '');
  const forms = [dialled, digits];
  if (/^00[1-9]\d{5,}$/.test(digits)) forms.push(`+${digits.slice(2)}`);
  if (/^[1-9]\d{6,14}$/.test(digits)) forms.push(`+${digits}`);
  return forms;
}

/** A number that nobody here answers to but that could be an outside one. */
const OUTSIDE = /^(\+|00)?[1-9]\d{5,14}$|^0\d{5,14}$/;

/** A number that leads to a number … so often, leads nowhere. */
const MAX_HOPS = 5;

async function lookUpNumber(db: Db, companyId: string, dialled: string, hops = 0): Promise<IoResult> {
  const { rows } = await sql<Destination>`
    select type, id from (
      select 'user' as type, id::text as id, 1 as rank from directory_user
      where company_id = ${companyId} and extension = ${dialled} and deleted_at is null
      union all
      select 'ring-group', id::text, 2 from ring_group where company_id = ${companyId} and extension = ${dialled}
      union all
      select rule.destination_type, rule.destination_id, 3 from phone_number n
      join lateral (
        select destination_type, destination_id from routing_rule r
        where r.phone_number_id = n.id and r.company_id = n.company_id order by r.position limit 1
      ) rule on true
      where n.company_id = ${companyId} and n.dialled = any(${spellings(dialled)}::text[])
    ) found order by rank limit 1`.execute(db);
  const found = rows[0];
  if (found?.type === 'number') return hops < MAX_HOPS ? lookUpNumber(db, companyId, found.id, hops + 1) : NOT_FOUND;
  if (found) return lookUpDestination(db, companyId, found);
  if (!OUTSIDE.test(dialled.replace(/[\s().-]/g, ''))) return NOT_FOUND;
  return resolved({ type: 'number', id: dialled }, plainCoordinates('number', dialled));
}

const plainCoordinates = (type: string, number: string): Coordinates => ({
  type,
  id: null,
  entityNumber: null,
  number,
  name: '',
});

const resolved = (
  destination: Destination,
  coordinates: Coordinates,
  closure: RevisionClosure | null = null,
): IoResult => ({
  status: 'destination',
  destination,
  coordinates,
  revision: closure?.root ?? null,
  closure: closure as unknown as null,
});

/** The registry of destinations: what can be dialled, redirected to or named by a rule, by type. A new type is one entry. */
const DESTINATIONS: Readonly<Record<string, (db: Db, companyId: string, id: string) => Promise<IoResult>>> = {
  user: async (db, companyId, id) => {
    const found = await lookUpUser(db, companyId, id);
    if (found.status !== 'user') return NOT_FOUND;
    return resolved({ type: 'user', id: found.user.userId }, found.user.coordinates);
  },
  'ring-group': async (db, companyId, id) => {
    const row = await findGroup(db, companyId, id);
    return row ? resolved({ type: 'ring-group', id: row.id }, groupCoordinates(row)) : NOT_FOUND;
  },
  flow: lookUpFlow,
  number: (db, companyId, id) => lookUpNumber(db, companyId, id),
  sip: async (_db, _companyId, id) => resolved({ type: 'sip', id }, { ...plainCoordinates('sip', id), id }),
};

/** Types of destination that exist. */
export const destinationTypes: readonly string[] = Object.keys(DESTINATIONS);

async function lookUpDestination(db: Db, companyId: string, destination: Destination): Promise<IoResult> {
  const resolve = Object.hasOwn(DESTINATIONS, destination.type) ? DESTINATIONS[destination.type] : undefined;
  return resolve ? resolve(db, companyId, destination.id) : NOT_FOUND;
}

async function lookUpFlow(db: Db, companyId: string, id: string): Promise<IoResult> {
  const { rows } = await sql<{ id: string; number: number; name: string; title: string; closure: RevisionClosure }>`
    select flow.id, flow.number, flow.name, flow.title, revision.closure
    from flow join revision on revision.company_id = flow.company_id and revision.hash = flow.published_hash
    where flow.company_id = ${companyId} and (flow.id::text = ${id} or flow.name = ${id}) and flow.deleted_at is null
    order by flow.id::text = ${id} desc limit 1`.execute(db);
  const row = rows[0];
  if (!row) return NOT_FOUND;
  const name = row.title || row.name;
  const coordinates = { type: 'flow', id: row.id, entityNumber: Number(row.number), number: '', name };
  return resolved({ type: 'flow', id: row.id }, coordinates, row.closure);
}
