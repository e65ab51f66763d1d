/** The telephony process: one media instance after another, until it is told to stop. */
import type { Server } from 'node:http';
import {
  connectTemporal,
  connectTemporalWorker,
  type TemporalClient,
  type TemporalWorkerConnection,
} from '@callwright/contract/codec';
import { createEspeak, createSpeech, SHIPPED_PROMPTS_DIR, type Speech } from '@callwright/speech';
import {
  closureSource,
  keyringFromFile,
  loadPromptContent,
  openStore,
  promptHashes,
  type Store,
  trustedScope,
} from '@callwright/store';
import { Runtime } from '@temporalio/worker';
import pino, { type Logger } from 'pino';
import { readEnvironment, type TelephonySettings } from './environment.ts';
import { codeOf } from './errors.ts';
import { startTelephony, type Telephony } from './instance/telephony.ts';
import { serveMetrics } from './metrics.ts';

const PATIENCE_MS = 30_000;
const REBOOT_PAUSE_MS = 200;

async function main(): Promise<void> {
  const settings = readEnvironment(process.env);
  const log = pino({ level: settings.logLevel, base: { role: 'telephony' } });
  quietLibraries(log);
  // the process stops when its instance has ended, not when the SDK sees a signal
  Runtime.install({ shutdownSignals: [], logger: sdkLogger(log) });
  const keyring = keyringFromFile(settings.keyFile);
  const store = openStore({ url: settings.databaseUrl });
  const temporalOptions = { ...settings.temporal, cipher: keyring, closures: closureSource(store) };
  const [temporal, temporalWorker] = await Promise.all([
    connectTemporal(temporalOptions),
    connectTemporalWorker(temporalOptions),
  ]);
  const speech = createSpeechOf(settings, store);
  const current: { telephony: Telephony | null; stopping: boolean } = { telephony: null, stopping: false };
  const server = await metricsServer(settings, () => current.telephony);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      current.stopping = true;
      void current.telephony?.stop();
    });
  }
  while (!current.stopping) {
    const telephony = await startTelephony({
      ...options(settings, log),
      store,
      keyring,
      temporal,
      temporalWorker,
      resolvePrompts: speech.resolve,
    });
    current.telephony = telephony;
    if (current.stopping) await telephony.stop();
    const reason = await telephony.ended;
    current.telephony = null;
    log.warn({ reason }, 'media instance has ended');
    if (!current.stopping) await new Promise((resume) => setTimeout(resume, REBOOT_PAUSE_MS));
  }
  server?.close();
  await close(store, temporal, temporalWorker, speech);
  process.exit(0);
}

async function close(
  store: Store,
  temporal: TemporalClient,
  worker: TemporalWorkerConnection,
  speech: Speech,
): Promise<void> {
  await Promise.race([
    Promise.allSettled([temporal.close(), worker.connection.close(), speech.close(), store.close()]),
    new Promise((resume) => setTimeout(resume, 1000).unref()),
  ]);
}

function options(settings: TelephonySettings, log: Logger) {
  return {
    ...settings,
    freeswitch: {
      ...settings.freeswitch,
      listenAddress: settings.bind,
      // an address that means "all of them" is no address to come back to
      ...(/^(0\.0\.0\.0|::)$/.test(settings.bind) ? { advertisedAddress: settings.publicAddress ?? '127.0.0.1' } : {}),
    },
    patienceMs: PATIENCE_MS,
    log,
  };
}

function createSpeechOf(settings: TelephonySettings, store: Store): Speech {
  return createSpeech({
    provider: createEspeak(),
    mediaDir: settings.mediaDir,
    shippedDirs: [SHIPPED_PROMPTS_DIR],
    loadAudio: (companyId, hash) => loadPromptContent(store.db, companyId, hash),
    audioHash: async (companyId, name) => (await promptHashes(store.db, trustedScope(companyId))).get(name) ?? null,
  });
}

async function metricsServer(settings: TelephonySettings, telephony: () => Telephony | null): Promise<Server | null> {
  if (settings.metricsPort === 0) return null;
  return serveMetrics(
    { host: '127.0.0.1', port: settings.metricsPort },
    { registry: () => telephony()?.metrics.registry ?? null, healthy: () => telephony()?.healthy ?? false },
  );
}

/** drachtio's packages write to the console, whole messages at times: standard output is for our own lines. */
function quietLibraries(log: Logger): void {
  for (const method of ['log', 'info', 'warn', 'error'] as const) {
    console[method] = () => log.debug('a library wrote to the console');
  }
}

function sdkLogger(log: Logger) {
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') => (_message: string, meta?: Record<string | symbol, unknown>) =>
      log[level]({ sdk: meta?.message ?? _message }, 'temporal');
  return {
    log: (level: string, message: string) => log.debug({ sdk: message, level }, 'temporal'),
    trace: write('debug'),
    debug: write('debug'),
    info: write('debug'),
    warn: write('warn'),
    error: write('error'),
  };
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : 'unknown fault';
  process.stderr.write(`telephony: ${codeOf(error) ? `${codeOf(error)}: ` : ''}${message}\n`);
  process.exit(1);
});
