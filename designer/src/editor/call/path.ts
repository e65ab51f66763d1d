/** The way of a real call through the draft, from its facts. */
import type { LiveFact } from '../../console/calls/live-events.ts';

export interface LivePath {
  readonly callId: string;
  /** Highest fact taken; facts sent again are dropped. */
  readonly n: number;
  /** `node=outcome` of every node passed, in order. */
  readonly path: readonly string[];
  /** Where the call is; null when it is over. */
  readonly node: string | null;
}

/** What is known after one more fact. Follows the newest call to `number`; null while nobody has called. */
export function follow(now: LivePath | null, fact: LiveFact, number: string): LivePath | null {
  const { callId, n, type, body } = fact;
  if (type === 'call.started') {
    const called = body.called as { readonly number?: string } | undefined;
    return called?.number === number ? { callId, n, path: [], node: null } : now;
  }
  if (now?.callId !== callId || n <= now.n) return now;
  switch (type) {
    case 'node.entered':
      return { ...now, n, node: String(body.node) };
    case 'node.left':
      return { ...now, n, path: [...now.path, `${body.node}=${body.outcome}`] };
    case 'call.ended':
      return { ...now, n, node: null };
    default:
      return { ...now, n };
  }
}
