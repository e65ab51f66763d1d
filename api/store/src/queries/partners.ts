/** Partner contracts: modules and their tokens, commands, what is read of facts, and the notices to be told. */
import { createHash, randomBytes } from 'node:crypto';
import type { Fact, JsonValue } from '@callwright/engine';
import { sql } from 'kysely';
import type { Keyring } from '../crypto.ts';
import type { OwnerSettings } from './owners.ts';
import { companyResource } from './resource.ts';
import { type CompanyScope, type Db, notSuspended } from './scope.ts';

export interface PartnerModuleFields {
  /** Name of the contract. */
  readonly contract: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly settings: Readonly<Record<string, JsonValue>>;
  readonly tokenHash: Buffer;
  readonly tokenEnc: Buffer;
}

export const partnerModules = companyResource<PartnerModuleFields>({
  table: 'partner_module',
  type: 'partner-module',
  columns: {
    contract: 'contract',
    name: 'name',
    enabled: 'enabled',
    settings: 'settings',
    tokenHash: 'token_hash',
    tokenEnc: 'token_enc',
  },
  json: ['settings'],
});

const TOKEN_BYTES = 16;
const sealOf = (companyId: string) => ({ owner: companyId, purpose: 'partner-token' });
const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** A token of 32 hex characters, as it is looked up by and as it is kept. */
export function newPartnerToken(keyring: Keyring, { companyId }: CompanyScope) {
  const token = randomBytes(TOKEN_BYTES).toString('hex');
  return { tokenHash: hashOf(token), tokenEnc: keyring.seal(sealOf(companyId), token) };
}

/** The token in clear. Throws `STO_SEALED_VALUE`. */
export const openPartnerToken = (keyring: Keyring, { companyId }: CompanyScope, sealed: Uint8Array): string =>
  keyring.openText(sealOf(companyId), sealed);

/** Facts of the company are read for partners from now on. Repeatable. */
export async function beginPartnerEvents(db: Db, { companyId }: CompanyScope): Promise<void> {
  await sql`insert into partner_cursor (company_id, directory_n)
    select ${companyId}, coalesce((select max(n) from directory_event where owner_id = ${companyId}), 0)
    on conflict do nothing`.execute(db);
}

export interface EnteredModule {
  readonly id: string;
  readonly companyId: string;
  readonly name: string;
  readonly settings: JsonValue;
  readonly owner: OwnerSettings;
}

/** The enabled module of a contract that a token opens; null when there is none. Compared by hash, hence in constant time. */
export async function moduleOfToken(db: Db, contract: string, token: string): Promise<EnteredModule | null> {
  const { rows } = await sql<EnteredModule>`
    select m.id, m.company_id as "companyId", m.name, m.settings, owner.settings as owner
    from partner_module m join owner on owner.id = m.company_id
    where m.token_hash = ${hashOf(token)} and m.contract = ${contract} and m.enabled and ${notSuspended}`.execute(db);
  return rows[0] ?? null;
}

export interface NewPartnerCommand {
  /** Of the call it makes, or of the command to a call. */
  readonly id: string;
  readonly moduleId: string;
  readonly requestId: string;
  readonly extension: string | null;
}

export async function addPartnerCommand(
  db: Db,
  { companyId }: CompanyScope,
  command: NewPartnerCommand,
): Promise<void> {
  const { id, moduleId, requestId, extension } = command;
  await sql`insert into partner_command (id, company_id, module_id, request_id, extension)
    select ${id}, ${companyId}, m.id, ${requestId}, ${extension} from partner_module m
    where m.id = ${moduleId} and m.company_id = ${companyId} on conflict do nothing`.execute(db);
}

export interface PartnerFact {
  readonly companyId: string;
  readonly callId: string;
  readonly n: number;
  readonly at: Date;
  readonly stream: 'fact' | 'event';
  /** Null of an event. */
  readonly body: Fact | null;
  readonly callNumber: number;
  readonly externalId: string | null;
  readonly direction: string;
  readonly placed: boolean;
  readonly timeZone: string | null;
  /** Number of the trunk of the fact's leg. */
  readonly trunk: number | null;
  /** Number of the other call of a leg that moved. */
  readonly other: number | null;
  readonly command: { readonly moduleId: string; readonly requestId: string; readonly extension: string | null } | null;
}

