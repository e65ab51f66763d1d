/** What the calls to the outside that run at this moment have cost so far, and cost a minute. Prices stand in the destinations table. */
import { classify, spellings } from '@callwright/engine/numbers';
import { sql } from 'kysely';
import type { Db } from '../scope.ts';
import { prefixesFor } from './routing-load.ts';

/** An answered leg to the outside. */
export interface RunningLeg {
  /** User who pays: who forwarded or transferred it, else who placed the call; null = nobody's, the company's. */
  readonly userId: string | null;
  /** So far, in millionths of the currency unit. */
  readonly micros: number;
  readonly microsPerMinute: number;
}

/** More legs than these are not looked at. */
const MOST_LEGS = 1000;
const MINUTE_MS = 60_000;

interface Row {
  readonly userId: string | null;
  readonly number: string;
  readonly ms: number;
}

export async function runningLegs(db: Db, companyId: string, country: string): Promise<readonly RunningLeg[]> {
  const { rows } = await sql<Row>`
    select case when coalesce(leg.charged, call.calling)->>'type' = 'user' then coalesce(leg.charged, call.calling)->>'id' end as "userId", leg.coordinates->>'number' as number,
      (extract(epoch from now() - leg.answered_at) * 1000)::float8 as ms
    from call join leg on leg.call_id = call.id and leg.company_id = call.company_id
    where call.company_id = ${companyId} and call.state = 'started' and leg.direction = 'outbound'
      and leg.coordinates->>'type' = 'number' and leg.answered_at is not null and leg.state not in ('ended', 'released')
    order by leg.answered_at limit ${MOST_LEGS}`.execute(db);
  if (rows.length === 0) return [];
  const spelt = new Set(rows.flatMap(({ number }) => [...spellings(number, country)]));
  const prefixes = await prefixesFor(db, companyId, [...spelt]);
  return rows.map(({ userId, number, ms }) => {
    const { microsPerMinute } = classify(number, country, prefixes);
    return { userId, microsPerMinute, micros: Math.ceil((microsPerMinute * ms) / MINUTE_MS) };
  });
}
