/** Two stacks talk over loopback with short timers. */
import { createSocket, type Socket } from 'node:dgram';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createSipStack,
  dialogFlow,
  dialogRequest,
  header,
  makeResponse,
  NO_BODY,
  newTag,
  parseMessage,
  type ServerTransaction,
  type SipRequest,
  type SipResponse,
  type SipStack,
  type SipStackHandlers,
  titledHeader,
  uacDialog,
} from './index.ts';

const HOST = '127.0.0.1';
const TIMERS = { t1Ms: 10, t2Ms: 40, t4Ms: 30 };
const open: { close(): unknown }[] = [];

async function stackWith(handlers: Partial<SipStackHandlers>, autoTrying = true): Promise<SipStack> {
  const options = { host: HOST, port: 0, tcp: true, publicAddress: HOST, autoTrying, timers: TIMERS };
  const none = (): void => {};
  const stack = await createSipStack(options, {
    onRequest: none,
    onAck: none,
    onCancel: none,
    onAckTimeout: none,
    ...handlers,
  });
  open.push(stack);
  return stack;
}

async function phone(): Promise<{ socket: Socket; got: string[]; port: number }> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, HOST, resolve));
  const got: string[] = [];
  socket.on('message', (bytes) => got.push(bytes.toString('latin1')));
  open.push({ close: () => socket.close() });
  return { socket, got, port: socket.address().port };
}

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

function invite(port: number): SipRequest {
  const headers = [
    header('From', `<sip:a@${HOST}>;tag=${newTag()}`),
    header('To', `<sip:b@${HOST}>`),
    header('Call-ID', newTag()),
    header('CSeq', '7 INVITE'),
    header('Contact', `<sip:a@${HOST}:${port}>`),
  ];
  return { method: 'INVITE', uri: `sip:b@${HOST}`, headers, body: NO_BODY };
}

const answer200 = (t: ServerTransaction, port: number): SipResponse =>
  makeResponse(t.request, 200, { toTag: t.toTag, headers: [titledHeader('contact', `<sip:b@${HOST}:${port}>`)] });

describe.each(['udp', 'tcp'] as const)('over %s', (protocol) => {
  it('sets up and ends a call and forgets everything', async () => {
    const acks: string[] = [];
    const uas = await stackWith({
      onRequest: (t) => void uas.respond(t, t.invite ? answer200(t, uas.port) : makeResponse(t.request, 200)),
      onAck: (ack) => acks.push(ack.method),
    });
    const uac = await stackWith({});
    const statuses: number[] = [];
    const flow = { protocol, address: HOST, port: uas.port };
    const bye = await new Promise<number>((resolve) => {
      uac.request(invite(uac.port), flow, {
        onFailure: () => resolve(0),
        onResponse: async (response, source) => {
          statuses.push(response.status);
          if (response.status !== 200) return;
          const dialog = uacDialog(invite(uac.port), response, source)!;
          const same = { ...dialog, callId: response.headers.find((h) => h.key === 'call-id')!.value };
          same.localSeq = 7;
          uac.sendAck(dialogRequest(same, 'ACK', { seq: 7 }), flow);
          uac.request(dialogRequest(same, 'BYE'), await dialogFlow(same), {
            onResponse: (r) => resolve(r.status),
            onFailure: () => resolve(-1),
          });
        },
      });
    });
    expect(bye).toBe(200);
    // On a busy machine the 2xx is repeated before its ACK arrives, and every copy is passed on.
    expect([...new Set(statuses)]).toEqual([100, 200]);
    await expect.poll(() => uas.counts().openServerTransactions, { timeout: 3000 }).toBe(0);
    await expect.poll(() => uac.counts().openClientTransactions, { timeout: 3000 }).toBe(0);
  });

  it('cancels before the final answer', async () => {
    const cancelled: string[] = [];
    const uas = await stackWith({ onCancel: (_t, cancel) => cancelled.push(cancel.method) });
    const uac = await stackWith({});
    const final = await new Promise<number>((resolve) => {
      const t = uac.request(
        invite(uac.port),
        { protocol, address: HOST, port: uas.port },
        {
          onFailure: () => resolve(0),
          onResponse: (response) => {
            if (response.status >= 200) resolve(response.status);
          },
        },
      );
      expect(uac.cancel(t)?.method).toBe('CANCEL');
      expect(uac.cancel(t)).toBeUndefined();
    });
    expect(final).toBe(487);
    expect(cancelled).toEqual(['CANCEL']);
    await expect
      .poll(() => uas.counts().openServerTransactions + uac.counts().openClientTransactions, { timeout: 4000 })
      .toBe(0);
  });
});

it('repeats an unanswered INVITE and gives up after 64*T1', async () => {
  const uac = await stackWith({});
  const far = await phone();
  const started = performance.now();
  const failure = await new Promise<string>((resolve) => {
    uac.request(
      invite(uac.port),
      { protocol: 'udp', address: HOST, port: far.port },
      { onResponse: () => {}, onFailure: resolve },
    );
  });
  expect(failure).toBe('timeout');
  expect(performance.now() - started).toBeGreaterThan(600);
  expect(far.got.length).toBeGreaterThanOrEqual(6);
  expect(new Set(far.got).size).toBe(1);
  expect(uac.counts().openClientTransactions).toBe(0);
});

