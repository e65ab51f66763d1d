/** What a call asks of a voicemail box: whether a message may be left, and what its owner does with it by telephone. */
import { AbsenceState, type GreetingKind, type IoResult, type Lookup } from '@callwright/engine';
import { sql } from 'kysely';
import { hashPassword, verifyPassword } from '../password.ts';
import { NOT_FOUND } from './destinations/destination-type.ts';
import { type GuardPolicy, guardAttempt, guardClear } from './guard.ts';
import { type CompanyScope, type Db, inTransaction, nextNumber, trustedScope } from './scope.ts';
import { uuidv7 } from './uuid.ts';
import { getGreetings, setGreetings } from './voicemail-boxes.ts';
import { listMessages, markMessage } from './voicemail-messages.ts';

interface BoxRow {
  readonly id: string;
  readonly user_id: string | null;
  readonly pin_hash: string | null;
  readonly language: string | null;
  readonly edit_greeting: boolean;
  readonly own_phone_pin: boolean;
  readonly max_messages: number;
  readonly max_message_ms: number;
}

/** By its id, its access number, or the id or extension of its user. */
export async function findBox(db: Db, companyId: string, id: string): Promise<BoxRow | null> {
  const { rows } = await sql<BoxRow>`
    select box.id, box.user_id, box.pin_hash, coalesce(box.language, u.language) as language, box.edit_greeting, box.own_phone_pin,
      box.max_messages, box.max_message_ms
    from voicemail_box box left join directory_user u on u.id = box.user_id and u.deleted_at is null
    where box.company_id = ${companyId} and box.deleted_at is null
      and (box.id::text = ${id} or box.access_number = ${id} or u.id::text = ${id} or u.extension = ${id})
    order by box.id::text = ${id} desc, box.access_number is not distinct from ${id} desc limit 1`.execute(db);
  return rows[0] ?? null;
}

interface GreetingRow {
  readonly state: GreetingKind;
  readonly name: string;
  readonly hash: string;
}

async function recordedGreetings(db: Db, companyId: string, boxId: string): Promise<readonly GreetingRow[]> {
  const { rows } = await sql<GreetingRow>`
    select g.state, p.name, p.content_hash as hash from voicemail_greeting g join prompt p on p.id = g.prompt_id
    where g.company_id = ${companyId} and g.box_id = ${boxId}`.execute(db);
  return rows;
}

/** `id` as in `VoicemailLookup`: the box, and after a `/` why the called party is not to be had. */
export async function lookUpVoicemail(db: Db, companyId: string, id: string): Promise<IoResult> {
  const [name = '', reason] = id.split('/');
  const box = await findBox(db, companyId, name);
  if (!box) return NOT_FOUND;
  const state = AbsenceState.safeParse(reason).data ?? 'default';
  const [greetings, { rows }] = await Promise.all([
    recordedGreetings(db, companyId, box.id),
    sql<{ count: number }>`select count(*)::int as count from voicemail_message
      where company_id = ${companyId} and box_id = ${box.id}`.execute(db),
  ]);
  const recorded = (kind: GreetingKind) => {
    const found = greetings.find((one) => one.state === kind);
    const { name, hash } = found ?? {};
    return name && hash ? { items: [{ type: 'audio' as const, name, hash }], bargeIn: true } : null;
  };
  return {
    status: 'voicemail',
    boxId: box.id,
    state,
    full: rows[0]!.count >= box.max_messages,
    maxMs: box.max_message_ms,
    greeting: recorded(state) ?? recorded('default'),
    name: recorded('name'),
    language: box.language,
  };
}

type MailboxLookup = Extract<Lookup, { what: 'mailbox' }>;

/** Five guesses in a quarter of an hour; then the box is shut for as long to everybody but its own phone. */
const GUESSES: GuardPolicy = { limit: 5, windowMs: 15 * 60_000, banMs: 15 * 60_000 };

const refused = (code: string): IoResult => ({
  status: 'refused',
  code,
  check: 'mailbox',
  by: 'company',
  cause: 'forbidden',
});
const DONE: IoResult = { status: 'mailbox-done' };

