/**
 * What a company keeps for a time and no longer (`settings.retentionDays` and its kin; nothing set anywhere above: for ever). A feature
 * that stores records adds its step to `RETAINED`. Steps delete in small batches that several processes may run at once; a call that is not over,
 * or of which a leg is still up, is never touched, and revisions are never deleted, so that a kept CDR finds its own.
 */
import { type RawBuilder, sql } from 'kysely';
import type { OwnerSettings } from './queries/owners.ts';
import { purgeRecordings } from './queries/recordings.ts';
import type { Db } from './queries/scope.ts';
import { purgeMessages } from './queries/voicemail-messages.ts';
import { purgeDeliveries } from './queries/webhook-outbox.ts';

interface RetainedRecords {
  readonly name: string;
  /** How long, by the settings in force for the company; undefined: for ever. */
  readonly days: (settings: OwnerSettings) => number | undefined;
  /** Deletes at most `batch` records of before `before`; answers how many. */
  readonly purge: (db: Db, companyId: string, before: Date, batch: number) => Promise<number>;
}

/** Calls that are over, with their records, legs and commands, in one statement. */
async function purgeCalls(db: Db, companyId: string, before: Date, batch: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with old as (
      select c.id from call c
      where c.company_id = ${companyId} and c.state in ('ended', 'refused')
        and c.created_at < ${before} and coalesce(c.ended_at, c.created_at) < ${before}
        and not exists (select 1 from leg l where l.call_id = c.id and l.state not in ('ended', 'released'))
      order by c.created_at limit ${batch} for update skip locked
    ),
    records as (delete from call_record r using old where r.call_id = old.id and r.company_id = ${companyId}),
    legs as (delete from leg l using old where l.call_id = old.id and l.company_id = ${companyId}),
    commands as (delete from call_control x using old where x.call_id = old.id and x.company_id = ${companyId}),
    calls as (delete from call c using old where c.id = old.id and c.company_id = ${companyId} returning 1)
    select count(*)::int as count from calls`.execute(db);
  return rows[0]!.count;
}

/** Users deleted so long ago that no kept call knows them: the row stays for its number, the person goes. */
async function forgetUsers(db: Db, companyId: string, before: Date, batch: number): Promise<number> {
  const { rows } = await sql`
    with gone as (
      select id from directory_user where company_id = ${companyId} and deleted_at < ${before}
        and (given_name, family_name, phrase, mode_note) is distinct from ('', '', '', '')
      limit ${batch} for update skip locked
    ),
    numbers as (delete from user_number n using gone where n.user_id = gone.id and n.company_id = ${companyId})
    update directory_user u set given_name = '', family_name = '', email = null, phrase = '', mode_note = '',
      outbound_number = null, divert_number = null, pin_hash = null
    from gone where u.id = gone.id and u.company_id = ${companyId} returning u.id`.execute(db);
  return rows.length;
}

/** Deletes old rows of a table in batches; `where` says which may go. */
const purgeRows =
  (table: string, where: RawBuilder<unknown>, at = 'created_at', owner = 'company_id') =>
  async (db: Db, companyId: string, before: Date, batch: number): Promise<number> => {
    const from = sql.table(table);
    const { rows } = await sql`delete from ${from} where ${sql.ref(owner)} = ${companyId} and ctid = any(array(
      select ctid from ${from} where ${sql.ref(owner)} = ${companyId} and ${sql.ref(at)} < ${before} and ${where}
      limit ${batch} for update skip locked)) returning 1`.execute(db);
    return rows.length;
  };

/** Events of the directory that every webhook has in its outbox. */
const purgeEvents = async (db: Db, companyId: string, before: Date, batch: number): Promise<number> => {
  const { rows } = await sql`delete from directory_event where owner_id = ${companyId} and n in (
    select n from directory_event where owner_id = ${companyId} and at < ${before}
      and n <= all (select directory_n from webhook where company_id = ${companyId}) order by n limit ${batch}) returning n`.execute(
    db,
  );
  return rows.length;
};

const FOR_EVER_DAYS = 36_500;
/** What was told to others is kept no longer, so that it can be looked into and resent. */
const OUTBOX_DAYS = 30;

const RETAINED: readonly RetainedRecords[] = [
  { name: 'calls', days: ({ retentionDays }) => retentionDays, purge: purgeCalls },
  {
    name: 'recordings',
    days: ({ recordingDays, retentionDays }) => recordingDays ?? retentionDays,
    purge: purgeRecordings,
  },
  {
    // a box may keep its own time, where the company keeps them for ever
    name: 'voicemail messages',
    days: ({ voicemailDays, retentionDays }) => voicemailDays ?? retentionDays ?? FOR_EVER_DAYS,
    purge: purgeMessages,
  },
  {
    name: 'webhook deliveries',
    days: ({ retentionDays }) => Math.min(retentionDays ?? OUTBOX_DAYS, OUTBOX_DAYS),
    purge: purgeDeliveries,
  },
  {
    name: 'mails',
    days: ({ retentionDays }) => Math.min(retentionDays ?? OUTBOX_DAYS, OUTBOX_DAYS),
    purge: purgeRows('mail', sql`state in ('sent', 'failed')`, 'created_at', 'owner_id'),
  },
  {
    name: 'partner notices',
    days: ({ retentionDays }) => Math.min(retentionDays ?? OUTBOX_DAYS, OUTBOX_DAYS),
    purge: purgeRows('partner_notice', sql`settled_at is not null`),
  },
  {
    name: 'acts of flows',
    days: ({ retentionDays }) => Math.min(retentionDays ?? OUTBOX_DAYS, OUTBOX_DAYS),
    purge: purgeRows('flow_act', sql`true`, 'at'),
  },
  {
    name: 'text messages',
    days: ({ retentionDays }) => retentionDays,
    purge: purgeRows('text_message', sql`true`),
  },
  {
    name: 'scheduled calls',
    days: ({ retentionDays }) => retentionDays,
    purge: purgeRows('scheduled_call', sql`state not in ('waiting', 'calling')`, 'updated_at'),
  },
  {
    name: 'what partners know of calls',
    days: ({ retentionDays }) => retentionDays,
    purge: purgeRows('partner_call', sql`true`, 'updated_at'),
  },
  {
    name: 'callers of queues',
    days: ({ retentionDays }) => retentionDays,
    purge: purgeRows('queue_caller', sql`true`, 'updated_at'),
  },
  {
    name: 'times of agents',
    days: ({ retentionDays }) => retentionDays,
    purge: purgeRows('queue_agent_time', sql`ended_at is not null`, 'began_at'),
  },
  { name: 'directory events', days: ({ retentionDays }) => retentionDays, purge: purgeEvents },
  { name: 'deleted users', days: ({ retentionDays }) => retentionDays, purge: forgetUsers },
];

const DAY_MS = 86_400_000;
const BATCH = 500;
/** After that the rest waits for the next time. */
const BUDGET_MS = 5 * 60_000;

/** Lines of the audit log of before the platform's `settings.auditDays`. */
async function purgeAudit(db: Db, before: Date, batch: number): Promise<number> {
  const { rows } = await sql`delete from audit where id in (
    select id from audit where at < ${before} order by id limit ${batch} for update skip locked) returning id`.execute(
    db,
  );
  return rows.length;
}

interface Kept {
  readonly id: string;
  readonly kind: string;
  /** Settings of the owner with those of everybody above it where it has none of its own. */
  readonly settings: OwnerSettings;
}

async function ownersWithSettings(db: Db): Promise<Kept[]> {
  const { rows } = await sql<Kept>`
    select owner.id, owner.kind, (
      select jsonb_object_agg(setting.key, setting.value order by array_position(owner.path, above.id))
      from owner above, jsonb_each(above.settings) setting where above.id = any(owner.path)
    ) as settings
    from owner where owner.kind in ('platform', 'company') order by owner.number`.execute(db);
  return rows.map((row) => ({ ...row, settings: row.settings ?? {} }));
}

export interface RetentionOptions {
  readonly now?: Date;
  readonly batch?: number;
}

/** Deletes what is older than its owner keeps; answers how many of what. Repeatable at any time, from any process. */
export async function applyRetention(
  db: Db,
  { now = new Date(), batch = BATCH }: RetentionOptions = {},
): Promise<Readonly<Record<string, number>>> {
  const deleted: Record<string, number> = {};
  const until = performance.now() + BUDGET_MS;
  const drain = async (name: string, days: number | undefined, purge: (before: Date) => Promise<number>) => {
    if (days === undefined || !(days > 0)) return;
    const before = new Date(now.getTime() - days * DAY_MS);
    for (let count = batch; count === batch && performance.now() < until; ) {
      count = await purge(before);
      deleted[name] = (deleted[name] ?? 0) + count;
    }
  };
  for (const { id, kind, settings } of await ownersWithSettings(db)) {
    if (kind === 'platform') await drain('audit', settings.auditDays, (before) => purgeAudit(db, before, batch));
    else
      for (const { name, days, purge } of RETAINED)
        await drain(name, days(settings), (before) => purge(db, id, before, batch));
  }
  return deleted;
}
