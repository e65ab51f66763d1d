/** Presence of users; directory events by number and as a stream of server-sent events (WHATWG HTML §9.2). */
import { presenceRoutes as routes } from '@callwright/api-contract';
import { type DirectoryEvent, directoryEvents, listPresence } from '@callwright/store';
import { identify } from '../http/access.ts';
import { type Context, type Implementation, implement, type Services } from '../http/context.ts';
import { iso, limitOf, numberCursor } from '../http/paging.ts';
import { type DirectoryFeed, directoryFeed } from '../live/directory-feed.ts';
import { ApiError } from '../problem.ts';

const HEARTBEAT_MS = 15_000;
const RECHECK_MS = 30_000;
/** A reader that lets this much pile up is cut; it resumes where it was. */
const MAX_PENDING_BYTES = 1024 * 1024;

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
    implement(routes.listDirectoryEvents, async ({ query }, { company }) => ({
      items: (await directoryEvents(db, company, Number(query.after ?? 0), limitOf(query))).map(eventView),
    })),
    implement(routes.streamDirectoryEvents, async ({ query }, context) => {
      const header = context.request.headers['last-event-id'];
      stream(services, feed, context, placeOf(typeof header === 'string' && header !== '' ? header : query.after));
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

function stream(
  services: Services,
  feed: DirectoryFeed,
  { request, reply, company }: Context,
  after: number | null,
): void {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    ...reply.getHeaders(),
    'content-type': 'text/event-stream',
    'x-accel-buffering': 'no',
  } as Record<string, string>);
  raw.write('retry: 1000\n\n');
  const write = (text: string): void => {
    if (raw.writableLength > MAX_PENDING_BYTES) raw.destroy();
    else raw.write(text);
  };
  const unsubscribe = feed.subscribe({
    companyId: company.companyId,
    after,
    take: (event) => write(`id: ${event.n}\nevent: ${event.type}\ndata: ${JSON.stringify(eventView(event))}\n\n`),
    failed: () => raw.end(),
  });
  const heartbeat = setInterval(() => write(': \n\n'), HEARTBEAT_MS);
  // a key that was revoked, or a session that ended, stops listening too
  const recheck = setInterval(() => {
    identify(services.store, request).catch((error: unknown) => {
      if (error instanceof ApiError) raw.end();
    });
  }, RECHECK_MS);
  raw.on('close', () => {
    unsubscribe();
    clearInterval(heartbeat);
    clearInterval(recheck);
  });
}
