/**
 * An outside number that routing has already decided on, as the built-in flow `direct-outside` dials it; the id is
 * `<rule id or ->/<number>`. Admission is asked here, at the last look-up before the leg is dialled.
 */

import type { EmergencyCall, IoResult, TalkLimit } from '@callwright/engine';
import { admit, allowanceMs } from '@callwright/engine/admission';
import type { DestinationClass } from '@callwright/engine/numbers';
import { sql } from 'kysely';
import { loadStanding, refusedAnswer } from '../routing/admission.ts';
import { type LoadedRouting, loadRouting } from '../routing/routing-load.ts';
import type { Db } from '../scope.ts';
import { type Asking, type DestinationType, isUuid, NOT_FOUND } from './destination-type.ts';

/** Id of an outside destination. */
export const outsideId = (ruleId: string | null, number: string): string => `${ruleId ?? '-'}/${number}`;

export interface OutsideNumber {
  readonly class: DestinationClass;
  /** Best first; empty = there is no way out. */
  readonly trunks: readonly string[];
}

/** The number as a look-up's answer: with its trunks and, for an emergency number, the caller's site; or the refusal of admission. */
export async function resolveOutside(
  db: Db,
  companyId: string,
  number: OutsideNumber,
  asking: Asking,
): Promise<IoResult> {
  const { dialled, e164, kind } = number.class;
  const more =
    kind === 'emergency'
      ? // nothing that is looked up could refuse it, or end it
        { emergency: await emergencyCall(db, companyId, dialled, asking) }
      : await admitOutside(db, companyId, number.class, asking);
  if ('status' in more) return more;
  return {
    status: 'destination',
    destination: { type: 'number', id: e164 ?? dialled },
    coordinates: { type: 'number', id: null, entityNumber: null, number: dialled, name: '', ...(e164 ? { e164 } : {}) },
    revision: null,
    closure: null,
    ...(number.trunks.length > 0 ? { trunks: [...number.trunks] } : {}),
    ...more,
  };
}

/** The refusal of admission, else how long the call may last. */
async function admitOutside(
  db: Db,
  companyId: string,
  found: DestinationClass,
  asking: Asking,
): Promise<IoResult | { readonly limit?: TalkLimit }> {
  const placement = { outside: found };
  const standing = await loadStanding(db, { companyId, ...asking }, placement);
  const refusal = admit(placement, standing);
  if (refusal) return refusedAnswer(refusal);
  const leftMs = found.microsPerMinute === 0 ? null : allowanceMs(standing, found.microsPerMinute);
  const mostMs = standing.maxCallMinutes == null ? null : standing.maxCallMinutes * MINUTE_MS;
  return leftMs === null && mostMs === null ? {} : { limit: { account: asking.userId, leftMs, mostMs } };
}

const MINUTE_MS = 60_000;

/** What is left for a call to the number that is going on. */
export async function lookUpAllowance(db: Db, companyId: string, dialled: string, asking: Asking): Promise<IoResult> {
  const loaded = await loadRouting(db, { companyId, dialled, calling: null });
  // it runs, and burns among the others
  const costs = loaded !== null && loaded.class.kind !== 'emergency' && loaded.class.microsPerMinute > 0;
  if (!costs) return { status: 'allowance', leftMs: null };
  const standing = await loadStanding(db, { companyId, ...asking }, { outside: loaded.class });
  return { status: 'allowance', leftMs: allowanceMs(standing, 0) };
}

/** Trunks for a number: an emergency call has its own, a rule may name some, else the company's. */
export function trunksFor(
  { table }: LoadedRouting,
  found: DestinationClass,
  chosen: readonly string[],
): readonly string[] {
  if (found.kind === 'emergency' && table.emergencyTrunks.length > 0) return table.emergencyTrunks;
  return chosen.length > 0 ? chosen : table.trunks;
}

export const outside: DestinationType = {
  type: 'outside',
  servedBy: 'direct-outside',
  offered: false,
  exists: async () => false,
  resolve: async (db, companyId, id, asking) => {
    const cut = id.indexOf('/');
    const dialled = id.slice(cut + 1).slice(0, 64);
    const loaded = await loadRouting(db, { companyId, dialled, calling: null });
    if (!loaded || cut < 1 || dialled === '') return NOT_FOUND;
    const { class: found } = loaded;
    const rule = isUuid(id.slice(0, cut)) ? loaded.table.rules.find((one) => one.id === id.slice(0, cut)) : undefined;
    return resolveOutside(
      db,
      companyId,
      { class: found, trunks: trunksFor(loaded, found, rule?.viaTrunks ?? []) },
      asking,
    );
  },
};

/** Who calls for help and where: the site of the user, else the company's main site. */
async function emergencyCall(db: Db, companyId: string, dialled: string, { userId }: Asking): Promise<EmergencyCall> {
  const { rows } = await sql<NonNullable<EmergencyCall['site']>>`
    select s.id, s.name, s.street, s.postal_code as "postalCode", s.city, s.region, s.country, s.location,
      s.emergency_number as "emergencyNumber"
    from site s left join directory_user u on u.company_id = s.company_id and u.id::text = ${userId}
    where s.company_id = ${companyId} and (s.id = u.site_id or s.main)
    order by s.id = u.site_id desc nulls last limit 1`.execute(db);
  const site = rows[0];
  return { number: dialled, userId, site: site ? { ...site, country: site.country.slice(0, 2) } : null };
}
