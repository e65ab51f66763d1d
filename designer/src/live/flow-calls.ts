/** The calls that are in a flow, kept up to date: what the api lists, brought forward by the facts that come after. Pure. */
import type { FlowCall } from '@callwright/api-contract';
import type * as z from 'zod';
import type { LiveFact } from '../console/calls/live-events.ts';
import { partyText } from '../console/calls/party.ts';
import type { NodeMark } from '../editor/editor-store.ts';

/** A call on the canvas. */
export interface CallHere {
  readonly id: string;
  readonly revision: string;
  /** As in the trace; null between nodes. */
  readonly node: string | null;
  /** ISO time at which it came there. */
  readonly since: string | null;
  readonly startedAt: string;
  readonly label: string;
  /** Number of the newest record taken. */
  readonly step: number;
}

export interface FlowCalls {
  readonly calls: ReadonlyMap<string, CallHere>;
  /** Calls that have ended or left: a list that was read before does not bring them back. */
  readonly gone: ReadonlySet<string>;
}

export const NO_CALLS: FlowCalls = { calls: new Map(), gone: new Set() };

/** Which revisions are the flow’s, by hash. */
export type Revisions = ReadonlySet<string>;

function put({ calls, gone }: FlowCalls, call: CallHere): FlowCalls {
  return { calls: new Map(calls).set(call.id, call), gone };
}

function drop({ calls, gone }: FlowCalls, id: string): FlowCalls {
  const left = new Map(calls);
  left.delete(id);
  return { calls: left, gone: new Set(gone).add(id) };
}

/** What is known after one more fact; facts that came before are passed over. */
export function follow(now: FlowCalls, { callId: id, n, at, type, body }: LiveFact, revisions: Revisions): FlowCalls {
  const call = now.calls.get(id);
  if (type === 'call.started') {
    const revision = String(body.revision);
    if (call || now.gone.has(id) || !revisions.has(revision)) return now;
    const label = partyText(body.calling as { name: string; number: string });
    return put(now, { id, revision, node: null, since: null, startedAt: at, label, step: n });
  }
  if (type === 'call.ended') return drop(now, id);
  if (!call || n <= call.step) return now;
  if (type === 'node.entered') return put(now, { ...call, node: String(body.node), since: at, step: n });
  if (type !== 'flow.changed') return now;
  const revision = body.revision === null ? null : String(body.revision);
  if (revision === null || !revisions.has(revision)) return drop(now, id);
  return put(now, { ...call, revision, node: null, since: at, step: n });
}

/** What the api listed, unless a newer fact has come meanwhile. Calls it no longer lists, and that were there before, have gone. */
export function merge(now: FlowCalls, listed: readonly z.infer<typeof FlowCall>[], before: FlowCalls): FlowCalls {
  const calls = new Map<string, CallHere>();
  for (const one of listed) {
    if (now.gone.has(one.id) && !before.gone.has(one.id)) continue;
    const known = now.calls.get(one.id);
    const { id, revision, node, since, startedAt, step } = one;
    const read: CallHere = { id, revision, node, since, startedAt, step, label: partyText(one.calling) };
    calls.set(id, known && known.step > step ? known : read);
  }
  for (const [id, call] of now.calls) if (!calls.has(id) && !before.calls.has(id)) calls.set(id, call);
  return { calls, gone: now.gone };
}

/** The node of the canvas that a place in the trace stands at: of a sub-flow, the one that calls it. */
export const outer = (node: string): string => node.split('/')[0]!;

const MOST_DOTS = 6;

/** Counts and dots per node of a revision’s canvas. */
export function marksOf({ calls }: FlowCalls, revision: string, chosen: string | null): Record<string, NodeMark> {
  const marks: Record<string, { count: number; dots: { id: string; label: string; chosen: boolean }[]; share: null }> =
    {};
  const oldestFirst = [...calls.values()].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  for (const { id, label, node, revision: runs } of oldestFirst) {
    if (runs !== revision || node === null) continue;
    marks[outer(node)] ??= { count: 0, dots: [], share: null };
    const mark = marks[outer(node)]!;
    mark.count += 1;
    if (mark.dots.length < MOST_DOTS || id === chosen) mark.dots.push({ id, label, chosen: id === chosen });
  }
  return marks;
}
