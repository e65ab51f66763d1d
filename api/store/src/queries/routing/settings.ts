/** What a company sets once for its routing: default destination, trunks, calls that withhold their number. */
import type { Destination } from '@callwright/engine';
import { sql } from 'kysely';
import type { CompanyScope, Db } from '../scope.ts';
import { checkTrunks } from './rules.ts';

export interface RoutingSettings {
  /** Where calls from outside go that nothing else fits; null = the announcement that the number is not in use. */
  readonly defaultDestination: Destination | null;
  /** Best first; empty = every trunk the company may use. */
  readonly trunks: readonly string[];
  readonly emergencyTrunks: readonly string[];
  readonly rejectAnonymous: boolean;
}

const NONE: RoutingSettings = { defaultDestination: null, trunks: [], emergencyTrunks: [], rejectAnonymous: false };

export async function getRoutingSettings(db: Db, scope: CompanyScope): Promise<RoutingSettings> {
  const { rows } = await sql<RoutingSettings>`
    select case when default_type is null then null else json_build_object('type', default_type, 'id', default_id) end as "defaultDestination",
      trunks, emergency_trunks as "emergencyTrunks", reject_anonymous as "rejectAnonymous"
    from routing_settings where company_id = ${scope.companyId}`.execute(db);
  return rows[0] ?? NONE;
}

/** Throws `UnknownReference` for a trunk that the company may not use. */
export async function putRoutingSettings(
  db: Db,
  scope: CompanyScope,
  settings: RoutingSettings,
): Promise<RoutingSettings> {
  const { defaultDestination, trunks, emergencyTrunks, rejectAnonymous } = settings;
  await checkTrunks(db, scope, 'trunks', trunks);
  await checkTrunks(db, scope, 'emergencyTrunks', emergencyTrunks);
  await sql`
    insert into routing_settings (company_id, default_type, default_id, trunks, emergency_trunks, reject_anonymous)
    values (${scope.companyId}, ${defaultDestination?.type ?? null}, ${defaultDestination?.id ?? null}, ${[...trunks]}::uuid[],
      ${[...emergencyTrunks]}::uuid[], ${rejectAnonymous})
    on conflict (company_id) do update set default_type = excluded.default_type, default_id = excluded.default_id, trunks = excluded.trunks,
      emergency_trunks = excluded.emergency_trunks, reject_anonymous = excluded.reject_anonymous, updated_at = now()`.execute(
    db,
  );
  return getRoutingSettings(db, scope);
}
