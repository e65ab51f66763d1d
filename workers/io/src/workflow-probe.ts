/** Whether workflows that should run do. */
import type { TemporalClient } from '@callwright/contract/codec';
import { WorkflowNotFoundError } from '@temporalio/common';

const PROBE_EVERY_MS = 60_000;
const PROBES_KEPT = 10_000;

/**
 * Whether a workflow runs no more although the call's row does not say so (it was terminated, or Temporal's data was lost). Asked
 * at most once a minute per call.
 */
export function workflowProbe(temporal: TemporalClient): (workflowId: string) => Promise<boolean> {
  const probed = new Map<string, number>();
  return async (workflowId) => {
    const last = probed.get(workflowId) ?? 0;
    if (Date.now() - last < PROBE_EVERY_MS) return false;
    if (probed.size >= PROBES_KEPT) probed.clear();
    probed.set(workflowId, Date.now());
    try {
      const { status } = await temporal.client.workflow.getHandle(workflowId).describe();
      return status.name !== 'RUNNING';
    } catch (error) {
      return error instanceof WorkflowNotFoundError;
    }
  };
}
