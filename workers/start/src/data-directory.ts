/** The data directory: one running supervisor at a time, and what a killed one left is cleared before a new one starts. */
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeAtomically } from './atomic-file.ts';
import { StartError } from './errors.ts';
import { isRunning, type ProcessToken, processToken } from './process-token.ts';

/** What a process is; `pids/<role>` lists the processes of each. */
export const ROLES = ['calls', 'io', 'api', 'telephony', 'sip', 'media', 'temporal', 'postgres'] as const;
export type Role = (typeof ROLES)[number];

export interface Child extends ProcessToken {
  readonly role: Role;
  /** What ends it in an orderly way. */
  readonly signal: NodeJS.Signals;
}

/** How long children of a killed supervisor may take to end by themselves. */
const ORPHAN_GRACE_MS = 8_000;

/** Exclusive hold of a data directory, and the record of the processes that run for it. */
export class DataDirectory {
  readonly path: string;
  #children: Child[] = [];

  private constructor(path: string) {
    this.path = path;
  }

  /** Throws `STA_ALREADY_RUNNING` when another supervisor holds the directory. */
  static hold(path: string): DataDirectory {
    for (const part of ['', 'pids', 'logs', 'media']) mkdirSync(join(path, part), { recursive: true });
    const lock = join(path, 'supervisor.lock');
    const me = processToken(process.pid);
    if (!me)
      throw new StartError('STA_DATA_DIRECTORY', 'The system does not tell when a process started (no /proc, no ps).');
    const draft = `${lock}.${process.pid}`;
    writeFileSync(draft, JSON.stringify(me));
    try {
      for (let attempt = 0; attempt < 5; attempt += 1) {
        if (link(draft, lock)) return new DataDirectory(path);
        const owner = readJson<ProcessToken>(lock);
        if (owner && isRunning(owner)) throw alreadyRunning(path, owner.pid);
        rmSync(lock, { force: true });
      }
      throw alreadyRunning(path, 0);
    } finally {
      rmSync(draft, { force: true });
    }
  }

  /** Ends what an earlier, killed supervisor left running; returns how many processes that were. */
  async clearOrphans(): Promise<number> {
    const orphans = (readJson<Child[]>(join(this.path, 'children.json')) ?? []).filter(isRunning);
    for (const orphan of orphans) send(orphan.pid, orphan.signal);
    const deadline = Date.now() + ORPHAN_GRACE_MS;
    while (orphans.some(isRunning) && Date.now() < deadline) await sleep(50);
    for (const orphan of orphans.filter(isRunning)) send(orphan.pid, 'SIGKILL');
    while (orphans.some(isRunning) && Date.now() < deadline + 5_000) await sleep(50);
    this.#write();
    return orphans.length;
  }

  /** Records a started process in `pids/<role>` and in the private list. */
  add(role: Role, pid: number, signal: NodeJS.Signals): void {
    const token = processToken(pid);
    // it may have ended already; its exit is about to be reported
    if (!token) return;
    this.#children.push({ ...token, role, signal });
    this.#write();
  }

  remove(pid: number): void {
    this.#children = this.#children.filter((child) => child.pid !== pid);
    this.#write();
  }

  release(): void {
    rmSync(join(this.path, 'supervisor.lock'), { force: true });
  }

  #write(): void {
    for (const role of ROLES) {
      const pids = this.#children.filter((child) => child.role === role).map((child) => `${child.pid}\n`);
      writeAtomically(join(this.path, 'pids', role), pids.join(''));
    }
    writeAtomically(join(this.path, 'children.json'), JSON.stringify(this.#children));
  }
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function alreadyRunning(path: string, pid: number): StartError {
  return new StartError(
    'STA_ALREADY_RUNNING',
    `Callwright is already running on ${path} (process ${pid}). Stop it first, or set CALLWRIGHT_DATA_DIR to another directory for a second installation.`,
  );
}

/** Reads a JSON file; nothing when it is missing or not whole. */
export function readJson<T>(file: string): T | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // gone meanwhile
  }
}
