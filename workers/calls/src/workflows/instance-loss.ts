/** Whether a media instance lives, and what follows when it does not (design §4). */
import type { IoActivities } from '@callwright/contract';
import { proxyActivities } from '@temporalio/workflow';
import { type CallRun, deliver, instanceOf } from './call-run.ts';

/**
 * Asks the instance's lease after a time-out. Tried until an io worker answers: with none there is no verdict.
 */
export async function isLost(run: CallRun, instance: string): Promise<boolean> {
  if (run.lost.has(instance)) return true;
  const { lease } = proxyActivities<IoActivities>({
    taskQueue: run.ioQueue,
    startToCloseTimeout: '2s',
    retry: { initialInterval: '100ms', maximumInterval: '1s' },
  });
  return (await lease({ instance })).state === 'lost' || run.lost.has(instance);
}

/**
 * Takes note that an instance is lost, once: what came from it is delivered across its gaps, the machine is told, its open
 * operations will never answer and their records wait for the store.
 */
export function loseInstance(run: CallRun, instance: string, at: number): void {
  if (run.lost.has(instance)) return;
  run.lost.add(instance);
  const legs = new Set([...Object.keys(run.state?.legs ?? {}), ...(run.start.inbound ? [run.start.inbound.leg] : [])]);
  for (const leg of legs) if (instanceOf(run, leg) === instance) deliver(run, run.order.close(leg));
  for (const [op, command] of run.open) {
    if (command.instance !== instance) continue;
    run.open.delete(op);
    run.outbox.unload(op, 0);
  }
  run.ledger.lost(instance, at);
  run.ready.push({ type: 'instance.lost', at, instance });
}
