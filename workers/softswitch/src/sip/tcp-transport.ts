/** SIP over TCP and TLS (RFC 3261 §18, §26.3.1): connections both ways, framed, bounded in number, in silence and in slowness. */
import { connect, createServer, isIP, type Server, type Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket, connect as tlsConnect } from 'node:tls';
import { type StreamFramer, streamFramer } from './stream-framer.ts';
import type { ListenOptions, SipFlow, SipTransport, TransportHandlers } from './transport.ts';

export interface TcpLimits {
  readonly maxConnections: number;
  readonly maxPerAddress: number;
  /** A connection that has not brought one whole message by then is closed. */
  readonly firstMessageMs: number;
  /** A message that began must end within this. */
  readonly wholeMessageMs: number;
  /** A silent connection is closed after this. */
  readonly idleMs: number;
  readonly connectMs: number;
  /** Unsent bytes at which a far end counts as stuck. */
  readonly maxUnsentBytes: number;
}

export const TCP_LIMITS: TcpLimits = {
  maxConnections: 2_000,
  maxPerAddress: 200,
  firstMessageMs: 30_000,
  wholeMessageMs: 10_000,
  idleMs: 900_000,
  connectMs: 4_000,
  maxUnsentBytes: 1_048_576,
};

/** Certificate of a TLS transport, and what it asks of those it connects to. */
export interface TlsSettings {
  /** PEM: our certificate with its chain, and its key. */
  readonly cert: string;
  readonly key: string;
  /**
   * True refuses servers without a certificate of a known authority for their name; false encrypts without asking who is there, as
   * drachtio-server does by default.
   */
  readonly verify: boolean;
}

/** Oldest version taken: all before are broken (RFC 8996). */
const OLDEST_TLS = 'TLSv1.2';

interface Connection {
  readonly id: number;
  readonly socket: Socket;
  readonly address: string;
  readonly port: number;
  readonly inbound: boolean;
  readonly framer: StreamFramer;
  heard: boolean;
  slowTimer: NodeJS.Timeout | undefined;
}

const remoteKey = (address: string, port: number): string => `${address}|${port}`;
/** An IPv4 address as itself, however the system writes it. */
export const plainAddress = (address: string): string => (address.startsWith('::ffff:') ? address.slice(7) : address);

/** Binds and listens; rejects when the port is taken. */
export async function openTcp(
  options: ListenOptions,
  handlers: TransportHandlers,
  limits: TcpLimits = TCP_LIMITS,
): Promise<SipTransport> {
  const transport = new TcpTransport(handlers, limits, null);
  await transport.listen(options);
  return transport;
}

/** The same over TLS. Throws OpenSSL's error when certificate and key cannot be used. */
export async function openTls(
  options: ListenOptions,
  handlers: TransportHandlers,
  tls: TlsSettings,
  limits: TcpLimits = TCP_LIMITS,
): Promise<SipTransport> {
  const transport = new TcpTransport(handlers, limits, tls);
  await transport.listen(options);
  return transport;
}

class TcpTransport implements SipTransport {
  readonly protocol: 'tcp' | 'tls';
  readonly reliable = true;
  port = 0;
  readonly #handlers: TransportHandlers;
  readonly #limits: TcpLimits;
  readonly #tls: TlsSettings | null;
  readonly #context: SecureContext | null;
  readonly #server: Server;
  readonly #byId = new Map<number, Connection>();
  readonly #byRemote = new Map<string, Connection>();
  /** Inbound connections of each address. */
  readonly #perAddress = new Map<string, number>();
  #lastId = 0;
  #closed = false;

  constructor(handlers: TransportHandlers, limits: TcpLimits, tls: TlsSettings | null) {
    this.protocol = tls ? 'tls' : 'tcp';
    this.#handlers = handlers;
    this.#limits = limits;
    this.#tls = tls;
    this.#context = tls && createSecureContext({ cert: tls.cert, key: tls.key, minVersion: OLDEST_TLS });
    this.#server = createServer((socket) => this.#accept(socket));
  }

  async listen(options: ListenOptions): Promise<void> {
    const server = this.#server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: options.host, port: options.port }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    server.on('error', () => this.#handlers.onDropped());
    const address = server.address();
    this.port = typeof address === 'object' && address ? address.port : options.port;
  }

