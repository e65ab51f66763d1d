/** The telephony process of the product: calls are run by Temporal. */
import { connectTemporal, connectTemporalWorker } from '@callwright/contract/codec';
import { closureSource } from '@callwright/store';
import { Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';
import { type LogicContext, type OpenLogic, runTelephony } from './run.ts';
import { createTemporalLogic } from './temporal-logic.ts';

async function openTemporal({ settings, store, keyring, log }: LogicContext): Promise<OpenLogic> {
  // the process stops when its instance has ended, not when the SDK sees a signal
  Runtime.install({ shutdownSignals: [], logger: sdkLogger(log) });
  const options = { ...settings.temporal, cipher: keyring, closures: closureSource(store) };
  const [temporal, temporalWorker] = await Promise.all([connectTemporal(options), connectTemporalWorker(options)]);
  return {
    logic: createTemporalLogic({ store, temporal, temporalWorker }),
    close: () => Promise.allSettled([temporal.close(), temporalWorker.connection.close()]),
  };
}

/** The SDK's own lines: its INFO is our debug, and nothing of a payload is kept. */
function sdkLogger(log: Logger) {
  const write = (level: 'debug' | 'warn' | 'error') => (sdk: string) => log[level]({ sdk }, 'temporal sdk');
  return {
    log: (_level: string, sdk: string) => log.debug({ sdk }, 'temporal sdk'),
    trace: write('debug'),
    debug: write('debug'),
    info: write('debug'),
    warn: write('warn'),
    error: write('error'),
  };
}

await runTelephony(process.env, openTemporal);
