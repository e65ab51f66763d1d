/** An erasure as a row: begun by a request, done step by step by whoever holds it, told as far as it has come. */
import { sql } from 'kysely';
import type { Keyring, SealContext } from '../../crypto.ts';
import type { CompanyScope, Db } from '../scope.ts';
import { type ErasureStep, eraseStep, FIRST_STEP } from './erase.ts';
import { type ErasureSubject, findSubject, type KnownSubject } from './subject.ts';

/** What was, or would be, done to a table. */
export interface ErasedTable {
  readonly table: string;
  readonly deleted: number;
  /** Made anonymous. */
  readonly changed: number;
  /** Rows of what the company has set up that name the subject: an administrator's to change. */
  readonly kept: number;
}

export interface Erasure {
  readonly id: string;
  readonly state: 'running' | 'done';
  readonly dryRun: boolean;
  readonly tables: readonly ErasedTable[];
  /** Calls that are going on with the subject: they write on, erase again when they are over. */
  readonly liveCalls: number;
  /** Recordings whose files are removed. */
  readonly recordings: number;
}

const seal = (companyId: string): SealContext => ({ owner: companyId, purpose: 'erasure' });

/** Longer than any step. */
const HOLD_SECONDS = 60;

/** Keeps the erasure; the same one when it is asked again. Null when the company knows no such subject. `dry`: says what would be done. */
export async function beginErasure(
  db: Db,
  keyring: Keyring,
  scope: CompanyScope,
  { id, subject, dry }: { readonly id: string; readonly subject: ErasureSubject; readonly dry: boolean },
): Promise<Erasure | null> {
  const before = await getErasure(db, scope, id);
  if (before) return before;
  const known = await findSubject(db, scope, subject);
  if (!known) return null;
  const { companyId } = scope;
  const { terms, ...rest } = known;
  const text = JSON.stringify({ ...rest, terms: { ...terms, ids: [...terms.ids] } });
  await sql`insert into erasure (id, company_id, subject_enc, dry, step, due_at)
    values (${id}, ${companyId}, ${keyring.seal(seal(companyId), text)}, ${dry}, ${FIRST_STEP},
      now() + make_interval(secs => ${HOLD_SECONDS}))
    on conflict (id) do nothing`.execute(db);
  return getErasure(db, scope, id);
}

interface View {
  readonly id: string;
  readonly state: 'running' | 'done';
  readonly dry: boolean;
  readonly tables: Readonly<Record<string, Omit<ErasedTable, 'table'>>>;
  readonly recordings: number;
  readonly live_calls: number;
}

export async function getErasure(db: Db, { companyId }: CompanyScope, id: string): Promise<Erasure | null> {
  const { rows } = await sql<View>`select id, state, dry, tables, recordings, live_calls from erasure
    where id = ${id} and company_id = ${companyId}`.execute(db);
  const [row] = rows;
  if (!row) return null;
  const tables = Object.entries(row.tables)
    .map(([table, counts]) => ({ table, ...counts }))
    .filter((one) => one.deleted + one.changed + one.kept > 0)
    .sort((a, b) => (a.table < b.table ? -1 : 1));
  const { state, dry: dryRun, recordings, live_calls: liveCalls } = row;
  return { id: row.id, state, dryRun, tables, recordings, liveCalls };
}

interface Held {
  readonly id: string;
  readonly company_id: string;
  readonly subject_enc: Buffer;
  readonly dry: boolean;
  readonly step: string;
  readonly cursor: string;
}

/** What a step has left for its caller: recordings of that company whose files are to be removed. */
export interface SteppedErasure {
  readonly companyId: string;
  readonly recordings: readonly string[];
  readonly done: boolean;
}

/**
 * Does the next step of an erasure, of this one or of any that nobody works on; null when there is none. A step that was done and not noted is
 * done again, which changes nothing but what is counted.
 */
export async function stepErasure(db: Db, keyring: Keyring, id: string | null): Promise<SteppedErasure | null> {
  const { rows } = await sql<Held>`
    update erasure set due_at = now() + make_interval(secs => ${HOLD_SECONDS}) where id in (
      select id from erasure where state = 'running' and (id = ${id} or (${id}::uuid is null and due_at <= now()))
      order by due_at limit 1 for update skip locked)
    returning id, company_id, subject_enc, dry, step, cursor`.execute(db);
  const [held] = rows;
  if (!held) return null;
  const { company_id: companyId, dry, step, cursor } = held;
  const told = JSON.parse(keyring.openText(seal(companyId), held.subject_enc)) as KnownSubject & {
    readonly terms: { readonly ids: readonly string[] };
  };
  const subject: KnownSubject = { ...told, terms: { ...told.terms, ids: new Set(told.terms.ids) } };
  const scope = { companyId } as CompanyScope;
  const did = await eraseStep(db, scope, subject, { step, cursor }, dry);
  await note(db, held, did, id !== null);
  return { companyId, recordings: dry ? [] : did.recordings, done: did.next === null };
}

/** Counts what was done, unless another has taken the step meanwhile. */
async function note(
  db: Db,
  { id, company_id: companyId, step, cursor }: Held,
  did: ErasureStep,
  goesOn: boolean,
): Promise<void> {
  const added = JSON.stringify(Object.fromEntries(did.counts));
  await sql`
    update erasure e set
      state = ${did.next === null ? 'done' : 'running'}, step = ${did.next?.step ?? step}, cursor = ${did.next?.cursor ?? ''},
      subject_enc = case when ${did.next === null} then null else subject_enc end,
      ended_at = case when ${did.next === null} then now() end,
      due_at = case when ${goesOn} then due_at else now() end,
      recordings = recordings + ${did.recordings.length}, live_calls = live_calls + ${did.live},
      tables = (
        select coalesce(jsonb_object_agg(name, jsonb_build_object(
          'deleted', deleted, 'changed', changed, 'kept', kept)), '{}')
        from (
          select name, sum((counts->>'deleted')::int) as deleted, sum((counts->>'changed')::int) as changed, sum((counts->>'kept')::int) as kept
          from (select key as name, value as counts from jsonb_each(e.tables)
            union all select key, value from jsonb_each(${added}::jsonb)) every_count group by name
        ) sums)
    where id = ${id} and company_id = ${companyId} and state = 'running' and step = ${step} and cursor = ${cursor}`.execute(
    db,
  );
}
