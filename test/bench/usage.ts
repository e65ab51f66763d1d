/** CPU and memory of an installation's processes, read from /proc. */
import { readFileSync } from 'node:fs';
import { type Installation, ROLES } from '@callwright/start';

/** Clock ticks a second of /proc figures on Linux. */
const TICKS_PER_SECOND = 100;

export interface Usage {
  /** CPU seconds since each process began, summed per role. */
  readonly cpuSeconds: Readonly<Record<string, number>>;
  /** Resident memory in MiB per role. */
  readonly rssMiB: Readonly<Record<string, number>>;
  readonly atMs: number;
}

function cpuOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}

function rssOf(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

export function readUsage(installation: Installation): Usage {
  const cpuSeconds: Record<string, number> = {};
  const rssMiB: Record<string, number> = {};
  for (const role of ROLES) {
    const pids = installation.pids(role);
    cpuSeconds[role] = pids.reduce((sum, pid) => sum + cpuOf(pid), 0);
    rssMiB[role] = Math.round(pids.reduce((sum, pid) => sum + rssOf(pid), 0));
  }
  return { cpuSeconds, rssMiB, atMs: performance.now() };
}

/** Cores used per role between two readings. */
export function coresBetween(before: Usage, after: Usage): Record<string, number> {
  const seconds = (after.atMs - before.atMs) / 1000;
  return Object.fromEntries(
    Object.entries(after.cpuSeconds).map(([role, cpu]) => [
      role,
      Math.round(((cpu - (before.cpuSeconds[role] ?? 0)) / seconds) * 1000) / 1000,
    ]),
  );
}
