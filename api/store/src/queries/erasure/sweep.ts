/** Goes through every text that a company's tables hold, and takes a subject out of it. */
import type { JsonValue } from '@callwright/engine';
import { sql } from 'kysely';
import { type Db, inTransaction } from '../scope.ts';
import { uuidv7 } from '../uuid.ts';
import type { Redactor } from './redact.ts';

/**
 * What the company has set up, or holds while a call runs: an erasure tells of it and leaves it to the administrator. Revisions of flows are
 * named by their content and never change.
 */
const SET_UP: ReadonlySet<string> = new Set([
  'calendar',
  'call_restriction',
  'caller_list',
  'department',
  'draft_call',
  'feature_code',
  'flow',
  'flow_test',
  'mail_server',
  'meeting_room',
  'number_block',
  'number_prefix',
  'owner',
  'owner_host',
  'owner_theme',
  'park_slot',
  'partner_module',
  'pause_reason',
  'phone_number',
  'phonebook',
  'prompt',
  'queue',
  'recogniser',
  'revision',
  'ring_group',
  'routing_rule',
  'routing_settings',
  'site',
  'trunk',
  'webhook',
]);

/** Live state of the pool, which writes it anew; ids only. */
const LIVE: ReadonlySet<string> = new Set([
  'erasure',
  'pool_occupation',
  'pool_request',
  'queue_agent_state',
  'sip_subscription',
  'registration',
]);

export interface Swept {
  readonly table: string;
  /** Rows from which something was taken. */
  readonly changed: number;
  /** Rows of what the company has set up that name the subject still. */
  readonly kept: number;
}

interface Column {
  readonly table: string;
  readonly owner: string;
  readonly name: string;
  readonly type: string;
}

interface TableColumns {
  /** Those that hold text. */
  readonly own: Column[];
  /** Names of what a row is judged by: its texts, and the ids beside them. */
  readonly judged: string[];
}

/** Columns of all tables that hold text and whose rows say whose they are. */
async function columns(db: Db): Promise<Map<string, TableColumns>> {
  const { rows } = await sql<Column>`
    with told as (
      select t.relname as "table", a.attname as name, format_type(a.atttypid, null) as type
      from pg_class t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
      where t.relnamespace = 'public'::regnamespace and t.relkind = 'r')
    select c."table", c.name, c.type,
      case when bool_or(o.name = 'company_id') then 'company_id' else 'owner_id' end as owner
    from told c join told o on o."table" = c."table" and o.name in ('company_id', 'owner_id') and o.type = 'uuid'
    where c.type in ('text', 'jsonb', 'uuid')
    group by c."table", c.name, c.type order by c."table", c.name`.execute(db);
  const tables = new Map<string, TableColumns>();
  for (const row of rows) {
    const of = tables.get(row.table) ?? { own: [], judged: [] };
    tables.set(row.table, of);
    of.judged.push(row.name);
    if (row.type !== 'uuid') of.own.push(row);
  }
  for (const [table, { own }] of tables) if (own.length === 0) tables.delete(table);
  return tables;
}

/** Blocks of a table looked at in a step: some ten thousand rows. */
const BLOCKS = 512;
const BLOCK_BYTES = 8192;

export interface SweepPlace {
  /** Table; '' = the first. */
  readonly at: string;
  /** First block that was not looked at. */
  readonly cursor: string;
}

export interface SweepStep {
  readonly found: readonly Swept[];
  /** Null: all tables are through. */
  readonly next: SweepPlace | null;
}

