/** Writing history: the rows of an ended call and of its legs, derived from its CDR and its facts. */
import { accountOf, type CallAccount, Cdr, type Coordinates, Fact, type LegAccount } from '@callwright/engine';
import { type Insertable, sql } from 'kysely';
import type { CdrLegTable, CdrTable } from '../schema/history.ts';
import { findContactsByNumber } from './contacts.ts';
import { mailMissedCalls, whoMissed } from './missed-calls.ts';
import { localeOf, settingsOfCompany } from './owners.ts';
import { isEntity, mayBeContact } from './party-contact.ts';
import type { OutsideLeg } from './routing/spend.ts';
import { type CompanyScope, type Db, trustedScope } from './scope.ts';

/** Facts that the account does not read are not fetched: a long call has thousands of them. */
const READ = [
  'party.added',
  'party.ringing',
  'party.answered',
  'party.held',
  'party.resumed',
  'party.left',
  'parties.connected',
  'parties.parted',
  'group.ringing',
  'group.ended',
  'queue.entered',
  'queue.offered',
  'queue.answered',
  'queue.left',
  'leg.moved',
  'user.refused',
  'conference.joined',
  'conference.left',
  'recording.started',
  'recording.stored',
];

interface Material {
  readonly companyId: string;
  readonly callId: string;
  readonly cdr: Cdr;
  readonly account: CallAccount;
  readonly outside: readonly OutsideLeg[];
  readonly recorded: boolean;
  /** By id: a party's own name is that of who called by the trunk. */
  readonly trunkNames: ReadonlyMap<string, string>;
}

/**
 * Writes, or writes anew, the history of an ended call. A CDR of a form that is not ours leaves none. Call it in the transaction that
 * closes the call.
 */
export async function writeHistory(
  db: Db,
  companyId: string,
  callId: string,
  given: unknown,
  outside: readonly OutsideLeg[],
): Promise<void> {
  const checked = Cdr.safeParse(given);
  if (!checked.success) return;
  const cdr = checked.data;
  const { rows } = await sql<{ at: number; body: unknown }>`
    select (extract(epoch from at) * 1000)::float8 as at, body from call_record
    where call_id = ${callId} and company_id = ${companyId} and stream = 'fact' and type = any(${READ}) order by n`.execute(
    db,
  );
  const recorded = rows.some(({ body }) => String((body as { type?: unknown }).type).startsWith('recording.'));
  const facts = rows.flatMap(({ at, body }) => {
    const read = Fact.safeParse(body);
    return read.success ? [{ at: Math.round(at), fact: read.data }] : [];
  });
  const trunkNames = await namesOfTrunks(db, cdr);
  const material = { companyId, callId, cdr, account: accountOf(facts, cdr), outside, recorded, trunkNames };
  const books = bookOf(db, trustedScope(companyId));
  const row = await callRow(material, books);
  await db
    .insertInto('cdr')
    .values(row)
    .onConflict((conflict) => conflict.column('call_id').doUpdateSet(row))
    .execute();
  for (const leg of cdr.legs) {
    const values = await legRow(material, leg, books);
    await db
      .insertInto('cdr_leg')
      .values(values)
      .onConflict((conflict) => conflict.columns(['call_id', 'leg']).doUpdateSet(values))
      .execute();
  }
  const { calling, startedAt } = cdr;
  await mailMissedCalls(db, companyId, callId, whoMissed(cdr, material.account), {
    number: calling.number,
    name: contactName(row.calling_contact) || calling.name,
    at: startedAt,
  });
}

/** Of a contact as `bookOf` writes it. */
function contactName(contact: unknown): string {
  if (typeof contact !== 'string') return '';
  const { givenName, familyName, organisation } = JSON.parse(contact) as Record<string, string>;
  return `${givenName} ${familyName}`.trim() || (organisation ?? '');
}

