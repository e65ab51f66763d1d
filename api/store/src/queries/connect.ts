/** Calls between two parties: from a request to the first event of a call, and the rows of those that wait for their time. */
import { randomInt } from 'node:crypto';
import type { CallStart, Coordinates, Destination, DialTarget, Prompt } from '@callwright/engine';
import { sql } from 'kysely';
import type { Keyring } from '../crypto.ts';
import { roomiestInstance } from './call-views.ts';
import { placeCall } from './commands.ts';
import { lookUpVia } from './destinations/number.ts';
import { resolveDestination } from './destinations/registry.ts';
import { lookUpUser } from './destinations/user.ts';
import { localeOf, settingsOfCompany } from './owners.ts';
import { REGISTERED } from './reach.ts';
import { admitInside } from './routing/admission.ts';
import { type CompanyScope, type Db, inTransaction, type Page, page, trustedScope } from './scope.ts';
import { trunksUsable } from './trunks.ts';
import { uuidv7 } from './uuid.ts';

/** One of the two, as asked for. */
export interface ConnectSide {
  readonly to: Destination;
  /** Log-ins of the user that are dialled; absent: all. */
  readonly loginIds?: readonly string[];
  /** Trunk for an outside number; null = as the company's routing says. */
  readonly trunkId: string | null;
  readonly announcement: { readonly text: string; readonly language: string } | { readonly prompt: string } | null;
  readonly autoAnswer: boolean;
  readonly ringTimeoutMs: number;
  /** Number and name that this side is shown; absent or null = what `ConnectRequest.presentation` says. */
  readonly presentation?: { readonly number: string; readonly name: string } | null;
  /** Whom the side counts as, when that is not whom it dials: a user called on a number of his. Of the first side only. */
  readonly as?: Coordinates;
}

export interface ConnectRequest {
  /** Called first, and second. */
  readonly first: ConnectSide;
  readonly second: ConnectSide;
  /** Number and name both are shown; null = each sees the other's. */
  readonly presentation: { readonly number: string; readonly name: string } | null;
  readonly maxTalkMs: number | null;
  /** Their conversation is recorded; both are told. */
  readonly record?: boolean;
}

/** Why no call can be made of a request. */
export type ConnectRefusal = 'unknown-destination' | 'refused' | 'no-media' | 'not-published';

const LEASE_MS = 5000;
/** The flow that stands behind a call that runs none. */
const FALLBACK_FLOW = 'unavailable';

interface Reached {
  /** Null of a ring group, whose members are rung. */
  readonly target: DialTarget | null;
  readonly group?: string;
  readonly coordinates: Coordinates;
}

const plain = (type: string, number: string): Coordinates => ({ type, id: null, entityNumber: null, number, name: '' });

/** What is dialled for the side that is called first: somebody with a phone, or a group of such. */
async function reach(db: Db, companyId: string, callId: string, side: ConnectSide): Promise<Reached | ConnectRefusal> {
  const { to, trunkId } = side;
  const asking = { callId, userId: null, at: Date.now() };
  if (to.type !== 'number' && (await admitInside(db, { companyId, ...asking }))) return 'refused';
  if (to.type === 'sip') return { target: { type: 'sip', uri: to.id }, coordinates: plain('sip', to.id) };
  if (to.type === 'user') {
    const found = await lookUpUser(db, companyId, to.id);
    if (found.status !== 'user') return 'unknown-destination';
    const { userId, coordinates } = found.user;
    return {
      target: { type: 'user', userId, ...(side.loginIds ? { loginIds: [...side.loginIds] } : {}) },
      coordinates,
    };
  }
  if (to.type === 'ring-group') {
    const group = await resolveDestination(db, companyId, to, { ...asking, routing: true });
    if (group.status !== 'destination' || group.coordinates.id === null) return 'unknown-destination';
    return { target: null, group: group.coordinates.id, coordinates: group.coordinates };
  }
  if (to.type !== 'number') return 'unknown-destination';
  const number = to.id.slice(0, 64);
  const found =
    trunkId === null
      ? await resolveDestination(db, companyId, to, asking)
      : await lookUpVia(db, companyId, number, [trunkId], asking);
  if (found.status === 'refused') return 'refused';
  if (found.status !== 'destination') return 'unknown-destination';
  if (found.destination.type === 'user') return reach(db, companyId, callId, { ...side, to: found.destination });
  if (found.destination.type !== 'number') return 'unknown-destination';
  const { id } = found.destination;
  const target: DialTarget = found.trunks
    ? { type: 'trunk', trunkIds: found.trunks, number: id.slice(0, 64), ...(found.limit ? { limit: found.limit } : {}) }
    : { type: 'number', number: id.slice(0, 64) };
  return { target, coordinates: found.coordinates };
}

/** Who the second one is, for the first's display; he is looked up again when his turn comes. */
async function secondCoordinates(
  db: Db,
  companyId: string,
  callId: string,
  { to }: ConnectSide,
): Promise<Coordinates | null> {
  if (to.type === 'sip') return plain('sip', to.id);
  const found = await resolveDestination(db, companyId, to, { callId, userId: null, at: Date.now() });
  if (found.status === 'destination') return found.coordinates;
  return found.status === 'refused' ? plain(to.type, to.id) : null;
}

