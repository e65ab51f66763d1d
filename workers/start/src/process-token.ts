/** Tells a process from a later one that got the same pid. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface ProcessToken {
  readonly pid: number;
  /** When the process started, in whatever form the system tells it. */
  readonly started: string;
}

/** The token of a live process; nothing when there is none with that pid. */
export function processToken(pid: number): ProcessToken | undefined {
  const started = process.platform === 'linux' ? startedByProc(pid) : startedByPs(pid);
  return started ? { pid, started } : undefined;
}

/** True while the very process the token was taken of is alive (a zombie is not). */
export function isRunning(token: ProcessToken): boolean {
  return processToken(token.pid)?.started === token.started;
}

function startedByProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // proc(5): the name in parentheses may hold anything, so count from its end; state is field 3, starttime field 22
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function startedByPs(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}
