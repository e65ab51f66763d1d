/** Input, signals and queries of the call workflow. Types only: importable by api and every worker. */
import type {
  CallRecord,
  CallStart,
  CallState,
  ControlAction,
  LegEventBody,
  LegSummary,
  MediaCommand,
  Message,
  RevisionClosure,
} from '@callwright/engine';

/** Input of `callWorkflow`. On the wire `closure` is replaced by its root hash (payload codec) and resolved by the reader. */
export interface CallInput {
  readonly start: CallStart;
  readonly closure: RevisionClosure | null;
  /** Set when a run continues as new. */
  readonly resume?: CallResume;
}

/** What a run hands to its successor. Its inbox is empty. */
export interface CallResume {
  readonly state: CallState;
  readonly timers: readonly { readonly timer: string; readonly dueAt: number }[];
  /** Closures that came by look-ups, by root hash. */
  readonly closures: Readonly<Record<string, RevisionClosure>>;
  /** Media operations without an answer: scheduled again under the same id, they re-attach. */
  readonly open: readonly MediaCommand[];
  /** Highest number processed per leg. */
  readonly processed: Readonly<Record<string, number>>;
  /** Media instances known to be lost. */
  readonly lost: readonly string[];
  /** Ids of the control commands taken. */
  readonly controls: readonly string[];
  /** Records not known to be stored. */
  readonly records: readonly CallRecord[];
  /** What the runner has seen of each leg, for the CDR of a call whose machine fails. */
  readonly legs: readonly LegSummary[];
}

/** What `callWorkflow` returns. */
export interface CallOutcome {
  readonly callId: string;
  /** Number of the last record, which is stored. */
  readonly lastRecord: number;
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
