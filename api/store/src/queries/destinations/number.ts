/** Dialled numbers as destinations: whatever the company's own numbering says, else an outside number. */
import type { Destination, IoResult } from '@callwright/engine';
import { sql } from 'kysely';
import { dialledEntities } from '../dial-plan.ts';
import type { Db } from '../scope.ts';
import { type Asking, type DestinationType, NOT_FOUND, plainCoordinates, resolved } from './destination-type.ts';
import { resolveDestination } from './registry.ts';

/** Forms under which a dialled number may stand in the directory: as dialled, and as E.164. */
function spellings(dialled: string): string[] {
  const digits = dialled.replace(/[\s().-]/g, '');
  const forms = [dialled, digits];
  if (/^00[1-9]\d{5,}$/.test(digits)) forms.push(`+${digits.slice(2)}`);
  if (/^[1-9]\d{6,14}$/.test(digits)) forms.push(`+${digits}`);
  return forms;
}

/** A number that nobody here answers to but that could be an outside one. */
const OUTSIDE = /^(\+|00)?[1-9]\d{5,14}$|^0\d{5,14}$/;

/** A number that leads to a number … so often, leads nowhere. */
const MAX_HOPS = 5;

export async function lookUpNumber(
  db: Db,
  companyId: string,
  dialled: string,
  asking: Asking,
  hops = 0,
): Promise<IoResult> {
  const { rows } = await sql<Destination>`
    select type, id from (
      ${dialledEntities(companyId, dialled)}
      union all
      select rule.destination_type, rule.destination_id, 99 from phone_number n
      join lateral (
        select destination_type, destination_id from routing_rule r
        where r.phone_number_id = n.id and r.company_id = n.company_id order by r.position limit 1
      ) rule on true
      where n.company_id = ${companyId} and n.dialled = any(${spellings(dialled)}::text[])
    ) found order by rank limit 1`.execute(db);
  const found = rows[0];
  if (found?.type === 'number')
    return hops < MAX_HOPS ? lookUpNumber(db, companyId, found.id, asking, hops + 1) : NOT_FOUND;
  if (found) return resolveDestination(db, companyId, found, asking);
  if (!OUTSIDE.test(dialled.replace(/[\s().-]/g, ''))) return NOT_FOUND;
  return resolved({ type: 'number', id: dialled }, plainCoordinates('number', dialled));
}

export const number: DestinationType = {
  type: 'number',
  servedBy: null,
  offered: false,
  exists: async (_db, _scope, id) => /^[+0-9*#]{1,64}$/.test(id),
  resolve: (db, companyId, id, asking) => lookUpNumber(db, companyId, id, asking),
};
