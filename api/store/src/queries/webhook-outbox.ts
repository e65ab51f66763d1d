/** The outbox of webhooks: filled from facts and directory events, each once; claimed by one worker at a time; settled. */
import type { JsonValue } from '@callwright/engine';
import { sql } from 'kysely';
import { type ArrivedRecord, arrivedFacts } from './call-views.ts';
import { asTheOnly } from './calls.ts';
import type { DirectoryEvent } from './presence.ts';
import type { Db } from './scope.ts';

const BATCH = 500;
const WEBHOOKS = 100;

/** An event as its receivers know it. `id` is the same for all of them and over every attempt. */
export interface OutboxEvent {
  readonly id: string;
  readonly type: string;
  readonly at: Date;
  readonly body: JsonValue;
}

/** Whether a subscription wants events of this type. */
export function wantsEvent(patterns: readonly string[], type: string): boolean {
  if (patterns.length === 0) return true;
  return patterns.some((one) => (one.endsWith('*') ? type.startsWith(one.slice(0, -1)) : one === type));
}

interface Place {
  readonly id: string;
  readonly companyId: string;
  readonly events: readonly string[];
  readonly tx: string;
  readonly seq: number;
  readonly directoryN: number;
}

/**
 * Puts what has happened since into the outboxes of all enabled webhooks; one process at a time. How many events were read: 0 = nothing
 * new, or another process is at it.
 */
export async function fillOutboxes(db: Db): Promise<number> {
  let read = 0;
  await asTheOnly(db, 'webhooks', async (tx) => {
    const { rows } = await sql<Place>`
      select w.id, w.company_id as "companyId", w.events, w.fact_tx::text as tx, w.fact_seq as seq, w.directory_n as "directoryN"
      from webhook w where w.enabled and (
        exists (select 1 from call_record r where r.company_id = w.company_id and r.stream = 'fact' and (r.tx, r.seq) > (w.fact_tx, w.fact_seq)
          and r.tx < pg_snapshot_xmin(pg_current_snapshot()))
        or exists (select 1 from directory_event d where d.owner_id = w.company_id and d.n > w.directory_n))
      order by w.id limit ${WEBHOOKS} for update of w`.execute(tx);
    for (const place of rows) read += (await fillFromFacts(tx, place)) + (await fillFromDirectory(tx, place));
  });
  return read;
}

/** A fact as webhooks and event streams tell it. */
export function factEvent(fact: ArrivedRecord): OutboxEvent {
  const id = `${fact.call_id}-${fact.n}`;
  const { type, at } = fact;
  const body = { ...head(id, type, at, fact.company_id), callId: fact.call_id, n: fact.n, data: fact.body };
  return { id, type, at, body };
}

/** A directory event as webhooks and event streams tell it. */
export function directoryEvent(companyId: string, { n, at, type, body: data }: DirectoryEvent): OutboxEvent {
  const id = `directory-${companyId}-${n}`;
  const when = new Date(at);
  return { id, type, at: when, body: { ...head(id, type, when, companyId), n: Number(n), data } };
}

async function fillFromFacts(tx: Db, place: Place): Promise<number> {
  const facts = await arrivedFacts(tx, [place.companyId], place, BATCH);
  const events = facts.map(factEvent);
  await put(tx, place, events);
  const last = facts.at(-1);
  if (last)
    await sql`update webhook set fact_tx = ${last.tx}::xid8, fact_seq = ${last.seq} where id = ${place.id}`.execute(tx);
  return facts.length;
}

async function fillFromDirectory(tx: Db, place: Place): Promise<number> {
  const { rows } = await sql<DirectoryEvent>`
    select n, at, type, body from directory_event where owner_id = ${place.companyId} and n > ${place.directoryN}
    order by n limit ${BATCH}`.execute(tx);
  const events = rows.map((event) => directoryEvent(place.companyId, event));
  await put(tx, place, events);
  const last = rows.at(-1);
  if (last) await sql`update webhook set directory_n = ${last.n} where id = ${place.id}`.execute(tx);
  return rows.length;
}

const head = (id: string, type: string, at: Date, companyId: string) => ({
  id,
  type,
  version: 1,
  at: at.toISOString(),
  companyId,
});

async function put(tx: Db, place: Place, events: readonly OutboxEvent[]): Promise<void> {
  const wanted = events.filter(({ type }) => wantsEvent(place.events, type));
  if (wanted.length === 0) return;
  await sql`
    insert into webhook_delivery (webhook_id, company_id, event_id, type, at, body)
    select ${place.id}, ${place.companyId}, id, type, at, body::jsonb
    from unnest(${wanted.map((e) => e.id)}::text[], ${wanted.map((e) => e.type)}::text[], ${wanted.map((e) => e.at)}::timestamptz[],
      ${wanted.map((e) => JSON.stringify(e.body))}::text[]) with ordinality as event (id, type, at, body, place)
    order by place on conflict (webhook_id, event_id) do nothing`.execute(tx);
}

