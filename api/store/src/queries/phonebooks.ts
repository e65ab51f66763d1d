/** Address books: of the company, of a department, of one user. */
import { sql } from 'kysely';
import { companyResource, type Resource, UnknownReference } from './resource.ts';
import { type CompanyScope, type Db, inTransaction } from './scope.ts';
import { uuidv7 } from './uuid.ts';

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

/** The user's own book, made at the first use; its id. Throws `UnknownReference` when the company has no such user. */
export async function privateBook(db: Db, scope: CompanyScope, userId: string): Promise<string> {
  return inTransaction(db, async (tx) => {
    // one at a time for a user, so that the first use makes one book
    const user = await tx
      .selectFrom('directory_user')
      .select('id')
      .where('id', '=', userId)
      .where('company_id', '=', scope.companyId)
      .where('deleted_at', 'is', null)
      .forUpdate()
      .executeTakeFirst();
    if (!user) throw new UnknownReference('userId');
    const known = await rows.list(tx, scope, { after: 0, limit: 1, only: { userId } });
    if (known.items[0]) return known.items[0].id;
    const fields = { name: 'Private', kind: 'private', departmentId: null, userId, editable: true } as const;
    return (await rows.create(tx, scope, uuidv7(), fields)).id;
  });
}

/** The user sees the book, and it is the user's own or one that its users may change. */
export async function mayChangeBook(
  db: Db,
  scope: CompanyScope,
  phonebookId: string,
  userId: string,
): Promise<boolean> {
  const { rows: found } =
    await sql`select 1 from phonebook b where b.company_id = ${scope.companyId} and b.id = ${phonebookId}
    and ${seenBy(scope, userId)} and (b.editable or b.kind = 'private')`.execute(db);
  return found.length > 0;
}

/** Whether contacts may be put into the book: it is the company's, a department's, or the asker's own. */
export async function mayWriteBook(
  db: Db,
  { companyId }: CompanyScope,
  phonebookId: string,
  asker: string | null,
): Promise<boolean> {
  const { rows: found } =
    await sql`select 1 from phonebook b where b.company_id = ${companyId} and b.id = ${phonebookId}
    and (b.kind <> 'private' or b.user_id = ${asker}::uuid)`.execute(db);
  return found.length > 0;
}