const promptsOf = ({ announcement }: ConnectSide): Prompt[] => {
  if (announcement === null) return [];
  const item =
    'prompt' in announcement
      ? ({ type: 'audio', name: announcement.prompt } as const)
      : ({ type: 'text', ...announcement } as const);
  return [{ items: [item], bargeIn: false }];
};

/** Stores the call of a request, in state `waiting`, or says why there is none. Repeatable by its id. */
export async function placeConnect(
  db: Db,
  keyring: Keyring,
  scope: CompanyScope,
  call: { readonly id: string; readonly externalId: string | null; readonly request: ConnectRequest },
): Promise<CallStart | ConnectRefusal> {
  const { companyId } = scope;
  const { first, second, presentation, maxTalkMs, record } = call.request;
  const trunks = [first.trunkId, second.trunkId].filter((id) => id !== null);
  if (trunks.length > 0 && !(await trunksUsable(db, scope, trunks))) return 'unknown-destination';
  const found = await reach(db, companyId, call.id, first);
  if (typeof found === 'string') return found;
  const reached = { ...found, coordinates: first.as ?? found.coordinates };
  const called = await secondCoordinates(db, companyId, call.id, second);
  if (!called) return 'unknown-destination';
  const { rows } = await sql<{ hash: string | null }>`
    select published_hash as hash from flow
    where company_id = ${companyId} and name = ${FALLBACK_FLOW} and deleted_at is null`.execute(db);
  const revision = rows[0]?.hash;
  if (!revision) return 'not-published';
  const instance = await roomiestInstance(db, LEASE_MS);
  if (!instance) return 'no-media';
  const settings = await settingsOfCompany(db, scope);
  const { target, group } = reached;
  const direction = target === null || target.type === 'user' ? 'internal' : 'outbound';
  const shown = first.presentation ?? presentation ?? { number: called.number.slice(0, 64), name: called.name };
  const to: DialTarget | Destination =
    second.trunkId !== null && second.to.type === 'number'
      ? { type: 'trunk', trunkIds: [second.trunkId], number: second.to.id.slice(0, 64) }
      : second.to.type === 'user' && second.loginIds
        ? { type: 'user', userId: second.to.id, loginIds: [...second.loginIds] }
        : second.to;
  const start = (number: number): CallStart => ({
    type: 'call.start',
    at: Date.now(),
    callId: call.id,
    number,
    companyId,
    externalId: call.externalId,
    direction,
    locale: localeOf(settings),
    seed: randomInt(2 ** 32),
    revision,
    variables: {},
    called,
    inbound: null,
    originate: {
      instance,
      target,
      ...(group === undefined ? {} : { group }),
      coordinates: reached.coordinates,
      callerId: shown,
      ringTimeoutMs: first.ringTimeoutMs,
      autoAnswer: first.autoAnswer,
    },
    second: {
      to,
      ringTimeoutMs: second.ringTimeoutMs,
      callerId: second.presentation ?? presentation,
      firstPrompts: promptsOf(first),
      secondPrompts: promptsOf(second),
      autoAnswer: second.autoAnswer,
      maxTalkMs,
      ...(record ? { record } : {}),
    },
  });
  const { id, externalId } = call;
  return placeCall(db, keyring, scope, {
    id,
    externalId,
    direction,
    revision,
    calling: reached.coordinates,
    called,
    start,
  });
}

export interface ScheduledCallRow {
  readonly id: string;
  readonly external_id: string | null;
  readonly state: string;
  readonly due_at: Date;
  readonly tries_left: number;
  readonly retry_after_ms: number;
  readonly request: unknown;
  readonly call_id: string | null;
  readonly outcome: string | null;
  readonly created_at: Date;
}

const COLUMNS = [
  'id',
  'external_id',
  'state',
  'due_at',
  'tries_left',
  'retry_after_ms',
  'request',
  'call_id',
  'outcome',
  'created_at',
] as const;

export interface NewScheduledCall {
  readonly id: string;
  readonly externalId: string | null;
  readonly dueAt: Date;
  readonly tries: number;
  readonly retryAfterMs: number;
  readonly request: ConnectRequest;
}

/** Null when the company has another of that external id. Repeatable by id. */
export async function scheduleCall(
  db: Db,
  scope: CompanyScope,
  call: NewScheduledCall,
): Promise<ScheduledCallRow | null> {
  await db
    .insertInto('scheduled_call')
    .values({
      id: call.id,
      company_id: scope.companyId,
      external_id: call.externalId,
      due_at: call.dueAt,
      tries_left: call.tries,
      retry_after_ms: call.retryAfterMs,
      request: JSON.stringify(call.request),
    })
    .onConflict((c) => c.doNothing())
    .execute();
  return getScheduledCall(db, scope, call.id);
}

