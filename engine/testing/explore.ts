/**
 * State exploration of a flow on the production machine: every reachable state once, breadth first, by every answer worth giving
 * (style §8, 6). Yields one test path per reachable transition and says which were not reached. Pure: runs in a browser too.
 */
import type { Ask, Reply } from '../src/define/ask.ts';
import type { RevisionClosure } from '../src/flow/document.ts';
import {
  type CompiledFlow,
  compileClosure,
  type FlowStart,
  type FlowState,
  type FlowStep,
  listensForContinue,
  startFlow,
  stepFlow,
  type TraceItem,
} from '../src/flow/machine.ts';
import { projectState, type World, worldOf } from './projection.ts';
import { repliesTo } from './replies.ts';
import { closureEdges, type FlowTransition, transitionKey } from './transitions.ts';

/** One answer on a path. `at` = when it comes, epoch ms. */
export interface PathStep {
  readonly at: number;
  readonly reply: Reply;
  /** In words, for a reader: `collect → 1`. */
  readonly label: string;
}

/** How to make a call take one transition. */
export interface FlowPath {
  readonly transition: FlowTransition;
  readonly start: FlowStart;
  readonly steps: readonly PathStep[];
}

export interface Exploration {
  /** One per transition reached, the shortest. */
  readonly paths: readonly FlowPath[];
  readonly transitions: readonly FlowTransition[];
  readonly missing: readonly FlowTransition[];
  /** Reached share of all transitions, 0 … 1. */
  readonly coverage: number;
  readonly states: number;
  /** True when `maxStates` cut the exploration short. */
  readonly truncated: boolean;
  /** Ways in which a flow failed while explored: fault codes. Empty for a flow that lint passes. */
  readonly faults: readonly string[];
}

export interface ExploreOptions {
  readonly start?: Partial<FlowStart>;
  /** Default 20,000. */
  readonly maxStates?: number;
}

interface Visit {
  readonly state: FlowState;
  readonly pending: readonly Ask[];
  readonly start: FlowStart;
  readonly step: PathStep | null;
  readonly before: Visit | null;
}

/** 2026-03-02 10:00 UTC, a Monday: an instant like any other. */
const DEFAULT_AT = Date.UTC(2026, 2, 2, 10);
const NOBODY = { type: 'number', id: 'entity-1', entityNumber: 1, number: '100', name: 'Test' };

/** Start of an exploration or path unless told otherwise. */
export const DEFAULT_START: FlowStart = {
  path: 'flow/1',
  at: DEFAULT_AT,
  variables: {},
  seed: 1,
  locale: { language: 'en', timeZone: 'UTC', country: 'FR', currency: 'EUR' },
  caller: NOBODY,
  called: { ...NOBODY, id: 'entity-2', number: '200' },
  overrides: {},
};

export function explore(closure: RevisionClosure, options: ExploreOptions = {}): Exploration {
  const compiled = compileClosure(closure);
  const base = { ...DEFAULT_START, ...options.start };
  const world = worldOf(compiled, base);
  const maxStates = options.maxStates ?? 20_000;
  const transitions = closureEdges(compiled);
  const paths = new Map<string, FlowPath>();
  const known = new Map(transitions.map((transition) => [transitionKey(transition), transition]));
  const seen = new Set<string>();
  const faults = new Set<string>();
  const queue: Visit[] = [];
  const arrive = (step: FlowStep, visit: Omit<Visit, 'state' | 'pending'>, pending: readonly Ask[]): void => {
    const arrived: Visit = {
      ...visit,
      state: step.state,
      pending: openAfter(pending, step, visit.step?.reply ?? null),
    };
    if (step.state.status === 'failed') faults.add(step.state.outcome ?? '');
    for (const item of step.trace) note(item, arrived, known, paths);
    if (step.state.status !== 'active') return;
    const key = projectState(world, step.state);
    if (seen.has(key)) return;
    seen.add(key);
    queue.push(arrived);
  };
  for (const start of world.starts) arrive(startFlow(compiled, start), { start, step: null, before: null }, []);
  for (let next = 0; next < queue.length && seen.size < maxStates && paths.size < known.size; next += 1) {
    const visit = queue[next]!;
    for (const step of stepsFrom(compiled, world, visit)) {
      const result = stepFlow(compiled, visit.state, step.reply, step.at);
      arrive(result, { start: visit.start, step, before: visit }, visit.pending);
    }
  }
  return summary(transitions, paths, seen.size, seen.size >= maxStates, [...faults]);
}

function summary(
  transitions: readonly FlowTransition[],
  paths: ReadonlyMap<string, FlowPath>,
  states: number,
  truncated: boolean,
  faults: readonly string[],
): Exploration {
  const missing = transitions.filter((transition) => !paths.has(transitionKey(transition)));
  const coverage = transitions.length === 0 ? 1 : paths.size / transitions.length;
  return { paths: [...paths.values()], transitions, missing, coverage, states, truncated, faults };
}

function note(
  item: TraceItem,
  visit: Visit,
  known: ReadonlyMap<string, FlowTransition>,
  paths: Map<string, FlowPath>,
): void {
  if (item.type !== 'node.left') return;
  const key = transitionKey(item);
  const transition = known.get(key);
  if (!transition || paths.has(key)) return;
  const steps: PathStep[] = [];
  for (let at: Visit | null = visit; at; at = at.before) if (at.step) steps.unshift(at.step);
  paths.set(key, { transition, start: visit.start, steps });
}

/** Asks still open after a step: new ones in, answered and withdrawn ones out. */
export function openAfter(pending: readonly Ask[], step: FlowStep, reply: Reply | null): Ask[] {
  const withdrawn = new Set(step.asks.flatMap((ask) => (ask.ask === 'cancel' ? [ask.target] : [])));
  const asked = step.asks.filter((ask) => ask.ask !== 'cancel' && ask.ask !== 'hangup' && ask.ask !== 'log');
  return [...pending, ...asked].filter((ask) => ask.id !== reply?.id && !withdrawn.has(ask.id));
}

function stepsFrom(compiled: CompiledFlow, world: World, visit: Visit): PathStep[] {
  const { state, pending } = visit;
  const soon = state.shared.at + 1000;
  const instants = [soon, ...world.instants.filter((instant) => instant > soon)];
  const open = state.frames.at(-1)!.context.open;
  const steps = pending
    .filter((ask) => Object.hasOwn(open, ask.id))
    .flatMap((ask) =>
      instants.flatMap((at) => repliesTo(ask, at, world).map((reply) => ({ at, reply, label: labelOf(ask, reply) }))),
    );
  if (listensForContinue(compiled, state))
    steps.push({ at: soon, reply: { reply: 'continue', id: 'told' }, label: 'told to continue' });
  return steps;
}

function labelOf(ask: Ask, reply: Reply): string {
  const answer = () => {
    if (reply.reply === 'media')
      return 'value' in reply.result && reply.result.value !== '' ? reply.result.value : reply.result.status;
    if (reply.reply === 'connect' || reply.reply === 'queue') return reply.outcome;
    return reply.reply === 'io' ? reply.result.status : reply.reply;
  };
  return `${ask.ask} → ${answer()}`;
}

/** Walk a path again from its start: the trace it leaves. */
export function walkPath(closure: RevisionClosure, path: FlowPath): TraceItem[] {
  const compiled = compileClosure(closure);
  let step = startFlow(compiled, path.start);
  const trace = [...step.trace];
  for (const { reply, at } of path.steps) {
    step = stepFlow(compiled, step.state, reply, at);
    trace.push(...step.trace);
  }
  return trace;
}
