/**
 * SIP over WebSocket (RFC 7118) on the console's own address: a browser phone needs no other port, no other certificate and no other
 * origin. Only pages of ours with a session get through; what is said inside is the SIP server's to judge.
 */
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { findSession, hashToken, type Store } from '@callwright/store';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { SESSION_COOKIE, SESSION_FORM } from '../http/access.ts';
import { hostAskedFor, type TrustedProxy } from '../http/proxies.ts';
import type { UpgradeHandler } from '../http/upgrades.ts';

/** Where browsers connect. */
export const SIP_TUNNEL_PATH = '/sip';

export interface SipTunnelOptions {
  readonly store: Store;
  readonly log: FastifyBaseLogger;
  /** WebSocket port of the SIP server; null = there is none, and browsers cannot call. */
  readonly target: { readonly host: string; readonly port: number } | null;
  readonly trustProxy: TrustedProxy;
  /** How often a tunnel's session is asked for. */
  readonly recheckMs?: number;
}

const RECHECK_MS = 30_000;
const CONNECT_MS = 5_000;
const MAX_TUNNELS = 2_000;
/** 16 random bytes in base64 (RFC 6455 §4.1). */
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** Serves upgrades of `SIP_TUNNEL_PATH`. */
export function sipTunnel(app: FastifyInstance, options: SipTunnelOptions): UpgradeHandler {
  const open = new Set<Duplex>();
  // upgraded connections are no requests: closing the server would wait for them
  app.addHook('preClose', async () => {
    for (const socket of open) socket.destroy();
  });
  return (request, socket, head) => {
    if (open.size >= MAX_TUNNELS) return refuse(socket, 503, 'Service Unavailable');
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    admit(app, options, request)
      .then((refused) => {
        if (refused) return refuse(socket, ...refused);
        tunnel(app, options, request, socket, head);
      })
      .catch((error: unknown) => {
        options.log.warn({ err: error }, 'a browser phone could not be let in');
        refuse(socket, 503, 'Service Unavailable');
      });
  };
}

type Refusal = readonly [status: number, reason: string];

async function admit(
  app: FastifyInstance,
  { store, target, trustProxy }: SipTunnelOptions,
  request: IncomingMessage,
): Promise<Refusal | null> {
  const { origin, 'sec-websocket-key': key = '', 'sec-websocket-protocol': protocols = '' } = request.headers;
  const asked = protocols.split(',').map((each) => each.trim());
  if (request.method !== 'GET' || !KEY.test(key) || !asked.includes('sip')) return [400, 'Bad Request'];
  // browsers let any page open a WebSocket, and send the cookie along
  if (origin === undefined || !URL.canParse(origin) || new URL(origin).host !== hostAskedFor(request, trustProxy))
    return [403, 'Forbidden'];
  if (!(await hasSession(app, store, request))) return [401, 'Unauthorized'];
  return target ? null : [503, 'Service Unavailable'];
}

async function hasSession(app: FastifyInstance, store: Store, request: IncomingMessage): Promise<boolean> {
  const cookie = app.parseCookie(request.headers.cookie ?? '')[SESSION_COOKIE] ?? '';
  return SESSION_FORM.test(cookie) && (await findSession(store.db, hashToken(cookie))) !== null;
}

function refuse(socket: Duplex, status: number, reason: string): void {
  if (!socket.destroyed) socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function tunnel(
  app: FastifyInstance,
  { store, target, recheckMs = RECHECK_MS }: SipTunnelOptions,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const server: Socket = connect({ ...target!, noDelay: true });
  const patience = setTimeout(() => server.destroy(), CONNECT_MS);
  // a session that ends takes its phone along
  const recheck = setInterval(() => {
    hasSession(app, store, request).then(
      (still) => still || socket.destroy(),
      // the store is away: the call goes on
      () => {},
    );
  }, recheckMs);
  server.once('connect', () => {
    clearTimeout(patience);
    server.write(handshake(request));
    if (head.length > 0) server.write(head);
    socket.pipe(server).pipe(socket);
  });
  server.once('error', () => (server.connecting ? refuse(socket, 503, 'Service Unavailable') : socket.destroy()));
  server.once('close', () => {
    clearTimeout(patience);
    socket.end();
  });
  socket.once('close', () => {
    clearInterval(recheck);
    server.destroy();
  });
}

/** The browser's handshake without its cookie, and without extensions that the SIP server has no use for. */
function handshake({ headers }: IncomingMessage): string {
  const lines = [
    'GET / HTTP/1.1',
    `Host: ${headers.host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${headers['sec-websocket-key']}`,
    'Sec-WebSocket-Protocol: sip',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
