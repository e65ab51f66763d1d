/** One node tried by itself: the request it would send with sample values, and what it makes of an answer. Pure. */
import type { FlowDocument } from '../src/flow/document.ts';
import { compileClosure, startFlow, stepFlow } from '../src/flow/machine.ts';
import { buildRevision, NO_CATALOGUE } from '../src/flow/publish.ts';
import type { HttpRequest, IoResult, JsonValue } from '../src/protocol/index.ts';
import { DEFAULT_START } from './explore.ts';

export interface SampleValues {
  /** Number of the caller. */
  readonly caller: string;
  /** Values of variables in place of their initial ones. */
  readonly variables: Readonly<Record<string, JsonValue>>;
}

/** What a node made of an answer. */
export interface TriedNode {
  readonly outcome: string;
  readonly reason: string;
  /** Variables that are not what they were. */
  readonly set: Readonly<Record<string, JsonValue>>;
}

export interface NodeTrial {
  readonly request: HttpRequest;
  answered(result: IoResult): TriedNode | null;
}

/** Null for a node that asks for anything but a request first, or whose settings are not complete. */
export function tryNode(document: FlowDocument, nodeId: string, values: SampleValues): NodeTrial | null {
  const alone = { ...document, entry: nodeId, nodes: document.nodes.filter(({ id }) => id === nodeId), edges: [] };
  const compiled = attempt(() => {
    const { documents, root } = compileClosure(buildRevision(alone, NO_CATALOGUE).closure);
    const outcomes = documents[root]!.nodes[nodeId]!.outcomes;
    // each leads back here, for what an outcome sets is only kept where it leads somewhere
    const edges = outcomes.map((outcome) => ({ from: nodeId, outcome, to: nodeId }));
    return compileClosure(buildRevision({ ...alone, edges }, NO_CATALOGUE).closure);
  });
  if (!compiled) return null;
  const initial = Object.fromEntries(document.variables.map(({ name, initial: value }) => [name, value]));
  const variables = { ...initial, ...values.variables };
  const caller = { ...DEFAULT_START.caller, number: values.caller };
  const start = {
    ...DEFAULT_START,
    caller,
    variables,
    locale: { ...DEFAULT_START.locale, language: document.language },
  };
  const step = attempt(() => startFlow(compiled, start));
  const ask = step?.asks.find((one) => one.ask === 'request');
  if (!step || ask?.ask !== 'request') return null;
  return {
    request: ask.request,
    answered: (result) => {
      const after = stepFlow(compiled, step.state, { reply: 'io', id: ask.id, result }, start.at + 1000);
      const left = after.trace.find((item) => item.type === 'node.left');
      if (left?.type !== 'node.left') return null;
      const now = after.state.frames.at(-1)?.context.variables ?? {};
      const set = Object.fromEntries(
        Object.entries(now).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(variables[name])),
      );
      return { outcome: left.outcome, reason: left.reason, set };
    },
  };
}

/** Settings that do not compile are what lint tells; here they only mean that there is nothing to try. */
function attempt<T>(make: () => T): T | null {
  try {
    return make();
  } catch {
    return null;
  }
}
