/** Which ports the installation uses: fixed by the environment, else chosen once and kept in the data directory. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { writeAtomically } from './atomic-file.ts';
import { readJson } from './data-directory.ts';
import { StartError } from './errors.ts';
import { blockOf, holdPorts, type PortBlock } from './port-block.ts';
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

/** The entry of the kept ports that says which block was held. */
const BLOCK = 'block';

/** Ports that are chosen, and held until they are given back. */
export interface HeldPorts {
  /** By request name. */
  readonly ports: Readonly<Record<string, number>>;
  /** Lets others have what nobody fixed; the end of the process does it too. */
  release(): void;
}

/**
 * Chooses a port for each request: the fixed one, else the one of the last time, else a free one of a block that this installation has
 * to itself. Throws `STA_PORT_TAKEN` naming the port and the variable to set.
 */
export async function choosePorts(requests: readonly PortRequest[], settings: Settings): Promise<HeldPorts> {
  const file = join(settings.dataDir, 'ports.json');
  const kept = readJson<Record<string, number>>(file) ?? {};
  const block = await holdPorts(kept[BLOCK]);
  try {
    const chosen: Record<string, number> = {};
    for (const request of requests) {
      chosen[request.name] = (await fixedPort(request, settings)) ?? (await freePort(request, kept, chosen, block));
    }
    writeAtomically(file, `${JSON.stringify({ ...kept, ...chosen, [BLOCK]: block.base }, null, 2)}\n`);
    return { ports: chosen, release: block.release };
  } catch (error) {
    block.release();
    throw error;
  }
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
  kept: Readonly<Record<string, number>>,
  chosen: Readonly<Record<string, number>>,
  block: PortBlock,
): Promise<number> {
  const taken = Object.values(chosen);
  const [name, distance] = request.beside ?? ['', 0];
  const neighbour = chosen[name];
  const wishes = [kept[request.name], neighbour === undefined ? undefined : neighbour + distance];
  for (const wished of wishes) {
    if (!wished || wished >= 65_536 || taken.includes(wished)) continue;
    // another installation's block is not looked at: what it has chosen there need not be bound yet
    const home = blockOf(wished);
    const ours = home === undefined || home === block.base || (neighbour !== undefined && home === blockOf(neighbour));
    if (ours && home !== wished && (await isFree(wished, request))) return wished;
  }
  for (const port of block.ports) {
    if (!taken.includes(port) && !Object.values(kept).includes(port) && (await isFree(port, request))) return port;
  }
  throw new StartError('STA_PORT_TAKEN', `No port near ${block.base} is left for ${request.name}. Start again.`);
}

/** Whether nobody listens on it now. */
export async function isFree(port: number, { address, udp }: PortRequest): Promise<boolean> {
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
