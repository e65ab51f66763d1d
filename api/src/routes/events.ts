/** Live events: facts of a company's calls as server-sent events (WHATWG HTML §9.2), resumed by `Last-Event-ID`. */
import { callRoutes as routes } from '@callwright/api-contract';
import type { Arrival, ArrivedRecord } from '@callwright/store';
import { identify } from '../http/access.ts';
import { type Context, type Implementation, implement, type Services } from '../http/context.ts';
import type { LiveFeed } from '../live/live-feed.ts';
import { ApiError } from '../problem.ts';
import { recordView } from './calls.ts';

const HEARTBEAT_MS = 15_000;
const RECHECK_MS = 30_000;
/** A reader that lets this much pile up is cut; it resumes where it was. */
const MAX_PENDING_BYTES = 1024 * 1024;
const EVENT_ID = /^([0-9]{1,19})-([0-9]{1,15})$/;

function placeOf(text: string | undefined): Arrival | null {
  if (text === undefined || text === '') return null;
  const match = EVENT_ID.exec(text);
  if (!match)
    throw new ApiError('API_BAD_REQUEST', { errors: [{ path: 'headers.last-event-id', message: 'is no event id' }] });
  return { tx: match[1]!, seq: Number(match[2]!) };
}

/** JSON has no line breaks of its own, so one `data` line is enough. */
function frame(record: ArrivedRecord): string {
  const data = { callId: record.call_id, ...recordView(record) };
  return `id: ${record.tx}-${record.seq}\nevent: ${record.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

export function eventHandlers(services: Services, live: LiveFeed): Implementation[] {
  return [
    implement(routes.streamEvents, async ({ query }, context) => {
      const header = context.request.headers['last-event-id'];
      const after = placeOf(typeof header === 'string' ? header : query.after);
      stream(services, live, context, { after, callId: query.call });
    }),
  ];
}

interface StreamOptions {
  readonly after: Arrival | null;
  readonly callId: string | undefined;
}

function stream(
  services: Services,
  live: LiveFeed,
  { request, reply, company }: Context,
  { after, callId }: StreamOptions,
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
  const unsubscribe = live.subscribe({
    companyId: company.companyId,
    after,
    take: (record) => {
      if (callId === undefined || record.call_id === callId) write(frame(record));
    },
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