export async function getScheduledCall(db: Db, scope: CompanyScope, id: string): Promise<ScheduledCallRow | null> {
  const row = await db
    .selectFrom('scheduled_call')
    .select(COLUMNS)
    .where('company_id', '=', scope.companyId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row ?? null;
}

/** Newest first. */
export async function listScheduledCalls(
  db: Db,
  scope: CompanyScope,
  filter: {
    readonly before: Date | null;
    readonly limit: number;
    readonly state?: string;
    readonly externalId?: string;
  },
): Promise<Page<ScheduledCallRow>> {
  let query = db
    .selectFrom('scheduled_call')
    .select(COLUMNS)
    .where('company_id', '=', scope.companyId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(filter.limit + 1);
  if (filter.before) query = query.where('created_at', '<', filter.before);
  if (filter.state !== undefined) query = query.where('state', '=', filter.state);
  if (filter.externalId !== undefined) query = query.where('external_id', '=', filter.externalId);
  return page(await query.execute(), filter.limit, (row) => String(row.created_at.getTime()));
}

/** False when it does not wait any more; one that is being called is hung up by its call. */
export async function cancelScheduledCall(db: Db, scope: CompanyScope, id: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('scheduled_call')
    .set({ state: 'cancelled', updated_at: new Date() })
    .where('company_id', '=', scope.companyId)
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

interface DueRow {
  id: string;
  company_id: string;
  external_id: string | null;
  request: ConnectRequest;
}

/**
 * One round of an io worker: calls that are due become rows of calls, which the starter starts; calls that have ended are judged, and
 * tried again where tries are left. Each row in a transaction of its own, so that a crash repeats at most nothing.
 */
export async function runSchedule(db: Db, keyring: Keyring, limit: number): Promise<void> {
  await judgeEnded(db, limit);
  await expire(db);
  for (let turn = 0; turn < limit; turn += 1) if (!(await placeDue(db, keyring))) return;
}

/** Calls that waited for somebody who did not become free. */
async function expire(db: Db): Promise<void> {
  await sql`update scheduled_call set state = 'failed', outcome = 'expired', updated_at = now()
    where state = 'waiting' and expires_at <= now()`.execute(db);
}

async function placeDue(db: Db, keyring: Keyring): Promise<boolean> {
  let taken: string | null = null;
  try {
    return await inTransaction(db, async (tx) => {
      const due = await takeDue(tx);
      taken = due?.id ?? null;
      if (due) await placeOne(tx, keyring, due);
      return due !== undefined;
    });
  } catch (error) {
    if (taken === null) throw error;
    // a row that cannot be placed must not hold up the others
    await settle(db, taken, 'failed');
    return true;
  }
}

async function takeDue(tx: Db): Promise<DueRow | undefined> {
  const { rows } = await sql<DueRow>`
    select s.id, s.company_id, s.external_id, s.request from scheduled_call s
    where s.state = 'waiting' and s.due_at <= now() and (s.when_free is null or (
      not exists (select 1 from pool_occupation o where o.company_id = s.company_id and o.grants <> '[]'::jsonb
        and o.user_id::text in (s.when_free::text, s.request->'first'->'to'->>'id'))
      and exists (select 1 from directory_user u where u.id = s.when_free and u.company_id = s.company_id and ${REGISTERED})))
    order by s.due_at limit 1 for update of s skip locked`.execute(tx);
  return rows[0];
}

async function placeOne(tx: Db, keyring: Keyring, due: DueRow): Promise<void> {
  const call = { id: uuidv7(), externalId: due.external_id, request: due.request };
  const start = await placeConnect(tx, keyring, trustedScope(due.company_id), call);
  if (typeof start === 'string') {
    await settle(tx, due.id, start);
    return;
  }
  await sql`update scheduled_call set state = 'calling', call_id = ${start.callId}, tries_left = tries_left - 1, outcome = null,
    updated_at = now() where id = ${due.id}`.execute(tx);
}

/** An attempt came to nothing before it was one: it counts, and is made again in time. */
async function settle(tx: Db, id: string, outcome: string): Promise<void> {
  await sql`update scheduled_call set tries_left = greatest(tries_left - 1, 0), outcome = ${outcome}, updated_at = now(),
    state = case when tries_left <= 1 then 'failed' else 'waiting' end,
    due_at = case when tries_left <= 1 then due_at else now() + make_interval(secs => retry_after_ms / 1000.0) end
    where id = ${id}`.execute(tx);
}

async function judgeEnded(db: Db, limit: number): Promise<void> {
  await sql`
    with ended as (
      select s.id, call.state = 'refused' as refused, coalesce(call.disposition, 'failed') as disposition,
        call.cdr->>'connectedAt' is not null as connected
      from scheduled_call s join call on call.id = s.call_id and call.company_id = s.company_id
      where s.state = 'calling' and call.state in ('ended', 'refused') limit ${limit}
    )
    update scheduled_call s set updated_at = now(),
      outcome = case when ended.connected then 'connected' when ended.refused then 'refused' else ended.disposition end,
      state = case when ended.connected then 'done' when s.tries_left > 0 then 'waiting' else 'failed' end,
      due_at = case when ended.connected or s.tries_left = 0 then s.due_at
        else now() + make_interval(secs => s.retry_after_ms / 1000.0) end
    from ended where s.id = ended.id and s.state = 'calling'`.execute(db);
}
