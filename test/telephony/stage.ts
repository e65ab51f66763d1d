/** Telephony on the real softswitch, PostgreSQL and Temporal, its calls played by a puppet workflow. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { callWorkflowId, type LegEnvelope, type MediaOpOutput } from '@callwright/contract';
import { connectTemporal, connectTemporalWorker } from '@callwright/contract/codec';
import type { LegEventBody, MediaCommand } from '@callwright/engine';
import { catalogue, pinTogether } from '@callwright/flows';
import { type Certificate, startMediaServer, startSipServer } from '@callwright/softswitch';
import { closureSource, keyringFromBytes, seedDemo } from '@callwright/store';
import { createTemporalLogic, startTelephony, type Telephony, type TelephonyOptions } from '@callwright/telephony';
import { testDatabase, testTemporal } from '@callwright/test-support';
import { Worker } from '@temporalio/worker';
import { pino } from 'pino';
import type { Credentials } from '../phone/digest.ts';
import { Phone, type PhoneOptions } from '../phone/phone.ts';
import type { PuppetJob, PuppetView } from './puppet-workflow.ts';

const SECRET = 'between-the-servers';

/** A range of RTP ports of this test process's own. */
const rtpPorts = (): string => {
  const first = 30_000 + Math.floor(Math.random() * 100) * 200;
  if (taken.has(first)) return rtpPorts();
  taken.add(first);
  return `${first}-${first + 199}`;
};
const taken = new Set<number>();

/** A SIP server and a media server. */
async function startPair(mediaDir: string, t1Ms: number, certificate: Certificate | null = null) {
  const sip = await startSipServer({
    bind: '127.0.0.1',
    sipPort: 0,
    publicAddress: '127.0.0.1',
    appHost: '127.0.0.1',
    appPort: 0,
    secret: SECRET,
    timers: { t1Ms, t2Ms: 8 * t1Ms, t4Ms: 10 * t1Ms },
    ...(certificate ? { secure: { ...certificate, verify: false, tlsPort: 0, wsPort: 0 } } : {}),
  });
  const media = await startMediaServer({
    sipHost: '127.0.0.1',
    eslHost: '127.0.0.1',
    eslPort: 0,
    secret: SECRET,
    bind: '127.0.0.1',
    sipPort: 0,
    publicAddress: '127.0.0.1',
    rtpPorts: rtpPorts(),
    mediaDir,
    maxChannels: 200,
    observeLateness: () => {},
  });
  return { sip, media };
}

/** How telephony reaches them. */
const reaching = ({ sip, media }: Awaited<ReturnType<typeof startPair>>) => ({
  drachtio: { host: '127.0.0.1', port: sip.appPort, secret: SECRET },
  freeswitch: { host: '127.0.0.1', port: media.eslPort, secret: SECRET, listenAddress: '127.0.0.1' },
});

export type Stage = Awaited<ReturnType<typeof openStage>>;

/** Command without what the stage adds. */
export type Order = { readonly kind: MediaCommand['kind']; readonly leg: string; readonly [field: string]: unknown };

/** T1 for tests that wait until the SIP server gives up (64 times T1); with a certificate it speaks TLS, too. */
export async function openStage({
  t1Ms = 500,
  certificate = null,
}: {
  readonly t1Ms?: number;
  readonly certificate?: Certificate | null;
} = {}) {
  const database = await testDatabase();
  const mediaDir = mkdtempSync(join(tmpdir(), 'callwright-media-'));
  const keyring = keyringFromBytes(randomBytes(32));
  const demo = await seedDemo(database.store, keyring, pinTogether(catalogue), { apiKey: null, password: null });
  const callsQueue = `calls-${randomUUID()}`;
  const options = { ...testTemporal(), cipher: keyring, closures: closureSource(database.store) };
  const [temporal, temporalWorker] = await Promise.all([connectTemporal(options), connectTemporalWorker(options)]);
  const worker = await Worker.create({
    ...temporalWorker,
    taskQueue: callsQueue,
    workflowsPath: fileURLToPath(new URL('./puppet-workflow.ts', import.meta.url)),
  });
  const running = worker.run();
  const pair = await startPair(mediaDir, t1Ms, certificate);
  const { sip, media } = pair;
  const pairs = [pair];
  const phones: Phone[] = [];
  const booted: Telephony[] = [];
  const telephonyOptions: TelephonyOptions = {
    instanceName: `t${randomBytes(4).toString('hex')}`,
    ...reaching(pair),
    patienceMs: 5000,
    store: database.store,
    keyring,
    logic: createTemporalLogic({ store: database.store, temporal, temporalWorker, callsQueue }),
    resolvePrompts: async (items) => items.map(streamOf),
    mediaDir,
    maxCalls: 50,
    maxCallsPerSecond: 100,
    maxCallsPerSource: 100,
    capLoopback: false,
    sessionSeconds: 1800,
    digestAlgorithms: ['SHA-256', 'MD5'],
    allowedSip: [],
    log: pino({ level: process.env.CALLWRIGHT_TEST_LOG ?? 'silent' }),
  };
  const boot = async (changes: Partial<TelephonyOptions> = {}): Promise<Telephony> => {
    const telephony = await startTelephony({ ...telephonyOptions, ...changes });
    booted.push(telephony);
    return telephony;
  };
  const phone = async (extension: string | null, more: Partial<PhoneOptions> = {}): Promise<Phone> => {
    const user = demo.users.find((one) => one.extension === extension);
    const credentials: Credentials | undefined = user
      ? { username: user.sipUser, password: user.sipPassword }
      : undefined;
    const opened = await new Phone({
      serverPort: sip.sipPort,
      ...(credentials ? { credentials } : {}),
      ...more,
    }).open();
    phones.push(opened);
    return opened;
  };
  /** Another pair of servers with a telephony of its own. */
  const bootApart = async (): Promise<{ readonly telephony: Telephony; readonly sipPort: number }> => {
    const apart = await startPair(mediaDir, t1Ms);
    pairs.push(apart);
    const telephony = await boot({ ...reaching(apart), instanceName: `t${randomBytes(4).toString('hex')}` });
    return { telephony, sipPort: apart.sip.sipPort };
  };
  const puppet = (callId: string): Puppet => createPuppet(temporal.client, demo.companyId, callId);
  /** The call that a phone's INVITE became. */
  const callOf = async ({ callId: sipCallId }: { readonly callId: string }): Promise<Puppet> => {
    const before = Date.now();
    while (Date.now() - before < 15_000) {
      const row = await database.store.db
        .selectFrom('leg')
        .select('call_id')
        .where('sip_call_id', '=', sipCallId)
        .executeTakeFirst();
      const found = row && puppet(row.call_id);
      if (found && (await found.view().catch(() => null))) return found;
      await sleep(10);
    }
    throw new Error('the INVITE became no call');
  };
  const close = async (): Promise<void> => {
    await Promise.all(phones.map((one) => one.close().catch(() => {})));
    await Promise.all(booted.map((one) => one.stop()));
    worker.shutdown();
    await running;
    await Promise.all([temporal.close(), temporalWorker.connection.close()]);
    await Promise.all(pairs.flatMap((one) => [one.media.close(), one.sip.close()]));
    await database.drop();
    rmSync(mediaDir, { recursive: true, force: true });
  };
  return {
    database,
    demo,
    mediaDir,
    keyring,
    sip,
    media,
    temporal,
    callsQueue,
    boot,
    bootApart,
    phone,
    puppet,
    callOf,
    close,
    logic: telephonyOptions.logic,
  };
}

