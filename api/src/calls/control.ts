/** Commands to running calls: kept as a row first, then sent; one that cannot be sent now is left to an io worker. */
import { CALL_SIGNALS, type ControlSignal, callWorkflowId } from '@callwright/contract';
import type { ControlAction } from '@callwright/engine';
import { addControl, type CompanyScope, controlSent } from '@callwright/store';
import type { Context, Services } from '../http/context.ts';
import { found, iso } from '../http/paging.ts';
import { ApiError } from '../problem.ts';

/** The io workers send what this does not: no longer than their own patience. */
const SIGNAL_PATIENCE_MS = 2000;

/** Sends a command whose row is stored. */
export async function sendControl(
  { store, temporal, log }: Services,
  company: CompanyScope,
  callId: string,
  signal: ControlSignal,
): Promise<void> {
  try {
    const client = temporal.client();
    const handle = client.workflow.getHandle(callWorkflowId(company.companyId, callId));
    await client.withDeadline(Date.now() + SIGNAL_PATIENCE_MS, () => handle.signal(CALL_SIGNALS.control, signal));
    await controlSent(store.db, company, signal.id);
  } catch (error) {
    log.warn({ err: error, callId, controlId: signal.id }, 'command left for an io worker to send');
  }
}

/** Row first, then the signal; when that does not go through, an io worker sends it. Throws `API_CALL_OVER`, `API_NOT_FOUND`. */
export async function command(services: Services, callId: string, action: ControlAction, context: Context) {
  const { store } = services;
  const { company, actor, mintId } = context;
  const row = await addControl(store.db, company, { id: mintId, callId, by: actor, action });
  if (row === 'over') throw new ApiError('API_CALL_OVER');
  const control = found(row);
  const signal: ControlSignal = { id: control.id, by: actor, action };
  await sendControl(services, company, callId, signal);
  return { id: control.id, callId, action: action.kind, createdAt: iso(control.created_at) };
}
