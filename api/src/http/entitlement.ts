/** What may be switched off for an owner and all below it (`ENTITLEMENTS` of the contract). */
import type { Entitlement } from '@callwright/api-contract';
import { type Db, switchedOff } from '@callwright/store';
import { ApiError } from '../problem.ts';

/** Throws `API_NOT_ENTITLED` when the flag is off at the owner or above it. */
export async function requireEntitlement(db: Db, ownerId: string, flag: Entitlement): Promise<void> {
  if ((await switchedOff(db, ownerId)).has(flag))
    throw new ApiError('API_NOT_ENTITLED', { detail: `The entitlement ${flag} is off.` });
}
