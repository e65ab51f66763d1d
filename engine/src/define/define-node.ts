/**
 * `defineNode`: everything the product knows of a node kind is one value (style §4a). Forms, docs, palette, validation, lint,
 * compilation, exploration and redaction are derived from it; nothing outside `nodes/` names a kind.
 */
import type * as z from 'zod';
import type { JsonValue } from '../protocol/index.ts';
import type { Behaviour } from './behaviour.ts';
import type { Path, Reference, TargetField } from './fields.ts';
import type { Words } from './meta.ts';

/** Who brings an outcome about: the caller by a choice, somebody outside by a command, a count, or the machine by itself. */
export type DecidedBy = 'caller' | 'outside' | 'counter' | 'machine';

/** A rule across fields that a config breaks. */
export interface ConfigProblem {
  readonly code: 'FLW_DUPLICATE_OUTCOME' | 'FLW_DUPLICATE_KEY' | 'FLW_SHARES' | 'FLW_RANGE' | 'FLW_HOURS' | 'FLW_LACKS';
  readonly path: Path;
}

export type NodeCategory = 'start' | 'speak' | 'listen' | 'decide' | 'connect' | 'data' | 'end';

/** Raises a stored config by one version; `to` counts up from 2 without gaps. */
export interface NodeMigration {
  readonly to: number;
  readonly up: (old: { readonly [key: string]: JsonValue }) => { [key: string]: JsonValue };
}

/** Values worth trying when the reachable transitions of a flow are explored. */
export interface Probe {
  /** Instants (epoch ms) at which the node decides differently, all at or after `from`. */
  readonly instants?: readonly number[];
  /** Entries of a caller that lead somewhere. */
  readonly entries?: readonly string[];
  /** Bodies an outside service may answer with. */
  readonly bodies?: readonly JsonValue[];
  /** True when the node draws chance. */
  readonly chance?: boolean;
}

/** How one flow calls another: its outcomes, the variables it is given and those that come back under the same name. */
export interface FlowCall {
  readonly flow: string;
  readonly outcomes: readonly string[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** A node of a responder as others read it: what it says, what it waits for, what it does then. */
export interface ResponderStep {
  /** Name of audio, else a text; null = nothing is said. */
  readonly message: string | null;
  readonly audio: boolean;
  readonly loop: boolean;
  readonly input: 'none' | 'length' | 'terminator' | 'pause';
  readonly inputLength: number;
  readonly terminator: string;
  readonly pauseMs: number;
  readonly waitMs: number;
  readonly action: 'wait' | 'next' | 'call' | 'script';
  /** Keys that lead on, each by an outcome. */
  readonly keys: readonly { readonly key: string; readonly outcome: string }[];
  readonly backKey: string | null;
  /** Outcome of `backKey`. */
  readonly back: string;
  readonly target: TargetField | null;
  readonly script: string;
  readonly tag: number;
}

export interface NodeDefinition<C = { readonly [key: string]: unknown }, I = unknown> {
  readonly kind: string;
  readonly version: number;
  readonly title: Words;
  readonly description: Words;
  /** Name of an icon of the designer's set. */
  readonly icon: string;
  readonly category: NodeCategory;
  /** A strict object that JSON Schema can carry: no refine, no transform (style D1). */
  readonly config: z.ZodType<C, I>;
  /** One line on the card. */
  summary(config: C): Words;
  /** Named exits in display order. */
  outcomes(config: C): readonly string[];
  /** What stands beside an outcome on the card: the key or the share that leads to it. */
  marks?(config: C): Readonly<Record<string, string>>;
  /** Default: `machine` for every outcome. */
  decidedBy?(outcome: string, config: C): DecidedBy;
  /** Outcomes that may stay unwired; leaving by one ends the flow. */
  optional?(config: C): readonly string[];
  /** True where the caller may rest or the call ends: no outcome needs to follow. */
  ends?(config: C): boolean;
  /** The outcome a `flow` reply carries when this node ends its flow. */
  returns?(config: C): string | null;
  /** Settings that end a flow by an outcome; on the one kind that does nothing else. For taking nodes out into a flow of their own. */
  returning?(outcome: string): I;
  /** Settings that run another flow; on the kind that does. */
  calling?(call: FlowCall): I;
  /** What the node is as a node of a responder, a tree of keys; on the kinds that such trees are made of. */
  responder?(config: C): ResponderStep;
  /** True when the node rings somebody. */
  readonly rings?: boolean;
  references?(config: C): readonly Reference[];
  /** Rules across fields, which a schema cannot carry (style D1). */
  check?(config: C): readonly ConfigProblem[];
  probe?(config: C, from: number, timeZone: string): Probe;
  behaviour(config: C): Behaviour;
  /** Shown in docs and palette, run by the contract kit. */
  readonly example: I;
  /** More configs that together reach every outcome and branch; run by the contract kit. */
  readonly variants?: readonly I[];
  readonly migrations: readonly NodeMigration[];
}

/**
 * Define a node kind.
 * @example
 * export default defineNode({ kind: 'pause', version: 1, config: z.strictObject({ ms: z.number() }), outcomes: () => ['next'], … });
 */
export function defineNode<C, I>(definition: NodeDefinition<C, I>): NodeDefinition<C, I> {
  return definition;
}
