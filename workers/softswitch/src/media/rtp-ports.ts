/** RTP ports: pairs of an even RTP port and the odd RTCP port above it (RFC 3550 §11), handed out in rotation. */
import { createSocket, type Socket } from 'node:dgram';
import { SoftswitchMediaError } from './errors.ts';

/** Two bound sockets. */
export interface PortPair {
  readonly rtp: Socket;
  readonly rtcp: Socket;
  readonly port: number;
}

/** Hands out bound pairs and takes the numbers back. */
export interface PortAllocator {
  allocate(): Promise<PortPair>;
  release(pair: PortPair): void;
  /** Pairs in use. */
  inUse(): number;
}

/** Addresses reach the sockets as numbers; a look-up would cost a trip round the event loop per packet. */
const numericLookup = ((
  host: string,
  _family: unknown,
  done: (error: null, address: string, family: number) => void,
) => {
  done(null, host, 4);
}) as never;

/** Room for 100 ms of a whole burst while the event loop is busy. */
const RECEIVE_BUFFER_BYTES = 64 * 1024;

/** `range` is `first-last` as in CALLWRIGHT_RTP_PORTS; `bind` the local address of all sockets. */
export function openPorts(range: string, bind: string): PortAllocator {
  const [first, last] = parseRange(range);
  const count = Math.floor((last - first + 1) / 2);
  const used = new Set<number>();
  // Rotation keeps a port unused as long as can be after a call, so late packets of an old call meet nobody.
  let next = Math.floor(Math.random() * count);

  async function allocate(): Promise<PortPair> {
    for (let tries = 0; tries < count; tries++) {
      const port = first + (next++ % count) * 2;
      if (used.has(port)) continue;
      used.add(port);
      const pair = await bindPair(port, bind);
      if (pair) return pair;
      used.delete(port);
    }
    throw new SoftswitchMediaError('MED_NO_PORT');
  }

  return {
    allocate,
    release: (pair) => {
      pair.rtp.close();
      pair.rtcp.close();
      used.delete(pair.port);
    },
    inUse: () => used.size,
  };
}

function parseRange(range: string): [number, number] {
  const match = /^(\d+)-(\d+)$/.exec(range);
  const first = Number(match?.[1]);
  const last = Number(match?.[2]);
  if (!match || first < 1 || last > 65535 || last - first < 1) throw new SoftswitchMediaError('MED_BAD_PORT_RANGE');
  return [first + (first & 1), last];
}

async function bindPair(port: number, bind: string): Promise<PortPair | null> {
  const rtp = await bindSocket(port, bind);
  if (!rtp) return null;
  const rtcp = await bindSocket(port + 1, bind);
  if (rtcp) return { rtp, rtcp, port };
  rtp.close();
  return null;
}

function bindSocket(port: number, address: string): Promise<Socket | null> {
  const socket = createSocket({ type: 'udp4', lookup: numericLookup, recvBufferSize: RECEIVE_BUFFER_BYTES });
  return new Promise((resolve) => {
    socket.once('error', () => {
      socket.close();
      resolve(null);
    });
    socket.bind({ port, address, exclusive: true }, () => {
      socket.removeAllListeners('error');
      // An ICMP "port unreachable" of a peer that has gone must not end the process.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}
