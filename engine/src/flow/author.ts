/**
 * Flows as typed TypeScript. The compiler checks settings per kind, that every outcome is wired, and that every wire leads to a
 * node of the flow; the result is the same document, with the same hash, as its JSON form.
 *
 * @example
 * export default flow('welcome', {
 *   language: 'en',
 *   nodes: {
 *     start: node('start', {}, { next: 'hello' }),
 *     hello: node('play', { prompts: [say('Hello.')] }, { next: 'bye' }),
 *     bye: node('hang-up', {}),
 *   },
 * });
 */
import type { DEFINITIONS, OptionalOutcomeTypes, OutcomeTypes } from '../../nodes/registry.gen.ts';
import { NODES } from '../../nodes/registry.gen.ts';
import type { NodeDefinition } from '../define/define-node.ts';
import type { Localized, PromptField } from '../define/fields.ts';
import type { JsonValue } from '../protocol/index.ts';
import { normalizeDocument } from './canonical.ts';
import { FlowDocument, type FlowVariable } from './document.ts';

export type Kind = keyof typeof DEFINITIONS;
/** Settings of a kind as an author writes them: defaults may be left out. */
export type ConfigOf<K extends Kind> = (typeof DEFINITIONS)[K] extends NodeDefinition<infer _C, infer I> ? I : never;

/** Settings as literals are inferred: arrays of a `const` type parameter are readonly tuples. */
type Frozen<T> = T extends string | number | boolean | null | undefined ? T : { readonly [K in keyof T]: Frozen<T[K]> };

/** A node with its wires; `T` = the nodes it leads to. */
export interface Step<T extends string> {
  readonly kind: Kind;
  readonly config: unknown;
  readonly wires: Readonly<Record<string, T>>;
  readonly extras: NodeExtras;
}

/** What of a node seldom needs to be written. */
export interface NodeExtras {
  /** Shown on the canvas instead of the id. */
  readonly label?: string;
  /** Number in traces, stable across revisions; default: the one after the node before. */
  readonly number?: number;
  /** Version of the kind the settings are written for; default: the newest. */
  readonly version?: number;
}

/** Kinds that have no outcome whatever their settings. */
type EndKind = {
  [K in Kind]: [OutcomeTypes<ConfigOf<K>>[K] | OptionalOutcomeTypes[K]] extends [never] ? K : never;
}[Kind];
/** `W` wires every outcome, and nothing that is none. */
type Wired<W, O extends string, P extends string> = W & { readonly [K in O]: string } & {
  readonly [K in Exclude<keyof W, O | P>]: never;
};

/** One node: kind, settings, and where each outcome leads. */
export function node<K extends EndKind, const C extends Frozen<ConfigOf<K>>>(
  kind: K,
  config: C,
  wires?: Readonly<Record<string, never>>,
  extras?: NodeExtras,
): Step<never>;
export function node<
  K extends Kind,
  const C extends Frozen<ConfigOf<K>>,
  const W extends Readonly<Record<string, string>>,
>(
  kind: K,
  config: C,
  wires: Wired<W, OutcomeTypes<C>[K], OptionalOutcomeTypes[K]>,
  extras?: NodeExtras,
): Step<W[keyof W] & string>;
export function node(
  kind: Kind,
  config: unknown,
  wires: Readonly<Record<string, string>> = {},
  extras: NodeExtras = {},
): Step<string> {
  return { kind, config, wires, extras };
}

/** A prompt of one text, or one text per language. */
export function say(text: Localized, options: { readonly bargeIn?: boolean } = {}): PromptField {
  return {
    parts: [{ type: 'text', text: typeof text === 'string' ? text : { ...text } }],
    bargeIn: options.bargeIn ?? true,
  };
}

interface FlowOptions<N> {
  readonly title?: string;
  readonly language: string;
  readonly variables?: Readonly<Record<string, Omit<FlowVariable, 'name' | 'pii'> & { readonly pii?: boolean }>>;
  /** Where a call begins; default: the first node. */
  readonly entry?: keyof N & string;
  /** Numbers follow the order. */
  readonly nodes: N & {
    readonly [I in keyof N]: N[I] extends Step<infer T>
      ? [T] extends [keyof N]
        ? N[I]
        : Step<keyof N & string>
      : never;
  };
}

/** A flow document in normal form. Throws a ZodError when names or sizes break the document's schema. */
export function flow<const N extends Readonly<Record<string, Step<string>>>>(
  name: string,
  options: FlowOptions<N>,
): FlowDocument {
  const steps = Object.entries<Step<string>>(options.nodes);
  let next = 0;
  const numberOf = ({ number = next }: NodeExtras): number => {
    next = number + 1;
    return number;
  };
  const document = FlowDocument.parse({
    format: 1,
    name,
    title: options.title ?? '',
    language: options.language,
    entry: options.entry ?? steps[0]?.[0] ?? '',
    variables: Object.entries(options.variables ?? {}).map(([variable, declared]) => ({ name: variable, ...declared })),
    nodes: steps.map(([id, step]) => ({
      id,
      number: numberOf(step.extras),
      kind: step.kind,
      // a kind that is not known here is for lint to report
      version: step.extras.version ?? NODES[step.kind]?.version ?? 1,
      label: step.extras.label ?? '',
      config: step.config as Record<string, JsonValue>,
    })),
    edges: steps.flatMap(([id, step]) =>
      Object.entries(step.wires).map(([outcome, to]) => ({ from: id, outcome, to })),
    ),
  });
  return normalizeDocument(document);
}
