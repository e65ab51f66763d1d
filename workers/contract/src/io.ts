/** Activities of io workers, on queue `io`. */
import type {
  AgentState,
  CallRecord,
  HttpRequest,
  IoResult,
  Lookup,
  PoolEvent,
  PoolMessage,
  PoolReply,
  PoolRequest,
  PoolRequestChange,
  PoolState,
} from '@callwright/engine';

export interface StoreRecordsInput {
  readonly companyId: string;
  readonly callId: string;
  readonly records: readonly CallRecord[];
  /** True with the last write: the call has ended; its row and CDR are closed in the same transaction. */
  readonly final: boolean;
}

export interface RequestInput {
  readonly companyId: string;
  readonly callId: string;
  /** Also the idempotency key sent to the other side. */
  readonly op: string;
  readonly request: HttpRequest;
}

/** Trial-request workflow: a request that an author of a flow tries. Result: `IoResult`. */
export interface TrialRequestInput {
  readonly companyId: string;
  /** Names the trial; also the idempotency key sent to the other side. */
  readonly id: string;
  readonly request: HttpRequest;
}

export interface LookupInput {
  readonly companyId: string;
  readonly callId: string;
  readonly lookup: Lookup;
}

/** Whether a media instance is known to be lost (asked when an operation times out: a suspicion, never a verdict). */
export interface LeaseInput {
  readonly instance: string;
}
export interface LeaseOutput {
  readonly state: 'alive' | 'lost';
}

/** Pool: which of these calls have ended (their grants are taken back), and what the rows say to rebuild from. */
export interface CallsAliveInput {
  readonly companyId: string;
  readonly callIds: readonly string[];
}
export interface CallsAliveOutput {
  readonly ended: readonly string[];
}

export interface StorePoolInput {
  readonly companyId: string;
  /** Occupation rows after the change, keyed by user. */
  readonly occupations: readonly {
    readonly userId: string;
    readonly grants: readonly { grant: string; callId: string }[];
  }[];
  /** Requests that changed. */
  readonly requests?: readonly PoolRequestChange[];
  readonly number: number;
}

export interface StoreAgentsInput {
  readonly companyId: string;
  /** Agents who changed. */
  readonly agents: readonly { readonly userId: string; readonly state: AgentState }[];
  readonly number: number;
}

/** A message for a pool that does not run: io starts the pool with it. */
export interface PoolMessageInput {
  readonly companyId: string;
  readonly message: PoolMessage;
}

export interface IoActivities {
  storeRecords(input: StoreRecordsInput): Promise<{ storedRecord: number }>;
  request(input: RequestInput): Promise<IoResult>;
  lookup(input: LookupInput): Promise<IoResult>;
  lease(input: LeaseInput): Promise<LeaseOutput>;
  callsAlive(input: CallsAliveInput): Promise<CallsAliveOutput>;
  storePool(input: StorePoolInput): Promise<void>;
  storeAgents(input: StoreAgentsInput): Promise<void>;
  poolMessage(input: PoolMessageInput): Promise<void>;
}

/** Pool workflow: signal `message` (PoolMessage), replies go to the calls as their `message` signal. */
/** Query `state` of the pool workflow. */
export const POOL_STATE_QUERY = 'state';
export interface PoolStateAnswer {
  readonly state: PoolState;
  readonly timers: readonly { readonly timer: string; readonly dueAt: number }[];
}
export const POOL_SIGNALS = { message: 'message' } as const;
export interface PoolInput {
  readonly companyId: string;
  /** Carried over when a pool continues as new: state, timers, events not yet taken, and what its row numbers count from. */
  readonly state?: PoolState | null;
  readonly timers?: readonly { readonly timer: string; readonly dueAt: number }[];
  readonly inbox?: readonly PoolEvent[];
  readonly numberBase?: number;
  /** Rows to rebuild from when there is no state: who was occupied by what, who waited, and the number of the last change. */
  readonly rebuilt?: {
    readonly occupations: StorePoolInput['occupations'];
    readonly requests?: readonly PoolRequest[];
    readonly agents?: Readonly<Record<string, AgentState>>;
    readonly number: number;
  };
}
export type PoolReplySignal = PoolReply;
