/**
 * The engine's face to its runners: start a call, step it, nothing else (design §3). Implemented in `call.ts`.
 */
import type { RevisionClosure } from '../flow/document.ts';
import type { CallRecord, CallStart, Command, EngineEvent, JsonValue } from '../protocol/index.ts';

/** What a step may read beside state and event; a pure function of the input, never changing during a call. */
export interface CallEnvironment {
  /** Revisions that may run in this call, by root hash. The runner adds the closure of every `destination` result before it steps. */
  readonly closures: Readonly<Record<string, RevisionClosure>>;
}

/** Durable state of a call: plain JSON, nothing live. */
export interface CallState {
  readonly callId: string;
  readonly companyId: string;
  /** `ended` once every leg is released, every ask withdrawn and the `call.ended` fact is out. */
  readonly status: 'active' | 'ending' | 'ended';
  /** Number of the last record made. */
  readonly lastRecord: number;
  /** Legs this call holds: where they live and how far they are processed. */
  readonly legs: Readonly<
    Record<string, { readonly instance: string; readonly processed: number; readonly ended: boolean }>
  >;
  /** Everything else: parties, relations, flow stack, groups, counters, generator. */
  readonly machine: JsonValue;
}

export interface StepResult {
  readonly state: CallState;
  /** In the order in which they must be executed. */
  readonly commands: readonly Command[];
  /** In number order, to be stored once each. */
  readonly records: readonly CallRecord[];
}

export type StartCall = (event: CallStart, environment: CallEnvironment) => StepResult;
export type StepCall = (state: CallState, event: EngineEvent, environment: CallEnvironment) => StepResult;
