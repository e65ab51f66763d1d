/**
 * An installation for tests and measurements: real store, real Temporal, real io worker, real calls workers as processes of their
 * own (so that they can be killed); only telephony is a fake media instance.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CALL_START_OPTIONS, type CallInput, callWorkflowId } from '@callwright/contract';
import { connectTemporal, connectTemporalWorker, type TemporalClient } from '@callwright/contract/codec';
import type { CallStart, Cdr, RevisionClosure } from '@callwright/engine';
import { allowedUrls, createIoWorker, httpSender, urlGuard } from '@callwright/io';
import {
  closureSource,
  ensureKeyFile,
  insertInboundCall,
  keyringFromFile,
  storeRecords,
  uniqueCallNumber,
  uuidv7,
} from '@callwright/store';
import { type TestDatabase, testDatabase, testTemporal } from '@callwright/test-support';
import { type FakeMedia, fakeMedia } from './fake-media.ts';
import { quieten, until } from './world.ts';

/** As the supervisor starts it. */
const CALLS_MAIN = [
  '--import',
  new URL('../src/workflow-thread.ts', import.meta.url).href,
  new URL('../src/main.ts', import.meta.url).pathname,
];
const IO_MAIN = fileURLToPath(import.meta.resolve('@callwright/io/main'));

export interface InstallationOptions {
  /** CALLWRIGHT_ALLOW_URLS of the io workers. */
  readonly allow?: string;
  /** False: no io worker but those of `startIo`. */
  readonly ioInside?: boolean;
}

export interface WorkerProcess {
  readonly process: ChildProcess;
  /** SIGKILL, and gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export async function openInstallation({ allow = '', ioInside = true }: InstallationOptions = {}) {
  quieten();
  const id = randomUUID().slice(0, 8);
  const folder = await mkdtemp(join(tmpdir(), 'calls-'));
  const keyFile = join(folder, 'secret.key');
  ensureKeyFile(keyFile);
  const keyring = keyringFromFile(keyFile);
  const database = await testDatabase();
  const { store } = database;
  const options = { ...testTemporal(), cipher: keyring, closures: closureSource(store) };
  const temporal = await connectTemporal(options);
  const connection = await connectTemporalWorker(options);
  const callsQueue = `calls-${id}`;
  const http = httpSender(urlGuard(allowedUrls(allow)));
  const io = ioInside ? await createIoWorker(connection, { store, keyring, temporal, http, callsQueue }) : null;
  const ioRunning = io?.run();
  const companyId = uuidv7();
  await store.pool.query(
    `insert into owner (id, kind, path, name, number) values ($1, 'company', array[$1::uuid], 'acme', 1)`,
    [companyId],
  );
  const media = await fakeMedia({
    temporal: connection,
    client: temporal,
    instance: `m-${id}.1`,
    store: async (input) => {
      await storeRecords(store.db, keyring, input);
      return input.records.at(-1)?.n ?? 0;
    },
  });
  await store.pool.query(`insert into media_instance (instance, name, epoch) values ($1, $2, 1)`, [
    media.instance,
    `m-${id}`,
  ]);
  const processes = new Set<WorkerProcess>();

  const start = async (main: readonly string[]): Promise<WorkerProcess> => {
    const child = spawn(process.execPath, main, {
      env: {
        ...process.env,
        TEMPORAL_ADDRESS: options.address,
        TEMPORAL_NAMESPACE: options.namespace,
        DATABASE_URL: database.url,
        CALLWRIGHT_SECRET_KEY_FILE: keyFile,
        CALLWRIGHT_DATA_DIR: folder,
        CALLWRIGHT_QUEUE_SUFFIX: `-${id}`,
        CALLWRIGHT_METRICS_PORT: '0',
        CALLWRIGHT_ALLOW_URLS: allow,
        CALLWRIGHT_LOG_LEVEL: 'info',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const gone = new Promise<number | null>((resolve) => child.once('exit', resolve));
    let log = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
    await until(() => log.includes('worker is up') || child.exitCode !== null, 30_000);
    const end = (signal: NodeJS.Signals) => {
      processes.delete(entry);
      child.kill(signal);
      return gone;
    };
    const entry: WorkerProcess = {
      process: child,
      kill: async () => void (await end('SIGKILL')),
      stop: () => end('SIGTERM'),
    };
    processes.add(entry);
    return entry;
  };

  return {
    id,
    companyId,
    media,
    store,
    temporal,
    keyring,
    startCalls: () => start(CALLS_MAIN),
    startIo: () => start([IO_MAIN]),
    publish: (name: string, closure: RevisionClosure) => publish(store, companyId, name, closure),
    inbound: (closure: RevisionClosure) => inbound({ companyId, store, temporal, callsQueue, media }, closure),
    close: async () => {
      await Promise.all([...processes].map((one) => one.kill()));
      await media.stop();
      io?.shutdown();
      await ioRunning;
      await connection.connection.close();
      await temporal.close();
      await database.drop();
      await rm(folder, { recursive: true });
    },
  };
}
export type Installation = Awaited<ReturnType<typeof openInstallation>>;

async function publish(
  store: Awaited<ReturnType<typeof testDatabase>>['store'],
  companyId: string,
  name: string,
  closure: RevisionClosure,
) {
  const flowId = uuidv7();
  await store.pool.query(
    `insert into flow (id, company_id, number, name, draft, published_hash)
     values ($1, $2, (select coalesce(max(number), 0) + 1 from flow), $3, '{}', $4)`,
    [flowId, companyId, name, closure.root],
  );
  await store.pool.query(
    `insert into revision (hash, company_id, flow_id, number, closure, published_by) values ($1, $2, $3, 1, $4, 'test')`,
    [closure.root, companyId, flowId, JSON.stringify(closure)],
  );
}

export interface InboundCall {
  readonly callId: string;
  readonly leg: string;
  readonly ended: () => Promise<unknown>;
  readonly cdr: () => Promise<Cdr | null>;
  /** `[n, type, body]` of its records, in order. */
  readonly records: () => Promise<{ n: number; type: string; body: Record<string, unknown> }[]>;
}

