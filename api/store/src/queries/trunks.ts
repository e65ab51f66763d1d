/** Trunks as their owners keep them: any node of the tree owns some, a company dials through its own and through those shared above it. */
import { randomBytes } from 'node:crypto';
import { type SqlBool, sql } from 'kysely';
import type { SealContext } from '../crypto.ts';
import { type CompanyScope, type Db, inSubtree, inTransaction, nextNumber, type Page, page } from './scope.ts';

export type TrunkKind = 'carrier' | 'isdn' | 'gsm' | 'analogue';
export type TrunkState =
  | 'unknown'
  | 'registering'
  | 'registered'
  | 'refused'
  | 'reachable'
  | 'unreachable'
  | 'disabled';

/** Context in which `secret_enc` of a trunk is sealed. */
export const trunkSeal = (ownerId: string): SealContext => ({ owner: ownerId, purpose: 'trunk-secret' });

/** What an owner sets, by column. */
export interface TrunkFields {
  readonly name: string;
  readonly kind: TrunkKind;
  readonly mode: 'register' | 'peer';
  readonly enabled: boolean;
  readonly shared: boolean;
  readonly host: string;
  readonly port: number | null;
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly proxies: string[];
  readonly auth_user: string | null;
  readonly realm: string | null;
  readonly from_user: string | null;
  readonly from_domain: string | null;
  readonly register_seconds: number;
  readonly options_seconds: number;
  readonly sources: string[];
  readonly trusted: boolean;
  readonly codecs: string[];
  readonly codecs_forced: boolean;
  readonly max_calls: number | null;
  readonly calls_per_second: number | null;
  readonly caller_id: 'given' | 'own' | 'trunk' | 'anonymous';
  readonly default_number: string | null;
  readonly default_name: string;
  readonly identity: 'asserted' | 'preferred' | 'none';
  readonly number_form: 'e164' | 'digits' | 'international' | 'national' | 'dialled';
  readonly outbound_strip: number;
  readonly outbound_prefix: string;
  readonly called_from: 'request' | 'to';
  readonly inbound_strip: number;
  readonly inbound_prefix: string;
  readonly tell_diversion: boolean;
}

/** A trunk with its state and the lines it holds now. */
export interface TrunkRow extends TrunkFields {
  readonly id: string;
  readonly owner_id: string;
  readonly number: number;
  readonly has_secret: boolean;
  readonly created_at: Date;
  readonly state: TrunkState;
  readonly since: Date;
  readonly sip_status: number | null;
  readonly expires_at: Date | null;
  readonly busy_lines: number;
}

/** Legs that hold a line of the trunk: those a live media instance still has. */
export const busyLines = sql<number>`(
  select count(*)::int from leg join media_instance on media_instance.instance = leg.instance and media_instance.state = 'alive'
  where leg.trunk_id = trunk.id and leg.state not in ('ended', 'released'))`;

const FIELDS = [
  'trunk.name',
  'trunk.kind',
  'trunk.mode',
  'trunk.enabled',
  'trunk.shared',
  'trunk.host',
  'trunk.port',
  'trunk.transport',
  'trunk.proxies',
  'trunk.auth_user',
  'trunk.realm',
  'trunk.from_user',
  'trunk.from_domain',
  'trunk.register_seconds',
  'trunk.options_seconds',
  'trunk.sources',
  'trunk.trusted',
  'trunk.codecs',
  'trunk.codecs_forced',
  'trunk.max_calls',
  'trunk.calls_per_second',
  'trunk.caller_id',
  'trunk.default_number',
  'trunk.default_name',
  'trunk.identity',
  'trunk.number_form',
  'trunk.outbound_strip',
  'trunk.outbound_prefix',
  'trunk.called_from',
  'trunk.inbound_strip',
  'trunk.inbound_prefix',
  'trunk.tell_diversion',
] as const;

function selectTrunks(db: Db) {
  return db
    .selectFrom('trunk')
    .innerJoin('trunk_state', 'trunk_state.trunk_id', 'trunk.id')
    .innerJoin('owner', 'owner.id', 'trunk.owner_id')
    .select([
      'trunk.id',
      'trunk.owner_id',
      'trunk.number',
      'trunk.created_at',
      'trunk_state.state',
      'trunk_state.since',
      'trunk_state.sip_status',
      'trunk_state.expires_at',
      ...FIELDS,
    ])
    .select([sql<boolean>`trunk.secret_enc is not null`.as('has_secret'), busyLines.as('busy_lines')]);
}

/** Trunks of the asking owner and of all below it, by id. */
export async function listTrunks(db: Db, asker: string, after: string | null, limit: number): Promise<Page<TrunkRow>> {
  let query = selectTrunks(db).where(inSubtree(asker));
  if (after !== null) query = query.where('trunk.id', '>', after);
  const rows = await query
    .orderBy('trunk.id')
    .limit(limit + 1)
    .execute();
  return page(rows as TrunkRow[], limit, (row) => row.id);
}

export async function getTrunk(db: Db, asker: string, id: string): Promise<TrunkRow | null> {
  const row = await selectTrunks(db).where('trunk.id', '=', id).where(inSubtree(asker)).executeTakeFirst();
  return (row as TrunkRow | undefined) ?? null;
}

