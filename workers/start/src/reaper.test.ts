import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { isRunning, processToken } from './process-token.ts';

/** A supervisor that starts three sleepers, takes one off the list, and is then killed itself. */
const SUPERVISOR = `
  import { spawn } from 'node:child_process';
  import { Reaper } from '${fileURLToPath(new URL('./reaper.ts', import.meta.url))}';
  const reaper = new Reaper();
  const pids = [0, 1, 2].map(() => spawn('sleep', ['60'], { stdio: 'ignore', detached: true }).pid);
  for (const pid of pids) reaper.add(pid, 'SIGTERM');
  reaper.remove(pids[1]);
  console.log(JSON.stringify(pids));
  setInterval(() => {}, 1000);
`;

it('ends the children of a supervisor that was killed with kill -9, and only those', async () => {
  const supervisor = spawn(process.execPath, ['--input-type=module', '-e', SUPERVISOR], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(supervisor.stdout, 'data')) as [Buffer];
  const tokens = (JSON.parse(line.toString()) as number[]).map((pid) => processToken(pid));
  // what was written before the pipe broke is read first
  supervisor.kill('SIGKILL');
  const alive = () => tokens.map((token) => token !== undefined && isRunning(token));
  await vi.waitFor(() => expect(alive()).toEqual([false, true, false]), { timeout: 5_000, interval: 50 });
  process.kill(tokens[1]?.pid ?? 0, 'SIGKILL');
});
