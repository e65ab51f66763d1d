import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SEARCH_ATTRIBUTES } from '@callwright/contract';
import { Connection } from '@temporalio/client';
import { expect, it, vi } from 'vitest';
import { findTemporal, TEMPORAL_VERSION } from './find.ts';
import { serverArguments } from './flags.ts';
import { temporalAnswers } from './health.ts';

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

it('starts with our flags, knows our search attributes, and keeps its file over a kill', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'callwright-temporal-'));
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const args = serverArguments({
    port,
    ip: '127.0.0.1',
    databaseFile: join(directory, 'temporal.db'),
    namespace: 'ours',
  });
  const binary = await findTemporal({ say: () => {} });
  for (const round of [1, 2]) {
    const server = spawn(binary, args, { stdio: 'ignore' });
    await vi.waitFor(async () => expect(await temporalAnswers(address, 'ours')).toBe(true), {
      timeout: 30_000,
      interval: 100,
    });
    expect(await temporalAnswers(address, 'not-ours')).toBe(false);
    const connection = await Connection.connect({ address });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'ours' });
    expect(Object.keys(customAttributes ?? {})).toEqual(expect.arrayContaining(Object.values(SEARCH_ATTRIBUTES)));
    await connection.close();
    server.kill(round === 1 ? 'SIGKILL' : 'SIGTERM');
    await new Promise((resolve) => server.once('exit', resolve));
  }
  expect(await temporalAnswers(address, 'ours', 500)).toBe(false);
  rmSync(directory, { recursive: true, force: true });
}, 90_000);

it('builds the version that the code names', () => {
  const module = readFileSync(new URL('../tools/go.mod', import.meta.url), 'utf8');
  expect(module).toContain(`github.com/temporalio/cli v${TEMPORAL_VERSION}`);
});
