/** Messages to other machines: signals to their workflows, in order per receiver (design §4). */
import { CALL_SIGNALS, callWorkflowId, type IoActivities, poolWorkflowId } from '@callwright/contract';
import type { Command, Message, PoolMessage } from '@callwright/engine';
import { getExternalWorkflowHandle, proxyActivities } from '@temporalio/workflow';
import type { CallRun } from './call-run.ts';

type Send = Extract<Command, { kind: 'send' }>;

export interface MessagesOut {
  send(command: Send): void;
  /** Messages not yet taken by their receiver. */
  readonly open: number;
}

export function messagesOut(run: CallRun): MessagesOut {
  const lines = new Map<string, Promise<void>>();
  let open = 0;
  return {
    send: (command) => {
      const receiver = receiverOf(run, command);
      open += 1;
      // one after the other: two signals under way at once may arrive in either order
      const sent = (lines.get(receiver) ?? Promise.resolve()).then(() => deliverTo(run, receiver, command));
      lines.set(
        receiver,
        sent.finally(() => {
          open -= 1;
        }),
      );
    },
    get open() {
      return open;
    },
  };
}

function receiverOf(run: CallRun, { to }: Send): string {
  const { companyId } = run.start;
  return to.type === 'pool' ? poolWorkflowId(companyId) : callWorkflowId(companyId, to.callId);
}

async function deliverTo(run: CallRun, receiver: string, command: Send): Promise<void> {
  try {
    await getExternalWorkflowHandle(receiver).signal(CALL_SIGNALS.message, command.message);
  } catch {
    if (command.to.type === 'pool') await startPool(run, command.message as PoolMessage);
    else answerForEnded(run, command.to.callId, command.message);
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
  if (message.type !== 'leg.ask') return;
  run.ready.push({
    type: 'message',
    at: Date.now(),
    message: { type: 'leg.refuse', id: `${message.id}/ended`, from: callId, ask: message.id, reason: 'unknown-leg' },
  });
}
