import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blockOf, holdPorts } from './port-block.ts';
import { choosePorts as choose, type HeldPorts, type PortRequest } from './ports.ts';
import { readSettings } from './settings.ts';

let dataDir: string;
const servers: Server[] = [];
const held: HeldPorts[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'callwright-ports-'));
});
afterEach(async () => {
  held.splice(0).forEach((last) => {
    last.release();
  });
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
  rmSync(dataDir, { recursive: true, force: true });
});

/** As a start command does, ended before the next one begins. */
async function choosePorts(...args: Parameters<typeof choose>) {
  held.splice(0).forEach((last) => {
    last.release();
  });
  held.push(await choose(...args));
  return held[0]?.ports ?? {};
}
const settings = (env: Record<string, string> = {}) => ({
  ...readSettings({ CALLWRIGHT_DATA_DIR: dataDir, ...env }, '/'),
});
const occupy = (port: number) =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    servers.push(server);
  });
const esl: PortRequest = { name: 'esl', fixedBy: 'esl', address: '127.0.0.1' };
const drachtio: PortRequest = { name: 'drachtio', fixedBy: 'drachtio', address: '127.0.0.1', udp: true };

describe('choosePorts', () => {
  it('keeps what it chose', async () => {
    const first = await choosePorts([esl, drachtio], settings());
    expect(new Set(Object.values(first)).size).toBe(2);
    expect(await choosePorts([esl], settings())).toEqual({ esl: first.esl });
    expect(await choosePorts([esl, drachtio], settings())).toEqual(first);
  });

  it('chooses again when somebody else took a port nobody knows', async () => {
    const first = await choosePorts([esl], settings());
    await occupy(first.esl ?? 0);
    expect((await choosePorts([esl], settings())).esl).not.toBe(first.esl);
  });

  it('gives no port of one installation to another, though nobody listens on it yet', async () => {
    const first = await choosePorts([esl, drachtio], settings());
    writeFileSync(join(dataDir, 'ports.json'), JSON.stringify({ ...first, block: blockOf(first.esl ?? 0) }));
    const second = await choose([esl, drachtio], settings());
    second.release();
    expect(blockOf(second.ports.esl ?? 0)).not.toBe(blockOf(first.esl ?? 0));
    expect(blockOf(second.ports.drachtio ?? 0)).toBe(blockOf(second.ports.esl ?? 0));
  });

  it('lets nobody hold a block twice', async () => {
    const blocks = await Promise.all(Array.from({ length: 20 }, () => holdPorts(10_000)));
    expect(new Set(blocks.map(({ base }) => base)).size).toBe(20);
    for (const block of blocks) block.release();
  });

  it('names a taken port that the user fixed, and the variable', async () => {
    const port = await occupy(0);
    await expect(choosePorts([esl], settings({ CALLWRIGHT_ESL_PORT: String(port) }))).rejects.toMatchObject({
      code: 'STA_PORT_TAKEN',
      message: expect.stringMatching(new RegExp(`${port}.*CALLWRIGHT_ESL_PORT`)),
    });
  });

  it('puts a port beside another, or anywhere when somebody is there', async () => {
    const beside: PortRequest = { name: 'sips', fixedBy: 'sips', address: '127.0.0.1', beside: ['esl', 1] };
    const { esl: port = 0 } = await choosePorts([esl], settings());
    expect((await choosePorts([esl, beside], settings())).sips).toBe(port + 1);
    expect((await choosePorts([esl, beside], settings({ CALLWRIGHT_SIPS_PORT: String(port + 3) }))).sips).toBe(
      port + 3,
    );
    await occupy(port + 1);
    await occupy(port + 3);
    const elsewhere = (await choosePorts([esl, beside], settings())).sips;
    expect([port, port + 1, port + 3, undefined]).not.toContain(elsewhere);
  });

  it('counts metrics ports up from their base', async () => {
    const base = (await choosePorts([esl], settings())).esl ?? 0;
    const requests = [0, 1].map(
      (offset) => ({ name: `m${offset}`, fixedBy: 'metrics', offset, address: '127.0.0.1' }) as const,
    );
    expect(await choosePorts(requests, settings({ CALLWRIGHT_METRICS_PORT: String(base) }))).toEqual({
      m0: base,
      m1: base + 1,
    });
  });
});