/** One thing that the owner of a box does with it. Everything but `open` names a box that this call has opened. */
export async function askMailbox(db: Db, companyId: string, lookup: MailboxLookup): Promise<IoResult> {
  const { do: wish } = lookup;
  const box = await findBox(db, companyId, lookup.box === '' ? (lookup.user ?? '') : lookup.box);
  switch (wish.act) {
    case 'open':
      return openBox(db, companyId, box, lookup.user, wish.pin);
    case 'mark':
      if (!box) return NOT_FOUND;
      await markMessage(db, companyId, box.id, wish.message, wish.as);
      return DONE;
    case 'set-pin':
      if (!box) return NOT_FOUND;
      await sql`update voicemail_box set pin_hash = ${await hashPassword(wish.pin)}
        where company_id = ${companyId} and id = ${box.id}`.execute(db);
      return DONE;
    case 'set-greeting':
      if (!box?.edit_greeting) return NOT_FOUND;
      return keepGreeting(db, companyId, box.id, wish.greeting, wish.recording);
  }
}

async function openBox(
  db: Db,
  companyId: string,
  box: BoxRow | null,
  userId: string | null,
  pin: string | null,
): Promise<IoResult> {
  const own = box !== null && box.user_id !== null && box.user_id === userId && !box.own_phone_pin;
  if (!own) {
    if (pin === null) return { status: 'mailbox-locked' };
    const subject = `mailbox/${companyId}/${box?.id ?? 'none'}`;
    if (!(await guardAttempt(db, subject, GUESSES)).allowed) return refused('locked');
    if (!(await verifyPassword(box?.pin_hash ?? null, pin)) || !box) return refused('wrong-pin');
    await guardClear(db, subject);
  }
  const messages = (await listMessages(db, companyId, box.id, 100)) ?? [];
  return {
    status: 'mailbox',
    boxId: box.id,
    language: box.language,
    editGreeting: box.edit_greeting,
    fresh: messages.filter(({ state }) => state === 'new').length,
    old: messages.filter(({ state }) => state === 'old').length,
    messages: messages.map(({ id, at, caller, state }) => ({
      id,
      at: at.getTime(),
      number: /^\+?[0-9*#]{1,32}$/.test(caller.number) ? caller.number : '',
      fresh: state === 'new',
    })),
  };
}

/** The recording's sound becomes a prompt of the company, and that the box's greeting. */
async function keepGreeting(
  db: Db,
  companyId: string,
  boxId: string,
  greeting: GreetingKind,
  recordingId: string,
): Promise<IoResult> {
  return inTransaction(db, async (tx) => {
    const { rows } = await sql<{ hash: string }>`
      select encode(r.sha256, 'hex') as hash from recording r join prompt_content c on c.hash = encode(r.sha256, 'hex')
      where r.company_id = ${companyId} and r.id = ${recordingId} and r.kind = 'greeting' and r.state = 'stored'
        and r.purpose->>'boxId' = ${boxId}`.execute(tx);
    const hash = rows[0]?.hash;
    if (hash === undefined) return NOT_FOUND;
    const scope = trustedScope(companyId);
    const prompt = await sql<{ id: string }>`
      insert into prompt (id, company_id, number, name, content_hash)
      values (${uuidv7()}, ${companyId}, ${await nextNumber(tx, companyId, 'prompt')}, ${`voicemail-${boxId}-${greeting}`}, ${hash})
      on conflict (company_id, name) do update set content_hash = excluded.content_hash, text = null, updated_at = now()
      returning id`.execute(tx);
    const before = (await getGreetings(tx, scope, boxId)) ?? {};
    await setGreetings(tx, scope, boxId, { ...before, [greeting]: prompt.rows[0]!.id });
    return DONE;
  });
}

/** Id of the box of a user; null when he has none. */
export async function findBoxOfUser(db: Db, { companyId }: CompanyScope, userId: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`select id from voicemail_box
    where company_id = ${companyId} and user_id = ${userId} and deleted_at is null`.execute(db);
  return rows[0]?.id ?? null;
}
