import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DataDirectory } from './data-directory.ts';
import { backOffMs, ManagedProcess, type ProcessSpec } from './managed-process.ts';
import { Reaper } from './reaper.ts';

let data: DataDirectory;
let reaper: Reaper;
const said: string[] = [];
const say = (text: string) => said.push(text);

beforeEach(() => {
  data = DataDirectory.hold(mkdtempSync(join(tmpdir(), 'callwright-process-')));
  reaper = new Reaper();
  said.length = 0;
});
afterEach(() => {
  reaper.close();
  rmSync(data.path, { recursive: true, force: true });
});

const spec = (code: string): ProcessSpec => ({
  name: 'api',
  role: 'api',
  command: process.execPath,
  args: ['-e', code],
  env: process.env,
  stopSignal: 'SIGTERM',
  stopMs: 500,
});
const pid = () => Number(readFileSync(join(data.path, 'pids', 'api'), 'utf8').trim());
const log = () => readFileSync(join(data.path, 'logs', 'api.log'), 'utf8');
const until = (check: () => boolean) => vi.waitFor(() => expect(check()).toBe(true), { timeout: 8_000, interval: 20 });

const STAYS = 'console.log("up"); setInterval(() => {}, 1000)';
const IGNORES = 'process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)';

describe('ManagedProcess', () => {
  it('comes back at once after kill -9', async () => {
    const managed = new ManagedProcess(spec(STAYS), { data, reaper, say });
    managed.start();
    await until(() => log().includes('up'));
    const first = pid();
    const killedAt = Date.now();
    process.kill(first, 'SIGKILL');
    await until(() => pid() > 0 && pid() !== first);
    expect(Date.now() - killedAt).toBeLessThan(1_000);
    await managed.stop();
    expect(pid()).toBe(0);
  });

  it('waits longer and longer when it keeps ending', async () => {
    expect([0, 1, 2, 3, 4, 5, 50].map(backOffMs)).toEqual([0, 250, 1_000, 2_000, 5_000, 10_000, 10_000]);
    const managed = new ManagedProcess(spec('console.log("no"); process.exit(3)'), { data, reaper, say });
    managed.start();
    await until(() => managed.shortRuns >= 2);
    await managed.stop();
    expect(said[0]).toContain('ended with code 3; restarting at once');
    expect(said[1]).toContain('restarting in 250 ms');
    const starts = log().match(/^no$/gm)?.length;
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(log().match(/^no$/gm)?.length).toBe(starts);
  });

  it('is killed when it does not stop in time', async () => {
    const managed = new ManagedProcess(spec(IGNORES), { data, reaper, say });
    managed.start();
    await until(() => log().includes('up'));
    const running = pid();
    await managed.stop();
    expect(() => process.kill(running, 0)).toThrow();
  });

  it('says what cannot be started, and keeps trying', async () => {
    const managed = new ManagedProcess({ ...spec(''), command: '/nowhere/node' }, { data, reaper, say });
    managed.start();
    await until(() => said.some((line) => line.includes('ENOENT')));
    await managed.stop();
  });

  it('shows warnings of the process on the terminal, not its other lines', async () => {
    const lines = `console.log(JSON.stringify({ level: 30, msg: 'quiet' })); console.log(JSON.stringify({ level: 40, msg: 'loud', call: 'c1' }));`;
    const managed = new ManagedProcess(spec(`${lines} ${STAYS}`), { data, reaper, say });
    managed.start();
    await until(() => log().includes('up'));
    await managed.stop();
    expect(said.filter((line) => line.includes('loud'))).toEqual(['api       loud call=c1']);
    expect(said.some((line) => line.includes('quiet'))).toBe(false);
    expect(log()).toContain('quiet');
  });
});
