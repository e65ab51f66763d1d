/** Calls between two parties: now, or at a time. */
import { type ConnectParty, connectRoutes as routes } from '@callwright/api-contract';
import type { Destination } from '@callwright/engine';
import {
  type ConnectRefusal,
  type ConnectRequest,
  type ConnectSide,
  cancelScheduledCall,
  getCallView,
  getScheduledCall,
  listScheduledCalls,
  placeConnect,
  type ScheduledCallRow,
  scheduleCall,
} from '@callwright/store';
import type * as z from 'zod';
import { startOrLeave } from '../calls/originate.ts';
import { type Implementation, implement, type Services } from '../http/context.ts';
import { found, iso, limitOf, numberCursor } from '../http/paging.ts';
import { ApiError } from '../problem.ts';
import { callView } from './calls.ts';

type Party = z.output<typeof ConnectParty>;
interface Order {
  readonly first: Party;
  readonly second: Party;
  readonly startWith: 'first' | 'second';
  readonly presentation: ConnectRequest['presentation'];
  readonly maxTalkMs: number | null;
  readonly record: boolean;
}

function destinationOf(to: Party['to']): Destination {
  switch (to.type) {
    case 'user':
      return { type: 'user', id: to.userId };
    case 'number':
      return { type: 'number', id: to.number };
    case 'sip':
      return { type: 'sip', id: to.uri };
    case 'destination':
      return to.destination;
  }
}

const side = (party: Party): ConnectSide => ({ ...party, to: destinationOf(party.to) });

function requestOf({ first, second, startWith, presentation, maxTalkMs, record }: Order): ConnectRequest {
  const [one, other] = startWith === 'first' ? [first, second] : [second, first];
  return { first: side(one), second: side(other), presentation, maxTalkMs, record };
}

const REFUSALS = {
  'unknown-destination': () => new ApiError('API_UNKNOWN_DESTINATION'),
  refused: () => new ApiError('API_UNKNOWN_DESTINATION', { detail: 'Calling it is not allowed.' }),
  'no-media': () => new ApiError('API_NO_MEDIA', { retryAfterSeconds: 2 }),
  'not-published': () => new ApiError('API_NOT_PUBLISHED'),
} as const satisfies Record<ConnectRefusal, () => ApiError>;

const scheduled = (row: ScheduledCallRow) => ({
  id: row.id,
  externalId: row.external_id,
  state: row.state as 'waiting' | 'calling' | 'done' | 'failed' | 'cancelled',
  at: iso(row.due_at),
  triesLeft: row.tries_left,
  callId: row.call_id,
  outcome: row.outcome,
  createdAt: iso(row.created_at),
});

export function connectHandlers(services: Services): Implementation[] {
  const { db } = services.store;
  return [
    implement(routes.connectCall, async ({ body }, { company, mintId }) => {
      const { externalId } = body;
      const call = { id: mintId, externalId, request: requestOf(body) };
      const start = await placeConnect(db, services.keyring, company, call);
      if (typeof start === 'string') throw REFUSALS[start]();
      await startOrLeave(services, start);
      return callView(found(await getCallView(db, company, mintId)));
    }),
    implement(routes.createScheduledCall, async ({ body }, { company, mintId }) => {
      const { externalId, at, tries, retryAfterMs } = body;
      const row = { id: mintId, externalId, dueAt: new Date(at), tries, retryAfterMs, request: requestOf(body) };
      const stored = await scheduleCall(db, company, row);
      if (!stored) throw new ApiError('API_EXTERNAL_ID_TAKEN');
      return scheduled(stored);
    }),
    implement(routes.listScheduledCalls, async ({ query }, { company }) => {
      const { state, externalId } = query;
      const cursor = numberCursor(query);
      const { items, next } = await listScheduledCalls(db, company, {
        before: cursor === undefined || cursor === null ? null : new Date(cursor),
        limit: limitOf(query),
        ...(state === undefined ? {} : { state }),
        ...(externalId === undefined ? {} : { externalId }),
      });
      return { items: items.map(scheduled), next };
    }),
    implement(routes.getScheduledCall, async ({ params }, { company }) =>
      scheduled(found(await getScheduledCall(db, company, params.id))),
    ),
    implement(routes.cancelScheduledCall, async ({ params }, { company }) => {
      found(await getScheduledCall(db, company, params.id));
      await cancelScheduledCall(db, company, params.id);
      return scheduled(found(await getScheduledCall(db, company, params.id)));
    }),
  ];
}
