/** wire-protocols A3 and A5: what the server does by itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type Call,
  closePhones,
  field,
  newCall,
  type Phone,
  request,
  response,
  SDP,
  tag,
  tcpPhone,
  token,
  udpPhone,
} from './phone.ts';
import { type RawApp, rawApp, TOKEN } from './raw-app.ts';
import { appsGone, SERVERS, type ServerUnderTest } from './server-under-test.ts';

describe.each(SERVERS)('A5 behaviour on $name', ({ skip, start }) => {
  let server: ServerUnderTest;
  const apps: RawApp[] = [];
  const connect = async (...routes: string[]): Promise<RawApp> => {
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

  /** The phone calls, the app answers; both sides' data. */
  async function answered(app: RawApp, phone: Phone, call: Call): Promise<{ toTag: string; dialogId: string }> {
    phone.send(request(phone, call, 'INVITE', { body: SDP }));
    const invite = await app.sip(/^INVITE/);
    await app.ask(`sip|${invite.tokens[TOKEN.transaction]}|\r\nSIP/2.0 200 OK\r\n\r\n${SDP}`);
    const toTag = tag(await phone.next(/^SIP\/2.0 200/), 'To')!;
    phone.send(request(phone, call, 'ACK', { toTag, branch: `z9hG4bK${token()}` }));
    await app.sip(/^ACK/);
    return { toTag, dialogId: `${call.callId};from-tag=${call.fromTag}` };
  }

  /** The app calls the phone, which answers; the dialog id. */
  async function called(app: RawApp, phone: Phone): Promise<{ dialogId: string; invite: string }> {
    const transport = phone.protocol === 'TCP' ? ';transport=tcp' : '';
    await app.ask(`sip||\r\nINVITE sip:bob@127.0.0.1:${phone.port}${transport} SIP/2.0\r\n\r\n${SDP}`);
    const invite = await phone.next(/^INVITE/);
    phone.send(response(phone, invite, '200 OK', { toTag: 'phone', body: SDP }));
    const ok = await app.sip(/^SIP\/2.0 200/);
    const dialogId = ok.tokens[TOKEN.dialog]!;
    expect(dialogId).toBe(`${field(invite, 'Call-ID')};from-tag=${tag(invite, 'From')}`);
    await app.ask(`sip||${dialogId}\r\nACK sip:placeholder SIP/2.0\r\n\r\n`);
    await phone.next(/^ACK/);
    return { dialogId, invite };
  }

  it.skipIf(skip)('A3 a request from the network carries its tokens', async () => {
    const app = await connect('invite');
    const phone = await udpPhone(server);
    const call = newCall(server);
    phone.send(request(phone, call, 'INVITE', { body: SDP }));
    const { tokens, sip } = await app.sip(/^INVITE/);
    expect(tokens[TOKEN.source]).toBe('network');
    expect(Number(tokens[TOKEN.bytes])).toBe(Buffer.byteLength(sip));
    expect(tokens[TOKEN.protocol]).toBe('udp');
    expect(tokens[TOKEN.address]).toBe('127.0.0.1');
    expect(tokens[TOKEN.port]).toBe(String(phone.port));
    expect(tokens[TOKEN.time]).toMatch(/^\d\d:\d\d:\d\d\.\d{6}$/);
    expect(tokens[TOKEN.transaction]).toMatch(/^[0-9a-f-]{36}$/);
    expect(tokens[TOKEN.dialog]).toBe('');
    expect(tokens[TOKEN.localPort]).toBe(String(server.sipPort));
    expect(field(sip, 'Call-ID')).toBe(call.callId);
    expect(sip.endsWith(`\r\n\r\n${SDP}`)).toBe(true);
    const reply = `sip|${tokens[TOKEN.transaction]}|\r\n`;
    await app.ask(`${reply}SIP/2.0 180 Ringing\r\n\r\n`);
    await app.ask(`${reply}SIP/2.0 404 Not Found\r\n\r\n`);
    expect(tag(await phone.next(/^SIP\/2.0 180/), 'To')).toBe(tag(await phone.next(/^SIP\/2.0 404/), 'To'));
    phone.send(request(phone, call, 'ACK', { toTag: 'x' }));
  });

  it.skipIf(skip)('A5 INVITE gets 100 at once; without an application also 503, OPTIONS 503', async () => {
    const phone = await udpPhone(server);
    const call = newCall(server);
    phone.send(request(phone, call, 'INVITE', { body: SDP }));
    expect(await phone.next(/^SIP\/2.0/)).toMatch(/^SIP\/2.0 100 Trying/);
    const refused = await phone.next(/^SIP\/2.0 503/);
    phone.send(request(phone, call, 'ACK', { toTag: tag(refused, 'To')! }));
    phone.send(request(phone, newCall(server), 'OPTIONS'));
    await phone.next(/^SIP\/2.0 503[\s\S]*OPTIONS/);
  });

  it.skipIf(skip)('A5 BYE and UPDATE outside dialogs and INVITE of an unknown dialog get 481', async () => {
    const app = await connect('invite', 'bye', 'update');
    const phone = await udpPhone(server);
    for (const method of ['BYE', 'UPDATE']) {
      phone.send(request(phone, newCall(server), method));
      await phone.next(new RegExp(`^SIP/2.0 481[\\s\\S]*CSeq: 1 ${method}`));
    }
    const call = newCall(server);
    phone.send(request(phone, call, 'INVITE', { toTag: 'nobody', body: SDP }));
    await phone.next(/^SIP\/2.0 481/);
    phone.send(request(phone, call, 'ACK', { toTag: 'nobody' }));
    expect(app.frames).toEqual([]);
  });

  it.skipIf(skip)(
    "A5 CANCEL: 200, 487, the app is told with the INVITE's transaction, a late 200 is refused",
    async () => {
      const app = await connect('invite');
      const phone = await udpPhone(server);
      const call = newCall(server);
      phone.send(request(phone, call, 'INVITE', { body: SDP }));
      const invite = await app.sip(/^INVITE/);
      phone.send(request(phone, call, 'CANCEL'));
      await phone.next(/^SIP\/2.0 200 [\s\S]*CSeq: 1 CANCEL/);
      const terminated = await phone.next(/^SIP\/2.0 487[\s\S]*CSeq: 1 INVITE/);
      phone.send(request(phone, call, 'ACK', { toTag: tag(terminated, 'To')! }));
      const cancel = await app.sip(/^CANCEL/);
      expect(cancel.tokens[TOKEN.transaction]).toBe(invite.tokens[TOKEN.transaction]);
      const late = await app.ask(`sip|${invite.tokens[TOKEN.transaction]}|\r\nSIP/2.0 200 OK\r\n\r\n${SDP}`);
      expect(late.tokens).toEqual(['NOK', 'Response not sent due to unknown transaction']);
      expect((await phone.quiet(60)).filter((text) => text.startsWith('SIP/2.0 200'))).toEqual([]);
    },
  );

  it.skipIf(skip)('A5 CANCEL that crosses the 200 changes nothing; CANCEL of nothing gets 481', async () => {
    const app = await connect('invite');
    const phone = await udpPhone(server);
    const call = newCall(server);
    const { toTag } = await answered(app, phone, call);
    phone.send(request(phone, call, 'CANCEL'));
    await phone.next(/^SIP\/2.0 200 [\s\S]*CSeq: 1 CANCEL/);
    phone.send(request(phone, newCall(server), 'CANCEL'));
    await phone.next(/^SIP\/2.0 481[\s\S]*CSeq: 1 CANCEL/);
    expect(app.frames).toEqual([]);
    phone.send(request(phone, call, 'BYE', { toTag, cseq: 2, branch: `z9hG4bK${token()}` }));
    const bye = await app.sip(/^BYE/);
    await app.ask(`sip|${bye.tokens[TOKEN.transaction]}|\r\nSIP/2.0 200 OK\r\n\r\n`);
  });

  it.skipIf(skip)('A5 finals are repeated until ACK, the ACK of a failure stays with the server', async () => {
    const app = await connect('invite');
    const phone = await udpPhone(server);
    const call = newCall(server);
    phone.send(request(phone, call, 'INVITE', { body: SDP }));
    const invite = await app.sip(/^INVITE/);
    await app.ask(`sip|${invite.tokens[TOKEN.transaction]}|\r\nSIP/2.0 486 Busy Here\r\n\r\n`);
    const first = await phone.next(/^SIP\/2.0 486/);
    expect(await phone.next(/^SIP\/2.0 486/)).toBe(first);
    phone.send(request(phone, call, 'ACK', { toTag: tag(first, 'To')! }));
    await sleep(server.t1Ms);
    phone.got.length = 0;
    expect(await phone.quiet(server.t1Ms * 6)).toEqual([]);
    expect(app.frames).toEqual([]);
  });

  it.skipIf(skip)(
    'A5 a 2xx nobody acknowledges is repeated, then the server sends BYE and tells the app',
    async (context) => {
      if (server.real) context.skip('takes 32 s with the standard T1');
      const app = await connect('invite');
      const phone = await udpPhone(server);
      const call = newCall(server);
      phone.send(request(phone, call, 'INVITE', { body: SDP }));
      const invite = await app.sip(/^INVITE/);
      await app.ask(`sip|${invite.tokens[TOKEN.transaction]}|\r\nSIP/2.0 200 OK\r\n\r\n${SDP}`);
      await sleep(server.t1Ms * 64);
      const bye = await phone.next(/^BYE/);
      expect(phone.got.filter((text) => text.startsWith('SIP/2.0 200')).length).toBeGreaterThan(8);
      const told = await app.sip(/^BYE/);
      expect(told.tokens[TOKEN.source]).toBe('application');
      expect(told.tokens[TOKEN.transaction]).toBe('unsolicited');
      expect(told.tokens[TOKEN.dialog]).toBe(`${call.callId};from-tag=${call.fromTag}`);
      phone.send(response(phone, bye, '200 OK'));
      await expect.poll(() => server.counts()?.dialogs).toBe(0);
    },
  );

  it.skipIf(skip)('A5 requests go round robin over the applications that want the method', async () => {
    const [a, b] = [await connect('options'), await connect('options')];
    await connect('message');
    const phone = await udpPhone(server);
    for (let i = 0; i < 4; i++) {
      phone.send(request(phone, newCall(server), 'OPTIONS'));
      await sleep(30);
    }
    const count = (app: RawApp): number => app.frames.filter((frame) => frame.tokens[1] === 'sip').length;
    expect([count(a!), count(b!)]).toEqual([2, 2]);
  });

  it.skipIf(skip)('A5 an app that drops with an INVITE pending: nothing but the 100', async () => {
    const app = await connect('invite');
    const phone = await udpPhone(server);
    phone.send(request(phone, newCall(server), 'INVITE', { body: SDP }));
    await app.sip(/^INVITE/);
    app.close();
    expect((await phone.quiet(1_500)).map((text) => text.slice(0, 11))).toEqual(['SIP/2.0 100']);
    if (server.real) return;
    await expect.poll(() => server.counts()?.pendingIncoming, { timeout: 3_000 }).toBe(0);
  });

  it.skipIf(skip)(
    "A5 dialogs of a dropped app: the far end's requests get 481, another app's BYE reaches it",
    async () => {
      const first = await connect('invite');
      const second = await connect();
      const phone = await udpPhone(server);
      const call = newCall(server);
      const { toTag, dialogId } = await answered(first, phone, call);
      first.close();
      await sleep(50);
      phone.send(request(phone, call, 'INFO', { toTag, cseq: 2, branch: `z9hG4bK${token()}` }));
      await phone.next(/^SIP\/2.0 481/);
      const echo = await second.ask(`sip||${dialogId}\r\nBYE sip:placeholder SIP/2.0\r\n\r\n`);
      expect(echo.tokens[0]).toBe('OK');
      const bye = await phone.next(/^BYE/);
      expect(bye).toMatch(new RegExp(`^BYE sip:alice@127\\.0\\.0\\.1:${phone.port}`));
      phone.send(response(phone, bye, '200 OK'));
      expect((await second.sip(/^SIP\/2.0 200/)).tokens[TOKEN.transaction]).toBe(echo.tokens[7]);
      const again = await second.ask(`sip||${dialogId}\r\nBYE sip:placeholder SIP/2.0\r\n\r\n`);
      expect(again.tokens[1]).toContain('unable to find dialog');
    },
  );

  it.skipIf(skip)("A5 another app cancels a dead app's ringing INVITE by its transaction id", async () => {
    const first = await connect();
    const second = await connect();
    const phone = await udpPhone(server);
    const echo = await first.ask(`sip||\r\nINVITE sip:bob@127.0.0.1:${phone.port} SIP/2.0\r\n\r\n${SDP}`);
    const invite = await phone.next(/^INVITE/);
    phone.send(response(phone, invite, '180 Ringing', { toTag: 'r' }));
    await first.sip(/^SIP\/2.0 180/);
    first.close();
    await sleep(50);
    const cancelled = await second.ask(`sip|${echo.tokens[7]}|\r\nCANCEL sip:bob@127.0.0.1 SIP/2.0\r\n\r\n`);
    expect(cancelled.tokens[0]).toBe('OK');
    const cancel = await phone.next(/^CANCEL/);
    phone.send(response(phone, cancel, '200 OK', { toTag: 'r' }));
    phone.send(response(phone, invite, '487 Request Terminated', { toTag: 'r' }));
    await phone.next(/^ACK/);
    await expect.poll(() => server.counts()?.pendingOutgoing ?? 0).toBe(0);
  });

  it.skipIf(skip)('A5 a call answered after its app has gone is ended at once', async (context) => {
    if (server.real) context.skip('not measured on the real server');
    const first = await connect();
    const phone = await udpPhone(server);
    await first.ask(`sip||\r\nINVITE sip:bob@127.0.0.1:${phone.port} SIP/2.0\r\n\r\n${SDP}`);
    const invite = await phone.next(/^INVITE/);
    first.close();
    await sleep(50);
    phone.send(response(phone, invite, '200 OK', { toTag: 'late', body: SDP }));
    await phone.next(/^ACK/);
    phone.send(response(phone, await phone.next(/^BYE/), '200 OK'));
    await expect.poll(() => server.counts()?.dialogs).toBe(0);
  });

  it.skipIf(skip)("A2 in-dialog requests use the remote target, CSeq goes up, the 2xx's ACK is the app's", async () => {
    const app = await connect('invite');
    for (const phone of [await udpPhone(server), await tcpPhone(server)]) {
      const { dialogId, invite } = await called(app, phone);
      const seq = Number.parseInt(field(invite, 'CSeq')!, 10);
      const info = app.ask(`sip||${dialogId}\r\nINFO sip:placeholder SIP/2.0\r\nContent-Type: text/plain\r\n\r\nhello`);
      const wire = await phone.next(/^INFO/);
      expect(wire).toMatch(new RegExp(`^INFO sip:bob@127\\.0\\.0\\.1:${phone.port}`));
      expect(field(wire, 'CSeq')).toBe(`${seq + 1} INFO`);
      expect(tag(wire, 'To')).toBe('phone');
      expect((await info).sip).toBe(wire);
      phone.send(response(phone, wire, '200 OK'));
      await app.sip(/^SIP\/2.0 200/);
      await app.ask(`sip||${dialogId}\r\nBYE sip:placeholder SIP/2.0\r\n\r\n`);
      phone.send(response(phone, await phone.next(/^BYE/), '200 OK'));
      await app.sip(/^SIP\/2.0 200[\s\S]*BYE/);
    }
    expect(server.counts()?.dialogs ?? 0).toBe(0);
  });

  it.skipIf(skip)(
    "A5 a repeated 2xx is acknowledged again, a second fork's 2xx is ended, neither reaches the app",
    async (context) => {
      if (server.real) context.skip('forks are not measured on the real server');
      const app = await connect();
      const phone = await udpPhone(server);
      const { invite, dialogId } = await called(app, phone);
      phone.send(response(phone, invite, '200 OK', { toTag: 'phone', body: SDP }));
      expect(tag(await phone.next(/^ACK/), 'To')).toBe('phone');
      phone.send(response(phone, invite, '200 OK', { toTag: 'fork', body: SDP }));
      expect(tag(await phone.next(/^ACK/), 'To')).toBe('fork');
      const bye = await phone.next(/^BYE/);
      expect(tag(bye, 'To')).toBe('fork');
      phone.send(response(phone, bye, '200 OK'));
      expect(app.frames).toEqual([]);
      await app.ask(`sip||${dialogId}\r\nBYE sip:placeholder SIP/2.0\r\n\r\n`);
      phone.send(response(phone, await phone.next(/^BYE/), '200 OK'));
    },
  );

  it.skipIf(skip)('A5 re-INVITE glare: theirs during ours gets 491, after ours it passes', async (context) => {
    if (server.real) context.skip('not measured on the real server');
    const app = await connect('invite');
    const phone = await udpPhone(server);
    const { dialogId, invite } = await called(app, phone);
    const from = {
      callId: field(invite, 'Call-ID')!,
      fromTag: 'phone',
      branch: `z9hG4bK${token()}`,
      uri: 'sip:x@127.0.0.1',
    };
    const toTag = tag(invite, 'From')!;
    await app.ask(`sip||${dialogId}\r\nINVITE sip:placeholder SIP/2.0\r\n\r\n${SDP}`);
    const ours = await phone.next(/^INVITE/);
    const target = newCall(server).uri;
    phone.send(request(phone, from, 'INVITE', { uri: target, toTag, cseq: 5, body: SDP }));
    await phone.next(/^SIP\/2.0 491/);
    phone.send(request(phone, from, 'ACK', { uri: target, toTag, cseq: 5 }));
    phone.send(response(phone, ours, '200 OK', { body: SDP }));
    await app.sip(/^SIP\/2.0 200/);
    await app.ask(`sip||${dialogId}\r\nACK sip:placeholder SIP/2.0\r\n\r\n`);
    expect(field(await phone.next(/^ACK/), 'CSeq')).toBe(field(ours, 'CSeq')!.replace('INVITE', 'ACK'));
    phone.send(
      request(phone, { ...from, branch: `z9hG4bK${token()}` }, 'INVITE', { uri: target, toTag, cseq: 6, body: SDP }),
    );
    const theirs = await app.sip(/^INVITE/);
    expect(theirs.tokens[TOKEN.dialog]).toBe(dialogId);
    await app.ask(`sip|${theirs.tokens[TOKEN.transaction]}|\r\nSIP/2.0 200 OK\r\n\r\n${SDP}`);
    await phone.next(/^SIP\/2.0 200/);
    phone.send(request(phone, { ...from, branch: `z9hG4bK${token()}` }, 'ACK', { uri: target, toTag, cseq: 6 }));
    await app.sip(/^ACK/);
    await app.ask(`sip||${dialogId}\r\nBYE sip:placeholder SIP/2.0\r\n\r\n`);
    phone.send(response(phone, await phone.next(/^BYE/), '200 OK'));
  });

  it.skipIf(skip)('A5 a Record-Route becomes the route of in-dialog requests', async () => {
    const app = await connect();
    const phone = await udpPhone(server);
    await app.ask(`sip||\r\nINVITE sip:bob@127.0.0.1:${phone.port} SIP/2.0\r\n\r\n${SDP}`);
    const invite = await phone.next(/^INVITE/);
    const routes = [`Record-Route: <sip:p2.invalid;lr>, <sip:127.0.0.1:${phone.port};lr>`];
    const contact = 'Contact: <sip:bob@unreachable.invalid>';
    phone.send(
      response(phone, invite, '200 OK', { toTag: 'phone', body: SDP, contact: false, headers: [...routes, contact] }),
    );
    const dialogId = (await app.sip(/^SIP\/2.0 200/)).tokens[TOKEN.dialog];
    await app.ask(`sip||${dialogId}\r\nACK sip:placeholder SIP/2.0\r\n\r\n`);
    const ack = await phone.next(/^ACK sip:bob@unreachable\.invalid SIP/);
    const values = [...ack.matchAll(/^Route: (.*?)\r$/gim)].map((match) => match[1]).join(', ');
    expect(values).toBe(`<sip:127.0.0.1:${phone.port};lr>, <sip:p2.invalid;lr>`);
    await app.ask(`sip||${dialogId}\r\nBYE sip:placeholder SIP/2.0\r\n\r\n`);
    phone.send(response(phone, await phone.next(/^BYE/), '200 OK', { contact: false }));
  });

  it.skipIf(skip)('A5 reliable provisionals are numbered and repeated until PRACK', async () => {
    const app = await connect('invite', 'prack');
    const phone = await udpPhone(server);
    const call = newCall(server);
    phone.send(request(phone, call, 'INVITE', { headers: ['Supported: 100rel'], body: SDP }));
    const invite = await app.sip(/^INVITE/);
    const reply = `sip|${invite.tokens[TOKEN.transaction]}|\r\n`;
    await app.ask(`${reply}SIP/2.0 183 Session Progress\r\nRequire: 100rel\r\n\r\n${SDP}`);
    const first = await phone.next(/^SIP\/2.0 183/);
    const rseq = field(first, 'RSeq');
    expect(rseq).toMatch(/^\d+$/);
    expect(await phone.next(/^SIP\/2.0 183/)).toBe(first);
    const toTag = tag(first, 'To')!;
    const prack = { toTag, cseq: 2, branch: `z9hG4bK${token()}` };
    phone.send(request(phone, call, 'PRACK', { ...prack, headers: [`RAck: ${rseq} 1 INVITE`] }));
    const passed = await app.sip(/^PRACK/);
    expect(passed.tokens[TOKEN.dialog]).toBe(`${call.callId};from-tag=${call.fromTag}`);
    await app.ask(`sip|${passed.tokens[TOKEN.transaction]}|\r\nSIP/2.0 200 OK\r\n\r\n`);
    await phone.next(/^SIP\/2.0 200[\s\S]*PRACK/);
    phone.send(
      request(phone, call, 'PRACK', { toTag, cseq: 3, branch: `z9hG4bK${token()}`, headers: ['RAck: 1 1 INVITE'] }),
    );
    await phone.next(/^SIP\/2.0 481[\s\S]*PRACK/);
    phone.send(request(phone, call, 'INFO', { toTag, cseq: 4, branch: `z9hG4bK${token()}` }));
    const info = await app.sip(/^INFO/);
    expect(info.tokens[TOKEN.dialog]).toBe(passed.tokens[TOKEN.dialog]);
    await app.ask(`sip|${info.tokens[TOKEN.transaction]}|\r\nSIP/2.0 200 OK\r\n\r\n`);
    await phone.next(/^SIP\/2.0 200[\s\S]*INFO/);
    phone.got.length = 0;
    expect((await phone.quiet(server.t1Ms * 5)).filter((text) => text.startsWith('SIP/2.0 183'))).toEqual([]);
    await app.ask(`${reply}SIP/2.0 486 Busy Here\r\n\r\n`);
    phone.send(request(phone, call, 'ACK', { toTag: tag(await phone.next(/^SIP\/2.0 486/), 'To')! }));
    await expect.poll(() => server.counts()?.dialogs ?? 0).toBe(0);
  });

  it.skipIf(skip)(
    "A2 early dialogs: PRACK and UPDATE before the answer, the ACK repeats the INVITE's CSeq",
    async () => {
      const app = await connect('update');
      const phone = await udpPhone(server);
      await app.ask(`sip||\r\nINVITE sip:bob@127.0.0.1:${phone.port} SIP/2.0\r\nSupported: 100rel\r\n\r\n${SDP}`);
      const invite = await phone.next(/^INVITE/);
      const seq = Number.parseInt(field(invite, 'CSeq')!, 10);
      const reliable = ['Require: 100rel', 'RSeq: 77'];
      phone.send(response(phone, invite, '183 Session Progress', { toTag: 'early', headers: reliable, body: SDP }));
      const dialogId = (await app.sip(/^SIP\/2.0 183/)).tokens[TOKEN.dialog]!;
      await app.ask(`sip||${dialogId}\r\nPRACK sip:bob@ignored SIP/2.0\r\nRAck: 77 ${seq} INVITE\r\n\r\n`);
      const prack = await phone.next(/^PRACK/);
      expect(prack).toMatch(new RegExp(`^PRACK sip:bob@127\\.0\\.0\\.1:${phone.port} `));
      expect(field(prack, 'CSeq')).toBe(`${seq + 1} PRACK`);
      expect(field(prack, 'RAck')).toBe(`77 ${seq} INVITE`);
      expect(tag(prack, 'To')).toBe('early');
      phone.send(response(phone, prack, '200 OK'));
      await app.sip(/^SIP\/2.0 200[\s\S]*PRACK/);
      const far = {
        callId: field(invite, 'Call-ID')!,
        fromTag: 'early',
        branch: `z9hG4bK${token()}`,
        uri: newCall(server).uri,
      };
      phone.send(request(phone, far, 'UPDATE', { toTag: tag(invite, 'From')!, body: SDP }));
      const update = await app.sip(/^UPDATE/);
      expect(update.tokens[TOKEN.dialog]).toBe(dialogId);
      await app.ask(`sip|${update.tokens[TOKEN.transaction]}|\r\nSIP/2.0 200 OK\r\n\r\n${SDP}`);
      await phone.next(/^SIP\/2.0 200[\s\S]*UPDATE/);
      phone.send(response(phone, invite, '200 OK', { toTag: 'early' }));
      await app.sip(/^SIP\/2.0 200[\s\S]*INVITE/);
      await app.ask(`sip||${dialogId}\r\nACK sip:placeholder SIP/2.0\r\n\r\n`);
      expect(field(await phone.next(/^ACK/), 'CSeq')).toBe(`${seq} ACK`);
      await app.ask(`sip||${dialogId}\r\nBYE sip:placeholder SIP/2.0\r\n\r\n`);
      const bye = await phone.next(/^BYE/);
      expect(field(bye, 'CSeq')).toBe(`${seq + 2} BYE`);
      phone.send(response(phone, bye, '200 OK'));
      await app.sip(/^SIP\/2.0 200[\s\S]*BYE/);
    },
  );

  it.skipIf(skip)('A5 nobody answers: the app gets 408, and 503 where nothing listens on TCP', async (context) => {
    if (server.real) context.skip('takes 32 s with the standard T1');
    const app = await connect();
    const phone = await udpPhone(server);
    await app.ask(`sip||\r\nOPTIONS sip:bob@127.0.0.1:${phone.port} SIP/2.0\r\n\r\n`);
    await sleep(server.t1Ms * 64);
    await app.sip(/^SIP\/2.0 408/);
    await app.ask('sip||\r\nOPTIONS sip:bob@127.0.0.1:1;transport=tcp SIP/2.0\r\n\r\n');
    await app.sip(/^SIP\/2.0 503/);
    expect(server.counts()).toMatchObject({ pendingOutgoing: 0 });
  });

  it.skipIf(skip)('A5 nothing is left when all is done', async (context) => {
    if (server.real) context.skip('the real server does not tell');
    await expect
      .poll(() => server.counts(), { timeout: 6_000, interval: 100 })
      .toMatchObject({
        openServerTransactions: 0,
        openClientTransactions: 0,
        awaitingAck: 0,
        dialogs: 0,
        pendingIncoming: 0,
        pendingOutgoing: 0,
        openConnections: 0,
        apps: 0,
      });
  });
});
