/** Sites, where help is sent on an emergency call, and departments. */
import { sql } from 'kysely';
import { companyResource, type Resource } from './resource.ts';
import { type CompanyScope, type Db, inTransaction } from './scope.ts';

export interface SiteFields {
  readonly name: string;
  readonly street: string;
  readonly postalCode: string;
  readonly city: string;
  readonly region: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** Floor, entrance, gate. */
  readonly location: string;
  /** Shown to the emergency service; null: the caller's own number. */
  readonly emergencyNumber: string | null;
  /** The site of users who have none. */
  readonly main: boolean;
}

const rows = companyResource<SiteFields>({
  table: 'site',
  type: 'site',
  columns: {
    name: 'name',
    street: 'street',
    postalCode: 'postal_code',
    city: 'city',
    region: 'region',
    country: 'country',
    location: 'location',
    emergencyNumber: 'emergency_number',
    main: 'main',
  },
});

/** One main site a company: a new one takes the place of the old. */
const clearMain = async (db: Db, scope: CompanyScope, id: string, main: boolean | undefined): Promise<void> => {
  if (main !== true) return;
  await sql`update site set main = false where company_id = ${scope.companyId} and main and id <> ${id}`.execute(db);
};

export const sites: Resource<SiteFields> = {
  ...rows,
  create: (db, scope, id, fields) =>
    inTransaction(db, async (tx) => {
      await clearMain(tx, scope, id, fields.main);
      return rows.create(tx, scope, id, fields);
    }),
  update: (db, scope, id, fields) =>
    inTransaction(db, async (tx) => {
      // nothing is taken from the main site for one that is not there
      if (!(await rows.get(tx, scope, id))) return null;
      await clearMain(tx, scope, id, fields.main);
      return rows.update(tx, scope, id, fields);
    }),
};

export interface DepartmentFields {
  readonly name: string;
  readonly parentId: string | null;
}

const departmentRows = companyResource<DepartmentFields>({
  table: 'department',
  type: 'department',
  columns: { name: 'name', parentId: 'parent_id' },
  references: { parentId: 'department' },
});

/** A department would be below itself; callers compare `code`. */
export class DepartmentLoop extends Error {
  readonly code = 'STO_DEPARTMENT_LOOP';
}

export const departments: Resource<DepartmentFields> = {
  ...departmentRows,
  update: (db, scope, id, fields) =>
    inTransaction(db, async (tx) => {
      if (fields.parentId) {
        // one writer of the tree at a time, so that two moves cannot close a loop together
        await tx.selectFrom('owner').select('id').where('id', '=', scope.companyId).forNoKeyUpdate().execute();
        const { rows: above } = await sql`with recursive up as (
            select id, parent_id from department where company_id = ${scope.companyId} and id = ${fields.parentId}
            union select d.id, d.parent_id from department d join up on d.id = up.parent_id)
          select 1 from up where id = ${id}`.execute(tx);
        if (above.length > 0) throw new DepartmentLoop('a department cannot be below itself');
      }
      return departmentRows.update(tx, scope, id, fields);
    }),
};
