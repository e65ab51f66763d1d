/** `GET /healthz`: the state of each part; 200 only when calls can be taken. */
import { CALLS_QUEUE, IO_QUEUE } from '@callwright/contract';
import { aliveInstances, type Store } from '@callwright/store';
import type { FastifyInstance } from 'fastify';
import type { MetricsTarget } from './config.ts';
import type { TemporalGate } from './temporal-gate.ts';

export interface HealthOptions {
  readonly store: Store;
  readonly temporal: TemporalGate;
  /** Processes on this machine, when they are known: Temporal notices a killed poller only after a minute, these at once. */
  readonly processes: readonly MetricsTarget[];
}

export interface PartHealth {
  readonly ok: boolean;
  readonly detail: string;
}

export type Health = Readonly<Record<'postgres' | 'temporal' | 'calls' | 'io' | 'media', PartHealth>>;

const CHECK_MS = 2000;
/** An idle poller asks again within a minute; one that has not asked for longer is gone. */
const POLLER_MS = 75_000;
const LEASE_MS = 5000;
/** Many askers cost one check. */
const KEEP_MS = 500;

const WORKFLOW_QUEUE = 1;
const ACTIVITY_QUEUE = 2;

async function part(check: () => Promise<string>): Promise<PartHealth> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), CHECK_MS);
  });
  try {
    return { ok: true, detail: await Promise.race([check(), late]) };
  } catch (error) {
    return { ok: false, detail: (error as Error).message.slice(0, 200) };
  } finally {
    clearTimeout(timer);
  }
}

async function pollers(temporal: TemporalGate, name: string, taskQueueType: number): Promise<string> {
  const answer = await temporal.client().workflowService.describeTaskQueue({
    namespace: temporal.namespace,
    taskQueue: { name },
    taskQueueType,
  });
  const identities = new Set<string>();
  for (const poller of answer.pollers ?? []) {
    const seconds = Number(poller.lastAccessTime?.seconds ?? 0);
    if (Date.now() - seconds * 1000 < POLLER_MS) identities.add(poller.identity ?? '');
  }
  if (identities.size === 0) throw new Error('no worker polls');
  return `${identities.size} polling`;
}

/** Throws when processes of the role are known and none of them answers. */
async function requireProcess(processes: readonly MetricsTarget[], role: string): Promise<void> {
  const known = processes.filter((p) => p.role === role || p.role.startsWith(`${role}-`));
  if (known.length === 0) return;
  const asked = known.map(({ url }) =>
    fetch(url, { signal: AbortSignal.timeout(CHECK_MS) }).then((answer) => answer.body?.cancel()),
  );
  await Promise.any(asked).catch(() => {
    throw new Error('no process answers');
  });
}

export async function checkHealth({ store, temporal, processes }: HealthOptions): Promise<Health> {
  const [postgres, server, calls, io, media] = await Promise.all([
    part(async () => {
      await store.pool.query('select 1');
      return 'answers';
    }),
    part(async () => {
      await temporal.client().workflowService.getSystemInfo({});
      return 'answers';
    }),
    part(async () => {
      await requireProcess(processes, 'calls');
      return pollers(temporal, CALLS_QUEUE, WORKFLOW_QUEUE);
    }),
    part(async () => {
      await requireProcess(processes, 'io');
      return pollers(temporal, IO_QUEUE, ACTIVITY_QUEUE);
    }),
    part(async () => {
      const alive = await aliveInstances(store.db, LEASE_MS);
      if (alive.length === 0) throw new Error('no media instance is alive');
      return alive.join(', ');
    }),
  ]);
  return { postgres, temporal: server, calls, io, media };
}

export function mountHealth(app: FastifyInstance, options: HealthOptions): void {
  let last: { readonly at: number; readonly health: Promise<Health> } | null = null;
  app.get('/healthz', { schema: { hide: true } as object }, async (_request, reply) => {
    if (!last || Date.now() - last.at > KEEP_MS) last = { at: Date.now(), health: checkHealth(options) };
    const parts = await last.health;
    const ok = Object.values(parts).every((p) => p.ok);
    return reply
      .code(ok ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ ok, parts });
  });
}
