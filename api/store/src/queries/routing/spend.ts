/** Spend: caps a month, what was spent, and the charge of a call at its end. Prices stand in the destinations table. */
import type { Cdr, JsonValue } from '@callwright/engine';
import { classify, type DestinationClass, spellings } from '@callwright/engine/numbers';
import { sql } from 'kysely';
import { localeOf, type OwnerSettings } from '../owners.ts';
import type { CompanyScope, Db } from '../scope.ts';
import { monthOf } from './admission.ts';
import { prefixesFor } from './routing-load.ts';

export interface SpendCap {
  readonly userId: string | null;
  readonly microsPerMonth: number;
  /** Spent this month. */
  readonly micros: number;
}

/** Caps of the company (user null) and of its users, with what was spent in the month of `at` (epoch ms). */
export async function listSpendCaps(db: Db, scope: CompanyScope, at: number): Promise<readonly SpendCap[]> {
  const month = monthOf(at, await settingsOf(db, scope.companyId));
  const { rows } = await sql<SpendCap>`
    select cap.user_id as "userId", cap.micros_per_month::float8 as "microsPerMonth",
      (select coalesce(sum(micros), 0)::float8 from spend_counter c where c.company_id = cap.owner_id and c.month = ${month}
        and (cap.user_id is null or c.user_id = cap.user_id)) as micros
    from spend_cap cap where cap.owner_id = ${scope.companyId} order by cap.user_id nulls first limit 10000`.execute(
    db,
  );
  return rows;
}

/** Sets, or with null takes away, the cap of the company or of one of its users; false when the user is not the company's. */
export async function putSpendCap(
  db: Db,
  scope: CompanyScope,
  id: string,
  { userId, microsPerMonth }: { readonly userId: string | null; readonly microsPerMonth: number | null },
): Promise<boolean> {
  const { rows } = await sql`select 1 where ${userId}::uuid is null or exists (select 1 from directory_user
    where id = ${userId} and company_id = ${scope.companyId} and deleted_at is null)`.execute(db);
  if (rows.length === 0) return false;
  if (microsPerMonth === null) {
    await sql`delete from spend_cap where owner_id = ${scope.companyId} and user_id is not distinct from ${userId}::uuid`.execute(
      db,
    );
  } else {
    await sql`insert into spend_cap (id, owner_id, user_id, micros_per_month) values (${id}, ${scope.companyId}, ${userId}, ${microsPerMonth})
      on conflict (owner_id, user_id) do update set micros_per_month = excluded.micros_per_month`.execute(db);
  }
  return true;
}

async function settingsOf(db: Db, companyId: string): Promise<OwnerSettings> {
  const { rows } = await sql<{ settings: OwnerSettings }>`select settings from owner where id = ${companyId}`.execute(
    db,
  );
  return rows[0]?.settings ?? {};
}

const MINUTE_MS = 60_000;

/** What an answered leg to the outside was, and whose account it is charged to. */
export interface OutsideLeg {
  readonly leg: string;
  readonly destination: DestinationClass;
  readonly micros: number;
  /** Null: the company's. */
  readonly userId: string | null;
}

/**
 * The legs of a call that went outside, with class and cost; one that nobody answered costs nothing. Seconds count from the answer, the
 * price is that of the minute, rounded up to the millionth.
 */
export async function outsideLegs(db: Db, companyId: string, cdr: Cdr): Promise<OutsideLeg[]> {
  const legs = cdr.legs.filter(
    ({ direction, coordinates }) => direction === 'outbound' && coordinates.type === 'number',
  );
  if (legs.length === 0) return [];
  const { country } = localeOf(await settingsOf(db, companyId));
  const calling = cdr.calling.type === 'user' ? cdr.calling.id : null;
  const found: OutsideLeg[] = [];
  for (const { leg, coordinates, answeredAt, endedAt, charged } of legs) {
    const prefixes = await prefixesFor(db, companyId, spellings(coordinates.number, country));
    const destination = classify(coordinates.number, country, prefixes);
    const talkedMs = answeredAt === null ? 0 : Math.max(0, (endedAt ?? cdr.endedAt) - answeredAt);
    const micros = Math.ceil((destination.microsPerMinute * talkedMs) / MINUTE_MS);
    // a forwarded leg is the forwarder's
    const userId = charged ? (charged.type === 'user' ? charged.id : null) : calling;
    found.push({ leg, destination, micros, userId });
  }
  return found;
}

/** Adds what the legs cost to their accounts. Call it once a call, in the transaction that closes its row. */
export async function chargeCall(db: Db, companyId: string, cdr: Cdr, outside?: readonly OutsideLeg[]): Promise<void> {
  const legs = outside ?? (await outsideLegs(db, companyId, cdr));
  const costs = new Map<string | null, number>();
  for (const { userId, micros } of legs) costs.set(userId, (costs.get(userId) ?? 0) + micros);
  if (![...costs.values()].some((micros) => micros > 0)) return;
  const month = monthOf(cdr.startedAt, await settingsOf(db, companyId));
  for (const [userId, micros] of costs) {
    if (micros === 0) continue;
    await sql`insert into spend_counter (company_id, user_id, month, micros) values (${companyId}, ${userId}::uuid, ${month}, ${micros})
      on conflict (company_id, user_id, month) do update set micros = spend_counter.micros + excluded.micros`.execute(
      db,
    );
  }
}

/** The CDR of a row, when it is one. */
export const asCdr = (json: JsonValue): Cdr | null =>
  typeof json === 'object' && json !== null && !Array.isArray(json) && 'legs' in json ? (json as unknown as Cdr) : null;
