/** Commands to running calls: kept as a row first, then sent; one that cannot be sent now is left to an io worker. */
import { CALL_SIGNALS, type ControlSignal, callWorkflowId } from '@callwright/contract';
import { type CompanyScope, controlSent } from '@callwright/store';
import type { Services } from '../http/context.ts';

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
