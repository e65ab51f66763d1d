/** SIPp's own scenarios against an application that answers: an independent SIP stack must find nothing wrong. */
import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Srf from 'drachtio-srf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SDP } from './phone.ts';
import { SERVERS, type ServerUnderTest } from './server-under-test.ts';

const hasSipp = spawnSync('sipp', ['-v']).error === undefined;
const run = promisify(execFile);

describe.each(SERVERS)('SIPp on $name', ({ skip, start }) => {
  let server: ServerUnderTest;
  let srf: Srf;
  let directory: string;
  const without = skip || !hasSipp;
  beforeAll(async () => {
    if (without) return;
    directory = mkdtempSync(join(tmpdir(), 'sipp-'));
    server = await start();
    srf = new Srf();
    srf.invite((req, res) => void srf.createUAS(req, res, { localSdp: SDP }).catch(() => {}));
    srf.connect({ host: server.appHost, port: server.appPort, secret: server.secret });
    srf.on('error', () => {});
    await once(srf, 'connect');
    await new Promise((resolve) => setTimeout(resolve, 50));
  });
  afterAll(async () => {
    srf?.disconnect();
    await server?.close();
    if (directory) rmSync(directory, { recursive: true });
  });

  it.skipIf(without).each([
    ['UDP', 'u1'],
    ['TCP', 't1'],
  ])(
    `A5 A6 300 calls over %s succeed and leave nothing${hasSipp ? '' : ' (skipped: no sipp on PATH)'}`,
    async (_name, transport) => {
      const target = `${server.sipHost}:${server.sipPort}`;
      const options = [
        '-sn',
        'uac',
        '-t',
        transport,
        '-i',
        '127.0.0.1',
        '-r',
        '100',
        '-m',
        '300',
        '-d',
        '0',
        '-nostdin',
        '-timeout',
        '30',
      ];
      await run('sipp', [...options, target], { cwd: directory, timeout: 40_000 });
      const counts = server.counts();
      if (!counts) return;
      expect(counts.dialogs).toBe(0);
      await expect.poll(() => server.counts()!.openServerTransactions, { timeout: 5_000 }).toBe(0);
      expect(server.counts()).toMatchObject({ pendingIncoming: 0, awaitingAck: 0 });
    },
  );
});
