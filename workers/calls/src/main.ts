/** The calls worker process: runs the workflows of calls and pools until it is told to stop. */
import { connectTemporalWorker } from '@callwright/contract/codec';
import { closureSource, keyringFromFile, openStore } from '@callwright/store';
import { Runtime } from '@temporalio/worker';
import pino from 'pino';
import { callsBundle } from './bundle.ts';
import { callsSettings } from './settings.ts';
import { createCallsWorker } from './worker.ts';

async function main(): Promise<void> {
  const settings = callsSettings(process.env);
  const log = pino({ level: settings.logLevel, base: { role: 'calls' } });
  const began = Date.now();
  Runtime.install({
    logger: {
      log: (level, message, meta) => temporalLog(log, level, message, meta),
      trace: (message, meta) => temporalLog(log, 'TRACE', message, meta),
      debug: (message, meta) => temporalLog(log, 'DEBUG', message, meta),
      info: (message, meta) => temporalLog(log, 'INFO', message, meta),
      warn: (message, meta) => temporalLog(log, 'WARN', message, meta),
      error: (message, meta) => temporalLog(log, 'ERROR', message, meta),
    },
    // the worker is stopped by `shutdown` below, once, whatever the signal
    shutdownSignals: [],
    ...(settings.metricsPort > 0
      ? { telemetryOptions: { metrics: { prometheus: { bindAddress: `${settings.bind}:${settings.metricsPort}` } } } }
      : {}),
  });
  const store = openStore({ url: settings.databaseUrl, maxConnections: 2 });
  const [temporal, bundle] = await Promise.all([
    connectTemporalWorker({
      ...settings.temporal,
      cipher: keyringFromFile(settings.keyFile),
      closures: closureSource(store),
    }),
    callsBundle({ cacheDir: settings.bundleDir }),
  ]);
  const worker = await createCallsWorker({
    temporal,
    bundle: bundle.code,
    maxCachedWorkflows: settings.maxCachedWorkflows,
    taskQueue: settings.taskQueue,
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => worker.shutdown());
  const running = worker.run();
  log.info({ upAfterMs: Date.now() - began, built: bundle.built }, 'calls worker is up');
  await running;
  await temporal.connection.close();
  await store.close();
}

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;

/** The SDK's own lines; its INFO is our debug. Only names and states are kept, never payloads. */
function temporalLog(
  log: pino.Logger,
  level: keyof typeof LEVELS,
  message: string,
  meta?: Record<string | symbol, unknown>,
): void {
  const { workflowId, workflowType, error, state, taskQueue } = meta ?? {};
  const failure = error instanceof Error ? { name: error.name, stack: error.stack } : error;
  log[LEVELS[level]]({ workflowId, workflowType, state, taskQueue, ...(failure ? { error: failure } : {}) }, message);
}

main().catch((error: unknown) => {
  process.stderr.write(`calls worker: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
