/**
 * Tables whose rows belong to a company and are kept the same way: `companyResource` gives list, get, create, update and delete of
 * one such table from its description. Every statement has the company in its `where`, references are checked to be the company's.
 */
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Database } from '../schema.ts';
import { claimDialled, lockDialPlan } from './dial-plan.ts';
import { type CompanyScope, type Db, inTransaction, nextNumber, type Page, page } from './scope.ts';
import { trunksUsable } from './trunks.ts';

/** A field names something that the company does not have; callers compare `code`. */
export class UnknownReference extends Error {
  readonly code = 'STO_UNKNOWN_REFERENCE';
  readonly field: string;
  constructor(field: string) {
    super('a field names something that the company does not have');
    this.field = field;
  }
}

/** A row: its fields and what every row has. */
export type Entity<F> = F & { readonly id: string; readonly number: number; readonly createdAt: Date };

/** Some of the fields; what is left out or undefined stays as it is. */
export type Patch<F> = { readonly [K in keyof F]?: F[K] | undefined };

export interface ResourceSpec<F> {
  readonly table: keyof Database & string;
  /** Name in the number block and of external ids. */
  readonly type: string;
  readonly columns: { readonly [K in keyof F]-?: string };
  /** Fields stored as jsonb. */
  readonly json?: readonly (keyof F & string)[];
  /** Field → table of the company whose row it names. */
  readonly references?: { readonly [K in keyof F]?: keyof Database & string };
  /** Fields that name trunks: the company must be able to dial through them. */
  readonly trunks?: readonly (keyof F & string)[];
  /** Field that is part of the company's dial plan. */
  readonly dialled?: keyof F & string;
  /** Deleted rows stay, for history. */
  readonly soft?: boolean;
}

export interface ListFilter<F> {
  /** Rows after this number. */
  readonly after: number;
  readonly limit: number;
  /** Only rows with these values. */
  readonly only?: Partial<F>;
}

export interface Resource<F> {
  readonly spec: ResourceSpec<F>;
  get(db: Db, scope: CompanyScope, id: string): Promise<Entity<F> | null>;
  /** By positive number. */
  list(db: Db, scope: CompanyScope, filter: ListFilter<F>): Promise<Page<Entity<F>>>;
  /** `limit + 1` rows after a number that meet all conditions, each beginning with `and`: what a list with its own filters is made of. */
  select(
    db: Db,
    scope: CompanyScope,
    filter: ListFilter<F>,
    conditions: readonly RawBuilder<unknown>[],
  ): Promise<Entity<F>[]>;
  /** Throws `UnknownReference`, `DialPlanTaken`, or 23505 on a taken name. Repeating it with the same id returns what is there. */
  create(db: Db, scope: CompanyScope, id: string, fields: F): Promise<Entity<F>>;
  /** Throws like `create`; null when unknown. Fields left out or undefined stay. */
  update(db: Db, scope: CompanyScope, id: string, fields: Patch<F>): Promise<Entity<F> | null>;
  /** False when unknown. */
  remove(db: Db, scope: CompanyScope, id: string): Promise<boolean>;
}

type Tx = Transaction<Database>;

/** Tables of which a deleted row stays. */
const SOFT = new Set<string>(['directory_user', 'flow', 'voicemail_box']);

/** Throws `UnknownReference` unless each named row is the company's and not deleted. */
export async function checkReferences(
  db: Db,
  scope: CompanyScope,
  references: readonly (readonly [field: string, table: keyof Database & string, id: unknown])[],
): Promise<void> {
  for (const [field, table, id] of references) {
    if (id === undefined || id === null) continue;
    const alive = SOFT.has(table) ? sql`and deleted_at is null` : sql``;
    const { rows } = await sql`select 1 from ${sql.table(table)}
      where company_id = ${scope.companyId} and id = ${id} ${alive}`.execute(db);
    if (rows.length === 0) throw new UnknownReference(field);
  }
}

const referencesOf = <F>({ references = {} }: ResourceSpec<F>, fields: Patch<F>) =>
  Object.entries(references as Record<string, keyof Database & string>).map(
    ([field, table]) => [field, table, fields[field as keyof F]] as const,
  );

