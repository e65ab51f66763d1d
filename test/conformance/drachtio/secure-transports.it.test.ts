/** wire-protocols A3: SIP over TLS (RFC 3261 §26) and over WebSocket (RFC 7118), as an application sees it. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { startSipServer } from '@callwright/softswitch';
import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { skipWithout } from '../../clients/available.ts';
import {
  closePhones,
  field,
  newCall,
  type Phone,
  request,
  response,
  SDP,
  tag,
  tlsPhone,
  token,
  wsPhone,
} from './phone.ts';
import { type RawApp, rawApp, TOKEN } from './raw-app.ts';
import { appsGone, SERVERS, type ServerUnderTest } from './server-under-test.ts';

const KINDS = ['TLS', 'WS', 'WSS'] as const;

describe.each(SERVERS)('A3 secure transports on $name', ({ skip, start }) => {
  let server: ServerUnderTest;
  const apps: RawApp[] = [];
  const app = async (...routes: string[]): Promise<RawApp> => {
    const one = await rawApp(server, routes);
    apps.push(one);
    return one;
  };
  const portOf = (kind: (typeof KINDS)[number]): number | undefined =>
    ({ TLS: server.sipsPort, WS: server.wsPort, WSS: server.wssPort })[kind];
  const phoneOn = (kind: (typeof KINDS)[number]): Promise<Phone> =>
    kind === 'TLS' ? tlsPhone(server) : wsPhone(server, kind);
  beforeAll(async () => {
    if (!skip) server = await start();
  });
  afterEach(async () => {
    for (const one of apps.splice(0)) one.close();
    await closePhones();
    await appsGone(server);
  });
  afterAll(() => server?.close());

  describe.each(KINDS)('%s', (kind) => {
    it.skipIf(skip)('a caller: tokens, answer, ACK and BYE both ways over the one connection', async (context) => {
      if (!portOf(kind)) context.skip(`the server has no ${kind}`);
      const controller = await app('invite', 'bye');
      const phone = await phoneOn(kind);
      const call = newCall(server);
      phone.send(request(phone, call, 'INVITE', { body: SDP }));
      const invite = await controller.sip(/^INVITE/);
      expect(invite.tokens[TOKEN.protocol]).toBe(kind.toLowerCase());
      expect(invite.tokens[TOKEN.port]).toBe(String(phone.port));
      expect(invite.tokens[TOKEN.localPort]).toBe(String(portOf(kind)));
      await controller.ask(`sip|${invite.tokens[TOKEN.transaction]}|\r\nSIP/2.0 200 OK\r\n\r\n${SDP}`);
      const ok = await phone.next(/^SIP\/2.0 200/);
      // what the phone sends next finds its way back to us
      expect(field(ok, 'Contact')).toMatch(new RegExp(`:${portOf(kind)};transport=${kind === 'TLS' ? 'tls' : 'ws'}>`));
      phone.send(request(phone, call, 'ACK', { toTag: tag(ok, 'To'), branch: `z9hG4bK${token()}` }));
      await controller.sip(/^ACK/);
      await controller.ask(`sip||${call.callId};from-tag=${call.fromTag}\r\nBYE sip:placeholder SIP/2.0\r\n\r\n`);
      const bye = await phone.next(/^BYE/);
      expect(field(bye, 'Via')).toMatch(new RegExp(`^SIP/2.0/${kind} 127.0.0.1:${portOf(kind)};`));
      phone.send(response(phone, bye, '200 OK'));
      await controller.sip(/^SIP\/2.0 200/);
    });

    it.skipIf(skip)('a registered phone is called over the connection it registered on', async (context) => {
      if (!portOf(kind)) context.skip(`the server has no ${kind}`);
      const controller = await app('register');
      const phone = await phoneOn(kind);
      phone.send(request(phone, newCall(server), 'REGISTER'));
      const { tokens, sip } = await controller.sip(/^REGISTER/);
      await controller.ask(`sip|${tokens[TOKEN.transaction]}|\r\nSIP/2.0 200 OK\r\n\r\n`);
      await phone.next(/^SIP\/2.0 200/);
      const target = /<([^>]+)>/.exec(field(sip, 'Contact')!)![1]!;
      const hop = `sip:${tokens[TOKEN.address]}:${tokens[TOKEN.port]};transport=${tokens[TOKEN.protocol]}`;
      await controller.ask(`sip|||${hop}\r\nINVITE ${target} SIP/2.0\r\n\r\n${SDP}`);
      const invite = await phone.next(/^INVITE/);
      expect(invite.startsWith(`INVITE ${target} SIP/2.0`)).toBe(true);
      phone.send(response(phone, invite, '200 OK', { toTag: 'phone', body: SDP }));
      const ok = await controller.sip(/^SIP\/2.0 200/);
      await controller.ask(`sip||${ok.tokens[TOKEN.dialog]}\r\nACK sip:placeholder SIP/2.0\r\n\r\n`);
      await phone.next(/^ACK/);
      await controller.ask(`sip||${ok.tokens[TOKEN.dialog]}\r\nBYE sip:placeholder SIP/2.0\r\n\r\n`);
      phone.send(response(phone, await phone.next(/^BYE/), '200 OK'));
      await controller.sip(/^SIP\/2.0 200/);
    });

    it.skipIf(skip)(
      'a phone whose connection has gone is unreachable at once, not after a time-out',
      async (context) => {
        if (!portOf(kind)) context.skip(`the server has no ${kind}`);
        const controller = await app('register');
        const phone = await phoneOn(kind);
        phone.close();
        await sleep(50);
        const hop = `sip:127.0.0.1:${phone.port};transport=${kind.toLowerCase()}`;
        controller.send(`sip|||${hop}\r\nINVITE sip:bob@gone.invalid;transport=ws SIP/2.0\r\n\r\n${SDP}`);
        expect((await controller.sip(/^SIP\/2.0 [45]/)).sip).toMatch(/^SIP\/2.0 (503|408)/);
      },
    );

    it.skipIf(skip)('keep-alives are answered: CRLF CRLF by CRLF (RFC 5626 §3.5.1)', async (context) => {
      if (!portOf(kind)) context.skip(`the server has no ${kind}`);
      if (kind === 'TLS') {
        const phone = await phoneOn(kind);
        phone.send('\r\n\r\n');
        phone.send(request(phone, newCall(server), 'BYE'));
        // the pong stands before the answer in the stream
        await phone.next(/^\r\nSIP\/2.0 481/);
        return;
      }
      const scheme = kind.toLowerCase();
      const socket = new WebSocket(`${scheme}://127.0.0.1:${portOf(kind)}`, 'sip', { rejectUnauthorized: false });
      await once(socket, 'open');
      socket.send('\r\n\r\n');
      expect(String((await once(socket, 'message'))[0])).toBe('\r\n');
      socket.ping();
      await once(socket, 'pong');
      socket.terminate();
    });
  });

  it.skipIf(skip)('a page that does not ask for the subprotocol sip gets no WebSocket', async (context) => {
    if (!server.wsPort) context.skip('the server has no WS');
    const socket = new WebSocket(`ws://127.0.0.1:${server.wsPort}`);
    await expect(once(socket, 'open')).rejects.toThrow();
  });

  it.skipIf(skip)('pages, refused upgrades and resets in the middle of them end nothing', async (context) => {
    if (server.real || !server.wssPort) context.skip('only where that may be done');
    const page = await fetch(`http://127.0.0.1:${server.wsPort}/`);
    expect(page.status).toBe(426);
    const upgrade =
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
    for (const protocol of ['', 'Sec-WebSocket-Protocol: sip\r\n', 'Sec-WebSocket-Protocol: chat\r\n']) {
      for (const key of ['', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n']) {
        const raw = connect(server.wssPort!, '127.0.0.1');
        const socket = connectTls({ socket: raw, rejectUnauthorized: false });
        socket.on('error', () => {});
        await once(socket, 'secureConnect');
        socket.write(`${upgrade}${protocol}${key}\r\n`);
        raw.resetAndDestroy();
      }
    }
    const phone = await wsPhone(server, 'WSS');
    phone.send(request(phone, newCall(server), 'BYE'));
    await phone.next(/^SIP\/2.0 481/);
  });

  it.skipIf(skip)('noise on either port closes that connection and nothing else', async (context) => {
    if (server.real || !server.wsPort) context.skip('only where noise may be thrown');
    for (const port of [server.sipsPort!, server.wsPort!]) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.resume().write(`\x16\x03\x01${'noise '.repeat(200)}\r\n\r\n`);
      await once(socket, 'close');
    }
    const phone = await wsPhone(server, 'WS');
    phone.send('not SIP at all');
    phone.send(request(phone, newCall(server), 'BYE'));
    await phone.next(/^SIP\/2.0 481/);
  });

  it.skipIf(skip)('TLS 1.2 and 1.3 are spoken, older versions are not (openssl)', async (context) => {
    skipWithout(context, 'openssl');
    if (!server.sipsPort) context.skip('the server has no TLS');
    const to = ['s_client', '-connect', `127.0.0.1:${server.sipsPort}`, '-brief'];
    const talk = (...options: string[]): Promise<string> =>
      new Promise((resolve) => {
        const child = execFile('openssl', [...to, ...options], { timeout: 10_000 }, (_error, out, err) =>
          resolve(out + err),
        );
        child.stdin!.end();
      });
    expect(await talk('-tls1_3')).toContain('TLSv1.3');
    expect(await talk('-tls1_2')).toContain('TLSv1.2');
    expect(await talk('-tls1_1', '-cipher', 'ALL:@SECLEVEL=0')).not.toContain('CONNECTION ESTABLISHED');
  });
});

describe('calls to servers over TLS', () => {
  const far = Promise.withResolvers<{ port: number; cert: string; got: string[]; close(): void }>();
  beforeAll(async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      algorithm: 'sha256',
    });
    const got: string[] = [];
    const peer = createTlsServer({ cert, key }, (socket) => {
      socket.on('error', () => {});
      socket.on('data', (data) => got.push(String(data)));
    });
    peer.on('tlsClientError', () => {});
    peer.listen(0, '127.0.0.1');
    await once(peer, 'listening');
    far.resolve({ port: (peer.address() as { port: number }).port, cert, got, close: () => peer.close() });
  });
  afterAll(async () => (await far.promise).close());

  async function dial(verify: boolean): Promise<{ got: string[]; answer: Promise<string>; close(): Promise<void> }> {
    const { private: key, cert } = await generate(undefined, { keyType: 'ec', algorithm: 'sha256' });
    const own = await startSipServer({
      bind: '127.0.0.1',
      sipPort: 0,
      secure: { cert, key, verify, tlsPort: 0, wsPort: 0 },
      publicAddress: '127.0.0.1',
      appHost: '127.0.0.1',
      appPort: 0,
      secret: 'x',
      timers: { t1Ms: 40, t2Ms: 160, t4Ms: 100 },
    });
    const address = { appHost: '127.0.0.1', appPort: own.appPort, secret: 'x' };
    const controller = await rawApp(address as ServerUnderTest, ['invite']);
    const { port, got } = await far.promise;
    got.length = 0;
    controller.send(`sip||\r\nINVITE sip:bob@localhost:${port};transport=tls SIP/2.0\r\n\r\n${SDP}`);
    const answer = controller.sip(/^SIP\/2.0 [45]/).then(({ sip }) => sip);
    answer.catch(() => {});
    return {
      got,
      answer,
      close: async () => {
        controller.close();
        await own.close();
      },
    };
  }

  it('CALLWRIGHT_TLS_VERIFY: a certificate nobody vouches for is refused, and not a byte of SIP is sent', async () => {
    const { got, answer, close } = await dial(true);
    expect(await answer).toMatch(/^SIP\/2.0 (503|408)/);
    expect(got).toEqual([]);
    await close();
  });

  it('without it the call is made, encrypted', async () => {
    const { got, close } = await dial(false);
    await expect
      .poll(() => got.join(''), { timeout: 10_000 })
      .toMatch(/^INVITE sip:bob@localhost:\d+;transport=tls SIP/);
    expect(got.join('')).toMatch(/Via: SIP\/2.0\/TLS 127.0.0.1:\d+/);
    await close();
  });
});
