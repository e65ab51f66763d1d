/** The api process. */
import { fileURLToPath } from 'node:url';
import { temporalFromEnvironment } from '@callwright/contract/codec';
import { createEspeak, decodeWav, durationMs, renderSpeech } from '@callwright/speech';
import { closureSource, keyringFromFile, openStore } from '@callwright/store';
import pino from 'pino';
import { readConfig } from './config.ts';
import { keepHouse } from './housekeeping.ts';
import { liveFeed } from './live/live-feed.ts';
import { buildServer } from './server.ts';
import { temporalGate } from './temporal-gate.ts';

/** Where `npm start` has the designer built. */
const CONSOLE_DIRECTORY = fileURLToPath(new URL('../../designer/dist', import.meta.url));
const PARTNER_PAGES_DIRECTORY = fileURLToPath(new URL('../partners/dist', import.meta.url));

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = pino({ level: config.logLevel, base: { role: 'api' } });
  const keyring = keyringFromFile(config.secretKeyFile);
  const store = openStore({ url: config.databaseUrl, maxConnections: 20 });
  const temporal = temporalGate(
    { ...temporalFromEnvironment(process.env), cipher: keyring, closures: closureSource(store) },
    (error) => log.warn({ err: error }, 'Temporal does not answer yet'),
  );
  const live = liveFeed(store, (error) => log.warn({ err: error }, 'live events wait for the store'));
  const espeak = createEspeak();
  const speak = async (text: string, language: string) => {
    const wav = await renderSpeech(espeak, { text, language });
    return { wav, durationMs: durationMs(decodeWav(wav)) };
  };
  const services = { store, keyring, temporal, speak, log, mediaDir: config.mediaDir };
  const app = await buildServer({
    services,
    live,
    logger: log,
    ratePerMinute: config.ratePerMinute,
    health: { store, temporal, processes: config.metricsTargets },
    metrics: { targets: config.metricsTargets, fetch },
    sipWs: config.sipWs,
    trustProxy: config.trustProxy,
    console: { directory: CONSOLE_DIRECTORY },
    partnerPages: { directory: PARTNER_PAGES_DIRECTORY },
  });
  const stopHouse = keepHouse(store, (error) => log.warn({ err: error }, 'tidying failed'));
  const stop = async (): Promise<void> => {
    stopHouse();
    await app.close();
    await live.close();
    await temporal.close();
    await espeak.close();
    await store.close();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => void stop().catch(() => process.exit(1)));
  await app.listen({ host: config.bind, port: config.httpPort });
  log.info({ port: config.httpPort }, 'api listens');
}

main().catch((error: Error & { code?: string }) => {
  const taken = error.code === 'EADDRINUSE';
  const say = taken ? 'The port of CALLWRIGHT_HTTP_PORT is taken: set another one.' : error.message;
  process.stderr.write(`${say}\n`);
  process.exit(1);
});
