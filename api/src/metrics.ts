/** `GET /metrics` for Prometheus: this process, and every process of `CALLWRIGHT_METRICS_TARGETS` under the label `process`. */
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { MetricsTarget } from './config.ts';

export interface MetricsOptions {
  readonly targets: readonly MetricsTarget[];
  readonly fetch: typeof fetch;
}

const SCRAPE_MS = 2000;
const MAX_BYTES = 4 * 1024 * 1024;

export function mountMetrics(app: FastifyInstance, { targets, fetch: get }: MetricsOptions): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'callwright_http_request_seconds',
    help: 'Duration of HTTP requests',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  const up = new Gauge({
    name: 'callwright_up',
    help: '1 when the process answers',
    labelNames: ['process'],
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    // the pattern, never the address: ids would make a series each
    const route = request.routeOptions.url ?? 'unknown';
    duration.observe({ route, method: request.method, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
  });
  app.addHook('onClose', async () => registry.clear());
  app.get('/metrics', { schema: { hide: true } as object }, async (_request, reply) => {
    const others = await Promise.all(targets.map(({ role, url }) => scrape(get, url).then((text) => ({ role, text }))));
    for (const { role, text } of others) up.set({ process: role }, text === null ? 0 : 1);
    const own = labelled(await registry.metrics(), 'api');
    const parts = [own, ...others.flatMap(({ role, text }) => (text === null ? [] : [labelled(text, role)]))];
    return reply.type(registry.contentType).send(merge(parts));
  });
}

async function scrape(get: typeof fetch, url: string): Promise<string | null> {
  try {
    const answer = await get(url, { signal: AbortSignal.timeout(SCRAPE_MS), redirect: 'error' });
    if (!answer.ok) return null;
    const text = await answer.text();
    return text.length > MAX_BYTES ? null : text;
  } catch {
    return null;
  }
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(.*)\})? (.+)$/;

/** Adds `process="…"` to every sample that has none. */
export function labelled(text: string, name: string): string {
  return text
    .split('\n')
    .map((line) => {
      const match = SAMPLE.exec(line);
      if (!match || line.startsWith('#')) return line;
      const [, metric, , labels, value] = match;
      if (/(^|,)process="/.test(labels ?? '')) return line;
      return `${metric}{process="${name}"${labels ? `,${labels}` : ''}} ${value}`;
    })
    .join('\n');
}

/** One text of several: the lines of one metric stand together under one HELP and TYPE, as the format demands. */
export function merge(texts: readonly string[]): string {
  const families = new Map<string, { readonly head: string[]; readonly samples: string[] }>();
  for (const text of texts) {
    let current = '';
    for (const line of text.split('\n')) {
      if (line.trim() === '' || line === '# EOF') continue;
      const head = /^# (HELP|TYPE) (\S+)/.exec(line);
      if (head) current = head[2]!;
      const family = families.get(current) ?? { head: [], samples: [] };
      families.set(current, family);
      if (!head) family.samples.push(line);
      else if (!family.head.some((known) => known.startsWith(`# ${head[1]} `))) family.head.push(line);
    }
  }
  return `${[...families.values()].flatMap((f) => [...f.head, ...f.samples]).join('\n')}\n`;
}
