/** RFC 4475, random bytes and connections that never finish: an answer or silence, never a crash, nothing left over. */
import { spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { closePhones, newCall, request, tcpPhone, udpPhone } from './phone.ts';
import { type RawApp, rawApp, TOKEN } from './raw-app.ts';
import { SERVERS, type ServerUnderTest } from './server-under-test.ts';
import { TORTURE, TORTURE_RESPONSES } from './torture-messages.ts';

const METHODS = ['invite', 'options', 'register', 'message', "!interesting-method0123456789_*+`.%indeed'~"];

describe.each(SERVERS)('torture on $name', ({ skip, start }) => {
  let server: ServerUnderTest;
  let app: RawApp;
  let socket: Socket;
  const got: string[] = [];
  beforeAll(async () => {
    if (skip) return;
    server = await start();
    app = await rawApp(server, METHODS);
    socket = createSocket('udp4');
    socket.on('message', (bytes) => got.push(bytes.toString('latin1')));
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
  });
  afterEach(async () => {
    await closePhones();
  });
  afterAll(async () => {
    socket?.close();
    app?.close();
    await server?.close();
  });

  const send = (text: string): void => socket.send(Buffer.from(text, 'latin1'), server.sipPort, server.sipHost);
  /** The final response to that message: earlier INVITEs, never acknowledged, have theirs repeated meanwhile. */
  const final = (text: string): string | undefined => {
    const mark = /^Call-ID: *(\S+)/im.exec(text)?.[1] ?? /branch=(\S+)/.exec(text)![1]!;
    return got.find((one) => /^SIP\/2\.0 [2-6]/.test(one) && one.includes(mark));
  };

  /** Proof that the server lives: an OPTIONS that the application answers. */
  async function lives(): Promise<void> {
    const phone = await udpPhone(server);
    phone.send(request(phone, newCall(server), 'OPTIONS'));
    const asked = await app.sip(/^OPTIONS sip:service@/);
    await app.ask(`sip|${asked.tokens[TOKEN.transaction]}|\r\nSIP/2.0 200 OK\r\n\r\n`);
    await phone.next(/^SIP\/2\.0 200/);
  }

  describe.skipIf(skip)('RFC 4475', () => {
    it.each(TORTURE)('$name', async ({ text, owed, shows }) => {
      got.length = 0;
      app.frames.length = 0;
      send(text.replaceAll('{port}', String(socket.address().port)));
      if (owed === 'silence') {
        await sleep(60);
        expect(final(text)).toBeUndefined();
        expect(app.frames).toEqual([]);
      } else if (owed === 'app') {
        const passed = await app.sip(/./);
        if (shows !== undefined) expect(passed.sip).toContain(shows);
        await app.ask(`sip|${passed.tokens[TOKEN.transaction]}|\r\nSIP/2.0 480 Unavailable\r\n\r\n`);
        await expect.poll(() => final(text)).toMatch(/^SIP\/2\.0 480/);
        expect(app.frames.filter((frame) => frame.tokens[1] === 'sip')).toEqual([]);
      } else {
        await expect.poll(() => final(text)).toMatch(new RegExp(`^SIP/2\\.0 ${owed} `));
        if (shows !== undefined) expect(final(text)).toContain(shows);
        expect(app.frames).toEqual([]);
      }
      await lives();
    });

    it.each(TORTURE_RESPONSES)('$name', async ({ start: line }) => {
      got.length = 0;
      const { port } = socket.address();
      await app.ask(`sip||\r\nOPTIONS sip:bob@127.0.0.1:${port} SIP/2.0\r\n\r\n`);
      await expect.poll(() => got.length).toBeGreaterThan(0);
      const [, ...lines] = got[0]!.split('\r\n');
      send([line, ...lines.filter((one) => /^(Via|From|To|Call-ID|CSeq|Content-Length)|^$/.test(one))].join('\r\n'));
      const passed = await app.sip(/^SIP\/2\.0 (200|100)/);
      expect(passed.sip.split('\r\n')[0]).toBe(Buffer.from(line, 'latin1').toString('utf8'));
    });
  });

  it.skipIf(skip)('random bytes and mangled messages on UDP', async () => {
    const seeds = TORTURE.map(({ text }) => Buffer.from(text, 'latin1'));
    for (let i = 0; i < 3_000; i++) {
      const noise = i % 3 === 0 ? randomBytes(randomInt(1, 1_400)) : mangled(seeds[randomInt(seeds.length)]!);
      socket.send(noise, server.sipPort, server.sipHost);
      if (i % 100 === 0) await sleep(1);
    }
    await sleep(100);
    app.frames.length = 0;
    await lives();
  });

  it.skipIf(skip)("random bytes on SIP over TCP and on the applications' port", async () => {
    for (const port of [server.sipPort, server.appPort]) {
      for (let i = 0; i < 40; i++) {
        const far = connect(port, '127.0.0.1');
        far.on('error', () => {});
        await once(far, 'connect');
        far.write(i % 2 === 0 ? randomBytes(randomInt(1, 70_000)) : Buffer.from('9#aaaa|bbb12#x|sip||\r\nBOO'));
        if (i % 3 === 0) far.end();
        else setTimeout(() => far.destroy(), 20);
      }
    }
    await sleep(100);
    app.frames.length = 0;
    await lives();
  });

  it.skipIf(skip)('half-open connections cost nothing but themselves', async () => {
    const before = server.counts()?.openConnections ?? 0;
    const far = await Promise.all(
      Array.from({ length: 60 }, async () => {
        const one = connect(server.sipPort, '127.0.0.1');
        one.on('error', () => {});
        await once(one, 'connect');
        one.write('INVITE sip:x@y SIP/2.0\r\nVia: SIP/2.0/TC');
        return one;
      }),
    );
    const phone = await tcpPhone(server);
    phone.send(request(phone, newCall(server), 'OPTIONS'));
    const asked = await app.sip(/^OPTIONS/);
    await app.ask(`sip|${asked.tokens[TOKEN.transaction]}|\r\nSIP/2.0 200 OK\r\n\r\n`);
    await phone.next(/^SIP\/2\.0 200/);
    for (const one of far) one.destroy();
    await closePhones();
    if (server.counts()) await expect.poll(() => server.counts()!.openConnections).toBeLessThanOrEqual(before);
  });

  it.skipIf(skip)('nothing is left when all is done', async (context) => {
    if (server.real) context.skip('the real server does not tell');
    await expect
      .poll(() => server.counts(), { timeout: 9_000, interval: 100 })
      .toMatchObject({
        openServerTransactions: 0,
        openClientTransactions: 0,
        awaitingAck: 0,
        dialogs: 0,
        pendingIncoming: 0,
        pendingOutgoing: 0,
        openConnections: 0,
      });
  });
});

describe('the process under noise', () => {
  it('keeps its memory and answers on', async () => {
    const [sipPort, appPort] = [await freePort(), await freePort()];
    const main = new URL('../../../workers/softswitch/src/sip-main.ts', import.meta.url).pathname;
    const env = {
      ...process.env,
      CALLWRIGHT_SIP_PORT: String(sipPort),
      DRACHTIO_HOST: `127.0.0.1:${appPort}`,
      DRACHTIO_SECRET: 'x',
    };
    const child = spawn(process.execPath, ['--max-old-space-size=192', main], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const rss = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]);
    const noise = createSocket('udp4');
    const seeds = TORTURE.filter(({ owed }) => owed !== 'app').map(({ text }) => Buffer.from(text, 'latin1'));
    const storm = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        noise.send(i % 2 === 0 ? randomBytes(600) : seeds[i % seeds.length]!, sipPort, '127.0.0.1');
        if (i % 200 === 0) await sleep(2);
      }
    };
    try {
      await storm(10_000);
      const before = rss();
      await storm(30_000);
      await sleep(200);
      expect(rss() - before).toBeLessThan(80_000);
      const answer = once(noise, 'message');
      noise.send(
        `OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:${noise.address().port};branch=z9hG4bKl\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: l\r\nCSeq: 1 OPTIONS\r\n\r\n`,
        sipPort,
        '127.0.0.1',
      );
      await answer;
      expect(child.exitCode).toBeNull();
    } finally {
      noise.close();
      child.kill('SIGTERM');
    }
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  });
});

/** The message with some bytes changed, cut out or doubled. */
function mangled(seed: Buffer): Buffer {
  const copy = Buffer.from(seed);
  for (let i = 0; i < 4; i++) copy[randomInt(copy.length)] = randomInt(256);
  return randomInt(3) === 0 ? copy.subarray(0, randomInt(1, copy.length)) : copy;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
