/** Rows that come before the act: calls that we place, and commands to running calls (design §4, "who starts a call"). */
import type { CallStart, ControlAction, Coordinates } from '@callwright/engine';
import { sql } from 'kysely';
import type { Keyring } from '../crypto.ts';
import { recordsCalls } from './recording-policies.ts';
import { type CompanyScope, type Db, uniqueCallNumber } from './scope.ts';

export interface PlacedCall {
  readonly id: string;
  readonly externalId: string | null;
  readonly direction: 'outbound' | 'internal';
  readonly revision: string;
  readonly calling: Coordinates;
  readonly called: Coordinates;
  /** The first event of the call, given its number. */
  readonly start: (number: number) => CallStart;
}

const sealOf = (companyId: string) => ({ owner: companyId, purpose: 'call-variables' });

/** The first event of a stored call, with the variables that its row keeps sealed. */
export function openStart(keyring: Keyring, companyId: string, start: CallStart, sealed: Uint8Array | null): CallStart {
  if (sealed === null) return start;
  return { ...start, variables: JSON.parse(keyring.openText(sealOf(companyId), sealed)) as CallStart['variables'] };
}

/** The row of a call that we place, in state `waiting`. Repeating it with the same id returns the stored start. */
export async function placeCall(db: Db, keyring: Keyring, scope: CompanyScope, call: PlacedCall): Promise<CallStart> {
  const placed = call.start(await uniqueCallNumber(db));
  const { rows: asks } = await sql<{ records: boolean }>`select ${recordsCalls(scope.companyId)} as records`.execute(
    db,
  );
  const start: CallStart = asks[0]?.records ? { ...placed, recording: true } : placed;
  await db
    .insertInto('call')
    .values({
      id: call.id,
      number: start.number,
      company_id: scope.companyId,
      external_id: call.externalId,
      direction: call.direction,
      state: 'waiting',
      start: JSON.stringify({ ...start, variables: {} }),
      variables_enc: keyring.seal(sealOf(scope.companyId), JSON.stringify(start.variables)),
      revision_hash: call.revision,
      calling: JSON.stringify(call.calling),
      called: JSON.stringify(call.called),
    })
    .onConflict((c) => c.column('id').doNothing())
    .execute();
  const row = await db
    .selectFrom('call')
    .select(['start', 'variables_enc'])
    .where('id', '=', call.id)
    .where('company_id', '=', scope.companyId)
    .executeTakeFirstOrThrow();
  return openStart(keyring, scope.companyId, row.start as unknown as CallStart, row.variables_enc);
}

export interface ControlRow {
  readonly id: string;
  readonly call_id: string;
  readonly created_at: Date;
}

export interface NewControl {
  readonly id: string;
  readonly callId: string;
  readonly by: { readonly type: string; readonly id: string };
  readonly action: ControlAction;
}

/**
 * Keeps a command before it is sent; whoever sends it marks it by `controlSent`. `over` when the call has ended, null when the
 * company has no such call. Repeating it with the same id keeps one row.
 */
export async function addControl(
  db: Db,
  scope: CompanyScope,
  control: NewControl,
): Promise<ControlRow | 'over' | null> {
  const call = await db
    .selectFrom('call')
    .select('state')
    .where('id', '=', control.callId)
    .where('company_id', '=', scope.companyId)
    .executeTakeFirst();
  if (!call) return null;
  if (call.state === 'ended' || call.state === 'refused') return 'over';
  await db
    .insertInto('call_control')
    .values({
      id: control.id,
      call_id: control.callId,
      company_id: scope.companyId,
      by_type: control.by.type,
      by_id: control.by.id,
      action: JSON.stringify(control.action),
    })
    .onConflict((c) => c.column('id').doNothing())
    .execute();
  return db
    .selectFrom('call_control')
    .select(['id', 'call_id', 'created_at'])
    .where('id', '=', control.id)
    .executeTakeFirstOrThrow();
}

/** The command has reached the call's workflow. */
export async function controlSent(db: Db, scope: CompanyScope, id: string): Promise<void> {
  await db
    .updateTable('call_control')
    .set({ delivered_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('company_id', '=', scope.companyId)
    .where('delivered_at', 'is', null)
    .execute();
}
