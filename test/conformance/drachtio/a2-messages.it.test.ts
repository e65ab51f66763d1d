/** wire-protocols A2 and A4: what an application may send, and the answers. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { closePhones, field, newCall, request, response, SDP, udpPhone } from './phone.ts';
import { type RawApp, rawApp, TOKEN } from './raw-app.ts';
import { appsGone, SERVERS, type ServerUnderTest } from './server-under-test.ts';

describe.each(SERVERS)('A2 messages on $name', ({ name, skip, start }) => {
  let server: ServerUnderTest;
  const apps: RawApp[] = [];
  const connect = async (routes?: string[]): Promise<RawApp> => {
    const app = await rawApp(server, routes);
    apps.push(app);
    return app;
  };
  beforeAll(async () => {
    if (!skip) server = await start();
  });
  afterEach(async () => {
    for (const app of apps.splice(0)) app.close();
    await closePhones();
    await appsGone(server);
  });
  afterAll(() => server?.close());

  it.skipIf(skip)('A2 authenticate names addresses and version', async () => {
    const app = await connect();
    const { tokens } = await app.ask(`authenticate|${server.secret}|tag1,tag2`);
    expect(tokens[0]).toBe('OK');
    expect(tokens[1]).toMatch(new RegExp(`udp/[0-9.]+:${server.sipPort}`));
    expect(tokens[2]).toMatch(/^v0\.\d+\.\d+/);
  });

  it.skipIf(skip)('A2 a wrong secret is refused and the connection closed', async () => {
    for (const secret of ['nope', '', `${server.secret}x`, server.secret.slice(1)]) {
      const app = await connect();
      const closed = new Promise((resolve) => app.socket.once('close', resolve));
      expect((await app.ask(`authenticate|${secret}|`)).tokens).toEqual(['NO', 'incorrect secret']);
      await closed;
    }
  });

  it.skipIf(skip)('A2 route is answered before authentication too, ping with pong', async () => {
    const app = await connect();
    expect((await app.ask('route|invite')).tokens).toEqual(['OK']);
    expect((await app.ask('ping')).tokens).toEqual(['OK', 'pong']);
  });

  it.skipIf(skip)('A2 remove_route drops all methods of the application', async () => {
    const app = await connect(['invite', 'options']);
    await app.ask('remove_route|invite');
    const phone = await udpPhone(server);
    phone.send(request(phone, newCall(server), 'OPTIONS'));
    await phone.next(/^SIP\/2.0 503/);
  });

  it.skipIf(skip)('A2 an unknown kind is refused and the connection closed', async () => {
    const app = await connect([]);
    const closed = new Promise((resolve) => app.socket.once('close', resolve));
    expect((await app.ask('nonsense|x')).tokens).toEqual(['NO', 'Unknown message type']);
    await closed;
  });

  it.skipIf(skip)('A4 the echo of a request is the exact bytes on the wire', async () => {
    const app = await connect([]);
    const phone = await udpPhone(server);
    const from = 'From: sip:caller@localhost';
    const echo = await app.ask(
      `sip||\r\nINVITE sip:bob@127.0.0.1:${phone.port} SIP/2.0\r\n${from}\r\nX-Own: 1\r\n\r\n${SDP}`,
    );
    const wire = await phone.next(/^INVITE/);
    expect(echo.sip).toBe(wire);
    expect(echo.tokens.slice(0, 6)).toEqual([
      'OK',
      'application',
      String(Buffer.byteLength(wire)),
      'udp',
      '127.0.0.1',
      String(phone.port),
    ]);
    expect(echo.tokens[6]).toMatch(/^\d\d:\d\d:\d\d\.\d{6}$/);
    expect(echo.tokens[8]).toBe('Msg sent:');
    expect(wire).toContain(`\r\n\r\n${SDP}`);
    expect(field(wire, 'Content-Type')).toBe('application/sdp');
    expect(field(wire, 'Max-Forwards')).toMatch(/^\d+$/);
    expect(field(wire, 'From')).toMatch(/^<sip:caller@[^>]*>;tag=\S+$/);
    expect(field(wire, 'From')).not.toContain('localhost');
    expect(field(wire, 'Contact')).toContain(`:${server.sipPort}`);
    expect(field(wire, 'CSeq')).toMatch(/^\d+ INVITE$/);
    expect(field(wire, 'Call-ID')).toBeTruthy();
    phone.send(response(phone, wire, '486 Busy Here', { toTag: 'b1' }));
    const refused = await app.sip(/^SIP\/2.0 486/);
    expect(refused.tokens[TOKEN.transaction]).toBe(echo.tokens[7]);
    expect(field(await phone.next(/^ACK/), 'CSeq')).toBe(field(wire, 'CSeq')!.replace('INVITE', 'ACK'));
  });

  it.skipIf(skip)('A4 the echo of a response is the exact bytes on the wire, with the dialog id', async () => {
    const app = await connect(['invite']);
    const phone = await udpPhone(server);
    const call = newCall(server);
    phone.send(request(phone, call, 'INVITE', { body: SDP }));
    const invite = await app.sip(/^INVITE/);
    await phone.next(/^SIP\/2.0 100/);
    const echo = await app.ask(`sip|${invite.tokens[TOKEN.transaction]}|\r\nSIP/2.0 200 OK\r\n\r\n${SDP}`);
    const wire = await phone.next(/^SIP\/2.0 200/);
    expect(echo.sip).toBe(wire);
    expect(echo.tokens[7]).toBe(invite.tokens[TOKEN.transaction]);
    expect(echo.tokens[8]).toBe(`${call.callId};from-tag=${call.fromTag}`);
    expect(echo.tokens[10]).toBe('Msg sent:');
    expect(field(wire, 'Contact')).toContain(`:${server.sipPort}`);
    const toTag = /;tag=(\S+)/.exec(field(wire, 'To')!)![1]!;
    phone.send(request(phone, call, 'ACK', { toTag, branch: 'z9hG4bKack' }));
    const ack = await app.sip(/^ACK/);
    expect(ack.tokens[TOKEN.dialog]).toBe(`${call.callId};from-tag=${call.fromTag}`);
    phone.send(request(phone, call, 'BYE', { toTag, cseq: 2, branch: 'z9hG4bKbye' }));
    const bye = await app.sip(/^BYE/);
    await app.ask(`sip|${bye.tokens[TOKEN.transaction]}|\r\nSIP/2.0 200 OK\r\n\r\n`);
    await phone.next(/^SIP\/2.0 200/);
    await expect.poll(() => server.counts()?.dialogs ?? 0).toBe(0);
  });

  it.skipIf(skip)('A2 what an application may not set is dropped', async () => {
    const app = await connect([]);
    const phone = await udpPhone(server);
    const forged =
      'Via: SIP/2.0/UDP evil;branch=z9hG4bKx\r\nRecord-Route: <sip:evil;lr>\r\nRSeq: 9\r\nContent-Length: 77';
    await app.ask(
      `sip||\r\nMESSAGE sip:bob@127.0.0.1:${phone.port} SIP/2.0\r\n${forged}\r\nContent-Type: text/plain\r\n\r\nhello`,
    );
    const wire = await phone.next(/^MESSAGE/);
    expect(wire).not.toContain('evil');
    expect(wire).not.toContain('RSeq');
    expect(field(wire, 'Content-Length')).toBe('5');
    expect(wire.endsWith('\r\n\r\nhello')).toBe(true);
    phone.send(response(phone, wire, '200 OK', { toTag: 't' }));
    await app.sip(/^SIP\/2.0 200/);
  });

  // the real server drops it and goes by the next hop alone (docs/adr/softswitch-sip-stack.md)
  it.skipIf(skip || name !== 'softswitch')(
    'a Route of a first request is kept, and leads where no next hop is named',
    async () => {
      const app = await connect([]);
      const phone = await udpPhone(server);
      const route = `Route: <sip:edge@127.0.0.1:${phone.port};lr>, <sip:far.invalid;lr>`;
      await app.ask(`sip||\r\nOPTIONS sip:bob@192.0.2.1 SIP/2.0\r\n${route}\r\n\r\n`);
      const wire = await phone.next(/^OPTIONS sip:bob@192.0.2.1 /);
      expect(wire).toMatch(/^Route: <sip:edge@127\.0\.0\.1:\d+;lr>, ?<sip:far\.invalid;lr>\r$/m);
      phone.send(response(phone, wire, '200 OK', { toTag: 't' }));
      await app.sip(/^SIP\/2.0 200/);
    },
  );

  it.skipIf(skip)('A4 failures carry the texts applications match', async () => {
    const app = await connect([]);
    const gone = await app.ask('sip||nothing;from-tag=here\r\nBYE sip:placeholder SIP/2.0\r\n\r\n');
    expect(gone.tokens).toEqual(['NOK', 'Server error: unable to find dialog for dialog id provided']);
    const late = await app.ask('sip|11111111-2222|\r\nSIP/2.0 200 OK\r\n\r\n');
    expect(late.tokens).toEqual(['NOK', 'Response not sent due to unknown transaction']);
    const cancel = await app.ask('sip|3333-4444|\r\nCANCEL sip:x@127.0.0.1 SIP/2.0\r\n\r\n');
    expect(cancel.tokens).toEqual(['NOK', 'unable to cancel unknown transaction id: 3333-4444']);
    const untyped = await app.ask('sip||\r\nMESSAGE sip:bob@127.0.0.1:9 SIP/2.0\r\n\r\nplain words');
    expect(untyped.tokens[0]).toBe('NOK');
    expect(untyped.tokens[1]).toContain('missing content-type');
  });

  it.skipIf(skip)('A2 the fifth token sends a request through another address', async () => {
    const app = await connect([]);
    const phone = await udpPhone(server);
    await app.ask(`sip|||sip:127.0.0.1:${phone.port}\r\nOPTIONS sip:bob@192.0.2.7 SIP/2.0\r\n\r\n`);
    const wire = await phone.next(/^OPTIONS sip:bob@192\.0\.2\.7 SIP/);
    phone.send(response(phone, wire, '200 OK', { toTag: 't' }));
    await app.sip(/^SIP\/2.0 200/);
  });

  it.skipIf(skip)('A2 an application cancels its own INVITE, before and after a provisional', async () => {
    const app = await connect([]);
    const phone = await udpPhone(server);
    for (const early of [true, false]) {
      const echo = await app.ask(`sip||\r\nINVITE sip:bob@127.0.0.1:${phone.port} SIP/2.0\r\n\r\n${SDP}`);
      const wire = await phone.next(/^INVITE/);
      const ring = (): void => phone.send(response(phone, wire, '180 Ringing', { toTag: 'r' }));
      if (!early) {
        ring();
        await app.sip(/^SIP\/2.0 180/);
      }
      const cancelled = await app.ask(`sip|${echo.tokens[7]}|\r\nCANCEL sip:bob@127.0.0.1 SIP/2.0\r\n\r\n`);
      expect(cancelled.tokens[0]).toBe('OK');
      if (early) {
        expect((await phone.quiet(30)).filter((text) => text.startsWith('CANCEL'))).toEqual([]);
        ring();
      }
      const cancel = await phone.next(/^CANCEL/);
      expect(field(cancel, 'Via')).toBe(field(wire, 'Via'));
      phone.send(response(phone, cancel, '200 OK', { toTag: 'r' }));
      phone.send(response(phone, wire, '487 Request Terminated', { toTag: 'r' }));
      expect((await app.sip(/^SIP\/2.0 487/)).tokens[TOKEN.transaction]).toBe(echo.tokens[7]);
      await phone.next(/^ACK/);
      phone.got.length = 0;
    }
  });
});