/** A record that has arrived, of a company with modules. */
export interface ArrivedForPartners {
  readonly companyId: string;
  readonly callId: string;
  readonly tx: string;
  readonly seq: number;
}

/** Where something has arrived past what was read, in the order of arrival within a company. */
export async function arrivedForPartners(db: Db, limit: number): Promise<ArrivedForPartners[]> {
  const { rows } = await sql<ArrivedForPartners>`
    select r.company_id as "companyId", r.call_id as "callId", r.tx::text as tx, r.seq
    from partner_cursor p
    cross join lateral (
      select * from call_record r where r.company_id = p.company_id
        and (r.tx, r.seq) > (p.tx, p.seq) and r.tx < pg_snapshot_xmin(pg_current_snapshot())
      order by r.tx, r.seq limit ${limit}
    ) r
    order by r.company_id, r.tx, r.seq`.execute(db);
  return rows;
}

/**
 * Facts of a call after record `after`, in the order in which they happened, as far as no record is missing: they are written by
 * several hands and may arrive in another order.
 */
export async function partnerFactsOf(db: Db, companyId: string, callId: string, after: number): Promise<PartnerFact[]> {
  const { rows } = await sql<PartnerFact>`
    select r.company_id as "companyId", r.call_id as "callId", r.n, r.at, r.stream,
      case when r.stream = 'fact' then jsonb_build_object('type', r.type) || r.body end as body,
      call.number as "callNumber", call.external_id as "externalId", call.direction,
      coalesce(jsonb_typeof(call.start->'originate') = 'object', false) as placed, owner.settings->>'timeZone' as "timeZone",
      trunk.number as trunk, other.number as other,
      case when c.id is null then null else jsonb_build_object('moduleId', c.module_id, 'requestId', c.request_id, 'extension', c.extension)
        end as command
    from (
      select *, row_number() over (order by n) as place from call_record
      where company_id = ${companyId} and call_id = ${callId} and n > ${after}
    ) r
    join call on call.id = r.call_id and call.company_id = r.company_id
    join owner on owner.id = r.company_id
    left join leg on r.type = 'party.added' and leg.id = r.body->>'leg' and leg.company_id = r.company_id
    left join trunk on trunk.id = leg.trunk_id
    left join call other on r.type = 'leg.moved' and other.id::text = r.body->>'callId' and other.company_id = r.company_id
    left join partner_command c on c.company_id = r.company_id
      and c.id::text = case when r.type = 'control.done' then r.body->>'id' else r.call_id::text end
    where r.n = ${after} + r.place
    order by r.n`.execute(db);
  return rows;
}

/** The company's facts have been read up to this place. */
export async function partnerFactsRead(db: Db, companyId: string, at: { tx: string; seq: number }): Promise<void> {
  await sql`update partner_cursor set tx = ${at.tx}::xid8, seq = ${at.seq} where company_id = ${companyId}`.execute(db);
}

/** A message that has come into a box of a company with modules. */
export interface PartnerMessage {
  readonly companyId: string;
  /** Number of the event in its company. */
  readonly n: number;
  readonly at: Date;
  readonly timeZone: string | null;
  readonly messageId: string;
  readonly callId: string;
  readonly extension: string | null;
  readonly number: string;
  readonly name: string;
  readonly durationMs: number;
}

/** Companies with modules whose directory has events that were not read, and up to where they are read now. */
export interface PartnerDirectory {
  readonly companyId: string;
  readonly upTo: number;
  readonly messages: readonly PartnerMessage[];
}

