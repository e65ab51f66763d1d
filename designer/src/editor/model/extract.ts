/** Taking nodes out into a flow of their own, which the flow they were in then calls. */
import {
  createExpressions,
  type FlowDocument,
  type FlowEdge,
  type FlowNode,
  type JsonValue,
  NODES,
  parseTemplate,
  referencesOf,
} from '@callwright/engine';
import { type Draft, freeId, nextNumber, nodeIds, type Point } from './draft.ts';
import { moveNodes } from './edit.ts';

/** Why nodes cannot be taken out: none chosen, the start among them, or more than one way in. */
export type ExtractRefusal = 'nothing' | 'start' | 'entries';

export interface Extracted {
  /** The flow they were in, calling the new one. */
  readonly draft: Draft;
  readonly extracted: Draft;
  /** The node that calls. */
  readonly caller: string;
}

const kindThat = (has: 'returning' | 'calling') => Object.values(NODES).find((kind) => kind[has] !== undefined)!;
const startKind = () => Object.values(NODES).find(({ category }) => category === 'start')!;

/** Takes `ids` out into a flow `name`. */
export function extract(draft: Draft, ids: readonly string[], name: string): Extracted | ExtractRefusal {
  const chosen = new Set(ids);
  const { document } = draft;
  if (chosen.size === 0) return 'nothing';
  if (chosen.has(document.entry)) return 'start';
  const into = document.edges.filter(({ from, to }) => !chosen.has(from) && chosen.has(to));
  const entries = [...new Set(into.map(({ to }) => to))];
  if (entries.length > 1) return 'entries';
  const out = document.edges.filter(({ from, to }) => chosen.has(from) && !chosen.has(to));
  // one outcome for each place outside that is led to
  const exits = new Map([...new Set(out.map(({ to }) => to))].map((to) => [to, outcomeName(to)]));
  if (exits.size === 0) exits.set('', 'done');
  const nodes = document.nodes.filter(({ id }) => chosen.has(id));
  const variables = variablesOf(draft, nodes);
  const extracted = innerFlow(draft, { name, nodes, entry: entries[0] ?? nodes[0]!.id, exits, out, variables });
  return { ...outerFlow(draft, { name, chosen, into, exits, variables }), extracted };
}

/** A node id is longer than an outcome may be, never shorter. */
const outcomeName = (id: string): string => id.slice(0, 60);

interface Variables {
  readonly used: readonly string[];
  readonly written: readonly string[];
}

/** Variables that nodes read or write. */
function variablesOf({ document }: Draft, nodes: readonly FlowNode[]): Variables {
  const expressions = createExpressions(document.variables);
  const declared = new Set(document.variables.map(({ name }) => name));
  const used = new Set<string>();
  const written = new Set<string>();
  for (const reference of nodes.flatMap(referencesOf)) {
    const sources: string[] = [];
    if (reference.to === 'expression') sources.push(reference.source);
    if (reference.to === 'template') {
      for (const part of parseTemplate(reference.source) ?? []) if ('expr' in part) sources.push(part.expr);
    }
    if (reference.to === 'variable') {
      written.add(reference.name);
      used.add(reference.name);
      if (reference.source) sources.push(reference.source);
    }
    for (const source of sources) for (const name of expressions.names(source)) used.add(name);
  }
  const known = (names: Set<string>) => [...names].filter((one) => declared.has(one)).sort();
  return { used: known(used), written: known(written) };
}

interface Inner {
  readonly name: string;
  readonly nodes: readonly FlowNode[];
  readonly entry: string;
  readonly exits: ReadonlyMap<string, string>;
  readonly out: readonly FlowEdge[];
  readonly variables: Variables;
}

function innerFlow(draft: Draft, { name, nodes, entry, exits, out, variables }: Inner): Draft {
  const taken = new Set(nodes.map(({ id }) => id));
  const free = (base: string) => {
    const id = freeId(taken, base);
    taken.add(id);
    return id;
  };
  const start = startKind();
  const back = kindThat('returning');
  const startId = free(start.kind);
  const returns = [...exits].map(([to, outcome]) => ({ to, outcome, id: free(back.kind) }));
  const made = (id: string, number: number, kind: typeof start, config: unknown): FlowNode => ({
    id,
    number,
    kind: kind.kind,
    version: kind.version,
    label: '',
    config: config as Record<string, JsonValue>,
  });
  const document: FlowDocument = {
    ...draft.document,
    name,
    title: name,
    entry: startId,
    variables: draft.document.variables.filter((one) => variables.used.includes(one.name)),
    nodes: [
      made(startId, 0, start, start.config.parse({})),
      ...nodes.map((node, index) => ({ ...node, number: index + 1 })),
      ...returns.map(({ id, outcome }, index) => made(id, nodes.length + index + 1, back, back.returning!(outcome))),
    ],
    edges: [
      { from: startId, outcome: start.outcomes(start.config.parse({}))[0]!, to: entry },
      ...draft.document.edges.filter(
        ({ from, to }) => taken.has(from) && nodes.some(({ id }) => id === to) && nodes.some(({ id }) => id === from),
      ),
      ...out.map((edge) => ({ ...edge, to: returns.find(({ to }) => to === edge.to)!.id })),
    ],
  };
  return { document, layout: { positions: {}, notes: [] } };
}

interface Outer {
  readonly name: string;
  readonly chosen: ReadonlySet<string>;
  readonly into: readonly FlowEdge[];
  readonly exits: ReadonlyMap<string, string>;
  readonly variables: Variables;
}

function outerFlow(draft: Draft, { name, chosen, into, exits, variables }: Outer): { draft: Draft; caller: string } {
  const kind = kindThat('calling');
  const { document, layout } = draft;
  const caller = freeId(nodeIds(draft), name.slice(0, 55));
  const config = kind.calling!({
    flow: name,
    outcomes: [...exits.values()],
    inputs: variables.used,
    outputs: variables.written,
  }) as Record<string, JsonValue>;
  const node: FlowNode = {
    id: caller,
    number: nextNumber(draft),
    kind: kind.kind,
    version: kind.version,
    label: '',
    config,
  };
  const positions = Object.fromEntries(Object.entries(layout.positions).filter(([id]) => !chosen.has(id)));
  const next: Draft = {
    document: {
      ...document,
      nodes: [...document.nodes.filter(({ id }) => !chosen.has(id)), node],
      edges: [
        ...document.edges.filter(({ from, to }) => !chosen.has(from) && !chosen.has(to)),
        ...into.map((edge) => ({ ...edge, to: caller })),
        ...[...exits].flatMap(([to, outcome]) => (to === '' ? [] : [{ from: caller, outcome, to }])),
      ],
    },
    layout: {
      ...layout,
      positions,
      ...(layout.groups
        ? {
            groups: layout.groups
              .map((group) => ({ ...group, nodes: group.nodes.filter((id) => !chosen.has(id)) }))
              .filter((group) => group.nodes.length > 0),
          }
        : {}),
    },
  };
  return { draft: moveNodes(next, { [caller]: middleOf(draft, [...chosen]) }), caller };
}

function middleOf({ layout }: Draft, ids: readonly string[]): Point {
  const places = ids.flatMap((id) => layout.positions[id] ?? []);
  const mean = (axis: 'x' | 'y') => places.reduce((sum, place) => sum + place[axis], 0) / Math.max(1, places.length);
  return { x: mean('x'), y: mean('y') };
}
