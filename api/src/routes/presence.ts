/** Presence of users; directory events by number and as a stream of server-sent events (WHATWG HTML §9.2). */
import { presenceRoutes as routes } from '@callwright/api-contract';
import { type DirectoryEvent, directoryEvents, listPresence, setChatPresence } from '@callwright/store';
import { type Implementation, implement, type Services } from '../http/context.ts';
import { iso, limitOf, numberCursor } from '../http/paging.ts';
import { type DirectoryFeed, directoryFeed } from '../live/directory-feed.ts';
import { streamEvents } from '../live/event-stream.ts';
import { ApiError } from '../problem.ts';
import { selfOf } from './me.ts';

const eventView = ({ n, at, type, body }: DirectoryEvent) => ({
  n: Number(n),
  at: iso(new Date(at)),
  type: type as (typeof routes.listDirectoryEvents.answer)['_output']['items'][number]['type'],
  body,
});

/** The handlers, and the feed they share, which is to be closed with the server. */
export function presenceHandlers(services: Services): {
  readonly handlers: Implementation[];
  readonly feed: DirectoryFeed;
} {
  const { db } = services.store;
  const feed = directoryFeed(services.store, (err) => services.log.warn({ err }, 'directory events could not be read'));
  const handlers = [
    implement(routes.listPresence, async ({ query }, { company }) => {
      const filter = {
        after: numberCursor(query) ?? 0,
        limit: limitOf(query),
        ...(query.extension === undefined ? {} : { extension: query.extension }),
      };
      const { items, next } = await listPresence(db, company, filter);
      return { items: items.map((item) => ({ ...item, since: iso(item.since), devices: [...item.devices] })), next };
    }),
    implement(routes.putChatPresence, async ({ params, body }, context) => {
      if (!(await setChatPresence(db, context.company, params.id, body.chat))) throw new ApiError('API_NOT_FOUND');
      await context.audit({ action: 'user.chat', entity: { type: 'user', id: params.id } });
    }),
    implement(routes.putMyChatPresence, async ({ body }, context) => {
      if (!(await setChatPresence(db, context.company, selfOf(context), body.chat)))
        throw new ApiError('API_NOT_FOUND');
    }),
    implement(routes.listDirectoryEvents, async ({ query }, { company }) => ({
      items: (await directoryEvents(db, company, Number(query.after ?? 0), limitOf(query))).map(eventView),
    })),
    implement(routes.streamDirectoryEvents, async ({ query }, context) => {
      const header = context.request.headers['last-event-id'];
      const after = placeOf(typeof header === 'string' && header !== '' ? header : query.after);
      const { companyId } = context.company;
      streamEvents(services, context, ({ send, end }) =>
        feed.subscribe({
          companyId,
          after,
          take: (event) => send(event.n, event.type, eventView(event)),
          failed: end,
        }),
      );
    }),
  ];
  return { handlers, feed };
}

function placeOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^[0-9]{1,15}$/.test(text))
    throw new ApiError('API_BAD_REQUEST', { errors: [{ path: 'headers.last-event-id', message: 'is no event id' }] });
  return Number(text);
}
