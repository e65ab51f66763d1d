/** Which ports the installation uses: fixed by the environment, else chosen once and kept in the data directory. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { writeAtomically } from './atomic-file.ts';
import { readJson } from './data-directory.ts';
import { StartError } from './errors.ts';
import { type FixedPort, PORT_VARIABLES, type Settings } from './settings.ts';

export interface PortRequest {
  readonly name: string;
  /** Who may fix it. */
  readonly fixedBy?: FixedPort;
  /** Added to the fixed port: metrics take one port per process from a base. */
  readonly offset?: number;
  readonly address: string;
  /** Name of an earlier request and the distance from its port at which this one is wished, when nobody fixes it and nobody is there. */
  readonly beside?: readonly [name: string, distance: number];
  readonly udp?: boolean;
}

/** Ports by request name. Throws `STA_PORT_TAKEN` naming the port and the variable to set. */
export async function choosePorts(
  requests: readonly PortRequest[],
  settings: Settings,
): Promise<Record<string, number>> {
  const file = join(settings.dataDir, 'ports.json');
  const kept = readJson<Record<string, number>>(file) ?? {};
  const chosen: Record<string, number> = {};
  for (const request of requests) {
    chosen[request.name] = (await fixedPort(request, settings)) ?? (await freePort(request, kept, chosen));
  }
  writeAtomically(file, `${JSON.stringify({ ...kept, ...chosen }, null, 2)}\n`);
  return chosen;
}

async function fixedPort(request: PortRequest, settings: Settings): Promise<number | undefined> {
  const base = request.fixedBy && settings.ports[request.fixedBy];
  if (!request.fixedBy || base === undefined) return undefined;
  const port = base + (request.offset ?? 0);
  if (await isFree(port, request)) return port;
  throw new StartError(
    'STA_PORT_TAKEN',
    `Port ${port} (${request.name}) on ${request.address} is taken by another process. Stop that process, or set ${PORT_VARIABLES[request.fixedBy]} to a free port.`,
  );
}

async function freePort(
  request: PortRequest,
  kept: Record<string, number>,
  chosen: Readonly<Record<string, number>>,
): Promise<number> {
  const taken = Object.values(chosen);
  const [neighbour, distance] = request.beside ?? ['', 0];
  for (const wished of [kept[request.name], (chosen[neighbour] ?? 65_536) + distance]) {
    if (wished && wished < 65_536 && !taken.includes(wished) && (await isFree(wished, request))) return wished;
  }
  for (;;) {
    // below the range systems take outgoing ports from, so that no client connection sits on it at the next start
    const port = 10_000 + Math.floor(Math.random() * 9_000);
    if (!taken.includes(port) && !Object.values(kept).includes(port) && (await isFree(port, request))) return port;
  }
}

async function isFree(port: number, { address, udp }: PortRequest): Promise<boolean> {
  return (await tcpIsFree(port, address)) && (!udp || (await udpIsFree(port, address)));
}

function tcpIsFree(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: address, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function udpIsFree(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ port, address, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}
