/** Messages of a call to other machines (design §4), and what happens to those that find nobody. */
import { callWorkflowId, type IoActivities, poolWorkflowId } from '@callwright/contract';
import type { Command, Message, PoolMessage } from '@callwright/engine';
import { proxyActivities } from '@temporalio/workflow';
import type { CallRun } from './call-run.ts';
import type { OrderedSignals } from './ordered-signals.ts';

type Send = Extract<Command, { kind: 'send' }>;

export function sendMessage(run: CallRun, signals: OrderedSignals, { to, message }: Send): void {
  const { companyId } = run.start;
  if (to.type === 'pool') {
    signals.send(poolWorkflowId(companyId), message, () => startPool(run, message as PoolMessage));
  } else {
    signals.send(callWorkflowId(companyId, to.callId), message, () => answerForEnded(run, to.callId, message));
  }
}

/** The pool does not run yet, or no longer: io starts it with the message. */
async function startPool(run: CallRun, message: PoolMessage): Promise<void> {
  const { poolMessage } = proxyActivities<IoActivities>({
    taskQueue: run.ioQueue,
    startToCloseTimeout: '3s',
    retry: { initialInterval: '100ms', maximumInterval: '1s' },
  });
  await poolMessage({ companyId: run.start.companyId, message });
}

/** The other call has ended: who asked it for a leg is refused; everything else needs no answer. */
function answerForEnded(run: CallRun, callId: string, message: Message): void {
  if (message.type !== 'leg.ask' && message.type !== 'leg.bring') return;
  run.ready.push({
    type: 'message',
    at: Date.now(),
    message: { type: 'leg.refuse', id: `${message.id}/ended`, from: callId, ask: message.id, reason: 'unknown-leg' },
  });
}