/** `trunk` may be dialled through by the company: it is its own, or shared by somebody above it who is not suspended. */
export function usableBy(companyId: string) {
  return sql<SqlBool>`exists (
    select 1 from owner company where company.id = ${companyId} and trunk.owner_id = any(company.path)
      and (trunk.owner_id = company.id or trunk.shared))`;
}

/** What a company may know of a trunk it dials through. */
export interface UsableTrunk {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly kind: TrunkKind;
  readonly own: boolean;
  readonly state: TrunkState;
}

/** Trunks that the company may dial through, its own first. */
export async function listUsableTrunks(db: Db, { companyId }: CompanyScope): Promise<UsableTrunk[]> {
  const rows = await db
    .selectFrom('trunk')
    .innerJoin('trunk_state', 'trunk_state.trunk_id', 'trunk.id')
    .select(['trunk.id', 'trunk.number', 'trunk.name', 'trunk.kind', 'trunk_state.state'])
    .select(sql<boolean>`trunk.owner_id = ${companyId}`.as('own'))
    .where(usableBy(companyId))
    .where('trunk.enabled', '=', true)
    .orderBy(sql`trunk.owner_id = ${companyId}`, 'desc')
    .orderBy('trunk.number')
    .limit(500)
    .execute();
  return rows as UsableTrunk[];
}

/** Whether every one of the ids is a trunk the company may dial through. */
export async function trunksUsable(db: Db, { companyId }: CompanyScope, ids: readonly string[]): Promise<boolean> {
  const distinct = [...new Set(ids)];
  const { rows } = await sql<{ found: number }>`select count(*)::int as found from trunk
    where trunk.id::text = any(${distinct}::text[]) and ${usableBy(companyId)}`.execute(db);
  return rows[0]?.found === distinct.length;
}

export interface NewTrunk {
  readonly id: string;
  readonly ownerId: string;
  readonly secretEnc: Buffer | null;
  readonly fields: TrunkFields;
}

/** Null when the owner is not in the asker's subtree; throws 23505 on a taken name. Repeating it with the same id returns what is there. */
export async function createTrunk(db: Db, asker: string, trunk: NewTrunk): Promise<TrunkRow | null> {
  return inTransaction(db, async (tx) => {
    const owner = await tx
      .selectFrom('owner')
      .select('id')
      .where('id', '=', trunk.ownerId)
      .where(inSubtree(asker))
      .executeTakeFirst();
    if (!owner) return null;
    const found = await getTrunk(tx, asker, trunk.id);
    if (found) return found;
    await tx
      .insertInto('trunk')
      .values({
        ...trunk.fields,
        id: trunk.id,
        owner_id: trunk.ownerId,
        number: await nextNumber(tx, trunk.ownerId, 'trunk'),
        secret_enc: trunk.secretEnc,
        contact_user: `t${randomBytes(12).toString('hex')}`,
      })
      .execute();
    await tx
      .insertInto('trunk_state')
      .values({ trunk_id: trunk.id, state: trunk.fields.enabled ? 'unknown' : 'disabled' })
      .execute();
    return getTrunk(tx, asker, trunk.id);
  });
}

/** `secretEnc` undefined leaves the secret as it is. Whoever holds the trunk sees the new version. Null when unknown. */
export async function updateTrunk(
  db: Db,
  asker: string,
  id: string,
  change: { readonly fields: Partial<TrunkFields>; readonly secretEnc?: Buffer | null },
): Promise<TrunkRow | null> {
  if (!(await getTrunk(db, asker, id))) return null;
  await db
    .updateTable('trunk')
    .set({
      ...change.fields,
      ...(change.secretEnc === undefined ? {} : { secret_enc: change.secretEnc }),
      version: sql<number>`version + 1`,
    })
    .where('id', '=', id)
    .where(sql<SqlBool>`exists (select 1 from owner where owner.id = trunk.owner_id and ${inSubtree(asker)})`)
    .execute();
  return getTrunk(db, asker, id);
}

/** Removes a trunk; live calls keep their legs. False when unknown. */
export async function deleteTrunk(db: Db, asker: string, id: string): Promise<boolean> {
  const gone = await db
    .deleteFrom('trunk')
    .where('id', '=', id)
    .where(sql<SqlBool>`exists (select 1 from owner where owner.id = trunk.owner_id and ${inSubtree(asker)})`)
    .returning('id')
    .executeTakeFirst();
  return gone !== undefined;
}

/** The sealed password of a trunk; whoever shows it writes the audit line. Null when unknown; `secretEnc` null when it has none. */
export async function getTrunkSecret(
  db: Db,
  asker: string,
  id: string,
): Promise<{ readonly ownerId: string; readonly authUser: string | null; readonly secretEnc: Buffer | null } | null> {
  const row = await db
    .selectFrom('trunk')
    .innerJoin('owner', 'owner.id', 'trunk.owner_id')
    .select(['trunk.owner_id', 'trunk.auth_user', 'trunk.secret_enc'])
    .where('trunk.id', '=', id)
    .where(inSubtree(asker))
    .executeTakeFirst();
  return row ? { ownerId: row.owner_id, authUser: row.auth_user, secretEnc: row.secret_enc } : null;
}
