/** A stream of server-sent events (WHATWG HTML §9.2) to one reader: framing, heartbeat, back-pressure, and the end of a right that was withdrawn. */
import { identify } from '../http/access.ts';
import type { Context, Services } from '../http/context.ts';
import { ApiError } from '../problem.ts';

const HEARTBEAT_MS = 15_000;
const RECHECK_MS = 30_000;
/** A reader that lets this much pile up is cut; it resumes where it was. */
const MAX_PENDING_BYTES = 1024 * 1024;

/** What a feed tells a stream. */
export interface EventSink {
  /** One event. JSON has no line breaks of its own, so one `data` line is enough. */
  send(id: string | number, type: string, data: unknown): void;
  /** Nothing more will come. */
  end(): void;
}

/** Streams what `subscribe` tells until either side ends; `subscribe` answers how to end the subscription. */
export function streamEvents(
  services: Services,
  { request, reply }: Context,
  subscribe: (sink: EventSink) => () => void,
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
  const unsubscribe = subscribe({
    send: (id, type, data) => write(`id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`),
    end: () => raw.end(),
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
