/** Routing rules of a company, in their order; a number's own destination is kept with the number (`numbers.ts`). */
import type { Destination, JsonValue } from '@callwright/engine';
import type { RoutingRule } from '@callwright/engine/routing';
import { sql } from 'kysely';
import { lockDialPlan } from '../dial-plan.ts';
import { checkReferences, UnknownReference } from '../resource.ts';
import { type CompanyScope, type Db, inTransaction } from '../scope.ts';
import { usableBy } from '../trunks.ts';
import { MAX_RULES } from './routing-load.ts';

export interface RuleFields extends Omit<RoutingRule, 'id' | 'position' | 'calendar'> {
  readonly enabled: boolean;
  readonly calendarId: string | null;
}

export interface RuleRow extends RuleFields {
  readonly id: string;
  /** From 1. */
  readonly position: number;
  readonly createdAt: Date;
}

/** The company has as many rules as it may; callers compare `code`. */
export class TooManyRules extends Error {
  readonly code = 'STO_TOO_MANY_RULES';
  constructor() {
    super('the company has as many routing rules as it may');
  }
}

const SELECTED = sql`id, name, enabled, position, calendar_id as "calendarId", openings, times, calling_role as "callingRole",
  calling_pattern as "callingPattern", called_role as "calledRole", called_pattern as "calledPattern", from_trunks as "fromTrunks",
  via_trunks as "viaTrunks", strip, prefix, created_at as "createdAt",
  json_build_object('type', destination_type, 'id', destination_id) as destination`;
const MINE = (scope: CompanyScope) => sql`company_id = ${scope.companyId} and phone_number_id is null`;

export async function listRules(db: Db, scope: CompanyScope): Promise<readonly RuleRow[]> {
  const { rows } =
    await sql<RuleRow>`select ${SELECTED} from routing_rule where ${MINE(scope)} order by position, id limit ${MAX_RULES}`.execute(
      db,
    );
  return rows;
}

export async function getRule(db: Db, scope: CompanyScope, id: string): Promise<RuleRow | null> {
  const { rows } = await sql<RuleRow>`select ${SELECTED} from routing_rule where ${MINE(scope)} and id = ${id}`.execute(
    db,
  );
  return rows[0] ?? null;
}

/** Throws `UnknownReference` for a calendar that is not the company's or a trunk that it may not use. */
async function checkFields(db: Db, scope: CompanyScope, fields: Partial<RuleFields>): Promise<void> {
  await checkReferences(db, scope, [['calendarId', 'calendar', fields.calendarId]]);
  await checkTrunks(db, scope, 'fromTrunks', fields.fromTrunks);
  await checkTrunks(db, scope, 'viaTrunks', fields.viaTrunks);
}

/** Throws `UnknownReference` unless the company may dial through each of the trunks. */
export async function checkTrunks(
  db: Db,
  scope: CompanyScope,
  field: string,
  ids: readonly string[] | undefined,
): Promise<void> {
  if (!ids || ids.length === 0) return;
  const { rows } = await sql<{
    id: string;
  }>`select id from trunk where id = any(${[...ids]}::uuid[]) and ${usableBy(scope.companyId)}`.execute(db);
  if (rows.length < new Set(ids).size) throw new UnknownReference(field);
}

function columns(fields: Partial<RuleFields>): Record<string, JsonValue | string[] | undefined> {
  const destination: Destination | undefined = fields.destination;
  const all = {
    name: fields.name,
    enabled: fields.enabled,
    calendar_id: fields.calendarId,
    openings: fields.openings && [...fields.openings],
    times: fields.times && JSON.stringify(fields.times),
    calling_role: fields.callingRole,
    calling_pattern: fields.callingPattern,
    called_role: fields.calledRole,
    called_pattern: fields.calledPattern,
    from_trunks: fields.fromTrunks && [...fields.fromTrunks],
    via_trunks: fields.viaTrunks && [...fields.viaTrunks],
    strip: fields.strip,
    prefix: fields.prefix,
    destination_type: destination?.type,
    destination_id: destination?.id,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Appends a rule. Throws `UnknownReference` and `TooManyRules`. Repeating it with the same id returns what is there. */
export async function createRule(db: Db, scope: CompanyScope, id: string, fields: RuleFields): Promise<RuleRow> {
  return inTransaction(db, async (tx) => {
    await lockDialPlan(tx, scope);
    const known = await getRule(tx, scope, id);
    if (known) return known;
    await checkFields(tx, scope, fields);
    const { rows } = await sql<{ last: number; count: number }>`
      select coalesce(max(position), 0)::int as last, count(*)::int as count from routing_rule where ${MINE(scope)}`.execute(
      tx,
    );
    if (rows[0]!.count >= MAX_RULES) throw new TooManyRules();
    const { destination, ...rest } = fields;
    await tx
      .insertInto('routing_rule')
      .values({
        id,
        company_id: scope.companyId,
        position: rows[0]!.last + 1,
        destination_type: destination.type,
        destination_id: destination.id,
        ...columns(rest),
      })
      .execute();
    return (await getRule(tx, scope, id))!;
  });
}

/** Throws `UnknownReference`; null when unknown. */
export async function updateRule(
  db: Db,
  scope: CompanyScope,
  id: string,
  fields: Partial<RuleFields>,
): Promise<RuleRow | null> {
  return inTransaction(db, async (tx) => {
    await checkFields(tx, scope, fields);
    const changes = columns(fields);
    if (Object.keys(changes).length > 0) {
      await tx
        .updateTable('routing_rule')
        .set(changes)
        .where('company_id', '=', scope.companyId)
        .where('phone_number_id', 'is', null)
        .where('id', '=', id)
        .execute();
    }
    return getRule(tx, scope, id);
  });
}

export async function deleteRule(db: Db, scope: CompanyScope, id: string): Promise<boolean> {
  const { rows } = await sql`delete from routing_rule where ${MINE(scope)} and id = ${id} returning id`.execute(db);
  return rows.length > 0;
}

/** Puts the rules into this order; null unless `ids` names each rule of the company once. */
export async function orderRules(
  db: Db,
  scope: CompanyScope,
  ids: readonly string[],
): Promise<readonly RuleRow[] | null> {
  return inTransaction(db, async (tx) => {
    await lockDialPlan(tx, scope);
    const known = await listRules(tx, scope);
    const wanted = new Set(ids);
    if (wanted.size !== ids.length || known.length !== ids.length || known.some(({ id }) => !wanted.has(id)))
      return null;
    await sql`update routing_rule set position = place.n from unnest(${[...ids]}::uuid[]) with ordinality as place (id, n)
      where routing_rule.id = place.id and company_id = ${scope.companyId} and phone_number_id is null`.execute(tx);
    return listRules(tx, scope);
  });
}
