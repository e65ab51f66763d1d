/** The built-in flows of every company. */
import { catalogue, pinTogether } from '@callwright/flows';
import { type BuiltInFlow, type Db, publishBuiltIns, trustedScope } from '@callwright/store';

let pinned: readonly BuiltInFlow[] | undefined;

/** The catalogue, pinned once per process. */
export function builtInFlows(): readonly BuiltInFlow[] {
  pinned ??= pinTogether(catalogue);
  return pinned;
}

/** Gives a new company what every company has. */
export async function provisionCompany(db: Db, companyId: string): Promise<void> {
  await publishBuiltIns(db, trustedScope(companyId), builtInFlows());
}
