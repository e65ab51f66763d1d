/** Settings of a calls worker, from the environment. */
import { join } from 'node:path';
import { CALLS_QUEUE } from '@callwright/contract';
import { type TemporalAddress, temporalFromEnvironment } from '@callwright/contract/codec';

export interface CallsSettings {
  readonly temporal: TemporalAddress;
  readonly databaseUrl: string;
  readonly keyFile: string;
  /** Folder of kept workflow bundles. */
  readonly bundleDir: string;
  readonly taskQueue: string;
  readonly maxCachedWorkflows: number;
  /** 0 = no metrics. */
  readonly metricsPort: number;
  readonly bind: string;
  readonly logLevel: string;
}

/** Reads and checks them; throws one plain sentence naming the first variable that is wrong. */
export function callsSettings(environment: NodeJS.ProcessEnv): CallsSettings {
  const required = (name: string): string => {
    const value = environment[name];
    if (!value) throw new Error(`${name} must be set.`);
    return value;
  };
  const whole = (name: string, absent: number, highest: number): number => {
    const value = environment[name] ? Number(environment[name]) : absent;
    if (!Number.isInteger(value) || value < 0 || value > highest) {
      throw new Error(`${name} must be a whole number from 0 to ${highest}.`);
    }
    return value;
  };
  return {
    temporal: temporalFromEnvironment(environment),
    databaseUrl: required('DATABASE_URL'),
    keyFile: required('CALLWRIGHT_SECRET_KEY_FILE'),
    bundleDir: join(required('CALLWRIGHT_DATA_DIR'), 'cache'),
    taskQueue: CALLS_QUEUE + (environment.CALLWRIGHT_QUEUE_SUFFIX ?? ''),
    maxCachedWorkflows: whole('CALLWRIGHT_MAX_CACHED_CALLS', 2000, 100_000),
    metricsPort: whole('CALLWRIGHT_METRICS_PORT', 0, 65_535),
    bind: environment.CALLWRIGHT_BIND || '127.0.0.1',
    logLevel: environment.CALLWRIGHT_LOG_LEVEL || 'info',
  };
}