export function companyResource<F extends object>(spec: ResourceSpec<F>): Resource<F> {
  const table = sql.table(spec.table);
  const columns = spec.columns as Readonly<Record<string, string>>;
  const selected = sql.join(
    Object.entries(columns).map(([field, column]) => sql`${sql.ref(column)} as ${sql.ref(field)}`),
  );
  const alive = spec.soft ? sql`and deleted_at is null` : sql``;
  const value = (field: string, given: unknown) =>
    spec.json?.includes(field as keyof F & string) && given !== null ? JSON.stringify(given) : (given ?? null);

  const get: Resource<F>['get'] = async (db, scope, id) => {
    const { rows } = await sql<Entity<F>>`select id, number, created_at as "createdAt", ${selected} from ${table}
      where company_id = ${scope.companyId} and id = ${id} ${alive}`.execute(db);
    return rows[0] ?? null;
  };

  const select: Resource<F>['select'] = async (db, scope, { after, limit, only = {} }, conditions) => {
    const all = [
      ...Object.entries(only).map(([f, v]) => sql`and ${sql.ref(columns[f]!)} is not distinct from ${v}`),
      ...conditions,
      alive,
    ];
    const { rows } = await sql<Entity<F>>`select id, number, created_at as "createdAt", ${selected} from ${table}
      where company_id = ${scope.companyId} and number > ${after} ${sql.join(all, sql` `)}
      order by number limit ${limit + 1}`.execute(db);
    return rows;
  };

  const claim = async (tx: Tx, scope: CompanyScope, id: string, fields: Patch<F>): Promise<void> => {
    await checkReferences(tx, scope, referencesOf(spec, fields));
    for (const field of spec.trunks ?? []) {
      const named = fields[field];
      if (typeof named === 'string' && !(await trunksUsable(tx, scope, [named]))) throw new UnknownReference(field);
    }
    const dialled = spec.dialled === undefined ? undefined : fields[spec.dialled];
    if (dialled) await claimDialled(tx, scope, String(dialled), id);
  };

  return {
    spec,
    get,
    select,
    list: async (db, scope, filter) =>
      page(await select(db, scope, filter, []), filter.limit, (row) => String(row.number)),
    create: (db, scope, id, fields) =>
      inTransaction(db, async (tx) => {
        if (spec.dialled) await lockDialPlan(tx, scope);
        const found = await get(tx, scope, id);
        if (found) return found;
        await claim(tx, scope, id, fields);
        const number = await nextNumber(tx, scope.companyId, spec.type);
        const given = Object.entries(fields).filter(([field, v]) => v !== undefined && field in columns);
        const names = sql.join(
          ['id', 'company_id', 'number', ...given.map(([f]) => columns[f]!)].map((n) => sql.ref(n)),
        );
        const values = sql.join([id, scope.companyId, number, ...given.map(([f, v]) => value(f, v))]);
        await sql`insert into ${table} (${names}) values (${values})`.execute(tx);
        return (await get(tx, scope, id))!;
      }),
    update: (db, scope, id, fields) =>
      inTransaction(db, async (tx) => {
        if (spec.dialled) await lockDialPlan(tx, scope);
        if (!(await get(tx, scope, id))) return null;
        await claim(tx, scope, id, fields);
        const given = Object.entries(fields).filter(([field, v]) => v !== undefined && field in columns);
        if (given.length > 0) {
          const changes = sql.join(given.map(([f, v]) => sql`${sql.ref(columns[f]!)} = ${value(f, v)}`));
          await sql`update ${table} set ${changes} where company_id = ${scope.companyId} and id = ${id}`.execute(tx);
        }
        return get(tx, scope, id);
      }),
    remove: (db, scope, id) =>
      inTransaction(db, async (tx) => {
        const gone = spec.soft
          ? sql`update ${table} set deleted_at = now() where company_id = ${scope.companyId} and id = ${id} ${alive} returning id`
          : sql`delete from ${table} where company_id = ${scope.companyId} and id = ${id} returning id`;
        const { rows } = await gone.execute(tx);
        if (rows.length === 0) return false;
        await forgetEntity(tx, scope, spec.type, id);
        return true;
      }),
  };
}

/** What names a deleted entity goes with it: routing rules that lead to it, its external ids. */
export async function forgetEntity(db: Db, scope: CompanyScope, type: string, id: string): Promise<void> {
  await db
    .deleteFrom('routing_rule')
    .where('company_id', '=', scope.companyId)
    .where('destination_type', '=', type)
    .where('destination_id', '=', id)
    .execute();
  await db
    .deleteFrom('external_id')
    .where('owner_id', '=', scope.companyId)
    .where('entity_type', '=', type)
    .where('entity_id', '=', id)
    .execute();
}
