/** SIP over TCP (RFC 3261 §18): connections both ways, framed, bounded in number, in silence and in slowness. */
import { createServer, connect as netConnect, type Socket } from 'node:net';
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

interface Connection {
  readonly id: number;
  readonly socket: Socket;
  readonly remote: string;
  readonly framer: StreamFramer;
  heard: boolean;
  slowTimer: NodeJS.Timeout | undefined;
}

const remoteKey = (address: string, port: number): string => `${address}|${port}`;
const plainAddress = (address: string): string => (address.startsWith('::ffff:') ? address.slice(7) : address);

/** Binds and listens; rejects when the port is taken. */
export async function openTcp(
  options: ListenOptions,
  handlers: TransportHandlers,
  limits: TcpLimits = TCP_LIMITS,
): Promise<SipTransport> {
  const byId = new Map<number, Connection>();
  const byRemote = new Map<string, Connection>();
  const perAddress = new Map<string, number>();
  let lastId = 0;
  let closed = false;

  const guardSlowness = (connection: Connection): void => {
    if (connection.framer.partial) {
      connection.slowTimer ??= setTimeout(() => drop(connection), limits.wholeMessageMs);
    } else if (connection.heard) {
      clearTimeout(connection.slowTimer);
      connection.slowTimer = undefined;
    }
  };

  const drop = (connection: Connection): void => {
    handlers.onDropped();
    connection.socket.destroy();
  };

  const adopt = (socket: Socket, address: string, port: number, inbound: boolean): Connection => {
    const id = ++lastId;
    const remote = remoteKey(address, port);
    const framer = streamFramer({
      onMessage: (bytes) => {
        connection.heard = true;
        clearTimeout(connection.slowTimer);
        connection.slowTimer = undefined;
        const { localAddress = '', localPort = 0 } = socket;
        const source = { protocol: 'tcp' as const, address, port, connection: id };
        handlers.onMessage(bytes, { ...source, localAddress: plainAddress(localAddress), localPort });
      },
      onPing: () => {
        connection.heard = true;
        socket.write('\r\n');
      },
      onBroken: () => drop(connection),
    });
    const connection: Connection = { id, socket, remote, framer, heard: !inbound, slowTimer: undefined };
    if (inbound) connection.slowTimer = setTimeout(() => drop(connection), limits.firstMessageMs);
    byId.set(id, connection);
    byRemote.set(remote, connection);
    if (inbound) perAddress.set(address, (perAddress.get(address) ?? 0) + 1);
    socket.setNoDelay(true);
    socket.setTimeout(limits.idleMs, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      framer.push(chunk);
      guardSlowness(connection);
    });
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      clearTimeout(connection.slowTimer);
      byId.delete(id);
      if (byRemote.get(remote) === connection) byRemote.delete(remote);
      if (!inbound) return;
      const left = (perAddress.get(address) ?? 1) - 1;
      if (left > 0) perAddress.set(address, left);
      else perAddress.delete(address);
    });
    return connection;
  };

  const dial = (flow: SipFlow): Connection => {
    const socket = netConnect({ host: flow.address, port: flow.port });
    const timer = setTimeout(() => socket.destroy(new Error('SIP connect timed out')), limits.connectMs);
    socket.once('connect', () => clearTimeout(timer));
    socket.once('close', () => clearTimeout(timer));
    return adopt(socket, flow.address, flow.port, false);
  };

  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    const address = plainAddress(socket.remoteAddress ?? '');
    const tooMany = byId.size >= limits.maxConnections || (perAddress.get(address) ?? 0) >= limits.maxPerAddress;
    if (tooMany || address === '') {
      handlers.onDropped();
      socket.destroy();
      return;
    }
    adopt(socket, address, socket.remotePort ?? 0, true);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: options.host, port: options.port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  server.on('error', () => handlers.onDropped());
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : options.port;

  return {
    protocol: 'tcp',
    reliable: true,
    port,
    send(bytes, flow, onError) {
      if (closed) return;
      const known = flow.connection === undefined ? undefined : byId.get(flow.connection);
      const connection = known ?? byRemote.get(remoteKey(flow.address, flow.port)) ?? dial(flow);
      if (connection.socket.writableLength > limits.maxUnsentBytes) {
        drop(connection);
        onError?.(new Error('SIP connection is stuck'));
        return;
      }
      connection.socket.write(bytes, (error) => error && onError?.(error));
    },
    connections: () => byId.size,
    close: async () => {
      if (closed) return;
      closed = true;
      const done = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of byId.values()) connection.socket.destroy();
      await done;
    },
  };
}
