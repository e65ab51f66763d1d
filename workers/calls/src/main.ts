/** The calls worker process: runs the workflows of calls and pools until it is told to stop. */
import { flushCompileCache } from 'node:module';
import { connectTemporalWorker, temporalRuntime } from '@callwright/contract/codec';
import { closureSource, keyringFromFile, openStore } from '@callwright/store';
import { Runtime } from '@temporalio/worker';
import pino from 'pino';
import { callsBundle } from './bundle.ts';
import { ensureSearchAttributes } from './search-attributes.ts';
import { callsSettings } from './settings.ts';
import { createCallsWorker } from './worker.ts';

async function main(): Promise<void> {
  const settings = callsSettings(process.env);
  const log = pino({ level: settings.logLevel, base: { role: 'calls' } });
  const began = Date.now();
  Runtime.install(temporalRuntime(log, settings.bind, settings.metricsPort));
  const store = openStore({ url: settings.databaseUrl, maxConnections: 2 });
  const [temporal, bundle] = await Promise.all([
    connectTemporalWorker({
      ...settings.temporal,
      cipher: keyringFromFile(settings.keyFile),
      closures: closureSource(store),
    }),
    callsBundle({ cacheDir: settings.bundleDir }),
  ]);
  await ensureSearchAttributes(temporal);
  const worker = await createCallsWorker({
    temporal,
    bundle: bundle.code,
    maxCachedWorkflows: settings.maxCachedWorkflows,
    taskQueue: settings.taskQueue,
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => worker.shutdown());
  const running = worker.run();
  // kept now, since a worker that is killed keeps nothing at its end
  flushCompileCache();
  log.info({ upAfterMs: Date.now() - began, built: bundle.built }, 'calls worker is up');
  await running;
  await temporal.connection.close();
  await store.close();
}

main().catch((error: unknown) => {
  process.stderr.write(`calls worker: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
