/** An api in process for tests: a database of its own, the shared Temporal server, the demo company and a second one beside it. */
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporalFromEnvironment } from '@callwright/contract/codec';
import { encodeWav } from '@callwright/speech';
import {
  closureSource,
  type DemoSummary,
  type Keyring,
  keyringFromBytes,
  openStore,
  type Store,
  seedDemo,
} from '@callwright/store';
import { type TestDatabase, testDatabase, testTemporal } from '@callwright/test-support';
import type { FastifyInstance, InjectOptions } from 'fastify';
import pino from 'pino';
import type { MetricsTarget } from './config.ts';
import { builtInFlows } from './flows/built-in.ts';
import { NO_PROXY, type TrustedProxy } from './http/proxies.ts';
import { liveFeed } from './live/live-feed.ts';
import { buildServer } from './server.ts';
import { type TemporalGate, temporalGate } from './temporal-gate.ts';

export interface Asked {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every route
  readonly body: any;
}

export interface TestApi {
  readonly app: FastifyInstance;
  readonly store: Store;
  readonly keyring: Keyring;
  readonly temporal: TemporalGate;
  readonly demo: DemoSummary;
  /** Key of an administrator of a second company, made through the API, that has users with the same extensions. */
  readonly other: { readonly companyId: string; readonly key: string };
  /** Asks a path below /api/v1 with a key (the demo administrator's unless told). */
  ask(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, options?: AskOptions): Promise<Asked>;
  close(): Promise<void>;
}

export interface AskOptions {
  readonly body?: unknown;
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

const SECOND_MS = 8000;
const NO_CONSOLE = join(tmpdir(), 'callwright-without-console');

/** One second of a 440 Hz tone, in place of a voice. */
export function toneWav(sampleRateHz = 8000): Buffer {
  const samples = Int16Array.from({ length: sampleRateHz }, (_, i) =>
    Math.round(SECOND_MS * Math.sin((2 * Math.PI * 440 * i) / sampleRateHz)),
  );
  return encodeWav({ samples, sampleRateHz });
}

export interface TestApiOptions {
  readonly ratePerMinute?: number;
  readonly temporalAddress?: string;
  /** A namespace of the test's own, so that no other worker takes its calls. */
  readonly namespace?: string;
  readonly processes?: readonly MetricsTarget[];
  /** Another way to the database, e.g. through a proxy that can be cut. */
  readonly databaseUrl?: (url: string) => Promise<string>;
  /** A built console; without it there is none. */
  readonly consoleDirectory?: string;
  /** Built pages of partners' programs; without them there are none. */
  readonly partnerPagesDirectory?: string;
  /** WebSocket port of a SIP server. */
  readonly sipWs?: { readonly host: string; readonly port: number };
  readonly trustProxy?: TrustedProxy;
  /** Where recordings lie. */
  readonly mediaDir?: string;
}

export async function startTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const database: TestDatabase = await testDatabase();
  const url = options.databaseUrl ? await options.databaseUrl(database.url) : database.url;
  const store = openStore({ url, maxConnections: 8 });
  const keyring = keyringFromBytes(randomBytes(32));
  const demo = await seedDemo(store, keyring, builtInFlows(), { apiKey: null, password: null });
  const log = pino({ level: process.env.CALLWRIGHT_LOG_LEVEL ?? 'silent' });
  const address = options.temporalAddress ?? testTemporal().address;
  const temporal = temporalGate(
    {
      ...temporalFromEnvironment({ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: options.namespace }),
      cipher: keyring,
      closures: closureSource(store),
    },
    () => {},
  );
  const live = liveFeed(store, () => {});
  const speak = async () => ({ wav: toneWav(), durationMs: 1000 });
  const app = await buildServer({
    services: { store, keyring, temporal, speak, log, mediaDir: options.mediaDir },
    live,
    logger: log,
    ratePerMinute: options.ratePerMinute ?? 1_000_000,
    health: { store, temporal, processes: options.processes ?? [] },
    metrics: { targets: [], fetch },
    console: { directory: options.consoleDirectory ?? NO_CONSOLE },
    partnerPages: { directory: options.partnerPagesDirectory ?? NO_CONSOLE },
    sipWs: options.sipWs ?? null,
    trustProxy: options.trustProxy ?? NO_PROXY,
  });
  await app.ready();
  const ask = asker(app, demo.admin.apiKey);
  const other = await secondCompany(ask);
  return {
    app,
    store,
    keyring,
    temporal,
    demo,
    other,
    ask,
    close: async () => {
      await app.close();
      await live.close();
      await temporal.close();
      await store.close();
      await database.drop();
    },
  };
}

function asker(app: FastifyInstance, adminKey: string): TestApi['ask'] {
  return async (method, path, { body, key = adminKey, headers = {} } = {}) => {
    const request: InjectOptions = {
      method,
      url: `/api/v1${path}`,
      headers: { ...(key ? { authorization: `Bearer ${key}` } : {}), ...headers },
      ...(body === undefined ? {} : { payload: body as object | string }),
    };
    const answer = await app.inject(request);
    const json = String(answer.headers['content-type'] ?? '').includes('json');
    return { status: answer.statusCode, headers: answer.headers, body: json ? answer.json() : answer.rawPayload };
  };
}

async function secondCompany(ask: TestApi['ask']): Promise<TestApi['other']> {
  const company = await ask('POST', '/owners', { body: { kind: 'company', name: 'Other' } });
  const key = await ask('POST', '/api-keys', { body: { ownerId: company.body.id, name: 'other administrator' } });
  return { companyId: company.body.id, key: key.body.key };
}