/** Of the trunks that parties came in by. */
async function namesOfTrunks(db: Db, { legs }: Cdr): Promise<ReadonlyMap<string, string>> {
  const ids = legs.flatMap(({ coordinates: { type, id } }) => (type === 'trunk' && id !== null ? [id] : []));
  if (ids.length === 0) return new Map();
  // which trunks there are the call knows: it came in by one
  const { rows } = await sql<{ id: string; name: string }>`
    select id::text, name from trunk where id::text = any(${ids}::text[])`.execute(db);
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Contact of a number as a user sees it (null: as the company does); texts of JSON. */
type Book = (who: Coordinates | null, userId: string | null) => Promise<string | null>;

/** Each number is looked up once a call and user. */
function bookOf(db: Db, scope: CompanyScope): Book {
  const known = new Map<string, string | null>();
  let country: string | undefined | null = null;
  return async (who, user) => {
    const userId = user !== null && UUID.test(user) ? user : null;
    if (!who || !mayBeContact(who)) return null;
    const key = `${userId} ${who.number}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    if (country === null) country = localeOf(await settingsOfCompany(db, scope)).country;
    const number = who.e164 ?? who.number;
    const [contact] = await findContactsByNumber(db, scope, {
      number,
      country: country ?? undefined,
      userId,
      limit: 1,
    });
    const shown = contact
      ? JSON.stringify({
          id: contact.id,
          number: contact.number,
          givenName: contact.givenName,
          familyName: contact.familyName,
          organisation: contact.organisation,
        })
      : null;
    known.set(key, shown);
    return shown;
  };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const date = (at: number): Date => new Date(at);
const dateOrNull = (at: number | null): Date | null => (at === null ? null : new Date(at));

/** Who a company's number belongs to is asked nobody: a called number that a leg inside took is inside. */
function isInternal({ cdr, account }: Material): boolean {
  return isEntity(cdr.calling) && account.trunkOut === null && cdr.legs.every((leg) => isEntity(leg.coordinates));
}

async function callRow(material: Material, book: Book): Promise<Insertable<CdrTable>> {
  const { companyId, callId, cdr, account, outside, recorded } = material;
  const { calling, called, connected } = cdr;
  const last = outside.at(-1);
  const charged = account.charged ?? calling;
  return {
    call_id: callId,
    company_id: companyId,
    number: cdr.number,
    direction: cdr.direction,
    internal: isInternal(material),
    external_id: cdr.externalId,
    started_at: date(cdr.startedAt),
    answered_at: dateOrNull(cdr.answeredAt),
    connected_at: dateOrNull(cdr.connectedAt),
    ended_at: date(cdr.endedAt),
    duration_ms: Math.max(0, cdr.endedAt - cdr.startedAt),
    ring_ms: account.ringMs,
    queue_ms: account.queueMs,
    ivr_ms: account.ivrMs,
    talk_ms: account.talkMs,
    hold_ms: account.holdMs,
    billable_ms: account.billableMs,
    disposition: cdr.disposition,
    cause: cdr.cause,
    ended_by: cdr.endedBy,
    failing_side: account.failingSide,
    refused: account.refused,
    calling_type: calling.type,
    calling_id: calling.id,
    calling_entity: calling.entityNumber,
    calling_number: calling.number,
    calling_name: calling.name,
    called_type: called.type,
    called_id: called.id,
    called_entity: called.entityNumber,
    called_number: called.number,
    called_name: called.name,
    connected_type: connected?.type ?? null,
    connected_id: connected?.id ?? null,
    connected_entity: connected?.entityNumber ?? null,
    connected_number: connected?.number ?? null,
    connected_name: connected?.name ?? null,
    calling_contact: await book(calling, null),
    called_contact: await book(called, null),
    connected_contact: await book(connected, null),
    from_call_id: account.fromCallId,
    to_call_id: account.toCallId,
    trunk_in_id: account.trunkIn?.id ?? null,
    trunk_in_name: account.trunkIn ? (material.trunkNames.get(account.trunkIn.id ?? '') ?? '') : null,
    trunk_out_id: account.trunkOut?.id ?? null,
    trunk_out_name: account.trunkOut?.name ?? null,
    destination_country: last?.destination.country ?? null,
    destination_class: last?.destination.kind ?? null,
    destination_label: last?.destination.label ?? null,
    cost_micros: outside.reduce((sum, leg) => sum + leg.micros, 0),
    charged_user_id: charged.type === 'user' ? charged.id : null,
    codec: account.codec,
    recorded,
    revision: cdr.revision,
    path: JSON.stringify(cdr.path),
  };
}

/** What the user's books say of the other party; `private` when those of the company do not. */
async function seenContact(book: Book, remote: Coordinates, userId: string): Promise<string | null> {
  const seen = await book(remote, userId);
  return seen === null || seen === (await book(remote, null))
    ? seen
    : JSON.stringify({ ...JSON.parse(seen), private: true });
}

const NO_ACCOUNT: Omit<LegAccount, 'leg' | 'remote'> = {
  way: 'in',
  disposition: 'failed',
  missed: false,
  ringMs: 0,
  talkMs: 0,
  holdMs: 0,
  billableMs: 0,
  group: null,
};

async function legRow(
  { companyId, callId, cdr, account, outside, trunkNames }: Material,
  leg: Cdr['legs'][number],
  book: Book,
): Promise<Insertable<CdrLegTable>> {
  const own = account.legs.find((one) => one.leg === leg.leg) ?? { ...NO_ACCOUNT, leg: leg.leg, remote: cdr.calling };
  const went = outside.find((one) => one.leg === leg.leg);
  const { coordinates: who } = leg;
  const userId = who.type === 'user' ? who.id : null;
  return {
    company_id: companyId,
    call_id: callId,
    leg: leg.leg,
    party: leg.party,
    user_id: userId,
    way: own.way,
    type: who.type,
    entity_id: who.id,
    entity: who.entityNumber,
    number: who.number,
    name: who.name,
    remote_type: own.remote.type,
    remote_id: own.remote.id,
    remote_entity: own.remote.entityNumber,
    remote_number: own.remote.number,
    remote_name: own.remote.name,
    remote_contact: userId === null ? null : await seenContact(book, own.remote, userId),
    group_type: own.group?.type ?? null,
    group_id: own.group?.id ?? null,
    group_name: own.group?.name ?? null,
    started_at: date(leg.startedAt),
    ringing_at: dateOrNull(leg.ringingAt),
    answered_at: dateOrNull(leg.answeredAt),
    ended_at: dateOrNull(leg.endedAt),
    duration_ms: Math.max(0, (leg.endedAt ?? cdr.endedAt) - leg.startedAt),
    ring_ms: own.ringMs,
    talk_ms: own.talkMs,
    hold_ms: own.holdMs,
    billable_ms: own.billableMs,
    disposition: own.disposition,
    missed: own.missed,
    cause: leg.cause,
    sip_status: leg.sipStatus,
    ended_by: leg.endedBy,
    codec: leg.codec,
    trunk_id: leg.trunk?.id ?? (who.type === 'trunk' ? who.id : null),
    trunk_name: leg.trunk?.name ?? (who.type === 'trunk' ? (trunkNames.get(who.id ?? '') ?? '') : null),
    destination_country: went?.destination.country ?? null,
    destination_class: went?.destination.kind ?? null,
    cost_micros: went?.micros ?? 0,
    charged_user_id: went?.userId ?? null,
    sip_call_id: leg.sipCallId,
    instance: leg.instance,
  };
}
