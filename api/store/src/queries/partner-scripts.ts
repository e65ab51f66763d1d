/** What a script of a responder is told about, and the entities that it names by number. */
import type { JsonValue } from '@callwright/engine';
import { type RawBuilder, sql } from 'kysely';
import type { CompanyScope, Db } from './scope.ts';
import { usableBy } from './trunks.ts';

export interface ScriptSubject {
  readonly company: number;
  readonly call: number;
  /** Number of the company's flow of that name; null when it has none. */
  readonly flow: number | null;
  /** Of the company's first enabled module of the contract; null when it has none. */
  readonly settings: JsonValue | null;
}

/** Null when the company has no such call. */
export async function scriptSubject(
  db: Db,
  { companyId }: CompanyScope,
  { callId, flow, contract }: { readonly callId: string; readonly flow: string; readonly contract: string },
): Promise<ScriptSubject | null> {
  const { rows } = await sql<ScriptSubject>`
    select owner.number as company, call.number as call,
      (select number from flow where company_id = call.company_id and name = ${flow} and deleted_at is null) as flow,
      (select settings from partner_module m where m.company_id = call.company_id and m.contract = ${contract} and m.enabled
        order by m.number limit 1) as settings
    from call join owner on owner.id = call.company_id
    where call.id = ${callId} and call.company_id = ${companyId}`.execute(db);
  return rows[0] ?? null;
}

type Finder = (companyId: string, number: number) => RawBuilder<{ id: string }>;
const living =
  (table: string, deletable: boolean): Finder =>
  (companyId, number) =>
    sql<{ id: string }>`
    select id::text as id from ${sql.table(table)} where company_id = ${companyId} and number = ${number}
      ${deletable ? sql`and deleted_at is null` : sql``}`;

/** By the type of a destination; `trunk` beside them. */
const FINDERS: ReadonlyMap<string, Finder> = new Map([
  ['user', living('directory_user', true)],
  ['ring-group', living('ring_group', false)],
  ['queue', living('queue', false)],
  ['flow', living('flow', true)],
  ['voicemail', living('voicemail_box', true)],
  ['meeting-room', living('meeting_room', false)],
  ['park-slot', living('park_slot', false)],
  [
    'trunk',
    (companyId, number) => sql<{ id: string }>`
      select trunk.id::text as id from trunk join owner company on company.id = ${companyId}
      where trunk.number = ${number} and trunk.enabled and ${usableBy(companyId)}
      order by trunk.owner_id = company.id desc, trunk.id limit 1`,
  ],
]);

/** The first entity of this number among the types; null when there is none. */
export async function entityByNumber(
  db: Db,
  { companyId }: CompanyScope,
  types: readonly string[],
  number: number,
): Promise<{ readonly type: string; readonly id: string } | null> {
  for (const type of types) {
    const row = (await FINDERS.get(type)?.(companyId, number).execute(db))?.rows[0];
    if (row) return { type, id: row.id };
  }
  return null;
}
