/**
 * The media process runs before everything else on its machine, as FreeSWITCH does by default: its clock has a deadline every 5 ms
 * and needs little time. Without it 300 calls on two busy cores were heard in pieces (docs/adr/softswitch-media-engine.md).
 */
import { spawnSync } from 'node:child_process';
import { setPriority } from 'node:os';

/** What the system let us have. */
export type Priority = 'realtime' | 'high' | 'normal';

const NICE = -10;

/** Asks for real-time scheduling (round robin, lowest level), else for a high priority, else does without. Only root gets any. */
export function raisePriority(): Priority {
  // Node cannot ask for a scheduling class itself; chrt comes with every Linux. -a: the threads of V8 and libuv too, for ours waits for them.
  const chrt = spawnSync('chrt', ['-r', '-a', '-p', '1', String(process.pid)], { stdio: 'ignore', timeout: 2000 });
  if (chrt.status === 0) return 'realtime';
  try {
    setPriority(NICE);
    return 'high';
  } catch {
    return 'normal';
  }
}