/** What has happened beside calls, in order; at most `limit` events of each company at a time. */
export async function directoryForPartners(db: Db, limit: number): Promise<PartnerDirectory[]> {
  const { rows } = await sql<{ companyId: string; n: string; message: PartnerMessage | null }>`
    select p.company_id as "companyId", d.n, case when d.type = 'voicemail.received' then jsonb_build_object(
      'companyId', p.company_id, 'n', d.n, 'at', d.at, 'timeZone', owner.settings->>'timeZone', 'messageId', d.body->'messageId',
      'callId', d.body->'callId', 'extension', u.extension, 'number', d.body->'number', 'name', d.body->'name',
      'durationMs', d.body->'durationMs') end as message
    from partner_cursor p join owner on owner.id = p.company_id
    cross join lateral (
      select * from directory_event where owner_id = p.company_id and n > p.directory_n order by n limit ${limit}) d
    left join directory_user u on u.id::text = d.body->>'userId' and u.company_id = p.company_id and d.type = 'voicemail.received'
    order by p.company_id, d.n`.execute(db);
  const companies = new Map<string, { upTo: number; messages: PartnerMessage[] }>();
  for (const { companyId, n, message } of rows) {
    const company = companies.get(companyId) ?? { upTo: 0, messages: [] };
    companies.set(companyId, company);
    company.upTo = Number(n);
    if (message) company.messages.push({ ...message, n: Number(n), at: new Date(message.at) });
  }
  return [...companies].map(([companyId, company]) => ({ companyId, ...company }));
}

export async function partnerDirectoryRead(db: Db, companyId: string, upTo: number): Promise<void> {
  await sql`update partner_cursor set directory_n = ${upTo} where company_id = ${companyId}`.execute(db);
}

export async function partnerCallMemory(
  db: Db,
  companyId: string,
  contract: string,
  callId: string,
): Promise<JsonValue | null> {
  const { rows } = await sql<{ memory: JsonValue }>`select memory from partner_call
    where company_id = ${companyId} and contract = ${contract} and call_id = ${callId}`.execute(db);
  return rows[0]?.memory ?? null;
}

/** Null: the call is over, nothing is kept of it. */
export async function keepPartnerCallMemory(
  db: Db,
  companyId: string,
  contract: string,
  callId: string,
  memory: JsonValue | null,
): Promise<void> {
  if (memory === null)
    await sql`delete from partner_call where company_id = ${companyId} and contract = ${contract} and call_id = ${callId}`.execute(
      db,
    );
  else
    await sql`insert into partner_call (contract, call_id, company_id, memory)
      select ${contract}, id, company_id, ${JSON.stringify(memory)}::jsonb from call
      where id = ${callId} and company_id = ${companyId}
      on conflict (contract, call_id) do update set memory = excluded.memory, updated_at = now()
      where partner_call.company_id = excluded.company_id`.execute(db);
}

export interface ListeningModule {
  readonly id: string;
  readonly companyId: string;
  readonly contract: string;
  /** As JSON text, so that settings that are known already need not be read again. */
  readonly settings: string;
  readonly enabledAt: Date;
}

/** Enabled modules of these companies. */
export async function listeningModules(db: Db, companyIds: readonly string[]): Promise<ListeningModule[]> {
  const { rows } = await sql<ListeningModule>`
    select id, company_id as "companyId", contract, settings::text as settings, enabled_at as "enabledAt" from partner_module
    where company_id = any(${companyIds}::uuid[]) and enabled order by number`.execute(db);
  return rows;
}

/** Which contracts the enabled modules of these companies speak. */
export async function spokenContracts(
  db: Db,
  companyIds: readonly string[],
): Promise<{ readonly companyId: string; readonly contract: string }[]> {
  const { rows } = await sql<{ companyId: string; contract: string }>`
    select distinct company_id as "companyId", contract from partner_module
    where company_id = any(${companyIds}::uuid[]) and enabled order by contract`.execute(db);
  return rows;
}

export interface NewNotice {
  readonly moduleId: string;
  readonly companyId: string;
  readonly callId: string;
  readonly fact: number;
  readonly place: number;
  readonly notice: unknown;
}

/** In this order; one that is there stays. */
export async function addNotices(db: Db, notices: readonly NewNotice[]): Promise<void> {
  if (notices.length === 0) return;
  await sql`insert into partner_notice (module_id, company_id, call_id, fact, place, notice)
    select r."moduleId", r."companyId", r."callId", r.fact, r.place, r.notice
    from jsonb_to_recordset(${JSON.stringify(notices.map((one, i) => ({ ...one, i })))}::jsonb)
      as r("moduleId" uuid, "companyId" uuid, "callId" uuid, fact int, place int, notice jsonb, i int)
    join partner_module m on m.id = r."moduleId" and m.company_id = r."companyId"
    order by r.i on conflict do nothing`.execute(db);
}

