/**
 * Erases a subject from a company: what is the subject's own is deleted, what the company must keep is made anonymous (calls keep their
 * times, destinations and sums). It may be repeated: what a first try left, or calls that were going on have written since, goes then.
 */
import { type RawBuilder, sql } from 'kysely';
import type { CompanyScope, Db } from '../scope.ts';
import { deleteUser } from '../users.ts';
import { markMessage } from '../voicemail-messages.ts';
import { type Redactor, redactor } from './redact.ts';
import type { KnownSubject } from './subject.ts';
import { sweepStep } from './sweep.ts';

/** Rows deleted, made anonymous and kept, by table. */
export type Counts = Map<string, { deleted: number; changed: number; kept: number }>;

/** How far an erasure has come. */
export interface ErasurePlace {
  readonly step: string;
  readonly cursor: string;
}

export interface ErasureStep {
  readonly counts: Counts;
  /** Recordings whose files are to be removed. */
  readonly recordings: readonly string[];
  /** Calls seen that go on with the subject. */
  readonly live: number;
  /** Null: it is done. */
  readonly next: ErasurePlace | null;
}

export const FIRST_STEP = 'calls';
const SWEEP = 'sweep:';

/** One step: some calls, what is the subject's own, or some rows of a table. `dry`: says what would be done. */
export async function eraseStep(
  db: Db,
  scope: CompanyScope,
  subject: KnownSubject,
  { step, cursor }: ErasurePlace,
  dry: boolean,
): Promise<ErasureStep> {
  const counts: Counts = new Map();
  const add = (table: string, more: Partial<{ deleted: number; changed: number; kept: number }>): void => {
    const { deleted, changed, kept } = counts.get(table) ?? { deleted: 0, changed: 0, kept: 0 };
    counts.set(table, {
      deleted: deleted + (more.deleted ?? 0),
      changed: changed + (more.changed ?? 0),
      kept: kept + (more.kept ?? 0),
    });
  };
  const count: Count = (table, rows) => add(table, { deleted: rows });
  if (step === FIRST_STEP) {
    const calls = await callsOf(db, scope, subject, cursor);
    const recordings = await eraseSound(db, scope, { userId: null }, calls.ids, dry, count);
    await forgetDigits(db, scope, calls.ids, dry, count);
    const next = calls.last === null ? { step: 'own', cursor: '' } : { step, cursor: calls.last };
    return { counts, recordings, live: calls.live, next };
  }
  if (step === 'own') {
    const recordings = subject.userId === null ? [] : await eraseSound(db, scope, subject, [], dry, count);
    await eraseRows(db, scope, subject, dry, count);
    if (subject.userId !== null) await eraseUser(db, scope, subject.userId, dry, count);
    return { counts, recordings, live: 0, next: { step: SWEEP, cursor: '' } };
  }
  const swept = await sweepStep(db, scope.companyId, redactor(subject.terms), {
    at: step.slice(SWEEP.length),
    cursor,
    dry,
  });
  for (const one of swept.found) add(one.table, one);
  const next = swept.next && { step: `${SWEEP}${swept.next.at}`, cursor: swept.next.cursor };
  return { counts, recordings: [], live: 0, next };
}

type Count = (table: string, rows: number) => void;

/** Calls looked at in a step. */
const CALLS = 2000;

/** Calls in which the subject took part, by what their rows say, of the next few; `last`: where to go on, null at the end. */
async function callsOf(
  db: Db,
  { companyId }: CompanyScope,
  { terms }: KnownSubject,
  after: string,
): Promise<{ ids: string[]; live: number; last: string | null }> {
  const { pattern } = redactor(terms);
  if (pattern === null) return { ids: [], live: 0, last: null };
  const ids = [...terms.ids];
  const { rows } = await sql<{ id: string; live: boolean; matches: boolean }>`
    select c.id, c.state not in ('ended', 'refused') as live, (
      concat_ws(' ', c.calling, c.called, c.cdr) ~* ${pattern}
      or exists (select 1 from leg l where l.call_id = c.id and l.company_id = c.company_id
        and (l.coordinates->>'id' = any(${ids}::text[]) or l.coordinates::text ~* ${pattern}))) as matches
    from (select * from call where company_id = ${companyId} and id > ${after === '' ? '00000000-0000-0000-0000-000000000000' : after}::uuid
      order by id limit ${CALLS}) c order by c.id`.execute(db);
  const found = rows.filter(({ matches }) => matches);
  return {
    ids: found.map(({ id }) => id),
    live: found.filter(({ live }) => live).length,
    last: rows.length < CALLS ? null : rows.at(-1)!.id,
  };
}

