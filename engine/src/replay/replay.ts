/**
 * What another revision would have done with a call that is over: the same caller presses the same keys at the same nodes, and whoever
 * answered answers again. Where the records say nothing, because somebody is asked who was not asked then, the replay stops and says so.
 */
import type { Ask, Reply } from '../define/ask.ts';
import type { RevisionClosure } from '../flow/document.ts';
import {
  type CompiledFlow,
  compileClosure,
  currentNode,
  type FlowState,
  type FlowStep,
  listensForContinue,
  startFlow,
  stepFlow,
} from '../flow/machine.ts';
import type { CallRecord } from '../protocol/index.ts';
import { adaptReply, isSameQuestion, matches, synthesized, targetOf } from './answers.ts';
import { type Exchange, type PathStep, type Retold, retell } from './retell.ts';

/** `left`: the caller hung up or went on where he did then; `unknown`: nothing recorded answers what is asked at `node`. */
export interface ReplayEnd {
  readonly kind: 'ended' | 'left' | 'unknown';
  readonly node: string | null;
}

/**
 * `same`: the same way. `other-way`: another way to the same people. `elsewhere`: other people, or another end, are reached. `unknown`: cannot be
 * told how it goes on. `unreadable`: the records do not tell the call.
 */
export type Verdict = 'same' | 'other-way' | 'elsewhere' | 'unknown' | 'unreadable';

/** One side of the comparison. */
export interface ReplaySide {
  readonly path: readonly PathStep[];
  /** Whom the flow tried to reach, in order, and how it ended the call: `user 101`, `group sales`, `hang up (busy)`. */
  readonly reached: readonly string[];
  readonly end: ReplayEnd;
}

export interface Replayed {
  readonly verdict: Verdict;
  /** First step that differs; null on a side that has none there, null in all when both go one way. */
  readonly divergence: {
    readonly index: number;
    readonly before: PathStep | null;
    readonly after: PathStep | null;
  } | null;
  readonly before: ReplaySide | null;
  readonly after: ReplaySide | null;
}

/** More replies than this are a loop that no caller would bear. */
const MOST_REPLIES = 2000;

/** Replays a call. `ran`: the revision it ran, `other`: the one to try. Pure; never throws for what the records hold. */
export function replayCall(records: readonly CallRecord[], ran: RevisionClosure, other: RevisionClosure): Replayed {
  const retold = retell(records, ran);
  if (!retold) return { verdict: 'unreadable', divergence: null, before: null, after: null };
  const before: ReplaySide = {
    path: retold.path,
    reached: retold.reached,
    end: { kind: retold.left === null ? 'ended' : 'left', node: retold.left?.node ?? null },
  };
  const after = replayFlow(retold, compileClosure(other));
  const divergence = diverge(before, after);
  return { verdict: judge(before, after, divergence !== null), divergence, before, after };
}

function diverge({ path: before }: ReplaySide, { path: after, end }: ReplaySide): Replayed['divergence'] {
  const text = (step: PathStep | undefined): string => (step ? `${step.node}=${step.outcome}` : '');
  const longest = Math.max(before.length, after.length);
  for (let index = 0; index < longest; index += 1) {
    if (text(before[index]) === text(after[index])) continue;
    // what is not known is no difference yet
    if (index === after.length && end.kind === 'unknown' && end.node === before[index]?.node) return null;
    return { index, before: before[index] ?? null, after: after[index] ?? null };
  }
  return null;
}

function judge(before: ReplaySide, after: ReplaySide, diverges: boolean): Verdict {
  const differs = after.reached.some((target, index) => target !== before.reached[index]);
  if (differs) return 'elsewhere';
  if (after.end.kind === 'unknown') return 'unknown';
  if (after.reached.length !== before.reached.length) return 'elsewhere';
  return diverges ? 'other-way' : 'same';
}

/** One run of the other revision. */
interface Run {
  readonly compiled: CompiledFlow;
  /** What was recorded and is not used up. */
  readonly unused: Exchange[];
  readonly left: Retold['left'];
  readonly asks: Map<string, Ask>;
  readonly visits: Map<string, number>;
  readonly path: PathStep[];
  readonly reached: string[];
  state: FlowState;
  at: number;
}

function replayFlow(retold: Retold, compiled: CompiledFlow): ReplaySide {
  const first = startFlow(compiled, retold.start);
  const run: Run = {
    compiled,
    unused: [...retold.exchanges],
    left: retold.left,
    asks: new Map(),
    visits: new Map(),
    path: [],
    reached: [],
    state: first.state,
    at: retold.start.at,
  };
  take(run, first);
  for (let count = 0; run.state.status === 'active'; count += 1) {
    const next = count < MOST_REPLIES ? nextReply(run) : 'unknown';
    const { path, reached } = run;
    if (next === 'left' || next === 'unknown')
      return { path, reached, end: { kind: next, node: currentNode(run.state) } };
    take(run, stepFlow(compiled, run.state, next, run.at));
  }
  return { path: run.path, reached: run.reached, end: { kind: 'ended', node: null } };
}

function take(run: Run, step: FlowStep): void {
  run.state = step.state;
  for (const item of step.trace) {
    if (item.type === 'node.entered') run.visits.set(item.node, (run.visits.get(item.node) ?? 0) + 1);
    if (item.type === 'node.left') run.path.push({ node: item.node, outcome: item.outcome });
  }
  for (const ask of step.asks) {
    run.asks.set(ask.id, ask);
    const target = targetOf(ask);
    if (target !== null) run.reached.push(target);
  }
}

/** What the running node is answered next: as it was then, as the same question was answered elsewhere, or by itself. */
function nextReply(run: Run): Reply | 'left' | 'unknown' {
  const { open } = run.state.frames.at(-1)!.context;
  const asks = Object.keys(open).flatMap((id) => run.asks.get(id) ?? []);
  const node = currentNode(run.state) ?? '';
  const visit = run.visits.get(node) ?? 0;
  const listens = listensForContinue(run.compiled, run.state);
  const fits = (one: Exchange): Ask | null | undefined =>
    one.ask === null ? (listens ? null : undefined) : asks.find((ask) => matches(one.ask!, ask));
  const here = (one: Exchange) => one.node === node && one.visit === visit;
  const usable = run.unused.filter((one) => fits(one) !== undefined);
  const own = usable.find((one) => here(one) && one.reply !== null);
  if (!own && run.left?.node === node && run.left.visit === visit) return 'left';
  const found = own ?? usable.find((one) => one.ask !== null && asks.some((ask) => isSameQuestion(one.ask!, ask)));
  if (found?.reply) {
    run.unused.splice(run.unused.indexOf(found), 1);
    run.at = Math.max(run.at, found.at);
    return adaptReply(found.reply, fits(found) ?? null);
  }
  for (const ask of asks) {
    const reply = synthesized(ask, asks);
    if (reply) return reply;
  }
  return found ? 'left' : 'unknown';
}