export interface ClaimedModule {
  readonly id: string;
  readonly companyId: string;
  readonly contract: string;
  readonly settings: JsonValue;
  readonly enabled: boolean;
}

/** Modules with something due, for this worker alone until `claimMs` have passed. */
export async function claimModules(db: Db, worker: string, claimMs: number, limit: number): Promise<ClaimedModule[]> {
  const { rows } = await sql<ClaimedModule>`
    update partner_module m set claimed_by = ${worker}, claimed_until = now() + make_interval(secs => ${claimMs / 1000})
    where m.id in (
      select id from partner_module p where (p.claimed_until is null or p.claimed_until < now())
        and exists (select 1 from partner_notice n where n.module_id = p.id and n.state in ('waiting','sending')
          and n.due_at <= now())
      order by p.claimed_until nulls first limit ${limit} for update skip locked)
    returning m.id, m.company_id as "companyId", m.contract, m.settings, m.enabled`.execute(db);
  return rows;
}

export interface DueNotice {
  readonly number: number;
  readonly notice: JsonValue;
  readonly ageMs: number;
  readonly attempts: number;
}

export type NoticeEnd =
  | { readonly state: 'sent' | 'failed'; readonly httpStatus: number | null; readonly error: string | null }
  | { readonly state: 'waiting'; readonly againInMs: number; readonly error: string };

/** What has become of a notice that was taken. */
export interface SettledNotice {
  readonly number: number;
  readonly end: NoticeEnd;
}

/**
 * Writes down what became of the notice taken before, and takes the module's next open one, marked as under way, when it is due; the claim
 * is renewed. Null when there is none, or another worker has the module. One that is under way already was left so by a sender that died.
 */
export async function takeNotice(
  db: Db,
  worker: string,
  claimMs: number,
  module: ClaimedModule,
  before: SettledNotice | null = null,
): Promise<DueNotice | null> {
  const waits = before?.end.state === 'waiting';
  const { rows } = await sql<DueNotice>`
    with ${before ? sql`settled as (${settling(module.companyId, before)}),` : sql``} mine as (
      update partner_module set claimed_until = now() + make_interval(secs => ${claimMs / 1000})
      where id = ${module.id} and company_id = ${module.companyId} and claimed_by = ${worker} and claimed_until > now()
        and not ${waits}::boolean returning id
    ), head as (
      select n.number from partner_notice n join mine on mine.id = n.module_id
      where n.state in ('waiting','sending') and n.number > ${before?.number ?? 0} order by n.number limit 1
    )
    update partner_notice n set state = 'sending', attempts = n.attempts + 1
    from head where n.number = head.number and n.due_at <= now()
    returning n.number, n.notice, n.attempts, extract(epoch from now() - n.created_at)::float8 * 1000 as "ageMs"`.execute(
    db,
  );
  return rows[0] ?? null;
}

function settling(companyId: string, { number, end }: SettledNotice) {
  const [status, again] = end.state === 'waiting' ? [null, end.againInMs] : [end.httpStatus, 0];
  return sql`update partner_notice set state = ${end.state}, http_status = ${status}, error = ${end.error},
      due_at = now() + make_interval(secs => ${again / 1000}), settled_at = ${end.state === 'waiting' ? null : new Date()}
    where number = ${number} and company_id = ${companyId} and state = 'sending' returning 1`;
}

/** Writes down what became of a notice. */
export async function settleNotice(db: Db, companyId: string, settled: SettledNotice): Promise<void> {
  await settling(companyId, settled).execute(db);
}

/** Nothing more to tell now: others may have the module. */
export async function releaseModule(db: Db, worker: string, { id, companyId }: ClaimedModule): Promise<void> {
  await sql`update partner_module set claimed_by = null, claimed_until = null
    where id = ${id} and company_id = ${companyId} and claimed_by = ${worker}`.execute(db);
}

/** Forgets what was told, and commands nobody can miss any more. */
export async function sweepPartners(db: Db, days: number): Promise<void> {
  await sql`delete from partner_notice where settled_at < now() - make_interval(days => ${days})`.execute(db);
  await sql`delete from partner_command where created_at < now() - make_interval(days => ${days})`.execute(db);
  await sql`delete from partner_call where updated_at < now() - make_interval(days => ${days})`.execute(db);
}
