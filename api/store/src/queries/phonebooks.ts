/** Address books: of the company, of a department, of one user. */
import { sql } from 'kysely';
import { companyResource, type Resource } from './resource.ts';
import { type CompanyScope, inTransaction } from './scope.ts';

export type PhonebookKind = 'company' | 'department' | 'private';

export interface PhonebookFields {
  readonly name: string;
  readonly kind: PhonebookKind;
  /** Of kind department: whose users see it. */
  readonly departmentId: string | null;
  /** Of kind private: who sees it. */
  readonly userId: string | null;
  /** Users who see it may change its contacts. */
  readonly editable: boolean;
}

const rows = companyResource<PhonebookFields>({
  table: 'phonebook',
  type: 'phonebook',
  columns: {
    name: 'name',
    kind: 'kind',
    departmentId: 'department_id',
    userId: 'user_id',
    editable: 'editable',
  },
  references: { departmentId: 'department', userId: 'directory_user' },
});

/** Deleting a book deletes its contacts. */
export const phonebooks: Resource<PhonebookFields> = {
  ...rows,
  remove: (db, scope, id) =>
    inTransaction(db, async (tx) => {
      await sql`delete from external_id x using contact c
        where c.company_id = ${scope.companyId} and c.phonebook_id = ${id}
          and x.owner_id = c.company_id and x.entity_type = 'contact' and x.entity_id = c.id`.execute(tx);
      return rows.remove(tx, scope, id);
    }),
};

/** Condition on `phonebook b`: the user sees it. */
export const seenBy = (scope: CompanyScope, userId: string) => sql`(b.kind = 'company'
  or (b.kind = 'private' and b.user_id = ${userId})
  or (b.kind = 'department' and b.department_id = (
    select department_id from directory_user where id = ${userId} and company_id = ${scope.companyId})))`;
