/** Connections on which something arrives that is no HTTP request: answered once, as whoever has the path does, and closed (RFC 9112 §9.6). */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { reasonOf, refusalAt, requestLine } from '../partners/refusals.ts';
import { ApiError, entryOf, problemOf } from '../problem.ts';

/** What cannot be read of a request, as Node's server reports it. */
export interface BrokenRequest extends Error {
  readonly code?: string | undefined;
  /** A buffer, whatever Fastify's types say of it. */
  readonly rawPacket?: unknown;
}

const STATUS: Readonly<Record<string, number>> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 };
/** How long a client may go on sending before its connection is cut under it: what is cut at once loses the answer, too. */
const LINGER_MS = 2000;

interface Begun {
  readonly method: string;
  readonly target: string;
}
/** The last request of each connection: what is broken may be its body, or the later part of its headers. */
const begun = new WeakMap<object, Begun>();

/** Remembers which request a connection is at. */
export function watchRequests(app: FastifyInstance): void {
  app.server.on('connection', (socket: Socket) => {
    socket.once('data', (bytes) => {
      const line = requestLine(bytes);
      if (line && !begun.has(socket)) begun.set(socket, line);
    });
  });
  app.addHook('onRequest', async ({ raw }) => {
    begun.set(raw.socket, { method: raw.method ?? '', target: raw.url ?? '' });
  });
}

/** Fastify's `clientErrorHandler`. */
export function answerBroken(error: BrokenRequest, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = STATUS[error.code ?? ''] ?? 400;
  const { method, target } = requestLine(error.rawPacket) ?? begun.get(socket) ?? { method: '', target: '' };
  const answer = refusalAt(method, target, reasonOf(status)) ?? problem(status);
  const head = [
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}`,
    `content-type: ${answer.contentType}`,
    `content-length: ${Buffer.byteLength(answer.body)}`,
    'cache-control: no-store',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${method === 'HEAD' ? '' : answer.body}`);
  socket.removeAllListeners('data');
  socket.resume();
  const cut = setTimeout(() => socket.destroy(), LINGER_MS);
  cut.unref();
  socket.once('close', () => clearTimeout(cut));
}

function problem(status: number) {
  const error = new ApiError(status === 431 ? 'API_TOO_LARGE' : 'API_BAD_REQUEST');
  const body = problemOf(error, crypto.randomUUID());
  return { status: entryOf(error.code).http, contentType: 'application/problem+json', body: JSON.stringify(body) };
}
