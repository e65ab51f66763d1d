/**
 * What state exploration tells apart, and what it tries: read from the flow itself. Variables that no decision depends on are left
 * out of the state, numbers beyond what a decision compares with are cut off, so that the state space is finite.
 */
import type { Reference } from '../src/define/fields.ts';
import { parseTemplate } from '../src/define/template.ts';
import type { CompiledDocument, CompiledFlow } from '../src/flow/compile.ts';
import type { FlowStart, FlowState } from '../src/flow/machine.ts';
import { referencesOf } from '../src/flow/publish.ts';
import type { JsonValue } from '../src/protocol/index.ts';
import type { Candidates } from './replies.ts';

export interface World extends Candidates {
  readonly starts: readonly FlowStart[];
  /** Instants at which something opens or closes, ascending. */
  readonly instants: readonly number[];
  /** Revision → names of variables that decisions depend on. */
  readonly relevant: ReadonlyMap<string, ReadonlySet<string>>;
  readonly chance: boolean;
  readonly language: boolean;
  /** Numbers above this are alike. */
  readonly ceiling: number;
}

/** Seeds enough to see a share of 5 % all but once in 700 times; always the same ones, so a flow that passes keeps passing. */
const SEEDS = 128;
const HOUR_MS = 3_600_000;

export function worldOf(compiled: CompiledFlow, base: FlowStart): World {
  const documents = Object.values(compiled.documents);
  const sources = documents.flatMap((document) => sourcesOf(document).map(({ source }) => ({ document, source })));
  const constants = sources.flatMap(({ document, source }) => document.expressions.constants(source));
  const numbers = constants.filter((constant) => typeof constant === 'number');
  const names = new Set(sources.flatMap(({ document, source }) => [...document.expressions.names(source)]));
  const probes = documents.flatMap((document) =>
    Object.values(document.nodes).flatMap((node) => {
      const parsed = node.definition.config.safeParse(document.document.nodes.find(({ id }) => id === node.id)!.config);
      return parsed.success ? [node.definition.probe?.(parsed.data, base.at, base.locale.timeZone) ?? {}] : [];
    }),
  );
  const chance = probes.some((probe) => probe.chance === true);
  const clock = names.has('now') ? Array.from({ length: 56 }, (_, step) => base.at + (step + 1) * 3 * HOUR_MS) : [];
  const entries = constants.flatMap((constant) =>
    typeof constant === 'string' ? [constant] : around(constant).map(String),
  );
  return {
    entries: [...new Set([...entries, ...probes.flatMap((probe) => probe.entries ?? [])])],
    bodies: probes.flatMap((probe) => probe.bodies ?? []),
    instants: [...new Set([...probes.flatMap((probe) => probe.instants ?? []), ...clock])].sort((a, b) => a - b),
    relevant: new Map(documents.map((document) => [document.revision, relevantNames(document)])),
    chance,
    language: names.has('language'),
    ceiling: Math.max(0, ...numbers) + 2,
    starts: startsOf(compiled, base, constants, names, chance),
  };
}

const around = (constant: number): number[] => [constant - 1, constant, constant + 1];

interface Source {
  readonly source: string;
  /** The expression decides where the call goes. */
  readonly decides: boolean;
  /** Variables the same node writes. */
  readonly writes: readonly string[];
}

/** Every expression of a document, those inside templates too. */
function sourcesOf(document: CompiledDocument): Source[] {
  return document.document.nodes.flatMap((node) => {
    const references = referencesOf(node);
    const rings = document.nodes[node.id]?.definition.rings === true;
    const writes = references.flatMap((reference) => (reference.to === 'variable' ? [reference.name] : []));
    return references.flatMap((reference) =>
      expressionsOf(reference).map((source) => {
        const decides = rings || (reference.to === 'expression' && reference.type === 'boolean');
        return { source, decides, writes };
      }),
    );
  });
}

function expressionsOf(reference: Reference): string[] {
  if (reference.to === 'expression') return [reference.source];
  if (reference.to !== 'template') return [];
  return (parseTemplate(reference.source) ?? []).flatMap((part) => ('expr' in part ? [part.expr] : []));
}

/** Variables read by deciding expressions, and those they are computed from. Sub-flows may hand any of them over. */
function relevantNames(document: CompiledDocument): Set<string> {
  const sources = sourcesOf(document);
  const relevant = new Set(
    sources.filter(({ decides }) => decides).flatMap(({ source }) => [...document.expressions.names(source)]),
  );
  for (const name of relevant) {
    for (const { source, writes } of sources) {
      if (writes.includes(name)) for (const read of document.expressions.names(source)) relevant.add(read);
    }
  }
  return relevant;
}

/** Calls to begin with: the plain one, one per seed where chance plays, one per constant that a caller or an outside value may equal. */
function startsOf(
  compiled: CompiledFlow,
  base: FlowStart,
  constants: readonly (string | number)[],
  names: ReadonlySet<string>,
  chance: boolean,
): FlowStart[] {
  const starts: FlowStart[] = [base];
  if (chance) for (let seed = 0; seed < SEEDS; seed += 1) starts.push({ ...base, seed });
  const texts = [...new Set(constants.filter((constant) => typeof constant === 'string'))];
  if (names.has('caller')) for (const number of texts) starts.push({ ...base, caller: { ...base.caller, number } });
  if (names.has('called')) for (const number of texts) starts.push({ ...base, called: { ...base.called, number } });
  if (names.has('language')) {
    for (const language of texts) starts.push({ ...base, locale: { ...base.locale, language } });
  }
  const root = compiled.documents[compiled.root]!;
  for (const variable of root.document.variables) {
    if (!relevantNames(root).has(variable.name)) continue;
    for (const value of valuesFor(variable.type, constants)) {
      starts.push({ ...base, variables: { ...base.variables, [variable.name]: value } });
    }
  }
  return starts;
}

function valuesFor(type: string, constants: readonly (string | number)[]): JsonValue[] {
  if (type === 'boolean') return [true, false];
  if (type === 'number') return constants.flatMap((constant) => (typeof constant === 'number' ? around(constant) : []));
  if (type === 'string') return ['', ...constants.filter((constant) => typeof constant === 'string')];
  return [];
}

/** Key of a state: two states with one key behave alike. */
export function projectState(world: World, state: FlowState): string {
  const { shared } = state;
  const frames = state.frames.map(({ revision, value, context }) => {
    const relevant = world.relevant.get(revision)!;
    const variables = Object.entries(context.variables)
      .filter(([name]) => relevant.has(name))
      .map(([name, variable]) => [name, typeof variable === 'number' ? Math.min(variable, world.ceiling) : variable]);
    return [revision, value, variables, context.memory, Object.values(context.open)];
  });
  const passed = world.instants.filter((instant) => instant <= shared.at).length;
  return JSON.stringify([
    frames,
    passed,
    world.chance ? shared.chance : 0,
    world.language ? shared.locale.language : '',
    shared.caller.number,
    shared.called.number,
  ]);
}