/** Goes through some blocks, of several tables where they are small. `dry`: only counts. Rows that change move to the end and are found changed there. */
export async function sweepStep(
  db: Db,
  companyId: string,
  redact: Redactor,
  { at, cursor, dry }: SweepPlace & { readonly dry: boolean },
): Promise<SweepStep> {
  const found: Swept[] = [];
  if (redact.pattern === null) return { found, next: null };
  const all = await columns(db);
  const tables = [...all.keys()].filter((name) => !LIVE.has(name) && name >= at).sort();
  let left = BLOCKS;
  for (const table of tables) {
    if (left <= 0) return { found, next: { at: table, cursor: '' } };
    const from = table === at ? Number(cursor || 0) : 0;
    const set = SET_UP.has(table);
    const sweeping = { ...all.get(table)!, table, pattern: redact.pattern, redact, dry: dry || set };
    const count = await sweepBlocks(db, companyId, sweeping, { from, to: from + left });
    if (count > 0) found.push({ table, changed: set ? 0 : count, kept: set ? count : 0 });
    const size = await blocksOf(db, table);
    if (from + left < size) return { found, next: { at: table, cursor: String(from + left) } };
    left -= Math.max(1, size - from);
  }
  return { found, next: null };
}

async function blocksOf(db: Db, table: string): Promise<number> {
  const { rows } = await sql<{ bytes: string }>`select pg_relation_size(${table}::regclass)::text as bytes`.execute(db);
  return Math.ceil(Number(rows[0]!.bytes) / BLOCK_BYTES);
}

interface Sweeping {
  readonly table: string;
  readonly own: readonly Column[];
  readonly judged: readonly string[];
  readonly pattern: string;
  readonly redact: Redactor;
  readonly dry: boolean;
}

async function sweepBlocks(
  db: Db,
  companyId: string,
  { table, own, judged, pattern, redact, dry }: Sweeping,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<number> {
  const texts = sql.join(own.map(({ name }) => sql`${sql.ref(name)}::text`));
  const ids = sql.join(judged.flatMap((name) => [sql.lit(name), sql`t.${sql.ref(name)}`]));
  const { rows } = await sql<{ at: string; row: Record<string, JsonValue> }>`
    select t.ctid::text as at, jsonb_build_object(${ids}) as row from ${sql.table(table)} t
    where t.${sql.ref(own[0]!.owner)} = ${companyId}
      and t.ctid >= ${`(${from},0)`}::tid and t.ctid < ${`(${to},0)`}::tid
      and concat_ws(chr(10), ${texts}) ~* ${pattern}`.execute(db);
  return inTransaction(db, async (tx) => {
    let changed = 0;
    for (const { at, row } of rows) {
      const after = redact.row(row);
      const different = own.filter(({ name }) => JSON.stringify(after[name]) !== JSON.stringify(row[name]));
      if (different.length === 0) continue;
      changed += 1;
      if (!dry) await write(tx, companyId, { table, at, after, columns: different });
    }
    return changed;
  });
}

interface Change {
  readonly table: string;
  readonly at: string;
  readonly after: Readonly<Record<string, JsonValue>>;
  readonly columns: readonly Column[];
}

/** Names that may stand once only: what becomes anonymous stays different. */
const UNIQUE: ReadonlySet<string> = new Set([
  'external_id',
  'key',
  'event_id',
  'op',
  'request_id',
  'username',
  'caller_number',
  'email',
]);

/** A row that somebody else has changed meanwhile lies elsewhere: the next erasure finds it. */
async function write(tx: Db, companyId: string, { table, at, after, columns: changed }: Change): Promise<void> {
  const sets = changed.map(({ name, type }) => {
    const value = after[name] ?? null;
    if (UNIQUE.has(name) && value !== null) return sql`${sql.ref(name)} = ${`erased-${uuidv7()}`}`;
    if (value === null) return sql`${sql.ref(name)} = null`;
    return type === 'jsonb'
      ? sql`${sql.ref(name)} = ${JSON.stringify(value)}::jsonb`
      : sql`${sql.ref(name)} = ${String(value)}`;
  });
  await sql`update ${sql.table(table)} set ${sql.join(sets)}
    where ctid = ${at}::tid and ${sql.ref(changed[0]!.owner)} = ${companyId}`.execute(tx);
}
