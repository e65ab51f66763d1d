/** One process under watch: started, logged, restarted when it ends, stopped on demand. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { readable, type Say } from './console.ts';
import type { DataDirectory, Role } from './data-directory.ts';
import { LogFile, lineSplitter } from './log-file.ts';
import type { Reaper } from './reaper.ts';

export interface ProcessSpec {
  /** Unique, names the log file. */
  readonly name: string;
  readonly role: Role;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly stopSignal: NodeJS.Signals;
  /** After this it is killed. */
  readonly stopMs: number;
  /** Runs before each start, for what a killed process left behind. */
  readonly beforeStart?: () => void;
}

export interface Watch {
  readonly data: DataDirectory;
  readonly reaper: Reaper;
  readonly say: Say;
}

/** Wait before a restart, by how many short runs came just before: the first restart is at once. */
const BACK_OFF_MS = [0, 250, 1_000, 2_000, 5_000, 10_000] as const;
/** A run shorter than this counts as a failed start. */
const SHORT_RUN_MS = 5_000;
/** A process killed by hand or for memory after this much is fit to restart at once. */
const KILLED_RUN_MS = 1_000;

const KEPT_LINES = 30;

/** The wait before the next start. */
export function backOffMs(shortRuns: number): number {
  return BACK_OFF_MS[Math.min(shortRuns, BACK_OFF_MS.length - 1)] ?? 0;
}

export class ManagedProcess {
  readonly spec: ProcessSpec;
  /** Runs in a row that ended too early. */
  shortRuns = 0;
  /** The last lines it wrote, for saying why a start failed. */
  readonly lastLines: string[] = [];
  readonly #watch: Watch;
  readonly #log: LogFile;
  #child: ChildProcess | undefined;
  #restart: NodeJS.Timeout | undefined;
  #stopping = false;
  #startedAt = 0;

  constructor(spec: ProcessSpec, watch: Watch) {
    this.spec = spec;
    this.#watch = watch;
    this.#log = new LogFile(join(watch.data.path, 'logs', `${spec.name}.log`));
  }

  get logPath(): string {
    return this.#log.path;
  }

  start(): void {
    const { command, args, env, cwd, uid, gid, role, stopSignal, beforeStart } = this.spec;
    this.#startedAt = Date.now();
    beforeStart?.();
    // a session of its own: Ctrl-C reaches the supervisor only, which stops the parts in order
    const child = spawn(command, args, { env, cwd, uid, gid, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    this.#child = child;
    if (child.pid) {
      this.#watch.data.add(role, child.pid, stopSignal);
      this.#watch.reaper.add(child.pid, stopSignal);
    }
    this.#capture(child);
    let done = false;
    const ended = (why: string, signal: NodeJS.Signals | null) => {
      if (done) return;
      done = true;
      this.#ended(child, why, signal);
    };
    child.on('error', (error) => ended(error.message, null));
    child.on('exit', (code, signal) => ended(signal ? `was ended by ${signal}` : `ended with code ${code}`, signal));
  }

  /** Resolves when it has ended; kills it when it takes longer than `stopMs`. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (child) {
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill(this.spec.stopSignal);
      const kill = setTimeout(() => child.kill('SIGKILL'), this.spec.stopMs);
      await ended;
      clearTimeout(kill);
    }
    this.#log.close();
  }

  /** Ends it at once. */
  kill(): void {
    this.#stopping = true;
    clearTimeout(this.#restart);
    this.#child?.kill('SIGKILL');
  }

  #capture(child: ChildProcess): void {
    const keep = (line: string) => {
      this.lastLines.push(line);
      if (this.lastLines.length > KEPT_LINES) this.lastLines.shift();
      this.#log.write(line);
      const text = readable(line);
      if (text) this.#watch.say(`${this.spec.name.padEnd(9)} ${text}`);
    };
    for (const stream of [child.stdout, child.stderr]) {
      const lines = lineSplitter(keep);
      stream?.setEncoding('utf8').on('data', lines.push).on('end', lines.end);
    }
  }

  #ended(child: ChildProcess, why: string, signal: NodeJS.Signals | null): void {
    this.#child = undefined;
    if (child.pid) {
      this.#watch.data.remove(child.pid);
      this.#watch.reaper.remove(child.pid);
    }
    if (this.#stopping) return;
    const ranMs = Date.now() - this.#startedAt;
    const short = ranMs < (signal === 'SIGKILL' ? KILLED_RUN_MS : SHORT_RUN_MS);
    const waitMs = short ? backOffMs(this.shortRuns) : 0;
    this.shortRuns = short ? this.shortRuns + 1 : 0;
    this.#watch.say(`${this.spec.name.padEnd(9)} ${why}; restarting ${waitMs ? `in ${waitMs} ms` : 'at once'}`);
    this.#log.write(JSON.stringify({ time: Date.now(), msg: 'process ended', why, waitMs }));
    this.#restart = setTimeout(() => this.start(), waitMs);
  }
}
