/** SIP over UDP (RFC 3261 §18): one datagram, one message. */
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { isStun, stunAnswer } from './stun-keep-alive.ts';
import type { ListenOptions, SipTransport, TransportHandlers } from './transport.ts';

const SOCKET_BUFFER_BYTES = 4 * 1024 * 1024;
/** Shorter ones are keep-alives (RFC 5626 §3.5.1, CRLF) or noise. */
const SHORTEST_MESSAGE_BYTES = 12;

/** Binds and listens; rejects when the port is taken. */
export async function openUdp(options: ListenOptions, handlers: TransportHandlers): Promise<SipTransport> {
  const socket = createSocket({
    type: isIPv6(options.host) ? 'udp6' : 'udp4',
    recvBufferSize: SOCKET_BUFFER_BYTES,
    sendBufferSize: SOCKET_BUFFER_BYTES,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ port: options.port, address: options.host }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  socket.on('error', () => handlers.onDropped());
  const local = socket.address();
  let closed = false;
  socket.on('message', (bytes, remote) => {
    if (bytes.length < SHORTEST_MESSAGE_BYTES || remote.port === 0) return;
    if (isStun(bytes)) {
      const answer = stunAnswer(bytes, remote.address, remote.port);
      if (answer && !closed) socket.send(answer, remote.port, remote.address);
      return;
    }
    handlers.onMessage(bytes, {
      protocol: 'udp',
      address: remote.address,
      port: remote.port,
      localAddress: local.address,
      localPort: local.port,
    });
  });
  return {
    protocol: 'udp',
    reliable: false,
    port: local.port,
    send(bytes, flow, onError) {
      if (closed) return;
      try {
        socket.send(bytes, flow.port, flow.address, onError && ((error) => error && onError(error)));
      } catch (error) {
        onError?.(error as Error);
      }
    },
    connections: () => 0,
    close: () =>
      new Promise((resolve) => {
        if (closed) return resolve();
        closed = true;
        socket.close(() => resolve());
      }),
  };
}
