/** History of calls, and the calls of this moment. */
import { historyRoutes as routes } from '@callwright/api-contract';
import {
  getHistory,
  getUser,
  type HistoryCall,
  type HistoryFilter,
  type HistoryLeg,
  listHistory,
  listLiveCalls,
  listParkedCalls,
  listUserHistory,
  noteParkedCall,
  type UserHistoryFilter,
} from '@callwright/store';
import { historyCsv } from '../csv/history-csv.ts';
import { type Implementation, type Input, implement, type Services } from '../http/context.ts';
import { found, iso, isoOrNull, limitOf, numberCursor } from '../http/paging.ts';
import { selfOf } from './me.ts';

const MAX_LIVE = 1000;

type Shown = (typeof routes.listHistory.answer)['_output']['items'][number];
type ShownLeg = (typeof routes.listUserHistory.answer)['_output']['items'][number];

const callView = (call: HistoryCall): Shown => ({
  ...call,
  startedAt: iso(call.startedAt),
  answeredAt: isoOrNull(call.answeredAt),
  connectedAt: isoOrNull(call.connectedAt),
  endedAt: iso(call.endedAt),
  disposition: call.disposition as Shown['disposition'],
});

const legView = (leg: HistoryLeg): ShownLeg => ({
  ...leg,
  startedAt: iso(leg.startedAt),
  ringingAt: isoOrNull(leg.ringingAt),
  answeredAt: isoOrNull(leg.answeredAt),
  endedAt: isoOrNull(leg.endedAt),
  disposition: leg.disposition as ShownLeg['disposition'],
});

const dateOf = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));
const flagOf = (text: string | undefined): boolean | undefined => (text === undefined ? undefined : text === 'true');

function filterOf(query: Input<typeof routes.exportHistory>['query']): HistoryFilter {
  const { from, to, user, group, trunk, internal, number, disposition, direction, externalId } = query;
  return {
    from: dateOf(from),
    to: dateOf(to),
    userId: user,
    groupId: group,
    trunkId: trunk,
    internal: flagOf(internal),
    number,
    disposition,
    direction,
    externalId,
  };
}

function userFilterOf(query: Input<typeof routes.listUserHistory>['query'], self: boolean): UserHistoryFilter {
  const { way, number, from, to, missed } = query;
  return {
    self,
    before: numberCursor(query),
    limit: limitOf(query),
    way,
    number,
    missed: flagOf(missed),
    from: dateOf(from),
    to: dateOf(to),
  };
}

export function historyHandlers({ store: { db } }: Services): Implementation[] {
  return [
    implement(routes.listHistory, async ({ query }, { company }) => {
      const { cursor, limit, ...rest } = query;
      const paging = { before: numberCursor({ cursor }), limit: limitOf({ limit }) };
      const { items, next } = await listHistory(db, company, { ...filterOf(rest), ...paging });
      return { items: items.map(callView), next };
    }),
    implement(routes.getHistory, async ({ params }, { company }) => {
      const { legs, ...call } = found(await getHistory(db, company, params.id));
      return { ...callView(call), legs: legs.map(legView) };
    }),
    implement(routes.exportHistory, async ({ query }, { company, reply, audit }) => {
      await audit({ action: 'history.exported' });
      reply.header('content-disposition', 'attachment; filename="history.csv"');
      return historyCsv(db, company, filterOf(query));
    }),
    implement(routes.listUserHistory, async ({ params, query }, { company }) => {
      found(await getUser(db, company, params.id));
      const { items, next } = await listUserHistory(db, company, params.id, userFilterOf(query, false));
      return { items: items.map(legView), next };
    }),
    implement(routes.listMyHistory, async ({ query }, context) => {
      const { items, next } = await listUserHistory(db, context.company, selfOf(context), userFilterOf(query, true));
      return { items: items.map(legView), next };
    }),
    implement(routes.listLiveCalls, async ({ query }, { company }) => {
      const filter = { callId: query.call, externalId: query.externalId, limit: MAX_LIVE };
      const calls = await listLiveCalls(db, company, filter);
      return {
        items: calls.map((call) => ({ ...call, startedAt: iso(call.startedAt), peerToPeer: false })),
      };
    }),
    implement(routes.listParkedCalls, async (_input, { company }) => ({
      items: (await listParkedCalls(db, company.companyId)).map((parked) => ({
        slotId: parked.slot_id,
        extension: parked.extension,
        callId: parked.call_id,
        number: parked.number,
        name: parked.name,
        userId: parked.parked_by,
        since: iso(parked.parked_at),
        note: parked.note,
      })),
    })),
    implement(routes.putParkedNote, async ({ params, body }, { company }) => {
      found((await noteParkedCall(db, company, params.id, body.note)) || null);
    }),
  ];
}
