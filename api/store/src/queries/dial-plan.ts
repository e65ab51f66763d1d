/** One dial plan a company: whatever answers to digits never collides, and what an entity is dialled by is written once, here. */
import { isEmergencyNumber } from '@callwright/engine/numbers';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Database } from '../schema.ts';
import { localeOf, type OwnerSettings } from './owners.ts';
import type { CompanyScope } from './scope.ts';

/** A column of digits that lead to the row's entity. */
interface Dialled {
  readonly table: keyof Database & string;
  readonly column: string;
  /** Type in the registry of destinations; null = the digits are taken, but lead nowhere by themselves. */
  readonly destination: string | null;
  /** Deleted rows stay. */
  readonly soft?: boolean;
}

/** In the order in which they are asked. A kind of entity that gets digits is one line here; null becomes its type once that exists. */
const DIALLED: readonly Dialled[] = [
  { table: 'directory_user', column: 'extension', destination: 'user', soft: true },
  { table: 'ring_group', column: 'extension', destination: 'ring-group' },
  { table: 'queue', column: 'extension', destination: 'queue' },
  { table: 'voicemail_box', column: 'access_number', destination: 'voicemail', soft: true },
  { table: 'meeting_room', column: 'extension', destination: 'meeting-room' },
  { table: 'park_slot', column: 'extension', destination: 'park-slot' },
  // numbers lead where their own destination says
  { table: 'phone_number', column: 'dialled', destination: null },
];

const alive = (soft: boolean | undefined): RawBuilder<unknown> => (soft ? sql`and deleted_at is null` : sql``);

/** Select of `(type, id)` of the entities that answer to `dialled` in the company, in the order above (`rank`). */
export function dialledEntities(companyId: string, dialled: string): RawBuilder<unknown> {
  const selects = DIALLED.flatMap(({ table, column, destination, soft }, rank) =>
    destination === null
      ? []
      : [
          sql`select ${destination}::text as type, id::text as id, ${rank}::int as rank from ${sql.table(table)}
            where company_id = ${companyId} and ${sql.ref(column)} = ${dialled} ${alive(soft)}`,
        ],
  );
  return sql.join(selects, sql` union all `);
}

/** Thrown inside a transaction when a number is in use in the company; callers compare `code`. */
export class DialPlanTaken extends Error {
  readonly code = 'STO_NUMBER_TAKEN';
  readonly dialled: string;
  constructor(dialled: string) {
    super('this extension or number is in use in the company');
    this.dialled = dialled;
  }
}

/** Locks the company's dial plan until the transaction ends, so that two writers cannot both find a number free. */
export async function lockDialPlan(tx: Transaction<Database>, scope: CompanyScope): Promise<void> {
  await tx.selectFrom('owner').select('id').where('id', '=', scope.companyId).forNoKeyUpdate().execute();
}

/**
 * Throws `DialPlanTaken` when another entity of the company answers to `dialled`, or it is an emergency number of its country, which
 * would never be reached. Call `lockDialPlan` first.
 */
export async function claimDialled(
  tx: Transaction<Database>,
  scope: CompanyScope,
  dialled: string,
  self: string,
): Promise<void> {
  const selects = DIALLED.map(
    ({ table, column, soft }) => sql`select 1 from ${sql.table(table)}
      where company_id = ${scope.companyId} and ${sql.ref(column)} = ${dialled} and id <> ${self} ${alive(soft)}`,
  );
  const { rows } = await sql`${sql.join(selects, sql` union all `)} limit 1`.execute(tx);
  if (rows.length > 0 || (await isEmergency(tx, scope, dialled))) throw new DialPlanTaken(dialled);
}

async function isEmergency(tx: Transaction<Database>, scope: CompanyScope, dialled: string): Promise<boolean> {
  const { rows } = await sql<{
    settings: OwnerSettings;
  }>`select settings from owner where id = ${scope.companyId}`.execute(tx);
  return isEmergencyNumber(dialled, localeOf(rows[0]?.settings ?? {}).country);
}
