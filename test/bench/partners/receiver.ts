/** Receiver of partner events: a bare Fastify route that notes when each module was told what. */
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';

export interface Told {
  /** Epoch ms. */
  readonly at: number;
  readonly query: string;
}

export interface Receiver {
  readonly origin: string;
  /** By module name, in the order of arrival. */
  readonly told: ReadonlyMap<string, readonly Told[]>;
  readonly count: () => number;
  close(): Promise<void>;
}

/** Wall clock with fractions: what the store's times are compared with. */
const now = (): number => performance.timeOrigin + performance.now();

export async function startReceiver(): Promise<Receiver> {
  const told = new Map<string, Told[]>();
  const app = fastify({ forceCloseConnections: true });
  app.get<{ Params: { module: string } }>('/told/:module', async ({ params: { module }, url }) => {
    const at = now();
    const list = told.get(module) ?? [];
    told.set(module, list);
    list.push({ at, query: url.split('?')[1] ?? '' });
    return '';
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    origin: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    told,
    count: () => [...told.values()].reduce((sum, list) => sum + list.length, 0),
    close: () => app.close(),
  };
}
