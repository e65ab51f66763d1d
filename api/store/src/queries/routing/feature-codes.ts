/**
 * The table of feature codes of a company. An action without a row has its default code; a row in its place gives it another code, or
 * none (`enabled` false), and deleting the row brings the default back.
 */
import { sql } from 'kysely';
import type { FeatureAction } from '../feature-actions/feature-action.ts';
import { featureAction, featureActions } from '../feature-actions/registry.ts';
import type { CompanyScope, Db } from '../scope.ts';

export interface FeatureCodeFields {
  readonly code: string;
  readonly action: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly enabled: boolean;
}

/** `id` null: a default, not a row. */
export interface FeatureCode extends FeatureCodeFields {
  readonly id: string | null;
}

/** A code that what was dialled begins with, with what follows it. */
export interface MatchedFeature {
  readonly code: FeatureCode;
  readonly action: FeatureAction;
  readonly argument: string;
}

/** Rows and the defaults that no row replaces. */
export function effectiveCodes(rows: readonly FeatureCode[]): readonly FeatureCode[] {
  const replaced = new Set(rows.map(({ action }) => action));
  const taken = new Set(rows.filter(({ enabled }) => enabled).map(({ code }) => code));
  const defaults = featureActions().flatMap(({ action, defaultCode }) =>
    defaultCode === null || replaced.has(action) || taken.has(defaultCode)
      ? []
      : [{ id: null, code: defaultCode, action, options: {}, enabled: true }],
  );
  return [...rows, ...defaults];
}

/** The longest code that fits what was dialled; an action without argument fits exactly. */
export function matchFeature(rows: readonly FeatureCode[], dialled: string): MatchedFeature | null {
  const codes = effectiveCodes(rows).filter(({ enabled, code }) => enabled && dialled.startsWith(code));
  for (const code of codes.toSorted((a, b) => b.code.length - a.code.length)) {
    const action = featureAction(code.action);
    const argument = dialled.slice(code.code.length);
    if (!action || (argument === '' ? action.argument === 'required' : action.argument === 'none')) continue;
    return { code, action, argument };
  }
  return null;
}

const COLUMNS = sql`id, code, action, options, enabled`;

/** All codes in force or switched off, by code. */
export async function listFeatureCodes(db: Db, scope: CompanyScope): Promise<readonly FeatureCode[]> {
  const { rows } =
    await sql<FeatureCode>`select ${COLUMNS} from feature_code where company_id = ${scope.companyId}`.execute(db);
  return effectiveCodes(rows).toSorted((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0));
}

export async function getFeatureCode(db: Db, scope: CompanyScope, id: string): Promise<FeatureCode | null> {
  const { rows } = await sql<FeatureCode>`select ${COLUMNS} from feature_code
    where company_id = ${scope.companyId} and id = ${id}`.execute(db);
  return rows[0] ?? null;
}

/** Throws 23505 when the company has the code. Repeating it with the same id returns what is there. */
export async function createFeatureCode(
  db: Db,
  scope: CompanyScope,
  id: string,
  fields: FeatureCodeFields,
): Promise<FeatureCode> {
  await sql`insert into feature_code (id, company_id, code, action, options, enabled)
    values (${id}, ${scope.companyId}, ${fields.code}, ${fields.action}, ${JSON.stringify(fields.options)}, ${fields.enabled})
    on conflict (id) do nothing`.execute(db);
  return (await getFeatureCode(db, scope, id))!;
}

/** Throws 23505 when the company has the code; null when the row is unknown. */
export async function updateFeatureCode(
  db: Db,
  scope: CompanyScope,
  id: string,
  fields: Partial<FeatureCodeFields>,
): Promise<FeatureCode | null> {
  const options = fields.options === undefined ? null : JSON.stringify(fields.options);
  const { rows } = await sql<FeatureCode>`
    update feature_code set code = coalesce(${fields.code ?? null}, code), action = coalesce(${fields.action ?? null}, action),
      options = coalesce(${options}::jsonb, options), enabled = coalesce(${fields.enabled ?? null}, enabled)
    where company_id = ${scope.companyId} and id = ${id} returning ${COLUMNS}`.execute(db);
  return rows[0] ?? null;
}

export async function deleteFeatureCode(db: Db, scope: CompanyScope, id: string): Promise<boolean> {
  const { rows } =
    await sql`delete from feature_code where company_id = ${scope.companyId} and id = ${id} returning id`.execute(db);
  return rows.length > 0;
}