interface Surroundings {
  readonly companyId: string;
  readonly store: TestDatabase['store'];
  readonly temporal: TemporalClient;
  readonly callsQueue: string;
  readonly media: FakeMedia;
}

/** A call arrives, as telephony does it: rows, then the workflow. */
async function inbound(around: Surroundings, closure: RevisionClosure): Promise<InboundCall> {
  const { companyId, store, temporal, callsQueue, media } = around;
  const callId = uuidv7();
  const leg = `${callId}/leg/1`;
  const calling = { type: 'unknown', id: null, entityNumber: null, number: '0123456789', name: '' };
  const called = { ...calling, type: 'flow', number: '202' };
  const number = await uniqueCallNumber(store.db);
  const start: CallStart = {
    type: 'call.start',
    at: Date.now(),
    callId,
    number,
    companyId,
    externalId: null,
    direction: 'inbound',
    locale: { language: 'en', timeZone: 'Europe/Rome', country: 'IT', currency: 'EUR' },
    seed: number,
    revision: closure.root,
    variables: {},
    called,
    inbound: { leg, instance: media.instance, sipCallId: leg, coordinates: calling },
    originate: null,
  };
  media.open(companyId, callId, leg);
  await insertInboundCall(store.db, {
    callId,
    number,
    companyId,
    direction: 'inbound',
    start: start as never,
    revision: closure.root,
    calling,
    called,
    leg: {
      id: leg,
      instance: media.instance,
      direction: 'inbound',
      coordinates: calling,
      dialogId: null,
      transactionId: null,
      sipCallId: null,
      source: null,
    },
  });
  const handle = await temporal.client.workflow.start<(input: CallInput) => Promise<unknown>>('callWorkflow', {
    ...CALL_START_OPTIONS,
    taskQueue: callsQueue,
    workflowId: callWorkflowId(companyId, callId),
    args: [{ start, closure }],
  });
  return {
    callId,
    leg,
    ended: () => handle.result(),
    cdr: async () => (await store.pool.query('select cdr from call where id = $1', [callId])).rows[0].cdr as Cdr | null,
    records: async () =>
      (await store.pool.query('select n, type, body from call_record where call_id = $1 order by n', [callId])).rows,
  };
}

/** Presses a key once the leg's menu listens. */
export async function pressWhenAsked(media: FakeMedia, leg: string, digit: string): Promise<number> {
  await until(() => media.listens(leg), 60_000);
  media.press(leg, digit);
  return Date.now();
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
