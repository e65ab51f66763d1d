/** Input, signals and queries of the call workflow. Types only: importable by api and every worker. */
import type { CallStart, CallState, ControlAction, LegEventBody, Message, RevisionClosure } from '@callwright/engine';

/** Input of `callWorkflow`. On the wire `closure` is replaced by its root hash (payload codec) and resolved by the reader. */
export interface CallInput {
  readonly start: CallStart;
  readonly closure: RevisionClosure | null;
  /** Set when a run continues as new. */
  readonly resume?: CallResume;
}

export interface CallResume {
  readonly state: CallState;
  readonly timers: readonly { readonly timer: string; readonly dueAt: number }[];
  readonly closures: Readonly<Record<string, RevisionClosure>>;
  readonly storedRecord: number;
}

/** One numbered thing that telephony says of a leg (design §4, order). */
export interface LegEnvelope {
  readonly leg: string;
  /** Gap-free per leg from 1. */
  readonly n: number;
  /** When it happened, epoch ms by the instance's clock. */
  readonly at: number;
  readonly body: LegEventBody;
}

/** Signals of the call workflow. */
export const CALL_SIGNALS = {
  /** LegEnvelope[]: events of legs, at least once, any order; the runner orders and drops repeats. */
  legs: 'legs',
  /** { instance }: the media instance is lost. */
  instanceLost: 'instanceLost',
  /** Message from another call, the pool or telephony (`leg.moved`). */
  message: 'message',
  /** ControlSignal. */
  control: 'control',
} as const;

export interface InstanceLostSignal {
  readonly instance: string;
}

export type MessageSignal = Message;

export interface ControlSignal {
  readonly id: string;
  readonly by: { readonly type: string; readonly id: string };
  readonly action: ControlAction;
}

/** Query `state`: what the live view shows. */
export const CALL_STATE_QUERY = 'state';
export interface CallStateAnswer {
  readonly state: CallState;
  readonly timers: readonly { readonly timer: string; readonly dueAt: number }[];
}