it('repeats a 2xx until its ACK, else reports the timeout', async () => {
  const timeouts: string[] = [];
  const uas = await stackWith({
    onRequest: (t) => void uas.respond(t, answer200(t, uas.port)),
    onAckTimeout: (t) => timeouts.push(t.id),
  });
  const far = await phone();
  const request = `INVITE sip:b@${HOST} SIP/2.0\r\nVia: SIP/2.0/UDP ${HOST}:${far.port};branch=z9hG4bKx1\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: c1\r\nCSeq: 1 INVITE\r\nContact: <sip:a@${HOST}>\r\n\r\n`;
  far.socket.send(request, uas.port, HOST);
  await expect.poll(() => timeouts.length, { timeout: 4000 }).toBe(1);
  const finals = far.got.filter((m) => m.startsWith('SIP/2.0 200'));
  expect(finals.length).toBeGreaterThan(8);
  expect(uas.counts()).toMatchObject({ openServerTransactions: 0, awaitingAck: 0 });
});

it('answers retransmissions with the same bytes and matches RFC 2543 requests', async () => {
  let seen = 0;
  const uas = await stackWith({
    onRequest: (t) => {
      seen++;
      uas.respond(t, makeResponse(t.request, 486, { toTag: t.toTag }));
    },
  });
  const far = await phone();
  const request = `INVITE sip:b@${HOST} SIP/2.0\r\nv: SIP/2.0/UDP ${HOST}:${far.port}\r\nf: sip:a@h;tag=1\r\nt: sip:b@h\r\ni: old\r\nCSeq: 1 INVITE\r\n\r\n`;
  far.socket.send(request, uas.port, HOST);
  await expect.poll(() => far.got.length).toBeGreaterThanOrEqual(2);
  far.socket.send(request, uas.port, HOST);
  await sleep(30);
  const finals = far.got.filter((m) => m.startsWith('SIP/2.0 486'));
  expect(new Set(finals).size).toBe(1);
  expect(seen).toBe(1);
  const to = /^To: (.*)$/m.exec(finals[0]!)![1]!;
  const ack = request.replace(/INVITE/g, 'ACK').replace('t: sip:b@h', `t: ${to}`);
  far.socket.send(ack, uas.port, HOST);
  await expect.poll(() => uas.counts().openServerTransactions, { timeout: 500 }).toBe(0);
});

it('routes responses by rport and received', async () => {
  const uas = await stackWith({ onRequest: (t) => void uas.respond(t, makeResponse(t.request, 200)) }, false);
  const far = await phone();
  const request = `OPTIONS sip:b@${HOST} SIP/2.0\r\nVia: SIP/2.0/UDP nat.example:9;rport;branch=z9hG4bKo1\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: c1\r\nCSeq: 1 OPTIONS\r\n\r\n`;
  far.socket.send(request, uas.port, HOST);
  await expect.poll(() => far.got.length).toBe(1);
  expect(far.got[0]).toContain(
    `Via: SIP/2.0/UDP nat.example:9;rport=${far.port};branch=z9hG4bKo1;received=${HOST}\r\n`,
  );
});

it('cuts a TCP stream anywhere and answers several messages per segment', async () => {
  const uas = await stackWith({ onRequest: (t) => void uas.respond(t, makeResponse(t.request, 200)) }, false);
  const socket = connect(uas.port, HOST);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  const one = (n: number): string =>
    `OPTIONS sip:b@${HOST} SIP/2.0\r\nVia: SIP/2.0/TCP ${HOST}:9;branch=z9hG4bKs${n}\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: c1\r\nCSeq: ${n} OPTIONS\r\nl: 3\r\n\r\nabc`;
  const stream = `\r\n\r\n${one(1)}${one(2)}\r\n${one(3)}`;
  for (const character of stream) socket.write(character);
  await expect.poll(() => text.match(/SIP\/2\.0 200/g)?.length ?? 0, { timeout: 3000 }).toBe(3);
  expect(text.startsWith('\r\n')).toBe(true);
  socket.destroy();
  await expect.poll(() => uas.counts().openConnections).toBe(0);
});

it('refuses wrong requests with the right status and drops noise', async () => {
  const uas = await stackWith({});
  const far = await phone();
  const base = `Via: SIP/2.0/UDP ${HOST}:${far.port};branch=z9hG4bKf\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: c1\r\nCSeq: 1 INVITE\r\n`;
  const cases: [string, number][] = [
    [`INVITE sip:b@h SIP/7.0\r\n${base}\r\n`, 505],
    [`INVITE nobody:b SIP/2.0\r\n${base}\r\n`, 416],
    [`INVITE sip:b@h SIP/2.0\r\n${base}Require: nothing\r\n\r\n`, 420],
    [`INVITE <sip:b@h> SIP/2.0\r\n${base}\r\n`, 400],
    [`INVITE sip:b@h SIP/2.0\r\n${base}To: <sip:x@h>\r\n\r\n`, 400],
    [`INVITE sip:b@h SIP/2.0\r\n${base}Content-Length: 9\r\n\r\n`, 400],
  ];
  for (const [text, status] of cases) {
    far.got.length = 0;
    far.socket.send(text, uas.port, HOST);
    await expect.poll(() => far.got.length).toBe(1);
    expect(parseMessage(Buffer.from(far.got[0]!))!.message).toMatchObject({ status });
  }
  const before = uas.counts().dropped;
  far.socket.send('complete and utter noise here', uas.port, HOST);
  await expect.poll(() => uas.counts().dropped).toBe(before + 1);
  expect(uas.counts().openServerTransactions).toBe(0);
});
