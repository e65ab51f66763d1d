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

/** Columns that hold text, of all tables whose rows say whose they are. */
async function columns(db: Db): Promise<Map<string, Column[]>> {
  const { rows } = await sql<Column>`
    select c.table_name as "table", c.column_name as name, c.data_type as type,
      case when bool_or(o.column_name = 'company_id') then 'company_id' else 'owner_id' end as owner
    from information_schema.columns c
    join information_schema.columns o on o.table_schema = c.table_schema and o.table_name = c.table_name
      and o.column_name in ('company_id', 'owner_id') and o.data_type = 'uuid'
    where c.table_schema = 'public' and c.data_type in ('text', 'jsonb')
    group by c.table_name, c.column_name, c.data_type order by c.table_name, c.column_name`.execute(db);
  const tables = new Map<string, Column[]>();
  for (const row of rows) tables.set(row.table, [...(tables.get(row.table) ?? []), row]);
  return tables;
}

const BATCH = 500;

/** `dry`: only counts. */
export async function sweep(db: Db, companyId: string, redact: Redactor, dry: boolean): Promise<Swept[]> {
  if (redact.pattern === null) return [];
  const swept: Swept[] = [];
  for (const [table, own] of await columns(db)) {
    if (LIVE.has(table)) continue;
    const set = SET_UP.has(table);
    const count = await sweepTable(db, companyId, { table, own, pattern: redact.pattern, redact, dry: dry || set });
    if (count > 0) swept.push({ table, changed: set ? 0 : count, kept: set ? count : 0 });
  }
  return swept;
}

interface Sweeping {
  readonly table: string;
  readonly own: readonly Column[];
  readonly pattern: string;
  readonly redact: Redactor;
  readonly dry: boolean;
}

/** Batch by batch in the order in which rows lie: those that change move to the end and are found changed there. */
async function sweepTable(db: Db, companyId: string, { table, own, pattern, redact, dry }: Sweeping): Promise<number> {
  const from = sql.table(table);
  const texts = sql.join(own.map(({ name }) => sql`${sql.ref(name)}::text`));
  const ids = sql.join(await idColumns(db, table));
  let count = 0;
  for (let after = '(0,0)'; ; ) {
    const { rows } = await sql<{ at: string; row: Record<string, JsonValue> }>`
      select t.ctid::text as at, jsonb_build_object(${ids}) as row from ${from} t
      where t.${sql.ref(own[0]!.owner)} = ${companyId} and t.ctid > ${after}::tid
        and concat_ws(chr(10), ${texts}) ~* ${pattern}
      order by t.ctid limit ${BATCH}`.execute(db);
    count += await inTransaction(db, async (tx) => {
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
    const last = rows.at(-1);
    if (!last || rows.length < BATCH) return count;
    after = last.at;
  }
}

/** What a row is judged by: its texts, and the ids beside them. */
async function idColumns(db: Db, table: string) {
  const { rows } = await sql<{ name: string }>`select column_name as name from information_schema.columns
    where table_schema = 'public' and table_name = ${table} and data_type in ('text', 'jsonb', 'uuid')`.execute(db);
  return rows.flatMap(({ name }) => [sql.lit(name), sql`t.${sql.ref(name)}`]);
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
