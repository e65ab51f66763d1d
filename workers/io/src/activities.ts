/** The activities of an io worker (`IoActivities` of the contract), over the store, Temporal and the guarded HTTP sender. */
import {
  CALLS_QUEUE,
  callWorkflowId,
  type IoActivities,
  POOL_SIGNALS,
  POOL_WORKFLOW,
  type PoolInput,
  poolWorkflowId,
  WORKFLOW_TASK_TIMEOUT,
} from '@callwright/contract';
import type { TemporalClient } from '@callwright/contract/codec';
import type { HttpRequest, IoResult, Lookup, PoolMessage } from '@callwright/engine';
import {
  actAsAgent,
  agentCommandSent,
  callsOver,
  closeCall,
  instanceIsLost,
  type Keyring,
  lookUp,
  readPool,
  type Store,
  storeAgents,
  storeOccupations,
  storeRecords,
  storeStanding,
  trustedScope,
} from '@callwright/store';
import { activityInfo, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { IO_ERRORS } from './errors.ts';
import type { HttpSender } from './http-request.ts';
import { askScript } from './partners/script.ts';
import { workflowProbe } from './workflow-probe.ts';

type AgentWish = Extract<Lookup, { what: 'agent' }>;

const HEARTBEAT_MS = 1000;

export interface IoParts {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly temporal: TemporalClient;
  readonly http: HttpSender;
  /** `calls`, with the suffix of this installation. */
  readonly callsQueue: string;
}

/** Makes the activities. */
export function ioActivities(parts: IoParts): IoActivities {
  const { store, keyring, http } = parts;
  const workflowOver = workflowProbe(parts.temporal);
  return {
    storeRecords: async ({ companyId, callId, records, final }) => {
      await store.db.transaction().execute(async (tx) => {
        await storeRecords(tx, keyring, { companyId, callId, records });
        if (final) await closeCall(tx, companyId, callId);
      });
      return { storedRecord: records.at(-1)?.n ?? 0 };
    },

    request: async ({ companyId, callId, op, request }) => {
      const { script } = request;
      const scope = trustedScope(companyId);
      const { result, transient } = await beating(() =>
        script
          ? askScript({ db: store.db, http, scope, callId, op, request: { ...request, script } })
          : http.send(request, op),
      );
      if (transient && activityInfo().attempt <= retriesOf(request)) {
        throw ApplicationFailure.retryable(IO_ERRORS.IO_TRY_AGAIN.message, 'IO_TRY_AGAIN');
      }
      return result;
    },

    lookup: async ({ companyId, callId, lookup }) => {
      if (lookup.what === 'agent') return tellAgentWish(parts, companyId, lookup);
      const userId = 'account' in lookup ? (lookup.account ?? null) : null;
      return lookUp(store.db, companyId, lookup, { callId, userId, at: Date.now() });
    },

    lease: async ({ instance }) => ({ state: (await instanceIsLost(store.db, instance)) ? 'lost' : 'alive' }),

    callsAlive: async ({ companyId, callIds }) => {
      const over = new Set(await callsOver(store.db, companyId, callIds));
      for (const callId of callIds) {
        if (!over.has(callId) && (await workflowOver(callWorkflowId(companyId, callId)))) over.add(callId);
      }
      return { ended: [...over] };
    },

    storePool: async ({ companyId, occupations, requests = [], number }) => {
      await store.db.transaction().execute(async (tx) => {
        await storeOccupations(tx, companyId, occupations, number);
        await storeStanding(tx, companyId, requests, number);
      });
    },

    storeAgents: ({ companyId, agents, number }) => storeAgents(store.db, companyId, agents, number),

    poolMessage: ({ companyId, message }) => tellPool(parts, companyId, message),
  };
}

type PoolParts = Pick<IoParts, 'store' | 'callsQueue' | 'temporal'>;

/** Tells a company's pool, which is started for it where it does not run. */
export async function tellPool(parts: PoolParts, companyId: string, message: PoolMessage): Promise<void> {
  await parts.temporal.client.workflow.signalWithStart(POOL_WORKFLOW, {
    ...(await poolStart(parts, companyId)),
    signal: POOL_SIGNALS.message,
    signalArgs: [message],
  });
}

/** What an agent does by telephone: rows, then the pool; a message that does not get through is sent by the starter. */
async function tellAgentWish(parts: PoolParts, companyId: string, wish: AgentWish): Promise<IoResult> {
  const scope = trustedScope(companyId);
  const { result, messages } = await actAsAgent(parts.store.db, scope, wish);
  for (const message of messages) {
    await tellPool(parts, companyId, message);
    await agentCommandSent(parts.store.db, scope, message.id);
  }
  return result;
}

/** Start options of a company's pool, rebuilt from its rows. */
export async function poolStart(parts: Pick<IoParts, 'store' | 'callsQueue'>, companyId: string) {
  const rebuilt = await readPool(parts.store.db, companyId);
  const input: PoolInput = { companyId, rebuilt };
  return {
    workflowId: poolWorkflowId(companyId),
    taskQueue: parts.callsQueue ?? CALLS_QUEUE,
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    args: [input] as [PoolInput],
  } as const;
}

/** Runs work with heartbeats, so that the death of this worker is noticed before the work's own time is over. */
async function beating<T>(work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => heartbeat(), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

const retriesOf = (request: HttpRequest): number =>
  request.method === 'GET' || request.retryUnsafe ? request.retries : 0;
