/** Keeps the calls of a flow up to date: listed once and again, brought forward by every fact in between. */
import { routes } from '@callwright/api-contract';
import { useEffect, useRef, useState } from 'react';
import { call } from '../api/client.ts';
import { type LiveFact, type LiveState, useLiveFacts } from '../console/calls/live-events.ts';
import { type FlowCalls, follow, merge, NO_CALLS, type Revisions } from './flow-calls.ts';

/** What the stream may have missed, while it was cut, is listed again. */
const REFRESH_MS = 10_000;

export interface FollowedCalls {
  readonly state: LiveState;
  readonly calls: FlowCalls;
  /** There are more than are listed. */
  readonly more: boolean;
  /** The list could not be read. */
  readonly error: unknown;
}

/** `take` hears every fact of the company’s calls. */
export function useFlowCalls(flowId: string, revisions: Revisions, take: (fact: LiveFact) => void): FollowedCalls {
  const [calls, setCalls] = useState(NO_CALLS);
  const [{ more, error }, setRead] = useState<{ more: boolean; error: unknown }>({ more: false, error: null });
  const now = useRef(calls);
  const change = (next: FlowCalls) => {
    if (next === now.current) return;
    now.current = next;
    setCalls(next);
  };
  const state = useLiveFacts((fact) => {
    change(follow(now.current, fact, revisions));
    take(fact);
  });
  useEffect(() => {
    const stopper = new AbortController();
    const read = async () => {
      const before = now.current;
      try {
        const listed = await call(routes.listFlowCalls, { params: { id: flowId }, signal: stopper.signal });
        if (stopper.signal.aborted) return;
        const next = merge(now.current, listed.items, before);
        now.current = next;
        setCalls(next);
        setRead({ more: listed.more, error: null });
      } catch (failure) {
        if (!stopper.signal.aborted) setRead((last) => ({ ...last, error: failure }));
      }
    };
    void read();
    const timer = window.setInterval(() => void read(), REFRESH_MS);
    return () => {
      stopper.abort();
      window.clearInterval(timer);
    };
    // read at once when the stream has come back
  }, [flowId, state]);
  return { state, calls, more, error };
}
