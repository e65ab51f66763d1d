/**
 * A running call as it stands: where its flow is, what its variables hold, who takes part. Recovered from its records by running the
 * recorded engine events through the call machine again, so that nobody has to ask the call itself.
 */
import { startCall, stepCall } from '../call/call.ts';
import type { CallLife, CallMachine, LegLife } from '../call/machine.ts';
import { restoreEvent } from '../call/trace.ts';
import type { RevisionClosure } from '../flow/document.ts';
import {
  type CompiledFlow,
  compileClosure,
  currentNode,
  type FlowState,
  listensForContinue,
  outcomesHere,
} from '../flow/machine.ts';
import type { CallRecord, Coordinates, EngineEvent, JsonValue } from '../protocol/index.ts';

/** A variable of a running flow; a personal one, and one that holds what somebody keyed in, has no value here. */
export interface ShownVariable {
  /** Name of the flow: the called one, or a sub-flow that runs in it. */
  readonly flow: string;
  readonly name: string;
  readonly type: 'string' | 'number' | 'boolean' | 'json';
  /** Null when it is masked. */
  readonly value: JsonValue;
  readonly masked: boolean;
}

/** Where a call is in its flow. */
export interface ShownFlow {
  readonly revision: string;
  /** As in the trace: `node`, or `calling-node/node` inside a sub-flow. */
  readonly node: string;
  /** By what the node can be left, its first outcome first. */
  readonly outcomes: readonly string[];
  /** It waits for the command to go on. */
  readonly waits: boolean;
  readonly variables: readonly ShownVariable[];
}

export interface ShownParty {
  /** Platform-wide. */
  readonly number: number;
  readonly role: 'calling' | 'called' | 'connected' | 'supervising';
  readonly coordinates: Coordinates;
  readonly left: boolean;
  readonly leg: {
    readonly id: string;
    readonly life: LegLife;
    readonly direction: 'inbound' | 'outbound';
    readonly holds: boolean;
    readonly answeredAt: number | null;
  } | null;
}

export interface Inspected {
  readonly life: CallLife;
  /** Null: no flow runs, because nobody has answered yet or because the call has left it. */
  readonly flow: ShownFlow | null;
  readonly parties: readonly ShownParty[];
}

/** Revisions that a call has run or was told of, by hash: those whose closures `inspectCall` needs. */
export function revisionsOf(records: readonly CallRecord[]): string[] {
  const found = new Set<string>();
  for (const { stream, body } of records) {
    if (stream !== 'event') continue;
    const { revision, result } = body as { revision?: unknown; result?: { revision?: unknown } | null };
    for (const hash of [revision, result?.revision]) if (typeof hash === 'string') found.add(hash);
  }
  return [...found];
}

/**
 * Null when the records do not tell it: they are incomplete, personal values are gone, or they were made by a version of the engine that
 * decided otherwise. Never throws for what the records hold.
 */
export function inspectCall(
  records: readonly CallRecord[],
  closures: Readonly<Record<string, RevisionClosure>>,
): Inspected | null {
  try {
    return inspect(withoutGaps(records), closures);
  } catch {
    return null;
  }
}

/** What comes after a record that is not stored yet cannot be told. */
function withoutGaps(records: readonly CallRecord[]): readonly CallRecord[] {
  const sorted = [...records].sort((a, b) => a.n - b.n);
  const gap = sorted.findIndex(({ n }, index) => n !== index + 1);
  return gap < 0 ? sorted : sorted.slice(0, gap);
}

function inspect(
  records: readonly CallRecord[],
  closures: Readonly<Record<string, RevisionClosure>>,
): Inspected | null {
  const events = records.filter(({ stream }) => stream === 'event').map(restoreEvent);
  const [first, ...rest] = events;
  if (first?.type !== 'call.start') return null;
  let { state, records: made } = startCall(first, { closures });
  const told = [...made];
  for (const event of rest) {
    ({ state, records: made } = stepCall(state, event, { closures }));
    told.push(...made);
  }
  if (!records.every(({ type }, index) => told[index]?.type === type)) return null;
  const m = state.machine as unknown as CallMachine;
  return { life: m.life, flow: shownFlow(m, closures, enteredIn(events)), parties: partiesOf(m) };
}

function partiesOf(m: CallMachine): ShownParty[] {
  return m.parties.map(({ n, role, coordinates, leg: id, left }) => {
    const leg = id === null ? undefined : m.legs[id];
    const { life, direction, answeredAt } = leg ?? {};
    return {
      number: m.start.number * 1000 + n,
      role,
      coordinates,
      left,
      leg:
        id !== null && leg
          ? { id, life: life!, direction: direction!, holds: (leg.holds ?? []).length > 0, answeredAt: answeredAt! }
          : null,
    };
  });
}

function shownFlow(
  m: CallMachine,
  closures: Readonly<Record<string, RevisionClosure>>,
  entered: ReadonlySet<string>,
): ShownFlow | null {
  const closure = closures[m.flow?.revision ?? ''];
  if (!m.flow || !closure) return null;
  const state = m.flow.state as unknown as FlowState;
  const compiled = compileClosure(closure);
  const node = currentNode(state);
  if (node === null) return null;
  return {
    revision: m.flow.revision,
    node,
    outcomes: outcomesHere(compiled, state),
    waits: listensForContinue(compiled, state),
    variables: variablesOf(compiled, state, entered),
  };
}

function variablesOf(compiled: CompiledFlow, state: FlowState, entered: ReadonlySet<string>): ShownVariable[] {
  const held = state.frames.flatMap(({ revision, context }) => {
    const { document, personal } = compiled.documents[revision]!;
    return document.variables.map(({ name, type }) => {
      const value = context.variables[name] ?? null;
      return { flow: document.name, name, type, value, personal: personal.has(name) };
    });
  });
  const secrets = new Set([...entered, ...held.flatMap((one) => (one.personal ? textsIn(one.value) : []))]);
  return held.map(({ personal, ...one }) => {
    const masked = personal || tells(one.value, one.type, secrets);
    return { ...one, value: masked ? null : one.value, masked };
  });
}

/** What was keyed in or said, which is nobody's to see wherever a flow has put it. */
function enteredIn(events: readonly EngineEvent[]): Set<string> {
  const results = events.flatMap((event) => {
    if (event.type === 'op.result') return [event.result];
    return event.type === 'leg' && event.body.type === 'result' ? [event.body.result] : [];
  });
  return new Set(
    results.flatMap((result) => ('value' in result && typeof result.value === 'string' ? [result.value] : [])),
  );
}

function textsIn(value: JsonValue): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

/** A short entry, as of a menu, is only recognised as a whole text: most numbers of a flow are one digit long, too. */
const RECOGNISABLE = 3;

function tells(value: JsonValue, type: ShownVariable['type'], secrets: ReadonlySet<string>): boolean {
  const texts = textsIn(value);
  return [...secrets].some((secret) => {
    if (secret.length >= RECOGNISABLE) return texts.some((text) => text.includes(secret));
    return secret !== '' && type === 'string' && texts.includes(secret);
  });
}
