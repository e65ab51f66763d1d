/**
 * SIP over WebSocket (RFC 7118): each frame is one message. One port serves both `ws` and `wss`: a TLS handshake begins with a byte
 * that no HTTP request begins with. Browsers connect to us, never we to them, so a flow whose connection is gone cannot be reached.
 */
import { isUtf8 } from 'node:buffer';
import {
  createServer as createHttp,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { leadingBreaks, MAX_MESSAGE_BYTES } from './parse.ts';
import { plainAddress, type TcpLimits, type TlsSettings } from './tcp-transport.ts';
import type { ListenOptions, SipFlow, SipTransport, TransportHandlers } from './transport.ts';

/** First byte of a TLS record that holds a handshake (RFC 8446 §5.1). */
const TLS_HANDSHAKE = 0x16;
const SUBPROTOCOL = 'sip';
/** A browser answers pings by itself; one that does not has gone without a word. */
const PING_MS = 25_000;

interface Connection {
  readonly id: number;
  readonly socket: WebSocket;
  readonly protocol: 'ws' | 'wss';
  readonly address: string;
  readonly port: number;
  readonly localAddress: string;
  alive: boolean;
}

/** A WebSocket transport: serves the flows of `ws` and of `wss`. */
export async function openWs(
  options: ListenOptions,
  handlers: TransportHandlers,
  tls: TlsSettings,
  limits: TcpLimits,
): Promise<SipTransport> {
  const transport = new WsTransport(handlers, tls, limits);
  await transport.listen(options);
  return transport;
}

class WsTransport implements SipTransport {
  readonly protocol = 'ws';
  readonly reliable = true;
  port = 0;
  readonly #handlers: TransportHandlers;
  readonly #limits: TcpLimits;
  readonly #server: Server;
  readonly #plain: HttpServer;
  readonly #secure: HttpServer;
  readonly #upgrades: WebSocketServer;
  /** Sockets that came in, a WebSocket yet or not. */
  readonly #sockets = new Set<Socket>();
  readonly #perAddress = new Map<string, number>();
  readonly #byId = new Map<number, Connection>();
  readonly #byRemote = new Map<string, Connection>();
  readonly #pings: NodeJS.Timeout;
  #lastId = 0;
  #closed = false;

  constructor(handlers: TransportHandlers, tls: TlsSettings, limits: TcpLimits) {
    this.#handlers = handlers;
    this.#limits = limits;
    const http = { headersTimeout: limits.wholeMessageMs, requestTimeout: limits.wholeMessageMs, keepAliveTimeout: 1 };
    this.#plain = createHttp(http, refusePage);
    this.#secure = createHttps({ ...http, cert: tls.cert, key: tls.key, minVersion: 'TLSv1.2' }, refusePage);
    this.#upgrades = new WebSocketServer({
      noServer: true,
      maxPayload: MAX_MESSAGE_BYTES,
      // SIP messages are short and many: compression costs memory per connection
      perMessageDeflate: false,
      handleProtocols: () => SUBPROTOCOL,
    });
    for (const [server, protocol] of [
      [this.#plain, 'ws'],
      [this.#secure, 'wss'],
    ] as const) {
      server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head, protocol));
      server.on('tlsClientError', (_error, socket) => socket.destroy());
    }
    this.#server = createServer((socket) => this.#accept(socket));
    this.#pings = setInterval(() => this.#ping(), PING_MS);
    this.#pings.unref();
  }

  async listen({ host, port }: ListenOptions): Promise<void> {
    const server = this.#server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, () => {
        server.off('error', reject);
        resolve();
      });
    }).catch((error: unknown) => {
      clearInterval(this.#pings);
      throw error;
    });
    server.on('error', () => this.#handlers.onDropped());
    const address = server.address();
    this.port = typeof address === 'object' && address ? address.port : port;
  }

  send(bytes: Buffer, flow: SipFlow, onError?: (error: Error) => void): void {
    if (this.#closed) return;
    const known = flow.connection === undefined ? undefined : this.#byId.get(flow.connection);
    const connection = known ?? this.#byRemote.get(`${flow.address}|${flow.port}`);
    if (!connection) {
      // not at once: the caller's transaction is not in its table yet
      queueMicrotask(() => onError?.(new Error('the WebSocket is gone')));
      return;
    }
    if (connection.socket.bufferedAmount > this.#limits.maxUnsentBytes) {
      this.#handlers.onDropped();
      connection.socket.terminate();
      queueMicrotask(() => onError?.(new Error('the WebSocket is stuck')));
      return;
    }
    // browsers' user agents expect text, and text must be UTF-8 (RFC 6455 §8.1)
    connection.socket.send(bytes, { binary: !isUtf8(bytes) }, (error) => error && onError?.(error));
  }

  connections(): number {
    return this.#byId.size;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#pings);
    const done = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await done;
  }

  #accept(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    const address = plainAddress(socket.remoteAddress ?? '');
    const here = this.#perAddress.get(address) ?? 0;
    // a proxy on this machine stands for many browsers
    const crowded = here >= this.#limits.maxPerAddress && !isLoopback(address);
    if (address === '' || this.#sockets.size >= this.#limits.maxConnections || crowded) {
      this.#handlers.onDropped();
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    this.#perAddress.set(address, here + 1);
    socket.setNoDelay(true);
    const slow = setTimeout(() => socket.destroy(), this.#limits.wholeMessageMs);
    socket.once('readable', () => {
      clearTimeout(slow);
      const first = socket.read() as Buffer | null;
      if (!first) return;
      socket.unshift(first);
      (first[0] === TLS_HANDSHAKE ? this.#secure : this.#plain).emit('connection', socket);
    });
    socket.on('close', () => {
      clearTimeout(slow);
      this.#sockets.delete(socket);
      const left = (this.#perAddress.get(address) ?? 1) - 1;
      if (left > 0) this.#perAddress.set(address, left);
      else this.#perAddress.delete(address);
    });
  }

  /** RFC 7118 §4.1: a client that does not ask for the subprotocol `sip` is not one of ours. */
  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, protocol: 'ws' | 'wss'): void {
    const asked = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim().toLowerCase());
    // the server has let go of it: a reset now is nobody's but ours
    socket.on('error', () => socket.destroy());
    if (!asked.includes(SUBPROTOCOL)) {
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    this.#upgrades.handleUpgrade(request, socket, head, (ws) => this.#adopt(ws, request.socket, protocol));
  }

  #adopt(ws: WebSocket, { remoteAddress, remotePort, localAddress }: Socket, protocol: 'ws' | 'wss'): void {
    const connection: Connection = {
      id: ++this.#lastId,
      socket: ws,
      protocol,
      address: plainAddress(remoteAddress ?? ''),
      port: remotePort ?? 0,
      localAddress: plainAddress(localAddress ?? ''),
      alive: true,
    };
    const remote = `${connection.address}|${connection.port}`;
    this.#byId.set(connection.id, connection);
    this.#byRemote.set(remote, connection);
    ws.on('message', (data) => this.#take(connection, data as Buffer));
    ws.on('pong', () => {
      connection.alive = true;
    });
    ws.on('error', () => ws.terminate());
    ws.on('close', () => {
      this.#byId.delete(connection.id);
      if (this.#byRemote.get(remote) === connection) this.#byRemote.delete(remote);
    });
  }

  #take(connection: Connection, bytes: Buffer): void {
    connection.alive = true;
    // a keep-alive of RFC 5626 §3.5.1 in a frame of its own
    if (bytes.length <= 4 && leadingBreaks(bytes) === bytes.length) {
      if (bytes.length === 4) connection.socket.send('\r\n');
      return;
    }
    const { id, protocol, address, port, localAddress } = connection;
    const source = { protocol, address, port, connection: id, localAddress, localPort: this.port };
    this.#handlers.onMessage(bytes, source);
  }

  #ping(): void {
    for (const connection of this.#byId.values()) {
      if (!connection.alive) connection.socket.terminate();
      connection.alive = false;
      connection.socket.ping();
    }
  }
}

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

function refusePage(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(426, { connection: 'close', upgrade: 'websocket', 'content-length': 0 });
  response.end();
}
