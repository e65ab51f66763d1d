/** The dial plan as telephony asks it: what a dialled number leads to, for a log-in of a company and for strangers. */
import type { Coordinates } from '@callwright/engine';
import { sql } from 'kysely';
import type { OwnerSettings } from './owners.ts';
import { type Db, notSuspended } from './scope.ts';

/** What a dialled number leads to. */
export interface Route {
  readonly companyId: string;
  readonly settings: OwnerSettings;
  /** The called party as dialled. */
  readonly called: Coordinates;
  /** Published revision that serves it; null when its flow is missing or was never published. */
  readonly revision: string | null;
  /** Next call number of the platform, taken with the look-up. */
  readonly callNumber: number;
}

interface RouteRow {
  company_id: string;
  settings: OwnerSettings;
  type: string;
  id: string;
  entity_number: number | null;
  name: string;
  revision: string | null;
  call_number: number;
}

/** Flow that serves a direct call to a user or ring group, by its reserved name. */
const SERVED_BY = sql`case target.type when 'user' then 'direct' when 'ring-group' then 'direct-group' end`;

const routeOf = (dialled: string, row: RouteRow | undefined): Route | null =>
  row
    ? {
        companyId: row.company_id,
        settings: row.settings,
        called: { type: row.type, id: row.id, entityNumber: row.entity_number, number: dialled, name: row.name },
        revision: row.revision,
        callNumber: Number(row.call_number),
      }
    : null;

/** Number rows with the destination of their first rule, named and numbered. */
const NUMBER_TARGETS = sql`
  select n.company_id, rule.destination_type as type, coalesce(u.id, g.id, f.id)::text as id,
    coalesce(u.number, g.number, f.number) as entity_number,
    coalesce(nullif(trim(u.given_name || ' ' || u.family_name), ''), g.name, nullif(f.title, ''), f.name, n.label) as name,
    n.dialled, n.kind, n.public
  from phone_number n
  join lateral (
    select destination_type, destination_id from routing_rule r
    where r.phone_number_id = n.id and r.company_id = n.company_id order by r.position limit 1
  ) rule on true
  left join directory_user u on rule.destination_type = 'user' and u.id::text = rule.destination_id
    and u.company_id = n.company_id and u.deleted_at is null
  left join ring_group g on rule.destination_type = 'ring-group' and g.company_id = n.company_id
    and rule.destination_id in (g.id::text, g.name)
  left join flow f on rule.destination_type = 'flow' and f.company_id = n.company_id and f.deleted_at is null
    and rule.destination_id in (f.id::text, f.name)`;

/** Route of a number dialled by a log-in of the company: extensions, service numbers, the company's own DIDs (`e164`). */
export async function routeInCompany(
  db: Db,
  companyId: string,
  dialled: string,
  e164: string | null,
): Promise<Route | null> {
  const { rows } = await sql<RouteRow>`
    with target as (
      select company_id, 'user' as type, id::text as id, number as entity_number, trim(given_name || ' ' || family_name) as name, 1 as rank
      from directory_user where company_id = ${companyId} and extension = ${dialled} and deleted_at is null
      union all
      select company_id, 'ring-group', id::text, number, name, 2 from ring_group where company_id = ${companyId} and extension = ${dialled}
      union all
      select company_id, type, id, entity_number, name, 3 from (${NUMBER_TARGETS}) numbers
      where company_id = ${companyId} and id is not null
        and ((kind = 'service' and dialled = ${dialled}) or (kind = 'did' and dialled in (${dialled}, ${e164})))
    )
    select target.company_id, owner.settings, target.type, target.id, target.entity_number, target.name, flow.published_hash as revision,
      nextval('call_number_seq') as call_number
    from (select * from target order by rank limit 1) target
    join owner on owner.id = target.company_id and ${notSuspended}
    left join flow on flow.company_id = target.company_id and flow.deleted_at is null
      and ((target.type = 'flow' and flow.id::text = target.id) or (target.type <> 'flow' and flow.name = ${SERVED_BY}))`.execute(
    db,
  );
  return routeOf(dialled, rows[0]);
}

/**
 * Route of a public number dialled by somebody without a log-in. A service number that several companies have is told apart by the
 * host of the request (`settings.host`); where that does not help, nobody is reached.
 */
export async function routePublic(db: Db, dialled: string, host: string): Promise<Route | null> {
  const { rows } = await sql<RouteRow & { host: string | null }>`
    with target as (
      select * from (${NUMBER_TARGETS}) numbers where public and id is not null and (dialled = ${dialled} or (kind = 'did' and dialled = '+' || ${dialled}))
      limit 20
    )
    select target.company_id, owner.settings, owner.settings->>'host' as host, target.type, target.id, target.entity_number, target.name,
      flow.published_hash as revision, nextval('call_number_seq') as call_number
    from target
    join owner on owner.id = target.company_id and ${notSuspended}
    left join flow on flow.company_id = target.company_id and flow.deleted_at is null
      and ((target.type = 'flow' and flow.id::text = target.id) or (target.type <> 'flow' and flow.name = ${SERVED_BY}))`.execute(
    db,
  );
  const here = rows.filter((row) => row.host?.toLowerCase() === host.toLowerCase());
  const found = here.length > 0 ? here : rows;
  return found.length === 1 ? routeOf(dialled, found[0]) : null;
}
