/** A flow as its calls live it. */
import { flowLiveRoutes as routes } from '@callwright/api-contract';
import { findRevision, getFlow, getRevision, heatOf, liveCallsOf } from '@callwright/store';
import { type Implementation, implement, type Services } from '../http/context.ts';
import { found, iso, isoOrNull } from '../http/paging.ts';
import { ApiError } from '../problem.ts';

/** Dots on a canvas; more are a crowd that its counts tell of. */
const MOST_LIVE = 1000;
const MOST_COUNTED = 10_000;
const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;

export function flowLiveHandlers({ store: { db } }: Services): Implementation[] {
  return [
    implement(routes.listFlowCalls, async ({ params }, { company }) => {
      const flow = found(await getFlow(db, company, params.id));
      const rows = await liveCallsOf(db, company, flow.id, MOST_LIVE + 1);
      const items = rows.slice(0, MOST_LIVE).map(({ started_at, since, ...call }) => ({
        ...call,
        startedAt: iso(started_at),
        since: isoOrNull(since),
      }));
      return { items, more: rows.length > MOST_LIVE };
    }),
    implement(routes.getFlowHeat, async ({ params, query }, { company }) => {
      const flow = found(await getFlow(db, company, params.id));
      const hash =
        query.version === undefined
          ? flow.published_hash
          : found(await getRevision(db, company, flow.id, Number(query.version))).hash;
      if (hash === null) throw new ApiError('API_NOT_PUBLISHED');
      const to = query.to === undefined ? new Date() : new Date(query.to);
      const from = query.from === undefined ? new Date(to.getTime() - DEFAULT_DAYS * DAY_MS) : new Date(query.from);
      const { calls, steps } = await heatOf(db, company, hash, { from, to, limit: MOST_COUNTED });
      return {
        hash,
        from: iso(from),
        to: iso(to),
        calls,
        more: calls === MOST_COUNTED,
        nodes: steps.flatMap(({ type, node, count }) => (type === 'node.entered' ? [{ node, count }] : [])),
        ways: steps.flatMap(({ type, node, outcome, count }) =>
          type === 'node.left' ? [{ node, outcome: outcome ?? '', count }] : [],
        ),
      };
    }),
    implement(routes.findRevision, async ({ params }, { company }) => {
      const { flow_id: id, name, title, ...revision } = found(await findRevision(db, company, params.hash));
      return { ...revision, flow: { id, name, title } };
    }),
  ];
}
