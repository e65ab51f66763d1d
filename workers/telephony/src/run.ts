/** The telephony process, whoever runs the calls' machines: one media instance after another, until it is told to stop. */
import type { Server } from 'node:http';
import { createEspeak, createSpeech, SHIPPED_PROMPTS_DIR, type Speech } from '@callwright/speech';
import {
  type Keyring,
  keyringFromFile,
  loadPromptContent,
  openStore,
  promptHashes,
  recordingFile,
  type Store,
  trustedScope,
} from '@callwright/store';
import pino, { type Logger } from 'pino';
import type { CallLogic } from './call-logic.ts';
import { readEnvironment, type TelephonySettings } from './environment.ts';
import { codeOf } from './errors.ts';
import { startTelephony, type Telephony } from './instance/telephony.ts';
import { serveMetrics } from './metrics.ts';

const PATIENCE_MS = 30_000;
const REBOOT_PAUSE_MS = 200;

/** What the runner of calls may use of the process. */
export interface LogicContext {
  readonly settings: TelephonySettings;
  readonly store: Store;
  readonly keyring: Keyring;
  readonly log: Logger;
}

export interface OpenLogic {
  readonly logic: CallLogic;
  close(): Promise<unknown>;
}

/** Runs telephony with the environment's settings until SIGTERM or SIGINT; ends the process. */
export async function runTelephony(
  environment: NodeJS.ProcessEnv,
  openLogic: (context: LogicContext) => Promise<OpenLogic>,
): Promise<void> {
  try {
    await run(environment, openLogic);
  } catch (error) {
    const message = error instanceof Error ? error.message : 'unknown fault';
    process.stderr.write(`telephony: ${codeOf(error) ? `${codeOf(error)}: ` : ''}${message}\n`);
    process.exit(1);
  }
}

async function run(
  environment: NodeJS.ProcessEnv,
  openLogic: (context: LogicContext) => Promise<OpenLogic>,
): Promise<void> {
  const settings = readEnvironment(environment);
  const log = pino({ level: settings.logLevel, base: { role: 'telephony' } });
  quietLibraries(log);
  const keyring = keyringFromFile(settings.keyFile);
  const store = openStore({ url: settings.databaseUrl });
  const { logic, close: closeLogic } = await openLogic({ settings, store, keyring, log });
  const speech = createSpeechOf(settings, store);
  const current: { telephony: Telephony | null; stopping: boolean } = { telephony: null, stopping: false };
  const server = await metricsServer(settings, () => current.telephony);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      current.stopping = true;
      void current.telephony?.stop();
    });
  }
  outliveBadMessages(log);
  while (!current.stopping) {
    const telephony = await startTelephony({
      ...options(settings, log),
      store,
      keyring,
      logic,
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
  await close([closeLogic(), speech.close(), store.close()]);
  process.exit(0);
}

/**
 * The libraries parse what strangers send inside their socket handlers; a message that makes one throw there must not cost every other
 * call its legs. State is kept per leg, so going on is safe; what threw is in the log.
 */
function outliveBadMessages(log: Logger): void {
  process.on('uncaughtException', (err) => log.error({ err }, 'uncaught exception'));
  process.on('unhandledRejection', (err) => log.error({ err }, 'unhandled rejection'));
}

/** What does not close in a second is left to the end of the process. */
async function close(closing: readonly Promise<unknown>[]): Promise<void> {
  await Promise.race([Promise.allSettled(closing), new Promise((resume) => setTimeout(resume, 1000).unref())]);
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
    recordingPath: (companyId, id) => recordingFile(settings.mediaDir, companyId, id),
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
