/** Waits until a part can be used; gives up early when its process keeps ending. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { progress } from './console.ts';
import { StartError } from './errors.ts';
import type { ManagedProcess } from './managed-process.ts';

/** Short runs in a row after which a start is hopeless. */
const HOPELESS_RUNS = 4;

export interface Waiting {
  readonly what: string;
  readonly timeoutMs: number;
  readonly check: () => Promise<boolean>;
  /** Processes whose repeated end means that it will never be ready. */
  readonly processes: readonly ManagedProcess[];
  /** Stops the waiting when the person at the terminal does. */
  readonly signal: AbortSignal;
  /** More about why it is not ready, for the error. */
  readonly detail?: () => string;
}

/** Throws `STA_NOT_READY` with the process's own last words. */
export async function untilReady({ what, timeoutMs, check, processes, signal, detail }: Waiting): Promise<void> {
  const done = progress(`waiting for ${what}`);
  const deadline = Date.now() + timeoutMs;
  try {
    while (!(await check())) {
      signal.throwIfAborted();
      const hopeless = processes.find((process) => process.shortRuns >= HOPELESS_RUNS);
      if (hopeless) throw new StartError('STA_NOT_READY', doesNotStart(hopeless));
      if (Date.now() > deadline) {
        const seconds = Math.round(timeoutMs / 1000);
        throw new StartError('STA_NOT_READY', `${what}: not ready after ${seconds} s. ${detail?.() ?? ''}`.trim());
      }
      await sleep(50);
    }
  } finally {
    done();
  }
}

function doesNotStart({ spec, lastLines, logPath }: ManagedProcess): string {
  return `${spec.name} does not start: ${lastWords(lastLines)}\nIts log is ${logPath}.`;
}

/** What a process's last lines give as the reason: its own fatal log line, else the error Node printed, else the last line. */
export function lastWords(lines: readonly string[]): string {
  const logged = lines.map(sentence).findLast(Boolean);
  const thrown = lines.findLast((line) => /^\w*Error\b.*:/.test(line));
  return logged ?? thrown ?? lines.at(-1) ?? 'it says nothing';
}

/** pino's level of an error. */
const ERROR = 50;

function sentence(line: string): string | undefined {
  try {
    const { level, msg, err } = JSON.parse(line) as { level?: number; msg?: string; err?: { message?: string } };
    return (level ?? 0) >= ERROR ? [msg, err?.message].filter(Boolean).join(': ') : undefined;
  } catch {
    return undefined;
  }
}

/** True when something listens there. */
export function listens(address: string): Promise<boolean> {
  const colon = address.lastIndexOf(':');
  return new Promise((resolve) => {
    const socket = connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)), timeout: 1_000 });
    const answer = (value: boolean) => {
      socket.destroy();
      resolve(value);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
    socket.once('timeout', () => answer(false));
  });
}
