/** The media server as a process: settings, readiness, metrics, the end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('./media-main.ts', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

describe('media server process', () => {
  let dir: string;
  const children: ChildProcess[] = [];
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'media-main-'));
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  function run(env: Record<string, string>): {
    child: ChildProcess;
    ready: Promise<Record<string, number>>;
    ended: Promise<Ended>;
  } {
    const all = {
      PATH: process.env.PATH ?? '',
      FREESWITCH_HOST: '127.0.0.1:0',
      FREESWITCH_SECRET: 'secret',
      CALLWRIGHT_MEDIA_SIP_PORT: '0',
      CALLWRIGHT_MEDIA_DIR: dir,
      ...env,
    };
    const child = spawn(process.execPath, [MAIN], { env: all });
    children.push(child);
    let output = '';
    let errors = '';
    child.stderr.on('data', (data) => {
      errors += data;
    });
    const ended = new Promise<Ended>((resolve) => child.on('exit', (code) => resolve({ code, output, errors })));
    const ready = new Promise<Record<string, number>>((resolve, reject) => {
      child.stdout.on('data', (data) => {
        output += data;
        const line = output.split('\n').find((each) => each.includes('media server ready'));
        if (line) resolve(JSON.parse(line) as Record<string, number>);
      });
      void ended.then(() => reject(new Error(errors)));
    });
    ready.catch(() => undefined);
    return { child, ready, ended };
  }

  it('says when it is ready and ends cleanly on SIGTERM', async () => {
    const { child, ready, ended } = run({});
    const line = await ready;
    expect(line.eslPort).toBeGreaterThan(0);
    expect(line.sipPort).toBeGreaterThan(0);
    const asked = Date.now();
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    expect(Date.now() - asked).toBeLessThan(3000);
  });

  it('serves metrics where asked', async () => {
    const probe = createServer();
    const port = await new Promise<number>((resolve) =>
      probe.listen(0, '127.0.0.1', () => resolve((probe.address() as { port: number }).port)),
    );
    await new Promise((resolve) => probe.close(resolve));
    const { ready } = run({ CALLWRIGHT_METRICS_PORT: String(port) });
    await ready;
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(text).toMatch(/^callwright_media_channels 0$/m);
    expect(text).toMatch(/callwright_media_clock_late_seconds_bucket/);
  });

  it.each([
    ['no secret', { FREESWITCH_SECRET: '' }, /FREESWITCH_SECRET is not set/],
    ['a host without port', { FREESWITCH_HOST: 'localhost' }, /FREESWITCH_HOST must be host:port/],
    ['a port range that is none', { CALLWRIGHT_RTP_PORTS: '20000' }, /CALLWRIGHT_RTP_PORTS/],
    ['a port that is no number', { CALLWRIGHT_MEDIA_SIP_PORT: '5080x' }, /CALLWRIGHT_MEDIA_SIP_PORT=5080x/],
    ['every address without a public one', { CALLWRIGHT_BIND: '0.0.0.0' }, /CALLWRIGHT_PUBLIC_ADDRESS/],
  ])('refuses %s with one sentence', async (_, env, sentence) => {
    const { code, errors } = await run(env).ended;
    expect(code).toBe(1);
    expect(errors).toMatch(sentence);
    expect(errors.trim().split('\n')).toHaveLength(1);
  });

  it('names a port that is taken', async () => {
    const { ready } = run({});
    const { eslPort, sipPort } = await ready;
    const esl = await run({ FREESWITCH_HOST: `127.0.0.1:${eslPort}` }).ended;
    expect(esl.code).toBe(1);
    expect(esl.errors).toContain(`127.0.0.1:${eslPort} (EADDRINUSE)`);
    const sip = await run({ CALLWRIGHT_MEDIA_SIP_PORT: String(sipPort) }).ended;
    expect(sip.code).toBe(1);
    expect(sip.errors).toContain(`SIP 127.0.0.1:${sipPort} (EADDRINUSE)`);
  });
});
