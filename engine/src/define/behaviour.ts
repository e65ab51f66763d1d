/**
 * Behaviour of a node: named stages, each of which asks for things and decides what comes next (style D4).
 *
 * A node never sees a leg, a clock or a random source. It writes asks (`define/ask.ts`) and pure functions of a `Scope`; the
 * compiler turns stages into xstate states and every possible `Next` into an eventless transition, so the graph of a flow is static.
 */
import type { Coordinates, JsonValue, Locale, Prompt } from '../protocol/index.ts';
import type { Ask, Reply } from './ask.ts';
import type { NumberField, PromptField } from './fields.ts';

/** Omit that keeps a union a union. */
type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never;

/** Run another flow of the revision's closure inside this one. Never leaves the flow machine. Reply: `flow`. */
export interface FlowAsk {
  readonly ask: 'flow';
  readonly flow: string;
  readonly variables: Readonly<Record<string, JsonValue>>;
}

/** An ask as a node writes it: the compiler adds its id. */
export type NodeAsk = Without<Exclude<Ask, { ask: 'cancel' | 'log' }>, 'id'> | FlowAsk;

/** Answer to a `FlowAsk`: the outcome of the flow and its variables at the end. */
export interface FlowReply {
  readonly reply: 'flow';
  readonly id: string;
  readonly outcome: string;
  readonly variables: Readonly<Record<string, JsonValue>>;
}

/** Everything a node can be told. */
export type NodeReply = Reply | FlowReply;
export type ReplyKind = NodeReply['reply'];

/** What an evaluation gave: a value, or the code of what went wrong. */
export type Evaluated =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly code: string };

/** What a node may read while it asks or decides. Failing expressions never throw: they are logged and give a neutral value. */
export interface Scope {
  readonly node: {
    readonly id: string;
    readonly number: number;
    /** As responders tell it: the first node that does something is 0. */
    readonly told: number;
  };
  /** Name of the flow that the node is in. */
  readonly flow: string;
  /** Time of the event being processed, epoch ms. */
  readonly at: number;
  readonly locale: Locale;
  readonly caller: Coordinates;
  readonly called: Coordinates;
  /** Private memory of this visit to the node; null on entry. */
  readonly memory: JsonValue;
  /** Value of a CEL expression; `extra` names are visible beside the flow's variables. */
  evaluate(source: string, extra?: Readonly<Record<string, JsonValue>>): Evaluated;
  /** Text of a template; `encode` is applied to the value of each expression. */
  text(template: string, encode?: (value: string) => string): string;
  /** Text of a template with every personal variable masked, for logs. */
  masked(template: string): string;
  /** Value of a number field, clamped into [min, max]. */
  number(field: NumberField, min: number, max: number): number;
  prompt(field: PromptField): Prompt;
  /** A draw in [0, 1) from the call's seed. */
  chance(): number;
}

/** What a node decides: stay, another stage, an outcome, or the end of the flow; and what changes on the way. */
export interface Next {
  /** Go to this stage of the node. */
  readonly stage?: string;
  /** Leave by this outcome. */
  readonly outcome?: string;
  /** End this flow with an outcome (`flow`), or every flow of the call (`all`). */
  readonly end?: { readonly scope: 'flow' | 'all'; readonly outcome: string };
  /** Why, for the trace. Never a digit or personal value. */
  readonly reason?: string;
  readonly set?: Readonly<Record<string, JsonValue>>;
  readonly memory?: JsonValue;
  /** The node is set otherwise from now on, in this call; the config must be valid and add no outcome. */
  readonly override?: Readonly<Record<string, JsonValue>>;
  /** Serve the rest of the call in this language. */
  readonly language?: string;
  /** An entry was made: its length, never its content. */
  readonly input?: { readonly length: number; readonly tries: number };
  readonly log?: { readonly level: 'info' | 'warn' | 'error'; readonly text: string };
}

/** Nothing is decided yet. */
export const STAY: Next = {};

/** One stage of a node. On entry `asks` are sent, then `enter` decides when there is one; else the stage waits for replies. */
export interface Stage {
  readonly asks?: (scope: Scope) => readonly NodeAsk[];
  readonly enter?: (scope: Scope) => Next;
  readonly on?: { readonly [K in ReplyKind]?: (reply: Extract<NodeReply, { reply: K }>, scope: Scope) => Next };
}

export interface Behaviour {
  readonly initial: string;
  readonly stages: Readonly<Record<string, Stage>>;
}
