/** The two ways an event-socket connection comes about (wire-protocols §B2, §B3). */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Channel } from '../media/channel.ts';
import { SoftswitchMediaError } from '../media/errors.ts';
import type { MediaCore } from '../media/media-core.ts';
import { EslConnection } from './connection.ts';

/** A listening event socket. */
export interface EslServer {
  readonly port: number;
  connections(): number;
  close(): Promise<void>;
}

/** More connections than this are turned away at once. */
const MAX_CONNECTIONS = 256;
/** Time for the application's listener to take an outbound connection. */
const CONNECT_TIMEOUT_MS = 3000;
/** Notice and last events get this long to be read before the socket is closed hard. */
const CLOSE_GRACE_MS = 2000;

/** Listens for applications. Rejects with MED_LISTEN when the port is taken. */
export async function listenEsl(core: MediaCore, host: string, port: number, secret: string): Promise<EslServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    if (sockets.size >= MAX_CONNECTIONS) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.setKeepAlive(true, 30_000);
    new EslConnection(socket, core, { kind: 'inbound', secret });
  });
  await listen(server, host, port);
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    connections: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new SoftswitchMediaError('MED_LISTEN', `${host}:${port} (${(error as NodeJS.ErrnoException).code})`)),
    );
    server.listen(port, host, () => resolve());
  });
}

/**
 * Connects a new channel to the application at `target` (`host:port` of X-esl-outbound). When it cannot be reached, or when it
 * closes the connection, the channel is hung up: nobody else controls it.
 */
export function connectOutbound(core: MediaCore, channel: Channel, target: string): void {
  const at = target.lastIndexOf(':');
  const port = Number(target.slice(at + 1));
  const host = target.slice(0, at);
  if (at < 1 || !Number.isInteger(port) || port < 1 || port > 65535) {
    channel.hangup('DESTINATION_OUT_OF_ORDER', false);
    return;
  }
  const socket = connect({ host, port });
  const timer = setTimeout(() => socket.destroy(), CONNECT_TIMEOUT_MS);
  let connection: EslConnection | null = null;
  socket.once('connect', () => {
    clearTimeout(timer);
    connection = new EslConnection(socket, core, { kind: 'outbound', channel });
  });
  socket.on('error', () => undefined);
  // An application that ends its side is gone: the last events are in its buffers already.
  socket.on('close', () => {
    clearTimeout(timer);
    channel.hangup('NORMAL_CLEARING', false);
  });
  channel.onGone = () => {
    if (!connection) {
      socket.destroy();
      return;
    }
    connection.disconnect(channel.uuid);
    setTimeout(() => socket.destroy(), CLOSE_GRACE_MS).unref();
  };
}
