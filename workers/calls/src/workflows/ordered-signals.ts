/** Signals to other workflows' `message`, in order per receiver: two under way at once may arrive in either order. */
import { CALL_SIGNALS } from '@callwright/contract';
import type { Message } from '@callwright/engine';
import { getExternalWorkflowHandle } from '@temporalio/workflow';

export interface OrderedSignals {
  /** `undelivered` runs when the receiver does not run (any more); the next message waits for it. */
  send(receiver: string, message: Message, undelivered: () => void | Promise<void>): void;
  /** Messages not yet taken by their receiver. */
  readonly open: number;
}

export function orderedSignals(): OrderedSignals {
  const lines = new Map<string, Promise<void>>();
  let open = 0;
  const deliver = async (
    receiver: string,
    message: Message,
    undelivered: () => void | Promise<void>,
  ): Promise<void> => {
    try {
      await getExternalWorkflowHandle(receiver).signal(CALL_SIGNALS.message, message);
    } catch {
      await undelivered();
    }
  };
  return {
    send: (receiver, message, undelivered) => {
      open += 1;
      const before = lines.get(receiver) ?? Promise.resolve();
      const line = before
        .then(() => deliver(receiver, message, undelivered))
        .finally(() => {
          open -= 1;
          if (lines.get(receiver) === line) lines.delete(receiver);
        });
      lines.set(receiver, line);
    },
    get open() {
      return open;
    },
  };
}
