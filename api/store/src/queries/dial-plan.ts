/** One dial plan a company: extensions of users and groups and service numbers never collide. */
import type { Transaction } from 'kysely';
import type { Database } from '../schema.ts';
import type { CompanyScope } from './scope.ts';

/** Thrown inside a transaction when a number is in use in the company; callers compare `code`. */
export class DialPlanTaken extends Error {
  readonly code = 'STO_NUMBER_TAKEN';
  readonly dialled: string;
  constructor(dialled: string) {
    super('this extension or number is in use in the company');
    this.dialled = dialled;
  }
}

/** Locks the company's dial plan until the transaction ends, so that two writers cannot both find a number free. */
export async function lockDialPlan(tx: Transaction<Database>, scope: CompanyScope): Promise<void> {
  await tx.selectFrom('owner').select('id').where('id', '=', scope.companyId).forNoKeyUpdate().execute();
}

/** Throws `DialPlanTaken` when another entity of the company answers to `dialled`. Call `lockDialPlan` first. */
export async function claimDialled(
  tx: Transaction<Database>,
  scope: CompanyScope,
  dialled: string,
  self: string,
): Promise<void> {
  const user = await tx
    .selectFrom('directory_user')
    .select('id')
    .where('company_id', '=', scope.companyId)
    .where('extension', '=', dialled)
    .where('deleted_at', 'is', null)
    .where('id', '!=', self)
    .executeTakeFirst();
  const group = await tx
    .selectFrom('ring_group')
    .select('id')
    .where('company_id', '=', scope.companyId)
    .where('extension', '=', dialled)
    .where('id', '!=', self)
    .executeTakeFirst();
  const number = await tx
    .selectFrom('phone_number')
    .select('id')
    .where('company_id', '=', scope.companyId)
    .where('dialled', '=', dialled)
    .where('id', '!=', self)
    .executeTakeFirst();
  if (user ?? group ?? number) throw new DialPlanTaken(dialled);
}
