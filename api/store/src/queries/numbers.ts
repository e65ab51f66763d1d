/** Numbers that lead to us and "number → destination", the first kind of row of the routing table. */
import type { Destination } from '@callwright/engine';
import { claimDialled, lockDialPlan } from './dial-plan.ts';
import { type CompanyScope, type Db, inTransaction, nextNumber, type Page, page } from './scope.ts';
import { uuidv7 } from './uuid.ts';

export interface NumberRow {
  readonly id: string;
  readonly number: number;
  readonly dialled: string;
  readonly kind: 'did' | 'service';
  readonly public: boolean;
  readonly label: string;
  readonly created_at: Date;
  readonly destination_type: string | null;
  readonly destination_id: string | null;
}

export interface NumberFields {
  readonly dialled: string;
  readonly kind: 'did' | 'service';
  readonly public: boolean;
  readonly label: string;
  readonly destination: Destination | null;
}

function selectNumbers(db: Db, scope: CompanyScope) {
  return db
    .selectFrom('phone_number')
    .leftJoinLateral(
      (e) =>
        e
          .selectFrom('routing_rule')
          .select(['destination_type', 'destination_id'])
          .whereRef('routing_rule.phone_number_id', '=', 'phone_number.id')
          .orderBy('position')
          .limit(1)
          .as('rule'),
      (j) => j.onTrue(),
    )
    .select([
      'phone_number.id',
      'phone_number.number',
      'phone_number.dialled',
      'phone_number.kind',
      'phone_number.public',
      'phone_number.label',
      'phone_number.created_at',
      'rule.destination_type',
      'rule.destination_id',
    ])
    .where('phone_number.company_id', '=', scope.companyId);
}

export async function getNumber(db: Db, scope: CompanyScope, id: string): Promise<NumberRow | null> {
  const row = await selectNumbers(db, scope).where('phone_number.id', '=', id).executeTakeFirst();
  return (row as NumberRow | undefined) ?? null;
}

export async function listNumbers(
  db: Db,
  scope: CompanyScope,
  filter: { readonly after: number; readonly limit: number; readonly dialled?: string },
): Promise<Page<NumberRow>> {
  let query = selectNumbers(db, scope)
    .where('phone_number.number', '>', filter.after)
    .orderBy('phone_number.number')
    .limit(filter.limit + 1);
  if (filter.dialled !== undefined) query = query.where('phone_number.dialled', '=', filter.dialled);
  return page((await query.execute()) as NumberRow[], filter.limit, (r) => String(r.number));
}

async function writeRule(
  db: Db,
  scope: CompanyScope,
  numberId: string,
  destination: Destination | null,
): Promise<void> {
  await db
    .deleteFrom('routing_rule')
    .where('company_id', '=', scope.companyId)
    .where('phone_number_id', '=', numberId)
    .execute();
  if (!destination) return;
  await db
    .insertInto('routing_rule')
    .values({
      id: uuidv7(),
      company_id: scope.companyId,
      phone_number_id: numberId,
      destination_type: destination.type,
      destination_id: destination.id,
    })
    .execute();
}

/** Throws `DialPlanTaken`, or 23505 when a DID belongs to another company. Repeating it with the same id returns what is there. */
export async function createNumber(db: Db, scope: CompanyScope, id: string, fields: NumberFields): Promise<NumberRow> {
  return inTransaction(db, async (tx) => {
    await lockDialPlan(tx, scope);
    const found = await getNumber(tx, scope, id);
    if (found) return found;
    await claimDialled(tx, scope, fields.dialled, id);
    await tx
      .insertInto('phone_number')
      .values({
        id,
        owner_id: scope.companyId,
        company_id: scope.companyId,
        number: await nextNumber(tx, scope.companyId, 'number'),
        dialled: fields.dialled,
        kind: fields.kind,
        public: fields.public,
        label: fields.label,
      })
      .execute();
    await writeRule(tx, scope, id, fields.destination);
    return (await getNumber(tx, scope, id))!;
  });
}

/** Dialled digits and kind never change: make another number. */
export type NumberPatch = Partial<Pick<NumberFields, 'public' | 'label' | 'destination'>>;

export async function updateNumber(
  db: Db,
  scope: CompanyScope,
  id: string,
  fields: NumberPatch,
): Promise<NumberRow | null> {
  return inTransaction(db, async (tx) => {
    await lockDialPlan(tx, scope);
    if (!(await getNumber(tx, scope, id))) return null;
    const changes = {
      ...(fields.public === undefined ? {} : { public: fields.public }),
      ...(fields.label === undefined ? {} : { label: fields.label }),
    };
    if (Object.keys(changes).length > 0) {
      await tx
        .updateTable('phone_number')
        .set(changes)
        .where('id', '=', id)
        .where('company_id', '=', scope.companyId)
        .execute();
    }
    if (fields.destination !== undefined) await writeRule(tx, scope, id, fields.destination);
    return getNumber(tx, scope, id);
  });
}

export async function deleteNumber(db: Db, scope: CompanyScope, id: string): Promise<boolean> {
  const gone = await db
    .deleteFrom('phone_number')
    .where('id', '=', id)
    .where('company_id', '=', scope.companyId)
    .returning('id')
    .executeTakeFirst();
  return gone !== undefined;
}