/** Messages left by or for the subject, and recordings of its calls. */
async function eraseSound(
  db: Db,
  { companyId }: CompanyScope,
  { userId }: Pick<KnownSubject, 'userId'>,
  calls: readonly string[],
  dry: boolean,
  count: Count,
): Promise<string[]> {
  const { rows: messages } = await sql<{ id: string; box: string }>`
    select m.id, m.box_id as box from voicemail_message m join recording r on r.id = m.id and r.company_id = m.company_id
    where m.company_id = ${companyId} and (r.call_id = any(${[...calls]}::uuid[])
      or m.box_id in (select id from voicemail_box where company_id = ${companyId} and user_id = ${userId}))`.execute(
    db,
  );
  for (const { id, box } of messages) if (!dry) await markMessage(db, companyId, box, id, 'deleted');
  count('voicemail_message', messages.length);
  const { rows } = await sql<{ id: string; state: string }>`
    select id, state from recording where company_id = ${companyId} and state <> 'recording'
      and (call_id = any(${[...calls]}::uuid[]) or id = any(${messages.map(({ id }) => id)}::uuid[])
        or purpose->>'boxId' in (select id::text from voicemail_box where company_id = ${companyId} and user_id = ${userId}))`.execute(
    db,
  );
  const ids = rows.map(({ id }) => id);
  if (!dry)
    await sql`update recording set state = 'discarded' where company_id = ${companyId} and id = any(${ids}::uuid[])
      and state <> 'recording'`.execute(db);
  count('recording', rows.length);
  return ids;
}

/** Personal values that facts of those calls keep sealed, and the variables they began with. */
async function forgetDigits(db: Db, { companyId }: CompanyScope, calls: readonly string[], dry: boolean, count: Count) {
  const of = sql`company_id = ${companyId} and call_id = any(${[...calls]}::uuid[]) and pii_enc is not null`;
  if (dry) return;
  const { rows } = await sql`update call_record set pii_enc = null where ${of} returning n`.execute(db);
  await sql`update call set variables_enc = null where company_id = ${companyId} and id = any(${[...calls]}::uuid[])
    and state in ('ended', 'refused')`.execute(db);
  if (rows.length > 0) count('call_record', 0);
}

interface Deletion {
  readonly table: string;
  readonly where: RawBuilder<unknown>;
}

/** Deletes, or counts, whole rows. */
async function remove(db: Db, { table, where }: Deletion, dry: boolean, count: Count): Promise<void> {
  const from = sql.table(table);
  const { rows } = dry
    ? await sql<{ n: number }>`select count(*)::int as n from ${from} where ${where}`.execute(db)
    : await sql<{
        n: number;
      }>`with gone as (delete from ${from} where ${where} returning 1) select count(*)::int as n from gone`.execute(db);
  count(table, rows[0]!.n);
}

