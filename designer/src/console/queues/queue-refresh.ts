import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { type LiveState, useLiveFacts } from '../calls/live-events.ts';

/** Many facts at once cost one reading. */
const GATHER_MS = 500;

/** Reads queues again whenever something happens in a call of the company. */
export function useQueueRefresh(): LiveState {
  const client = useQueryClient();
  const timer = useRef<number | null>(null);
  return useLiveFacts(() => {
    timer.current ??= window.setTimeout(() => {
      timer.current = null;
      void client.invalidateQueries({ queryKey: ['queues'] });
    }, GATHER_MS);
  });
}
