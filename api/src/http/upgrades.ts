/**
 * HTTP upgrades (RFC 9110 §7.8) of the server's connections. A WebSocket of a route goes through the router like any other request, so
 * that access, limits and checks are the route's own; its handler takes the connection over.
 */
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Prefix of the subprotocol in which pages, which cannot set headers, carry their key. */
const KEY_PROTOCOL = 'bearer.';
/** Subprotocol that is agreed on, so that the one with the key is not given back. */
const PROTOCOL = 'callwright';
/** What a client may say on a stream of events, which is nothing. */
const MAX_MESSAGE_BYTES = 4096;

/** Connections whose WebSocket a handler may take. */
const waiting = new WeakMap<IncomingMessage, { readonly socket: Duplex; readonly head: Buffer }>();

const server = new WebSocketServer({
  noServer: true,
  maxPayload: MAX_MESSAGE_BYTES,
  perMessageDeflate: false,
  handleProtocols: (protocols) => (protocols.has(PROTOCOL) ? PROTOCOL : false),
});

/** For the server: any other upgrade that is offered (HTTP/2 by some clients) is ignored, and its request served as it is. */
export const isWebSocket = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === 'websocket';

/** Hands WebSockets to whoever has their path; elsewhere they are plain requests, answered as such. */
export function takeUpgrades(app: FastifyInstance, handlers: Readonly<Record<string, UpgradeHandler>>): void {
  app.server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const handler = handlers[request.url?.split('?')[0] ?? ''];
    if (handler) handler(request, socket, head);
    else route(app, request, socket);
  });
}

/** For a route whose handler calls `webSocketOf`. */
export const routedUpgrade =
  (app: FastifyInstance): UpgradeHandler =>
  (request, socket, head) => {
    waiting.set(request, { socket, head });
    const offered = request.headers['sec-websocket-protocol']?.split(',').map((each) => each.trim()) ?? [];
    const key = offered.find((each) => each.startsWith(KEY_PROTOCOL))?.slice(KEY_PROTOCOL.length);
    if (key !== undefined) request.headers.authorization ??= `Bearer ${key}`;
    route(app, request, socket);
  };

/** A request whose connection left the server's hands; an answer ends it. */
function route(app: FastifyInstance, request: IncomingMessage, socket: Duplex): void {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  response.on('finish', () => socket.end());
  app.routing(request, response);
}

/** Whether the request asks for a WebSocket that its handler may take. */
export const asksForWebSocket = (request: IncomingMessage): boolean => waiting.has(request);

/** Takes the connection over from HTTP; `taken` is not called when the handshake (RFC 6455 §4.2) is not right, which is answered. */
export function takeWebSocket(reply: FastifyReply, taken: (socket: WebSocket) => void): void {
  const { raw } = reply;
  const connection = waiting.get(raw.req)!;
  waiting.delete(raw.req);
  reply.hijack();
  raw.removeAllListeners('finish');
  raw.detachSocket(connection.socket as Socket);
  server.handleUpgrade(raw.req, connection.socket, connection.head, taken);
}
