/** Runs of ports that one installation has to itself, so that two that start at the same time never choose the same port. */
import { createServer } from 'node:net';

/** Below the range systems take outgoing ports from, so that no client connection sits on one of them at the next start. */
const FIRST = 10_000;
const SIZE = 36;
const BLOCKS = 250;

/** The first port of the block a port lies in; undefined for ports outside all blocks. */
export function blockOf(port: number): number | undefined {
  const index = Math.floor((port - FIRST) / SIZE);
  return index >= 0 && index < BLOCKS ? FIRST + index * SIZE : undefined;
}

/**
 * A block that is held: nobody is given its ports until `release` or the end of this process. Its first port is listened on for as
 * long as it is held; looking whether a port is free is not enough, because the process that is to use it binds it seconds later.
 */
export interface PortBlock {
  /** The guard's port; never given out. */
  readonly base: number;
  /** The others, in a random order: ports outside our hands may be in use. */
  readonly ports: readonly number[];
  release(): void;
}

/** Holds the wished block when nobody else does, else any. Throws when all are held. */
export async function holdPorts(wished?: number): Promise<PortBlock> {
  const blocks = shuffled(Array.from({ length: BLOCKS }, (_, index) => FIRST + index * SIZE));
  for (const base of wished === undefined ? blocks : [wished, ...blocks]) {
    const release = await guard(base);
    if (release) return { base, release, ports: shuffled(Array.from({ length: SIZE - 1 }, (_, i) => base + 1 + i)) };
  }
  throw new Error(`no ${SIZE} ports in a row are free between ${FIRST} and ${FIRST + SIZE * BLOCKS}`);
}

function guard(port: number): Promise<(() => void) | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.unref();
      resolve(() => void server.close());
    });
  });
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => [Math.random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}