type Client = Awaited<ReturnType<typeof connectTemporal>>['client'];

function streamOf(item: { type: string }): string {
  const tone = item as unknown as { frequenciesHz: number[]; onMs: number; ms: number };
  return item.type === 'tone'
    ? `tone_stream://%(${tone.onMs},0,${tone.frequenciesHz.join(',')})`
    : `silence_stream://${tone.ms ?? 100}`;
}

export type Puppet = ReturnType<typeof createPuppet>;

/** One call, commanded by the test. */
function createPuppet(client: Client, companyId: string, callId: string) {
  const handle = client.workflow.getHandle(callWorkflowId(companyId, callId));
  let counter = 0;
  const view = (): Promise<PuppetView> => handle.query<PuppetView>('view');
  const until = async <T>(what: string, find: (seen: PuppetView) => T | undefined, timeoutMs = 10_000): Promise<T> => {
    const before = Date.now();
    for (;;) {
      const found = find(await view());
      if (found !== undefined) return found;
      if (Date.now() - before > timeoutMs)
        throw new Error(`waited ${timeoutMs} ms for ${what}: ${JSON.stringify(await view())}`);
      await sleep(15);
    }
  };
  const begin = async (
    order: Order,
    instance: string,
    more: Partial<PuppetJob['input']> = {},
    op = `${callId}/op/${++counter}`,
  ): Promise<string> => {
    const command = { ...order, op, instance } as unknown as MediaCommand;
    const locale = { language: 'en', timeZone: 'UTC', currency: 'EUR' };
    await handle.signal('do', {
      instance,
      input: { companyId, callId, command, processed: {}, records: [], locale, ...more },
    } satisfies PuppetJob);
    return op;
  };
  const result = (op: string): Promise<MediaOpOutput> => until(`result of ${op}`, (seen) => seen.results[op]);
  return {
    callId,
    companyId,
    handle,
    view,
    until,
    begin,
    result,
    order: async (order: Order, instance: string, more: Partial<PuppetJob['input']> = {}): Promise<MediaOpOutput> =>
      result(await begin(order, instance, more)),
    event: <T extends LegEventBody['type']>(
      leg: string,
      type: T,
    ): Promise<LegEnvelope & { body: Extract<LegEventBody, { type: T }> }> =>
      until(`${type} of ${leg}`, (seen) =>
        seen.events.find((event) => event.leg === leg && event.body.type === type),
      ) as Promise<LegEnvelope & { body: Extract<LegEventBody, { type: T }> }>,
  };
}

/** Collect that takes one digit after a short tone. */
export function collectOrder(leg: string, changes: Record<string, unknown> = {}): Order {
  return {
    kind: 'media.collect',
    leg,
    prompts: [tone(440, 300)],
    modes: ['keys'],
    minDigits: 1,
    maxDigits: 1,
    terminators: '',
    firstDigitTimeoutMs: 3000,
    interDigitTimeoutMs: 1000,
    totalTimeoutMs: 0,
    tries: 1,
    noInputPrompts: [],
    noMatchPrompts: [],
    clearDigits: false,
    ...changes,
  };
}

export function tone(hz: number, ms: number, bargeIn = true) {
  return { items: [{ type: 'tone' as const, frequenciesHz: [hz], onMs: ms, offMs: 0, repeat: 1 }], bargeIn };
}
