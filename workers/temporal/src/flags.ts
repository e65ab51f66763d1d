/** How the embedded server is started (temporal.md §0, §5.3). */

export interface ServerOptions {
  /** Front-end port. */
  readonly port: number;
  readonly ip: string;
  /** SQLite file; created when missing, kept over restarts. */
  readonly databaseFile: string;
  readonly namespace: string;
}

/**
 * Dynamic configuration: by default the dev server polls its one shard 20 times a second, which adds 70 ms to every
 * step above ten steps a second (temporal.md §0); quiet queues pay for more than one partition.
 */
const DYNAMIC_CONFIG = [
  'history.transferProcessorMaxPollRPS=1000',
  'history.timerProcessorMaxPollRPS=100',
  'system.enableActivityEagerExecution=true',
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
] as const;

/** WAL: without it every commit is a sync of the whole file on the one connection. */
const PRAGMAS = ['journal_mode=wal', 'synchronous=normal'] as const;

/** As named in `workers/contract` (SEARCH_ATTRIBUTES). */
const SEARCH_ATTRIBUTES = ['CompanyId=Keyword', 'CallId=Keyword', 'Outcome=Keyword'] as const;

/** Arguments of the `temporal` binary. */
export function serverArguments({ port, ip, databaseFile, namespace }: ServerOptions): string[] {
  return [
    'server',
    'start-dev',
    '--headless',
    '--ip',
    ip,
    '--port',
    String(port),
    '--db-filename',
    databaseFile,
    '--namespace',
    namespace,
    '--log-level',
    'warn',
    ...PRAGMAS.flatMap((pragma) => ['--sqlite-pragma', pragma]),
    ...DYNAMIC_CONFIG.flatMap((setting) => ['--dynamic-config-value', setting]),
    ...SEARCH_ATTRIBUTES.flatMap((attribute) => ['--search-attribute', attribute]),
  ];
}
