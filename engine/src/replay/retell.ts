/**
 * A finished call as its flow lived it: what each node asked and was answered. Recovered from the call's records by running the recorded
 * engine events through the call machine again with the revision that ran.
 */
import { createCallMachine } from '../call/call.ts';
import { type FlowPort, type FlowTrace, flowMachine, type PortStep } from '../call/flow-port.ts';
import { restoreEvent } from '../call/trace.ts';
import type { Ask, Reply } from '../define/ask.ts';
import type { RevisionClosure } from '../flow/document.ts';
import { currentNode, type FlowStart, type FlowState } from '../flow/machine.ts';
import type { CallRecord, CallStart, JsonValue } from '../protocol/index.ts';
import { targetOf } from './answers.ts';

/** A node passed. `node` as in the trace: `calling-node/node` inside a sub-flow. */
export interface PathStep {
  readonly node: string;
  readonly outcome: string;
}

/** An ask of a node, and what it was answered. */
export interface Exchange {
  readonly node: string;
  /** The how-manieth visit of the node, from 1. */
  readonly visit: number;
  /** Null: a command from outside told the flow to go on. */
  readonly ask: Ask | null;
  /** Null: the caller hung up, or went on to another flow, before there was a reply. */
  readonly reply: Reply | null;
  /** Epoch ms of the reply. */
  readonly at: number;
}

export interface Retold {
  readonly start: FlowStart;
  readonly exchanges: readonly Exchange[];
  readonly path: readonly PathStep[];
  /** Whom the flow tried to reach, in order. */
  readonly reached: readonly string[];
  /** The visit during which the call left the flow; null when the flow came to its end. */
  readonly left: { readonly node: string; readonly visit: number } | null;
}

/**
 * The first flow of a call. Null when the records do not tell it: they are incomplete, their personal values are gone, or they were made by
 * a version of the engine that decided otherwise.
 */
export function retell(records: readonly CallRecord[], closure: RevisionClosure): Retold | null {
  const told = createListener();
  try {
    // records of another version may break any part of the machine: they tell nothing
    if (!tell(records, closure, told.port)) return null;
  } catch {
    return null;
  }
  const retold = told.result();
  const facts = records.flatMap(({ type, body }) => (type === 'node.left' ? [body as unknown as PathStep] : []));
  return retold?.path.every((step, index) => same(step, facts[index])) ? retold : null;
}

/** False when the records do not begin with a call of this revision. */
function tell(records: readonly CallRecord[], closure: RevisionClosure, port: FlowPort): boolean {
  const [first, ...rest] = records.filter(({ stream }) => stream === 'event').map(restoreEvent);
  if (first?.type !== 'call.start' || first.revision !== closure.root) return false;
  const machine = createCallMachine(port);
  const environment = { closures: placeholders(first, rest, closure) };
  let { state } = machine.startCall(first, environment);
  for (const event of rest) ({ state } = machine.stepCall(state, event, environment));
  return true;
}

const same = (a: PathStep, b: PathStep | null | undefined): boolean => a.node === b?.node && a.outcome === b.outcome;

/** Flows that the call went on to are not told, so any closure will do for them. */
function placeholders(start: CallStart, events: readonly unknown[], closure: RevisionClosure) {
  const closures: Record<string, RevisionClosure> = { [start.revision]: closure };
  for (const event of events) {
    const { revision } = (event as { result?: { revision?: unknown } }).result ?? {};
    if (typeof revision === 'string') closures[revision] = closure;
  }
  return closures;
}

const STILL: PortStep = { state: null, asks: [], trace: [], status: 'active' };

interface Listener {
  readonly port: FlowPort;
  result(): Retold | null;
}

/** A flow machine that notes what passes between the call and its first flow. */
function createListener(): Listener {
  let start: FlowStart | null = null;
  let first = '';
  let left: Retold['left'] = null;
  const reached: string[] = [];
  const open = new Map<string, Omit<Exchange, 'reply' | 'at'>>();
  const exchanges: Exchange[] = [];
  const path: PathStep[] = [];
  const visits = new Map<string, number>();
  const trace = (items: readonly FlowTrace[]): void => {
    for (const item of items) {
      if (item.type === 'node.entered') visits.set(item.node, (visits.get(item.node) ?? 0) + 1);
      if (item.type === 'node.left') path.push({ node: item.node, outcome: item.outcome });
    }
  };
  const place = (state: JsonValue) => {
    const node = currentNode(state as unknown as FlowState) ?? '';
    return { node, visit: visits.get(node) ?? 0 };
  };
  let at = 0;
  const take = (step: PortStep): PortStep => {
    trace(step.trace);
    left = step.status === 'active' ? place(step.state) : null;
    for (const ask of step.asks) {
      const target = targetOf(ask);
      if (target !== null) reached.push(target);
      if (ask.ask === 'cancel') open.delete(ask.target);
      else if (ask.ask !== 'log' && ask.ask !== 'hangup') open.set(ask.id, { ...place(step.state), ask });
    }
    return step;
  };
  const pathOf = (state: JsonValue): string => (state as unknown as FlowState | null)?.shared.path ?? '';
  return {
    port: {
      ...flowMachine,
      start: (closure, begin) => {
        if (start) return STILL;
        start = begin;
        first = begin.path;
        at = begin.at;
        return take(flowMachine.start(closure, begin));
      },
      reply: (closure, state, reply, when) => {
        if (pathOf(state) !== first) return STILL;
        at = when;
        const asked = open.get(reply.id);
        if (reply.reply === 'continue') exchanges.push({ ...place(state), ask: null, reply, at });
        else if (asked) exchanges.push({ ...asked, reply, at });
        open.delete(reply.id);
        return take(flowMachine.reply(closure, state, reply, when));
      },
      skip: (closure, state, wish, when) => {
        if (pathOf(state) !== first) return { ok: false, code: 'no-flow' };
        at = when;
        const skipped = flowMachine.skip(closure, state, wish, when);
        return skipped.ok ? { ok: true, step: take(skipped.step) } : skipped;
      },
      listens: (closure, state) => pathOf(state) === first && flowMachine.listens(closure, state),
      override: (closure, state, node, config) =>
        pathOf(state) === first ? flowMachine.override(closure, state, node, config) : { ok: false, code: 'no-flow' },
    },
    result: () => {
      if (!start) return null;
      const unanswered = [...open.values()].map((one): Exchange => ({ ...one, reply: null, at }));
      return { start, exchanges: [...exchanges, ...unanswered], path, reached, left };
    },
  };
}
