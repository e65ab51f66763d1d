/** Calls that we place: row first, then the start (design §4). */
import { randomInt } from 'node:crypto';
import {
  CALL_START_OPTIONS,
  CALL_WORKFLOW,
  type CallInput,
  callWorkflowId,
  SEARCH_ATTRIBUTES,
} from '@callwright/contract';
import type { CallStart, Coordinates, DialTarget, JsonValue } from '@callwright/engine';
import {
  admitPlacement,
  type CompanyScope,
  callStarted,
  closureSource,
  getFlow,
  getFlowByName,
  getOwner,
  getUser,
  listUsers,
  localeOf,
  lookUp,
  placeCall,
  roomiestInstance,
} from '@callwright/store';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import type { Services } from '../http/context.ts';
import { found } from '../http/paging.ts';
import { ApiError } from '../problem.ts';

export interface Origination {
  readonly id: string;
  readonly to:
    | { readonly type: 'user'; readonly userId: string }
    | { readonly type: 'extension'; readonly extension: string }
    | { readonly type: 'number'; readonly number: string }
    | { readonly type: 'sip'; readonly uri: string };
  /** Flow name or id. */
  readonly flow: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly callerId: { readonly number: string; readonly name: string };
  readonly externalId: string | null;
  readonly ringTimeoutMs: number;
  readonly autoAnswer: boolean;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const LEASE_MS = 5000;
/** The io workers start what this does not: no longer than their own patience. */
const START_PATIENCE_MS = 2000;

interface Target {
  readonly target: DialTarget;
  readonly coordinates: Coordinates;
  readonly direction: 'outbound' | 'internal';
}

/** On the company's own account. */
const asking = (callId: string) => ({ callId, userId: null, at: Date.now() });

const refuse = ({ code, check, by }: { readonly code: string; readonly check: string; readonly by: string }) =>
  new ApiError('API_CALL_REFUSED', { detail: `${code} by ${check} (${by}).` });

/** A call that stays inside, or goes to a SIP address, is admitted without a class of destination. */
async function admitted({ store: { db } }: Services, { companyId }: CompanyScope, callId: string): Promise<void> {
  const refusal = await admitPlacement(db, { companyId, ...asking(callId) }, { outside: null });
  if (refusal) throw refuse(refusal);
}

/** A number by the routing rules: a user of the company, or the outside through its trunks, as admission allows. */
async function numberTarget(
  services: Services,
  company: CompanyScope,
  number: string,
  callId: string,
): Promise<Target> {
  const { db } = services.store;
  const found = await lookUp(db, company.companyId, { what: 'number', number, account: null }, asking(callId));
  if (found.status === 'refused') throw refuse(found);
  if (found.status !== 'destination') throw new ApiError('API_UNKNOWN_DESTINATION');
  const { destination, coordinates, trunks, limit } = found;
  if (destination.type === 'user') {
    await admitted(services, company, callId);
    return { target: { type: 'user', userId: destination.id }, coordinates, direction: 'internal' };
  }
  if (destination.type !== 'number') throw new ApiError('API_UNKNOWN_DESTINATION');
  const dialled = destination.id.slice(0, 64);
  return {
    target: trunks
      ? { type: 'trunk', trunkIds: trunks, number: dialled, ...(limit ? { limit } : {}) }
      : { type: 'number', number: dialled },
    coordinates,
    direction: 'outbound',
  };
}

async function targetOf(
  services: Services,
  company: CompanyScope,
  to: Origination['to'],
  callId: string,
): Promise<Target> {
  const { db } = services.store;
  if (to.type === 'number') return numberTarget(services, company, to.number, callId);
  await admitted(services, company, callId);
  if (to.type === 'sip') {
    return {
      target: to,
      coordinates: { type: 'sip', id: null, entityNumber: null, number: to.uri, name: '' },
      direction: 'outbound',
    };
  }
  const user =
    to.type === 'user'
      ? await getUser(db, company, to.userId)
      : (await listUsers(db, company, { after: 0, limit: 1, extension: to.extension })).items[0];
  if (!user) throw new ApiError('API_UNKNOWN_DESTINATION');
  return {
    target: { type: 'user', userId: user.id },
    coordinates: {
      type: 'user',
      id: user.id,
      entityNumber: user.number,
      number: user.extension,
      name: `${user.givenName} ${user.familyName}`.trim(),
    },
    direction: 'internal',
  };
}

/** Stores the call and starts it. The row is there even when Temporal is away: io starts it then. */
export async function originate(services: Services, company: CompanyScope, order: Origination): Promise<void> {
  const { db } = services.store;
  const flow = UUID.test(order.flow)
    ? await getFlow(db, company, order.flow)
    : await getFlowByName(db, company, order.flow);
  if (!flow) throw new ApiError('API_UNKNOWN_DESTINATION', { detail: 'There is no such flow.' });
  const revision = flow.published_hash;
  if (!revision) throw new ApiError('API_NOT_PUBLISHED');
  const { target, coordinates, direction } = await targetOf(services, company, order.to, order.id);
  const instance = await roomiestInstance(db, LEASE_MS);
  if (!instance) throw new ApiError('API_NO_MEDIA', { retryAfterSeconds: 2 });
  const { settings } = found(await getOwner(db, company.companyId, company.companyId));
  const called: Coordinates = {
    type: 'flow',
    id: flow.id,
    entityNumber: flow.number,
    number: flow.name,
    name: flow.title,
  };
  const start = await placeCall(db, services.keyring, company, {
    id: order.id,
    externalId: order.externalId,
    direction,
    revision,
    calling: coordinates,
    called,
    start: (number) => ({
      type: 'call.start',
      at: Date.now(),
      callId: order.id,
      number,
      companyId: company.companyId,
      externalId: order.externalId,
      direction,
      locale: localeOf(settings),
      seed: randomInt(2 ** 32),
      revision,
      variables: order.variables as Record<string, JsonValue>,
      called,
      inbound: null,
      originate: {
        instance,
        target,
        coordinates,
        callerId: order.callerId,
        ringTimeoutMs: order.ringTimeoutMs,
        autoAnswer: order.autoAnswer,
      },
    }),
  });
  await startOrLeave(services, start);
}

/** Starts the call of a row; what cannot be started now is left to an io worker, which does so within seconds, under the same id. */
export async function startOrLeave(services: Services, start: CallStart): Promise<void> {
  await startPlaced(services, start).catch((error: unknown) => {
    services.log.warn({ err: error, callId: start.callId }, 'call left for an io worker to start');
  });
}

/** Starts the workflow of a waiting row; somebody else having started it is as good. */
async function startPlaced({ store, temporal }: Services, start: CallStart): Promise<void> {
  const closure = await closureSource(store)(start.companyId, start.revision);
  const input: CallInput = { start, closure };
  const client = temporal.client();
  await client.withDeadline(Date.now() + START_PATIENCE_MS, () =>
    client.workflow
      .start(CALL_WORKFLOW, {
        ...CALL_START_OPTIONS,
        workflowId: callWorkflowId(start.companyId, start.callId),
        args: [input],
        typedSearchAttributes: new TypedSearchAttributes([
          { key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.companyId, 'KEYWORD'), value: start.companyId },
          { key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.callId, 'KEYWORD'), value: start.callId },
        ]),
      })
      .catch((error: Error) => {
        if (error.name !== 'WorkflowExecutionAlreadyStartedError') throw error;
      }),
  );
  await callStarted(store.db, start.companyId, start.callId);
}
