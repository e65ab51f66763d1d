/** The Temporal SDK's process-wide runtime as our workers set it up: its lines in our log, its metrics on a port, its signals off. */
import type { RuntimeOptions } from '@temporalio/worker';

type Level = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
type Meta = Record<string | symbol, unknown>;

/** The part of a pino logger that is used. */
export interface ProcessLog {
  trace(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** The SDK's own INFO is of interest to nobody who runs the product. */
const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;

/** Options for `Runtime.install`. `metricsPort` 0 = no metrics. */
export function temporalRuntime(log: ProcessLog, bind: string, metricsPort: number): RuntimeOptions {
  const write = (level: Level, message: string, meta?: Meta): void => log[LEVELS[level]](fieldsOf(meta), message);
  return {
    logger: {
      log: write,
      trace: (message, meta) => write('TRACE', message, meta),
      debug: (message, meta) => write('DEBUG', message, meta),
      info: (message, meta) => write('INFO', message, meta),
      warn: (message, meta) => write('WARN', message, meta),
      error: (message, meta) => write('ERROR', message, meta),
    },
    // processes stop their workers themselves, in their own order
    shutdownSignals: [],
    ...(metricsPort > 0
      ? { telemetryOptions: { metrics: { prometheus: { bindAddress: `${bind}:${metricsPort}` } } } }
      : {}),
  };
}

/** Names and states only: payloads and messages of failures may hold what a caller typed. */
function fieldsOf(meta: Meta = {}): object {
  const { workflowId, workflowType, activityType, activityId, attempt, state, taskQueue, error } = meta;
  const failure = error instanceof Error ? { name: error.name, stack: frames(error) } : undefined;
  return { workflowId, workflowType, activityType, activityId, attempt, state, taskQueue, error: failure };
}

/** The stack without its first line, which repeats the message. */
const frames = (error: Error): string =>
  (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
