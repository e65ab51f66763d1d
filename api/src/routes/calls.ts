/** Calls: place, list, look into, command. */
import { callRoutes as routes } from '@callwright/api-contract';
import type { Destination, JsonValue } from '@callwright/engine';
import {
  type CallView,
  destinationExists,
  findSupervisor,
  getCallView,
  listCallViews,
  listRecordViews,
  type RecordView,
} from '@callwright/store';
import { command } from '../calls/control.ts';
import { originate } from '../calls/originate.ts';
import { type Context, type Implementation, implement, type Services } from '../http/context.ts';
import { found, iso, isoOrNull, limitOf, numberCursor } from '../http/paging.ts';
import { ApiError } from '../problem.ts';

/** A call as the API shows it. */
export const callView = (row: CallView) => ({
  id: row.id,
  number: row.number,
  externalId: row.external_id,
  direction: row.direction as 'inbound' | 'outbound' | 'internal',
  state: row.state as 'waiting' | 'started' | 'refused' | 'ended',
  calling: row.calling,
  called: row.called,
  revision: row.revision_hash,
  disposition: row.disposition as NonNullable<CallView['cdr']>['disposition'] | null,
  createdAt: iso(row.created_at),
  startedAt: isoOrNull(row.started_at),
  endedAt: isoOrNull(row.ended_at),
  cdr: row.cdr,
});

/** A record as every view shows it. The store keeps personal values apart and sealed; what is left of a `pii` key goes here. */
export function recordView(row: RecordView) {
  return {
    n: row.n,
    at: iso(row.at),
    stream: row.stream,
    type: row.type,
    body: withoutPii(row.body),
    masked: row.masked,
  };
}

function withoutPii(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutPii);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, key === 'pii' ? '***' : withoutPii(item)]),
  );
}

function readHandlers({ store: { db } }: Services): Implementation[] {
  return [
    implement(routes.listCalls, async ({ query }, { company }) => {
      const { cursor: _cursor, limit: _limit, from, to, ...rest } = query;
      const filter = {
        ...rest,
        before: numberCursor(query),
        limit: limitOf(query),
        ...(from === undefined ? {} : { from: new Date(from) }),
        ...(to === undefined ? {} : { to: new Date(to) }),
      };
      const { items, next } = await listCallViews(db, company, filter);
      return { items: items.map(callView), next };
    }),
    implement(routes.getCall, async ({ params }, { company }) =>
      callView(found(await getCallView(db, company, params.id))),
    ),
    implement(routes.listCallRecords, async ({ params, query }, { company }) => {
      found(await getCallView(db, company, params.id));
      const filter = {
        after: numberCursor(query) ?? 0,
        limit: limitOf(query),
        ...(query.stream === undefined ? {} : { stream: query.stream }),
      };
      const { items, next } = await listRecordViews(db, company, params.id, filter);
      return { items: items.map(recordView), next };
    }),
  ];
}

/** A destination of the company, or the end of the call. */
async function mustLead({ store }: Services, { company }: Context, destination: Destination): Promise<void> {
  if (destination.type === 'hang-up') return;
  if (!(await destinationExists(store.db, company, destination))) throw new ApiError('API_UNKNOWN_DESTINATION');
}

function commandHandlers(services: Services): Implementation[] {
  const { db } = services.store;
  return [
    implement(routes.createCall, async ({ body }, { company, mintId }) => {
      await originate(services, company, { ...body, id: mintId });
      return callView(found(await getCallView(db, company, mintId)));
    }),
    implement(routes.hangUpCall, async ({ params, body: { leg } }, context) => {
      const done = await command(services, params.id, { kind: 'hangup', leg }, context);
      await context.audit({ action: 'call.hung-up', entity: { type: 'call', id: params.id }, detail: { leg } });
      return done;
    }),
    implement(routes.redirectCall, async ({ params, body }, context) => {
      if (!(await destinationExists(db, context.company, body.destination)))
        throw new ApiError('API_UNKNOWN_DESTINATION');
      const { leg, destination, note } = body;
      const done = await command(services, params.id, { kind: 'redirect', leg, destination, note }, context);
      const entity = { type: 'call', id: params.id };
      await context.audit({ action: 'call.redirected', entity, detail: { leg, destination } });
      return done;
    }),
    implement(routes.joinCalls, async ({ params, body }, context) => {
      // the other call must be the company's own, too
      const other = found(await getCallView(db, context.company, body.callId));
      if (other.state === 'ended' || other.state === 'refused') throw new ApiError('API_CALL_OVER');
      return command(services, params.id, { kind: 'join', callId: body.callId, leg: body.leg }, context);
    }),
    implement(routes.deflectCall, async ({ params, body }, context) => {
      await mustLead(services, context, body.destination);
      return command(services, params.id, { kind: 'deflect', ...body }, context);
    }),
    implement(routes.answerCall, async ({ params, body }, context) =>
      command(services, params.id, { kind: 'answer', ...body }, context),
    ),
    implement(routes.addToCall, async ({ params, body }, context) => {
      if (!(await destinationExists(db, context.company, body.destination)))
        throw new ApiError('API_UNKNOWN_DESTINATION');
      return command(services, params.id, { kind: 'add', leg: body.leg, destination: body.destination }, context);
    }),
    implement(routes.recordCall, async ({ params, body }, context) =>
      command(services, params.id, { kind: 'record', ...body }, context),
    ),
    implement(routes.superviseCall, async ({ params, body }, context) => {
      const { mode, leg, userId, deviceId, autoAnswer } = body;
      const found = await findSupervisor(db, context.company, userId, deviceId);
      if (!found) throw new ApiError('API_UNKNOWN_REFERENCE');
      const { coordinates: supervisor, loginId } = found;
      const loginIds = loginId === null ? {} : { loginIds: [loginId] };
      const done = await command(
        services,
        params.id,
        { kind: 'supervise', mode, leg, supervisor, autoAnswer, ...loginIds },
        context,
      );
      const entity = { type: 'call', id: params.id };
      await context.audit({ action: 'call.supervised', entity, detail: { mode, userId, leg } });
      return done;
    }),
    implement(routes.muteCall, async ({ params, body }, context) =>
      command(services, params.id, { kind: 'mute', muted: body.muted }, context),
    ),
    implement(routes.leaveRoomOfCall, async ({ params }, context) =>
      command(services, params.id, { kind: 'leave-room' }, context),
    ),
    implement(routes.holdCall, async ({ params, body }, context) =>
      command(services, params.id, { kind: 'hold', leg: body.leg }, context),
    ),
    implement(routes.retrieveCall, async ({ params, body }, context) =>
      command(services, params.id, { kind: 'retrieve', leg: body.leg }, context),
    ),
    implement(routes.prioritiseCall, async ({ params, body }, context) =>
      command(services, params.id, { kind: 'prioritise', priority: body.priority }, context),
    ),
    implement(routes.continueCall, async ({ params }, context) =>
      command(services, params.id, { kind: 'continue' }, context),
    ),
    implement(routes.overrideNode, async ({ params, body }, context) => {
      const config = body.config as Record<string, JsonValue>;
      return command(services, params.id, { kind: 'override', node: body.node, config }, context);
    }),
  ];
}

export function callHandlers(services: Services): Implementation[] {
  return [...readHandlers(services), ...commandHandlers(services)];
}
