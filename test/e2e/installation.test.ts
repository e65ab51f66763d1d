/** The start command as its user meets it: the ready block, a second start, kills of every part, an orderly stop. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Installation, ROLES, type Role, startInstallation } from '@callwright/start';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const MAIN = fileURLToPath(new URL('../../workers/start/src/main.ts', import.meta.url));

let dataDir: string;
let installation: Installation;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'callwright-e2e-'));
  installation = await startInstallation({ dataDir });
});
afterAll(async () => {
  await installation?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const health = () =>
  fetch(`${installation.url}/healthz`).then(
    ({ status }) => status,
    () => 0,
  );
const takesCalls = (timeout: number) =>
  vi.waitFor(async () => expect(await health()).toBe(200), { timeout, interval: 100 });

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** A start command that is expected to fail: what it said. */
function failingStart(env: Record<string, string>): string {
  const result = spawnSync(process.execPath, [MAIN], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 30_000,
  });
  expect(result.status).toBe(1);
  return result.stderr;
}

describe('what is printed', () => {
  it('begins with the ready line and tells addresses, numbers and phones', () => {
    const { readyBlock, ports } = installation;
    expect(readyBlock.split('\n')[0]).toBe('Callwright is ready');
    for (const text of [`:${ports.http}/`, '/docs', `sip:127.0.0.1:${ports.sip}`, '200', 'alice', 'bob']) {
      expect(readyBlock).toContain(text);
    }
  });

  it('keeps the keys to their owner', () => {
    for (const name of ['admin.key', 'admin.password', 'secret.key', 'postgres.password']) {
      expect(statSync(join(dataDir, name)).mode & 0o777).toBe(0o600);
    }
  });

  it('answers with the key it left', async () => {
    const ask = (key: string) =>
      fetch(`${installation.url}/api/v1/users`, { headers: { authorization: `Bearer ${key}` } });
    expect((await ask(installation.adminKey)).status).toBe(200);
    expect((await ask('wrong')).status).toBe(401);
  });
});

describe('the processes', () => {
  it('are listed by role', () => {
    const counts = Object.fromEntries(ROLES.map((role) => [role, installation.pids(role).length]));
    expect(counts).toEqual({ calls: 2, io: 2, api: 1, telephony: 1, sip: 1, media: 1, temporal: 1, postgres: 1 });
    expect(ROLES.flatMap((role) => installation.pids(role)).every(isAlive)).toBe(true);
  });

  it('serve metrics of all through the api', async () => {
    await vi.waitFor(
      async () => {
        const text = await (await fetch(`${installation.url}/metrics`)).text();
        for (const role of ['calls', 'telephony', 'media', 'sip', 'io']) expect(text).toContain(`"${role}`);
      },
      { timeout: 10_000, interval: 500 },
    );
  });

  it.each(ROLES.map((role) => [role]))('come back after kill -9: %s', async (role: Role) => {
    const before = installation.pids(role);
    const killed = installation.kill(role);
    await vi.waitFor(
      () => {
        const now = installation.pids(role);
        expect(now).toHaveLength(before.length);
        expect(now).not.toContain(killed);
      },
      { timeout: 10_000, interval: 20 },
    );
    await takesCalls(30_000);
  });
});

describe('another start command', () => {
  it('on the same data directory says who is there', () => {
    expect(failingStart({ CALLWRIGHT_DATA_DIR: dataDir })).toMatch(/already running.*CALLWRIGHT_DATA_DIR/);
  });

  it('names a taken port and its variable', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    const elsewhere = mkdtempSync(join(tmpdir(), 'callwright-e2e-'));
    const said = failingStart({ CALLWRIGHT_DATA_DIR: elsewhere, CALLWRIGHT_HTTP_PORT: String(port) });
    expect(said).toMatch(new RegExp(`Port ${port} .*CALLWRIGHT_HTTP_PORT`));
    expect(said).not.toContain('    at ');
    server.close();
    rmSync(elsewhere, { recursive: true, force: true });
  });

  it('says which setting is wrong', () => {
    expect(failingStart({ CALLWRIGHT_DATA_DIR: dataDir, CALLWRIGHT_RTP_PORTS: 'many' })).toMatch(
      /CALLWRIGHT_RTP_PORTS must be/,
    );
  });
});

describe('a stop', () => {
  it('by kill -9 of the supervisor leaves nothing behind, and the next start takes the data up', async () => {
    const pids = ROLES.flatMap((role) => installation.pids(role));
    const { adminKey, ports } = installation;
    await installation.killSupervisor();
    installation = await startInstallation({ dataDir });
    expect(pids.filter(isAlive)).toEqual([]);
    expect(installation.adminKey).toBe(adminKey);
    expect(installation.ports.postgres).toBe(ports.postgres);
  });

  it('by SIGTERM is orderly, quick and complete', async () => {
    const pids = ROLES.flatMap((role) => installation.pids(role));
    const since = Date.now();
    expect(await installation.stop()).toBe(0);
    expect(Date.now() - since).toBeLessThan(20_000);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(existsSync(join(dataDir, 'supervisor.lock'))).toBe(false);
    expect(ROLES.flatMap((role) => installation.pids(role))).toEqual([]);
    const log = readFileSync(join(dataDir, 'logs', 'postgres.log'), 'utf8');
    expect(log.trimEnd()).toMatch(/database system is shut down$/);
  });
});
