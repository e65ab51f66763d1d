/** wire-protocols A6: drachtio-srf as applications use it, against a phone that is bare text. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import Srf from 'drachtio-srf';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { closePhones, field, newCall, request, response, SDP, tag, tcpPhone, token, udpPhone } from './phone.ts';
import { appsGone, SERVERS, type ServerUnderTest } from './server-under-test.ts';

/** The request's `proxy`, which the library's types leave out. */
const proxied = (req: unknown, options: object): Promise<unknown> =>
  (req as { proxy(o: object): Promise<unknown> }).proxy(options);

describe.each(SERVERS)('A6 drachtio-srf on $name', ({ skip, start }) => {
  let server: ServerUnderTest;
  const clients: Srf[] = [];
  const connect = async (prepare: (srf: Srf) => void = () => {}): Promise<Srf> => {
    const srf = new Srf();
    prepare(srf);
    clients.push(srf);
    srf.connect({ host: server.appHost, port: server.appPort, secret: server.secret });
    srf.on('error', () => {});
    await once(srf, 'connect');
    await new Promise((resolve) => setTimeout(resolve, 50));
    return srf;
  };
  beforeAll(async () => {
    if (!skip) server = await start();
  });
  afterEach(async () => {
    for (const srf of clients.splice(0)) srf.disconnect();
    await closePhones();
    await appsGone(server);
  });
  afterAll(() => server?.close());

  it.skipIf(skip)('A6 a wrong secret is told to the application', async () => {
    const srf = new Srf();
    srf.on('error', () => {});
    const failed = once(srf, 'connect');
    srf.connect({
      host: server.appHost,
      port: server.appPort,
      secret: 'wrong',
      reconnect: { maxAttempts: 1 },
    } as never);
    expect(String((await failed)[0])).toContain('failed to authenticate');
    try {
      srf.disconnect();
    } catch {
      // The server had closed the connection already.
    }
  });

  it.skipIf(skip).each(['udp', 'tcp'] as const)(
    'A6 createUAS over %s: answer, ACK, BYE of the caller',
    async (protocol) => {
      const destroyed = Promise.withResolvers<string>();
      await connect((srf) =>
        srf.invite(async (req, res) => {
          const dialog = await srf.createUAS(req, res, { localSdp: SDP, headers: { 'X-Mine': 'yes' } });
          dialog.on('destroy', (bye: { method: string }) => destroyed.resolve(bye.method));
        }),
      );
      const phone = protocol === 'udp' ? await udpPhone(server) : await tcpPhone(server);
      const call = newCall(server);
      phone.send(request(phone, call, 'INVITE', { body: SDP }));
      const ok = await phone.next(/^SIP\/2.0 200/);
      expect(field(ok, 'X-Mine')).toBe('yes');
      const toTag = tag(ok, 'To')!;
      phone.send(request(phone, call, 'ACK', { toTag, branch: `z9hG4bK${token()}` }));
      phone.send(request(phone, call, 'BYE', { toTag, cseq: 2, branch: `z9hG4bK${token()}` }));
      await phone.next(/^SIP\/2.0 200[\s\S]*BYE/);
      expect(await destroyed.promise).toBe('BYE');
    },
  );

  it.skipIf(skip)('A6 createUAC with a digest: CSeq goes up, Call-ID and From stay; modify and destroy', async () => {
    const srf = await connect();
    const phone = await udpPhone(server);
    const uri = `sip:bob@127.0.0.1:${phone.port}`;
    const calling = srf.createUAC(uri, {
      localSdp: SDP,
      auth: { username: 'bob', password: 'pw' },
      callingNumber: '4711',
    } as never);
    const first = await phone.next(/^INVITE/);
    expect(field(first, 'From')).toMatch(/^<sip:4711@/);
    phone.send(
      response(phone, first, '401 Unauthorized', {
        toTag: 'c',
        headers: ['WWW-Authenticate: Digest realm="r", nonce="n", algorithm=MD5'],
      }),
    );
    await phone.next(/^ACK/);
    const second = await phone.next(/^INVITE/);
    expect(Number.parseInt(field(second, 'CSeq')!, 10)).toBe(Number.parseInt(field(first, 'CSeq')!, 10) + 1);
    expect(field(second, 'Call-ID')).toBe(field(first, 'Call-ID'));
    expect(field(second, 'From')).toBe(field(first, 'From'));
    const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
    expect(field(second, 'Authorization')).toContain(md5(`${md5('bob:r:pw')}:n:${md5(`INVITE:${uri}`)}`));
    phone.send(response(phone, second, '200 OK', { toTag: 'p', body: SDP }));
    await phone.next(/^ACK/);
    const dialog = await calling;
    const modified = dialog.modify(SDP.replace('40000', '40002'));
    const again = await phone.next(/^INVITE/);
    expect(again).toContain('m=audio 40002');
    phone.send(response(phone, again, '200 OK', { body: SDP }));
    await modified;
    await phone.next(/^ACK/);
    const destroyed = dialog.destroy();
    phone.send(response(phone, await phone.next(/^BYE/), '200 OK'));
    await destroyed;
    await expect(dialog.destroy()).rejects.toMatchObject({ code: 'ENODIALOG' });
  });

  it.skipIf(skip)('A6 cancelling createUAC rejects with 487', async () => {
    const srf = await connect();
    const phone = await udpPhone(server);
    const sent = Promise.withResolvers<{ cancel(): void }>();
    const calling = srf.createUAC(`sip:bob@127.0.0.1:${phone.port}`, { localSdp: SDP }, {
      cbRequest: (_error: unknown, req: { cancel(): void }) => sent.resolve(req),
    } as never);
    const invite = await phone.next(/^INVITE/);
    phone.send(response(phone, invite, '180 Ringing', { toTag: 'r' }));
    (await sent.promise).cancel();
    phone.send(response(phone, await phone.next(/^CANCEL/), '200 OK', { toTag: 'r' }));
    phone.send(response(phone, invite, '487 Request Terminated', { toTag: 'r' }));
    await expect(calling).rejects.toMatchObject({ status: 487 });
    await phone.next(/^ACK/);
  });

  it.skipIf(skip)('A6 a caller that cancels is told to the application, createUAS rejects', async () => {
    const cancelled = Promise.withResolvers<string>();
    await connect((srf) =>
      srf.invite((req, res) => {
        req.on('cancel', () => cancelled.resolve('cancelled'));
        res.send(180);
      }),
    );
    const phone = await udpPhone(server);
    const call = newCall(server);
    phone.send(request(phone, call, 'INVITE', { body: SDP }));
    await phone.next(/^SIP\/2.0 180/);
    phone.send(request(phone, call, 'CANCEL'));
    const final = await phone.next(/^SIP\/2.0 487/);
    phone.send(request(phone, call, 'ACK', { toTag: tag(final, 'To')! }));
    expect(await cancelled.promise).toBe('cancelled');
  });

  it.skipIf(skip)("A6 createB2BUA joins two phones, with 180 and 200 passed and the far end's BYE", async () => {
    const callee = await udpPhone(server);
    await connect((srf) =>
      srf.invite(async (req, res) => {
        const { uas, uac } = await srf.createB2BUA(req, res, `sip:bob@127.0.0.1:${callee.port}`, {});
        uas.on('destroy', () => void uac.destroy());
        uac.on('destroy', () => void uas.destroy());
      }),
    );
    const caller = await udpPhone(server);
    const call = newCall(server);
    caller.send(request(caller, call, 'INVITE', { body: SDP }));
    const invite = await callee.next(/^INVITE/);
    callee.send(response(callee, invite, '180 Ringing', { toTag: 'b' }));
    await caller.next(/^SIP\/2.0 180/);
    callee.send(response(callee, invite, '200 OK', { toTag: 'b', body: SDP.replace('40000', '41000') }));
    await callee.next(/^ACK/);
    const ok = await caller.next(/^SIP\/2.0 200/);
    expect(ok).toContain('m=audio 41000');
    caller.send(request(caller, call, 'ACK', { toTag: tag(ok, 'To')!, branch: `z9hG4bK${token()}` }));
    const toTag = tag(invite, 'From')!;
    const far = {
      callId: field(invite, 'Call-ID')!,
      fromTag: 'b',
      branch: `z9hG4bK${token()}`,
      uri: newCall(server).uri,
    };
    callee.send(request(callee, far, 'BYE', { toTag, cseq: 9 }));
    await callee.next(/^SIP\/2.0 200[\s\S]*BYE/);
    caller.send(response(caller, await caller.next(/^BYE/), '200 OK'));
    await expect.poll(() => server.counts()?.dialogs ?? 0).toBe(0);
  });

  it.skipIf(skip)('A6 a 3pcc INVITE has no body, its ACK carries the SDP', async () => {
    const srf = await connect();
    const phone = await udpPhone(server);
    const calling = srf.createUAC(`sip:bob@127.0.0.1:${phone.port}`, {
      headers: { 'User-Agent': 'drachtio-fsmrf:1', 'X-esl-outbound': '127.0.0.1:9' },
    } as never);
    const invite = await phone.next(/^INVITE/);
    expect(field(invite, 'Content-Length')).toBe('0');
    expect(field(invite, 'User-Agent')).toBe('drachtio-fsmrf:1');
    expect(field(invite, 'X-esl-outbound')).toBe('127.0.0.1:9');
    phone.send(response(phone, invite, '200 OK', { toTag: 'p', body: SDP }));
    expect(await phone.next(/^ACK/)).toContain('a=recvonly');
    const dialog = await calling;
    const ended = dialog.destroy();
    phone.send(response(phone, await phone.next(/^BYE/), '200 OK'));
    await ended;
  });

  it.skipIf(skip)('A2 proxy: serial with a failure, Record-Route keeps the server in the dialog', async () => {
    const results = Promise.withResolvers<{ connected: boolean; responses: unknown[] }>();
    const busy = await udpPhone(server);
    const callee = await udpPhone(server);
    await connect((srf) =>
      srf.invite(async (req) => {
        const destination = [busy, callee].map((phone) => `sip:bob@127.0.0.1:${phone.port}`);
        results.resolve((await proxied(req, { destination, remainInDialog: true })) as never);
      }),
    );
    const caller = await udpPhone(server);
    const call = newCall(server);
    caller.send(request(caller, call, 'INVITE', { body: SDP }));
    busy.send(response(busy, await busy.next(/^INVITE/), '486 Busy Here', { toTag: 'x' }));
    await busy.next(/^ACK/);
    const invite = await callee.next(/^INVITE/);
    expect(field(invite, 'Max-Forwards')).toBe('69');
    expect(invite.match(/^Via:/gim)).toHaveLength(2);
    callee.send(response(callee, invite, '200 OK', { toTag: 'b', body: SDP }));
    const ok = await caller.next(/^SIP\/2.0 200/);
    expect(ok.match(/^Via:/gim)).toHaveLength(1);
    const route = field(ok, 'Record-Route')!;
    expect(route).toContain(`:${server.sipPort}`);
    const inDialog = { toTag: 'b', uri: `sip:bob@127.0.0.1:${callee.port}`, headers: [`Route: ${route}`] };
    caller.send(request(caller, call, 'ACK', { ...inDialog, branch: `z9hG4bK${token()}` }));
    expect(await callee.next(/^ACK/)).not.toMatch(/^Route:/im);
    caller.send(request(caller, call, 'BYE', { ...inDialog, cseq: 2, branch: `z9hG4bK${token()}` }));
    callee.send(response(callee, await callee.next(/^BYE/), '200 OK'));
    await caller.next(/^SIP\/2.0 200[\s\S]*BYE/);
    expect((await results.promise).connected).toBe(true);
  });

  it.skipIf(skip)("A2 proxy: the caller's CANCEL goes on, Max-Forwards 0 gets 483", async () => {
    const callee = await udpPhone(server);
    await connect((srf) =>
      srf.invite((req) => void proxied(req, { destination: `sip:bob@127.0.0.1:${callee.port}` }).catch(() => {})),
    );
    const caller = await udpPhone(server);
    const call = newCall(server);
    caller.send(request(caller, call, 'INVITE', { body: SDP }));
    const invite = await callee.next(/^INVITE/);
    callee.send(response(callee, invite, '180 Ringing', { toTag: 'b' }));
    await caller.next(/^SIP\/2.0 180/);
    caller.send(request(caller, call, 'CANCEL'));
    const final = await caller.next(/^SIP\/2.0 487/);
    caller.send(request(caller, call, 'ACK', { toTag: tag(final, 'To')! }));
    callee.send(response(callee, await callee.next(/^CANCEL/), '200 OK', { toTag: 'b' }));
    callee.send(response(callee, invite, '487 Request Terminated', { toTag: 'b' }));
    await callee.next(/^ACK/);
    const last = newCall(server);
    caller.send(request(caller, last, 'INVITE', { body: SDP }).replace('Max-Forwards: 70', 'Max-Forwards: 0'));
    const hops = await caller.next(/^SIP\/2.0 483/);
    caller.send(request(caller, last, 'ACK', { toTag: tag(hops, 'To')! }));
  });

  it.skipIf(skip)('A6 nothing is left when all is done', async (context) => {
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
        proxied: 0,
      });
  });
});
