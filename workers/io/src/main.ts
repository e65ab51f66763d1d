/** The io worker process: activities, the monitor of media instances, the starter. */
import { connectTemporal, connectTemporalWorker, temporalRuntime } from '@callwright/contract/codec';
import { closureSource, keyringFromFile, listenFor, openStore, PARTNER_NOTICES, runSchedule } from '@callwright/store';
import { Runtime } from '@temporalio/worker';
import pino from 'pino';
import { callCloser } from './closer.ts';
import { eraser } from './eraser.ts';
import { httpSender } from './http-request.ts';
import { mailOutbox } from './mail/outbox.ts';
import { instanceMonitor } from './monitor.ts';
import { notifier } from './partners/notify.ts';
import { partnerTeller } from './partners/teller.ts';
import { rounds } from './rounds.ts';
import { ioSettings } from './settings.ts';
import { callStarter } from './starter.ts';
import { formSender } from './transcripts/post-form.ts';
import { transcriber } from './transcripts/transcriber.ts';
import { urlGuard } from './url-guard.ts';
import { callwrightRule, webhookDeliverer } from './webhooks/index.ts';
import { createIoWorker } from './worker.ts';

const ROUND_MS = 1000;
const POOLS_MS = 60_000;
const CLOSER_MS = 5000;
const SCHEDULE_BATCH = 50;
const WEBHOOKS_MS = 250;

async function main(): Promise<void> {
  const settings = ioSettings(process.env);
  const log = pino({ level: settings.logLevel, base: { role: 'io' } });
  const began = Date.now();
  Runtime.install(temporalRuntime(log, settings.bind, settings.metricsPort));
  const store = openStore({ url: settings.databaseUrl });
  const keyring = keyringFromFile(settings.keyFile);
  const options = { ...settings.temporal, cipher: keyring, closures: closureSource(store) };
  const [temporal, connection] = await Promise.all([connectTemporal(options), connectTemporalWorker(options)]);
  const guard = urlGuard(settings.allowed);
  const http = httpSender(guard);
  const forms = formSender(guard);
  const { callsQueue } = settings;
  const worker = await createIoWorker(connection, { store, keyring, temporal, http, callsQueue });
  const monitor = instanceMonitor({ store, temporal });
  const starter = callStarter({ store, keyring, temporal, callsQueue });
  const report = (task: string) => (error: unknown) => {
    const { name, code } = error as { name?: string; code?: unknown };
    log.warn({ task, error: { name, code } }, 'a round failed');
  };
  const deliverer = webhookDeliverer({ store, keyring, http, rules: { callwright: callwrightRule() } });
  const receivers = notifier(guard);
  const teller = partnerTeller({
    store,
    notifier: receivers,
    failed: (partner, fact, err) => log.error({ partner, fact, err }, 'a contract could not read a fact'),
  });
  const partners = rounds(teller.round, teller.pauseMs, report('partners'));
  const unlisten = listenFor(store, PARTNER_NOTICES, () => {
    teller.hear();
    partners.wake();
  });
  const tasks = [
    partners,
    rounds(deliverer.round, WEBHOOKS_MS, report('webhooks')),
    rounds(monitor.round, ROUND_MS, report('monitor')),
    rounds(starter.round, ROUND_MS, report('starter')),
    rounds(callCloser({ store, keyring, temporal }).round, CLOSER_MS, report('closer')),
    rounds(() => runSchedule(store.db, keyring, SCHEDULE_BATCH), ROUND_MS, report('schedule')),
    rounds(mailOutbox({ store, keyring, guard, mediaDir: settings.mediaDir }).round, ROUND_MS, report('mail')),
    rounds(transcriber({ store, keyring, forms, mediaDir: settings.mediaDir }).round, ROUND_MS, report('transcripts')),
    rounds(eraser({ store, keyring, mediaDir: settings.mediaDir }).round, ROUND_MS, report('erasures')),
    rounds(starter.pools, POOLS_MS, report('pools')),
  ];
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => worker.shutdown());
  const running = worker.run();
  log.info({ upAfterMs: Date.now() - began }, 'io worker is up');
  try {
    await running;
  } finally {
    unlisten();
    await Promise.all(tasks.map((task) => task.stop()));
    await Promise.all([deliverer.stop(), teller.stop()]);
  }
  await receivers.close();
  await http.close();
  await forms.close();
  await connection.connection.close();
  await temporal.close();
  await store.close();
}

main().catch((error: unknown) => {
  process.stderr.write(`io worker: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