/** A subscription whose outbox a worker has for itself. */
export interface ClaimedWebhook {
  readonly id: string;
  readonly companyId: string;
  readonly name: string;
  readonly url: string;
  readonly rule: string;
  readonly settings: JsonValue;
}

/** Gives `worker` up to `limit` subscriptions of these rules with something due, for `claimMs`; nobody else gets them meanwhile. */
export async function claimWebhooks(
  db: Db,
  worker: string,
  claimMs: number,
  { rules, limit }: { readonly rules: readonly string[]; readonly limit: number },
): Promise<readonly ClaimedWebhook[]> {
  const { rows } = await sql<ClaimedWebhook>`
    update webhook set claimed_by = ${worker}, claimed_until = now() + ${claimMs} * interval '1 millisecond'
    where id in (
      select w.id from webhook w
      join lateral (select due_at from webhook_delivery d where d.webhook_id = w.id and d.state = 'waiting' order by d.number limit 1) first on true
      where w.enabled and w.rule = any(${[...rules]}) and first.due_at <= now() and (w.claimed_until is null or w.claimed_until < now())
      order by first.due_at limit ${limit} for update of w skip locked)
    returning id, company_id as "companyId", name, url, rule, settings`.execute(db);
  return rows;
}

export interface DueDelivery {
  readonly number: number;
  readonly eventId: string;
  readonly type: string;
  readonly body: JsonValue;
  readonly attempts: number;
}

/** The first delivery of the outbox, when it is due and the worker still has the claim, which is renewed. */
export async function nextDelivery(
  db: Db,
  worker: string,
  webhook: ClaimedWebhook,
  claimMs: number,
): Promise<DueDelivery | null> {
  const { rows } = await sql<DueDelivery>`
    with mine as (
      update webhook set claimed_until = now() + ${claimMs} * interval '1 millisecond'
      where id = ${webhook.id} and company_id = ${webhook.companyId} and claimed_by = ${worker} and claimed_until > now() and enabled
      returning id
    )
    select first.* from mine join lateral (
      select number, event_id as "eventId", type, body, attempts, due_at from webhook_delivery d
      where d.webhook_id = mine.id and d.state = 'waiting' order by d.number limit 1
    ) first on first.due_at <= now()`.execute(db);
  return rows[0] ?? null;
}

export interface Settlement {
  readonly state: 'delivered' | 'waiting' | 'dead';
  /** Until the next attempt, of one that waits. */
  readonly pauseMs: number;
  readonly durationMs: number;
  readonly httpStatus: number | null;
  readonly error: string | null;
}

/** Writes what has come of an attempt; nothing when the worker has lost its claim: another has tried again. */
export async function settleDelivery(
  db: Db,
  worker: string,
  webhook: ClaimedWebhook,
  number: number,
  done: Settlement,
): Promise<void> {
  await sql`
    with mine as (
      select id from webhook where id = ${webhook.id} and company_id = ${webhook.companyId} and claimed_by = ${worker}
    ), settled as (
      update webhook_delivery d set state = ${done.state}, attempts = attempts + 1, last_status = ${done.httpStatus},
        last_error = ${done.error}, due_at = now() + ${done.pauseMs} * interval '1 millisecond',
        settled_at = case when ${done.state} = 'waiting' then null else now() end
      from mine where d.webhook_id = mine.id and d.number = ${number} and d.state = 'waiting' returning d.number
    )
    insert into webhook_attempt (company_id, delivery, duration_ms, http_status, error)
    select ${webhook.companyId}, number, ${done.durationMs}, ${done.httpStatus}, ${done.error} from settled`.execute(
    db,
  );
}

/** Keeps a claim that the worker still has, while an attempt is under way. */
export async function renewClaim(db: Db, worker: string, webhook: ClaimedWebhook, claimMs: number): Promise<void> {
  await sql`
    update webhook set claimed_until = now() + ${claimMs} * interval '1 millisecond'
    where id = ${webhook.id} and company_id = ${webhook.companyId} and claimed_by = ${worker} and claimed_until > now()`.execute(
    db,
  );
}

export async function releaseWebhook(db: Db, worker: string, webhook: ClaimedWebhook): Promise<void> {
  await sql`update webhook set claimed_by = null, claimed_until = null
    where id = ${webhook.id} and company_id = ${webhook.companyId} and claimed_by = ${worker}`.execute(db);
}

/** For retention: at most `batch` settled deliveries of before `before`; how many. */
export async function purgeDeliveries(db: Db, companyId: string, before: Date, batch: number): Promise<number> {
  const { rows } = await sql`delete from webhook_delivery where number in (
    select number from webhook_delivery where company_id = ${companyId} and state <> 'waiting' and created_at < ${before}
    order by number limit ${batch} for update skip locked) returning number`.execute(db);
  return rows.length;
}
