/** The process: what it says when its environment is wrong, what it serves when it is right, how it stops. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';

const MAIN = new URL('./sip-main.ts', import.meta.url).pathname;

function start(env: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function takenPort(): Promise<{ port: number; release(): void }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as { port: number }).port, release: () => server.close() };
}

async function freePort(): Promise<number> {
  const { port, release } = await takenPort();
  release();
  return port;
}

it.each([
  [{ DRACHTIO_HOST: '127.0.0.1:0' }, 'DRACHTIO_SECRET must be set'],
  [{ DRACHTIO_SECRET: 'x' }, 'DRACHTIO_HOST must be host:port'],
  [{ DRACHTIO_SECRET: 'x', DRACHTIO_HOST: 'nowhere' }, 'DRACHTIO_HOST must be host:port'],
  [
    { DRACHTIO_SECRET: 'x', DRACHTIO_HOST: '127.0.0.1:0', CALLWRIGHT_SIP_PORT: '70000' },
    'CALLWRIGHT_SIP_PORT must be a port number',
  ],
  [{ DRACHTIO_SECRET: 'x', DRACHTIO_HOST: '127.0.0.1:0', CALLWRIGHT_SIP_T1_MS: '5' }, 'CALLWRIGHT_SIP_T1_MS must be'],
])('%j ends with one sentence', async (env, sentence) => {
  const child = start(env);
  const [[code], said] = await Promise.all([once(child, 'exit'), text(child.stderr!)]);
  expect(code).toBe(1);
  expect(said).toContain(sentence);
  expect(said.trim().split('\n')).toHaveLength(1);
});

it('names a taken port', async () => {
  const taken = await takenPort();
  const child = start({ DRACHTIO_SECRET: 'x', DRACHTIO_HOST: `127.0.0.1:${taken.port}`, CALLWRIGHT_SIP_PORT: '0' });
  const [[code], said] = await Promise.all([once(child, 'exit'), text(child.stderr!)]);
  taken.release();
  expect(code).toBe(1);
  expect(said).toContain(`127.0.0.1:${taken.port} (DRACHTIO_HOST)`);
});

it('says when it is ready, serves metrics, never shows its secret, stops on SIGTERM', async () => {
  const metrics = await freePort();
  const env = {
    DRACHTIO_SECRET: 'hidden-secret',
    DRACHTIO_HOST: '127.0.0.1:0',
    CALLWRIGHT_SIP_PORT: '0',
    CALLWRIGHT_METRICS_PORT: String(metrics),
  };
  const child = start(env);
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  expect(JSON.parse(line.toString())).toMatchObject({
    msg: 'ready',
    sipPort: expect.any(Number),
    appPort: expect.any(Number),
  });
  expect(line.toString()).not.toContain('hidden-secret');
  const scraped = await fetch(`http://127.0.0.1:${metrics}/metrics`);
  expect(await scraped.text()).toContain('callwright_sip_dialogs 0');
  expect((await fetch(`http://127.0.0.1:${metrics}/`)).status).toBe(404);
  child.kill('SIGTERM');
  expect((await once(child, 'exit'))[0]).toBe(0);
});
