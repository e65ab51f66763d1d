/**
 * A stream of events to one reader, by server-sent events (WHATWG HTML §9.2) or by WebSocket (RFC 6455): framing, heartbeat,
 * back-pressure, how many one key may have, and the end of a right that was withdrawn.
 */
import type { FastifyReply } from 'fastify';
import type { WebSocket } from 'ws';
import { identify, refuseForeignOrigin } from '../http/access.ts';
import type { Context, Services } from '../http/context.ts';
import { takeWebSocket } from '../http/upgrades.ts';
import { ApiError } from '../problem.ts';

const HEARTBEAT_MS = 15_000;
const RECHECK_MS = 30_000;
/** A reader that lets this much pile up is cut; it resumes where it was. */
const MAX_PENDING_BYTES = 1024 * 1024;
/** Streams that one key, or one account, has at a time in this process. */
const MAX_STREAMS = 100;
const CAP_RETRY_SECONDS = 10;

/** What a feed tells a stream. */
export interface EventSink {
  /** One event. JSON has no line breaks of its own, so one `data` line is enough. */
  send(id: string | number, type: string, data: unknown): void;
  /** Where the stream begins: a reader that is cut before its first event goes on from there. */
  begin(id: string): void;
  /** Resolves when what was sent has left, or nobody is there to take it. */
  drained(): Promise<void>;
  /** Nothing more will come. */
  end(): void;
}

const open = new Map<string, number>();

/** Counts a stream of the asker; what gives its place back. Throws `API_RATE_LIMITED`. */
function takePlace({ identity }: Context): () => void {
  const count = open.get(identity.actorId) ?? 0;
  if (count >= MAX_STREAMS)
    throw new ApiError('API_RATE_LIMITED', {
      detail: `A key has at most ${MAX_STREAMS} event streams at a time.`,
      retryAfterSeconds: CAP_RETRY_SECONDS,
    });
  open.set(identity.actorId, count + 1);
  return () => {
    const left = (open.get(identity.actorId) ?? 1) - 1;
    if (left > 0) open.set(identity.actorId, left);
    else open.delete(identity.actorId);
  };
}

/** A key that was revoked, or a session that ended, stops listening too. Returns what ends the asking. */
function watchRight(services: Services, { request }: Context, end: () => void): () => void {
  const recheck = setInterval(() => {
    identify(services.store, request).catch((error: unknown) => {
      if (error instanceof ApiError) end();
    });
  }, RECHECK_MS);
  return () => clearInterval(recheck);
}

type Subscribe = (sink: EventSink) => () => void;

/** Streams what `subscribe` tells until either side ends; `subscribe` answers how to end the subscription. */
export function streamEvents(services: Services, context: Context, subscribe: Subscribe): void {
  const leave = takePlace(context);
  const end = writeEvents(context.reply, subscribe, () => {
    forget();
    leave();
  });
  const forget = watchRight(services, context, end);
}

/** As `streamEvents`, for whoever has been let in already. Returns what ends it; `over` runs when it has ended. */
export function writeEvents(reply: FastifyReply, subscribe: Subscribe, over: () => void): () => void {
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
    begin: (id) => write(`id: ${id}\n\n`),
    drained: () =>
      new Promise((resolve) => {
        if (raw.destroyed || !raw.writableNeedDrain) return resolve();
        for (const event of ['drain', 'close'] as const) raw.once(event, resolve);
      }),
    end: () => raw.end(),
  });
  const heartbeat = setInterval(() => write(': \n\n'), HEARTBEAT_MS);
  raw.on('close', () => {
    unsubscribe();
    clearInterval(heartbeat);
    over();
  });
  return () => raw.end();
}

/** Codes with which a WebSocket is closed (RFC 6455 §7.4). */
const GOING_AWAY = 1001;
const POLICY = 1008;

const sockets = new Set<WebSocket>();

/** Ends every WebSocket of the process, which would keep the server from closing. */
export function closeSockets(): void {
  for (const socket of sockets) {
    socket.close(GOING_AWAY);
    // a reader that does not answer keeps nobody waiting
    setTimeout(() => socket.terminate(), 500).unref();
  }
}

/** As `streamEvents`, by WebSocket: one JSON text an event, made by `frame`. */
export function socketEvents(
  services: Services,
  context: Context,
  subscribe: Subscribe,
  frame: (id: string | number, type: string, data: unknown) => object,
): void {
  // browsers let any page open a WebSocket, and send the cookie along
  if (context.identity.via === 'session') {
    if (context.request.headers.origin === undefined) throw new ApiError('API_WRONG_ORIGIN');
    refuseForeignOrigin(context.request);
  }
  const leave = takePlace(context);
  let taken = false;
  context.request.raw.socket.once('close', () => taken || leave());
  takeWebSocket(context.reply, (socket) => {
    taken = true;
    sockets.add(socket);
    const end = serveSocket(services, context, socket, subscribe, frame);
    socket.on('error', () => socket.terminate());
    socket.once('close', () => {
      sockets.delete(socket);
      end();
      leave();
    });
  });
}

function serveSocket(
  services: Services,
  context: Context,
  socket: WebSocket,
  subscribe: Subscribe,
  frame: (id: string | number, type: string, data: unknown) => object,
): () => void {
  let alive = true;
  let under: (() => void)[] = [];
  let pending = 0;
  const settle = (): void => {
    pending -= 1;
    if (pending > 0) return;
    for (const resolve of under.splice(0)) resolve();
  };
  const write = (message: object): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MAX_PENDING_BYTES) {
      socket.terminate();
      return;
    }
    pending += 1;
    socket.send(JSON.stringify(message), settle);
  };
  const unsubscribe = subscribe({
    send: (id, type, data) => write(frame(id, type, data)),
    begin: (id) => write({ type: 'stream.begun', place: id }),
    drained: () =>
      new Promise((resolve) => {
        if (pending === 0 || socket.readyState !== socket.OPEN) resolve();
        else under.push(resolve);
      }),
    end: () => socket.close(GOING_AWAY),
  });
  socket.on('pong', () => {
    alive = true;
  });
  const heartbeat = setInterval(() => {
    if (!alive) return socket.terminate();
    alive = false;
    socket.ping();
  }, HEARTBEAT_MS);
  const forget = watchRight(services, context, () => socket.close(POLICY));
  return () => {
    unsubscribe();
    clearInterval(heartbeat);
    forget();
    for (const resolve of under) resolve();
    under = [];
  };
}
