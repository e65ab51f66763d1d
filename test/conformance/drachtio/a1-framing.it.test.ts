/** wire-protocols A1: framing between applications and the server. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { closePhones, newCall, request, SDP, udpPhone } from './phone.ts';
import { frameOf, type RawApp, rawApp } from './raw-app.ts';
import { appsGone, SERVERS, type ServerUnderTest } from './server-under-test.ts';

describe.each(SERVERS)('A1 framing on $name', ({ skip, start }) => {
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

  it.skipIf(skip)('A1 a frame may be split anywhere, also inside the length', async () => {
    const app = await connect();
    const payload = `id-1|authenticate|${server.secret}|`;
    for (const character of frameOf(payload)) {
      app.socket.write(character);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await app.reply('id-1')).tokens[0]).toBe('OK');
  });

  it.skipIf(skip)('A1 several frames share one segment, in order', async () => {
    const app = await connect();
    const frames = ['a|authenticate|', 'b|route|invite', 'c|route|options', 'd|ping'];
    frames[0] += `${server.secret}|`;
    app.socket.write(frames.map(frameOf).join(''));
    for (const id of ['a', 'b', 'c', 'd']) expect((await app.reply(id)).tokens[0]).toBe('OK');
  });

  it.skipIf(skip)('A1 the length counts UTF-8 bytes of the payload, both ways', async () => {
    const app = await connect(['invite']);
    const phone = await udpPhone(server);
    const call = newCall(server);
    phone.send(request(phone, call, 'INVITE', { headers: ['Subject: ciào ☎ naïve'], body: SDP }));
    const invite = await app.sip(/^INVITE/);
    expect(invite.sip).toContain('Subject: ciào ☎ naïve\r\n');
    const reply = await app.ask(`sip|${invite.tokens[8]}|\r\nSIP/2.0 486 Occupé ☎\r\nX-Why: è\r\n\r\n`);
    expect(reply.tokens[0]).toBe('OK');
    expect(await phone.next(/^SIP\/2.0 486/)).toContain('X-Why: è\r\n');
    phone.send(request(phone, call, 'ACK', { toTag: 'x' }));
  });

  it.runIf(!skip)(
    "A1 a 13 kB frame does not stall the softswitch (the real server's fault, not copied)",
    async (context) => {
      if (server.real) context.skip('the real server stalls on such a frame for good');
      const app = await connect();
      const phone = await udpPhone(server);
      const id = app.send(
        `sip||\r\nOPTIONS sip:x@127.0.0.1:${phone.port} SIP/2.0\r\nX-Long: ${'l'.repeat(13_000)}\r\n\r\n`,
      );
      expect((await app.reply(id)).tokens[0]).toBe('OK');
      expect((await phone.next(/^OPTIONS/)).length).toBeGreaterThan(13_000);
    },
  );

  it.skipIf(skip)('A1 the server ends a connection whose bytes are no frame', async () => {
    const app = await connect();
    const closed = new Promise((resolve) => app.socket.once('close', resolve));
    app.socket.write('this is no length#');
    await closed;
  });
});