/** Rows that are about the subject and nothing else. */
async function eraseRows(db: Db, { companyId }: CompanyScope, subject: KnownSubject, dry: boolean, count: Count) {
  const { contactIds, spellings, emails, terms } = subject;
  const redact = redactor(terms);
  const contacts = sql`${[...contactIds]}::uuid[]`;
  const numbers = sql`${[...spellings]}::text[]`;
  const own = sql`company_id = ${companyId}`;
  const lists = sql`(select id from caller_list where owner_id = ${companyId})`;
  const deletions: Deletion[] = [
    {
      table: 'external_id',
      where: sql`owner_id = ${companyId} and entity_id::text = any(${[...terms.ids]}::text[])`,
    },
    { table: 'contact', where: sql`${own} and id = any(${contacts})` },
    { table: 'contact_number', where: sql`${own} and (number = any(${numbers}) or e164 = any(${numbers}))` },
    { table: 'user_number', where: sql`${own} and (number = any(${numbers}) or e164 = any(${numbers}))` },
    { table: 'caller_list_entry', where: sql`list_id in ${lists} and pattern = any(${numbers})` },
    { table: 'forwarding', where: sql`${own} and destination_type = 'number' and destination_id = any(${numbers})` },
    {
      table: 'ring_group_member',
      where: sql`group_id in (select id from ring_group where ${own}) and (number = any(${numbers}) or e164 = any(${numbers}))`,
    },
    { table: 'mail', where: sql`owner_id = ${companyId} and lower(recipient) = any(${[...emails]}::text[])` },
  ];
  if (redact.pattern !== null) {
    deletions.push(
      {
        table: 'mail',
        where: sql`owner_id = ${companyId} and concat_ws(' ', recipient, variables) ~* ${redact.pattern}`,
      },
      { table: 'scheduled_call', where: sql`${own} and request::text ~* ${redact.pattern}` },
    );
  }
  for (const email of emails) deletions.push({ table: 'guard', where: sql`position(${email} in lower(subject)) > 0` });
  for (const deletion of deletions) await remove(db, deletion, dry, count);
  await eraseNotes(db, companyId, redact, dry, count);
}

/** Notes of lists have no company of their own. */
async function eraseNotes(db: Db, companyId: string, redact: Redactor, dry: boolean, count: Count): Promise<void> {
  if (redact.pattern === null) return;
  const { rows } = await sql<{ list: string; pattern: string; note: string }>`
    select e.list_id as list, e.pattern, e.note from caller_list_entry e join caller_list l on l.id = e.list_id
    where l.owner_id = ${companyId} and e.note ~* ${redact.pattern}`.execute(db);
  for (const { list, pattern, note } of rows) {
    if (redact.text(note) === note) continue;
    count('caller_list_entry', 0);
    if (!dry)
      await sql`update caller_list_entry set note = ${redact.text(note)} where list_id = ${list} and pattern = ${pattern}
        and list_id in (select id from caller_list where owner_id = ${companyId})`.execute(db);
  }
}

/** The user's log-ins, devices, books and messages go; the row stays for its number, without the person. */
async function eraseUser(db: Db, scope: CompanyScope, userId: string, dry: boolean, count: Count): Promise<void> {
  const { companyId } = scope;
  const own = sql`company_id = ${companyId} and user_id = ${userId}`;
  for (const table of [
    'forwarding',
    'user_calling',
    'user_number',
    'queue_member',
    'user_presence',
    'peer_message_summary',
    'user_message_state',
  ])
    await remove(db, { table, where: own }, dry, count);
  const texts = sql`company_id = ${companyId} and (from_user = ${userId} or to_user = ${userId})`;
  await remove(db, { table: 'text_message', where: texts }, dry, count);
  await remove(
    db,
    {
      table: 'session',
      where: sql`account_id in (select id from account where owner_id = ${companyId} and user_id = ${userId})`,
    },
    dry,
    count,
  );
  count('directory_user', 0);
  if (dry) return;
  await deleteUser(db, scope, userId);
  await sql`update directory_user set given_name = '', family_name = '', email = null, phrase = '', mode_note = '', outbound_number = null,
      divert_number = null, pin_hash = null where company_id = ${companyId} and id = ${userId}`.execute(db);
  await sql`update sip_login set username = 'erased-' || id, last_user_agent = null, last_address = null where ${own}`.execute(
    db,
  );
  await sql`update account set email = 'erased-' || id || '@erased.invalid', name = '', password_hash = null,
      disabled_at = coalesce(disabled_at, now()) where owner_id = ${companyId} and user_id = ${userId}`.execute(db);
  await sql`update api_key set revoked_at = coalesce(revoked_at, now()) where owner_id = ${companyId}
      and account_id in (select id from account where owner_id = ${companyId} and user_id = ${userId})`.execute(db);
  await sql`update voicemail_box set name = '', email = null, pin_hash = null where ${own}`.execute(db);
}