  send(bytes: Buffer, flow: SipFlow, onError?: (error: Error) => void): void {
    if (this.#closed) return;
    const known = flow.connection === undefined ? undefined : this.#byId.get(flow.connection);
    const connection = known ?? this.#byRemote.get(remoteKey(flow.address, flow.port)) ?? this.#dial(flow);
    if (connection.socket.writableLength > this.#limits.maxUnsentBytes) {
      this.#drop(connection);
      onError?.(new Error('SIP connection is stuck'));
      return;
    }
    connection.socket.write(bytes, (error) => error && onError?.(error));
  }

  connections(): number {
    return this.#byId.size;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const done = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#byId.values()) connection.socket.destroy();
    await done;
  }

  #drop(connection: Connection): void {
    this.#handlers.onDropped();
    connection.socket.destroy();
  }

  #accept(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    const address = plainAddress(socket.remoteAddress ?? '');
    const here = this.#perAddress.get(address) ?? 0;
    if (address === '' || this.#byId.size >= this.#limits.maxConnections || here >= this.#limits.maxPerAddress) {
      this.#handlers.onDropped();
      socket.destroy();
      return;
    }
    this.#perAddress.set(address, here + 1);
    const port = socket.remotePort ?? 0;
    const talk = this.#context ? new TLSSocket(socket, { isServer: true, secureContext: this.#context }) : socket;
    const connection = this.#adopt(talk, address, port, true);
    connection.slowTimer = setTimeout(() => this.#drop(connection), this.#limits.firstMessageMs);
  }

  #dial(flow: SipFlow): Connection {
    const socket = this.#connect(flow);
    const timer = setTimeout(() => socket.destroy(new Error('SIP connect timed out')), this.#limits.connectMs);
    socket.once(this.#tls ? 'secureConnect' : 'connect', () => clearTimeout(timer));
    socket.once('close', () => clearTimeout(timer));
    return this.#adopt(socket, flow.address, flow.port, false);
  }

  #connect({ address, port, name }: SipFlow): Socket {
    if (!this.#tls || !this.#context) return connect({ host: address, port });
    return tlsConnect({
      host: address,
      port,
      // a name is checked against the certificate; an address has none to ask for (RFC 6066 §3)
      ...(name !== undefined && isIP(name) === 0 ? { servername: name } : {}),
      secureContext: this.#context,
      rejectUnauthorized: this.#tls.verify,
    });
  }

  #adopt(socket: Socket, address: string, port: number, inbound: boolean): Connection {
    const framer = streamFramer({
      onMessage: (bytes) => this.#take(connection, bytes),
      onPing: () => {
        connection.heard = true;
        socket.write('\r\n');
      },
      onBroken: () => this.#drop(connection),
    });
    const id = ++this.#lastId;
    const connection: Connection = {
      id,
      socket,
      address,
      port,
      inbound,
      framer,
      heard: !inbound,
      slowTimer: undefined,
    };
    this.#byId.set(id, connection);
    this.#byRemote.set(remoteKey(address, port), connection);
    socket.setNoDelay(true);
    socket.setTimeout(this.#limits.idleMs, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      framer.push(chunk);
      this.#guardSlowness(connection);
    });
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.end());
    socket.on('close', () => this.#forget(connection));
    return connection;
  }

  #take(connection: Connection, bytes: Buffer): void {
    connection.heard = true;
    clearTimeout(connection.slowTimer);
    connection.slowTimer = undefined;
    const { id, socket, address, port } = connection;
    const { localAddress = '', localPort = 0 } = socket;
    const source = { protocol: this.protocol, address, port, connection: id };
    this.#handlers.onMessage(bytes, { ...source, localAddress: plainAddress(localAddress), localPort });
  }

  /** A message that has begun must end in time; before the first one, the time is the connection's own. */
  #guardSlowness(connection: Connection): void {
    if (connection.framer.partial) {
      connection.slowTimer ??= setTimeout(() => this.#drop(connection), this.#limits.wholeMessageMs);
    } else if (connection.heard) {
      clearTimeout(connection.slowTimer);
      connection.slowTimer = undefined;
    }
  }

  #forget(connection: Connection): void {
    clearTimeout(connection.slowTimer);
    this.#byId.delete(connection.id);
    const remote = remoteKey(connection.address, connection.port);
    if (this.#byRemote.get(remote) === connection) this.#byRemote.delete(remote);
    if (!connection.inbound) return;
    const left = (this.#perAddress.get(connection.address) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(connection.address, left);
    else this.#perAddress.delete(connection.address);
  }
}
