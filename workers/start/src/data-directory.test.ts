import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataDirectory } from './data-directory.ts';
import { isRunning, processToken } from './process-token.ts';

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'callwright-data-'));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

const sleeper = () => spawn('sleep', ['60'], { stdio: 'ignore' });
const pidFile = (role: string) => readFileSync(join(path, 'pids', role), 'utf8');

describe('DataDirectory', () => {
  it('is held by one supervisor at a time', () => {
    const held = DataDirectory.hold(path);
    expect(() => DataDirectory.hold(path)).toThrow(expect.objectContaining({ code: 'STA_ALREADY_RUNNING' }));
    held.release();
    DataDirectory.hold(path).release();
  });

  it('is taken over from a supervisor that was killed, also when its pid is in use again', () => {
    writeFileSync(join(path, 'supervisor.lock'), JSON.stringify({ pid: process.pid, started: 'long ago' }));
    DataDirectory.hold(path).release();
    writeFileSync(join(path, 'supervisor.lock'), 'half a reco');
    DataDirectory.hold(path).release();
  });

  it('lists each role’s processes, one pid per line', () => {
    const children = [sleeper(), sleeper()];
    const data = DataDirectory.hold(path);
    for (const { pid } of children) data.add('calls', pid ?? 0, 'SIGTERM');
    expect(pidFile('calls')).toBe(children.map(({ pid }) => `${pid}\n`).join(''));
    expect(pidFile('api')).toBe('');
    data.remove(children[0]?.pid ?? 0);
    expect(pidFile('calls')).toBe(`${children[1]?.pid}\n`);
    for (const child of children) child.kill('SIGKILL');
  });

  it('ends what a killed supervisor left, and nothing that only has the same pid', async () => {
    const [orphan, stranger] = [sleeper(), sleeper()];
    const tokens = [orphan, stranger].map(({ pid }) => processToken(pid ?? 0));
    const [left, other] = tokens;
    if (!left || !other) throw new Error('sleep does not run');
    const children = [
      { ...left, role: 'io', signal: 'SIGTERM' },
      { ...other, started: 'long ago', role: 'io', signal: 'SIGTERM' },
    ];
    const data = DataDirectory.hold(path);
    writeFileSync(join(path, 'children.json'), JSON.stringify(children));
    expect(await data.clearOrphans()).toBe(1);
    expect(isRunning(left)).toBe(false);
    expect(isRunning(other)).toBe(true);
    stranger.kill('SIGKILL');
  });
});
