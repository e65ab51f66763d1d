/** Prometheus metrics of one telephony process, and the small HTTP server that shows them with its health. */
import { createServer, type Server } from 'node:http';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { LegTable } from './legs/leg-table.ts';

export interface Metrics {
  readonly registry: Registry;
  readonly calls: Gauge;
  readonly legs: Gauge<'state'>;
  readonly operations: Counter<'kind' | 'status'>;
  readonly running: Gauge;
  /** INVITE to 200 of inbound calls that are answered at once. */
  readonly setup: Histogram;
  readonly invites: Counter<'outcome'>;
  readonly registrations: Counter<'outcome'>;
  readonly authentication: Counter<'outcome'>;
  readonly signals: Counter<'outcome'>;
  readonly leaseAge: Gauge;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    calls: new Gauge({ name: 'callwright_telephony_calls', help: 'Calls with a live leg', registers }),
    legs: new Gauge({ name: 'callwright_telephony_legs', help: 'Legs by state', labelNames: ['state'], registers }),
    operations: new Counter({
      name: 'callwright_telephony_operations_total',
      help: 'Operations by kind and status of their result',
      labelNames: ['kind', 'status'],
      registers,
    }),
    running: new Gauge({ name: 'callwright_telephony_operations_running', help: 'Operations that run', registers }),
    setup: new Histogram({
      name: 'callwright_telephony_setup_seconds',
      help: 'INVITE to 200 OK of inbound calls',
      buckets: [0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2],
      registers,
    }),
    invites: new Counter({
      name: 'callwright_telephony_invites_total',
      help: 'INVITEs by what became of them',
      labelNames: ['outcome'],
      registers,
    }),
    registrations: new Counter({
      name: 'callwright_telephony_registers_total',
      help: 'REGISTERs by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    authentication: new Counter({
      name: 'callwright_telephony_authentication_total',
      help: 'Digest checks by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    signals: new Counter({
      name: 'callwright_telephony_signals_total',
      help: 'Signals with leg events by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    leaseAge: new Gauge({
      name: 'callwright_telephony_lease_age_seconds',
      help: 'Since the lease was last renewed',
      registers,
    }),
  };
}

/** Lets the gauges read the legs and the lease whenever they are asked for. */
export function observe(metrics: Metrics, legs: LegTable, leaseAgeMs: () => number): void {
  Object.assign(metrics.calls, { collect: () => metrics.calls.set(legs.liveCalls) });
  Object.assign(metrics.leaseAge, { collect: () => metrics.leaseAge.set(leaseAgeMs() / 1000) });
  Object.assign(metrics.legs, {
    collect: () => {
      metrics.legs.reset();
      for (const leg of legs.all()) metrics.legs.inc({ state: leg.state });
    },
  });
}

/** Serves `/metrics` and `/healthz` on `host:port`. */
export function serveMetrics(
  { host, port }: { readonly host: string; readonly port: number },
  source: { registry(): Registry | null; healthy(): boolean },
): Promise<Server> {
  const server = createServer((req, res) => {
    if (req.method !== 'GET') {
      res.writeHead(405).end();
    } else if (req.url === '/metrics') {
      const registry = source.registry();
      if (!registry) return void res.writeHead(503).end();
      registry.metrics().then(
        (text) => res.writeHead(200, { 'content-type': registry.contentType }).end(text),
        () => res.writeHead(500).end(),
      );
    } else if (req.url === '/healthz') {
      const healthy = source.healthy();
      res.writeHead(healthy ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify({ healthy }));
    } else {
      res.writeHead(404).end();
    }
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}
