import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { openTcp, TCP_LIMITS } from './tcp-transport.ts';
import type { SipTransport } from './transport.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function transport(
  limits: Partial<typeof TCP_LIMITS>,
): Promise<{ tcp: SipTransport; got: string[]; dropped: () => number }> {
  const got: string[] = [];
  let dropped = 0;
  const handlers = { onMessage: (bytes: Buffer) => void got.push(bytes.toString()), onDropped: () => void dropped++ };
  const tcp = await openTcp({ host: '127.0.0.1', port: 0 }, handlers, { ...TCP_LIMITS, ...limits });
  open.push(tcp);
  return { tcp, got, dropped: () => dropped };
}

async function client(tcp: SipTransport): Promise<Socket> {
  const socket = connect(tcp.port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

it('closes a connection that says nothing, and one whose message does not end', async () => {
  const { tcp, dropped } = await transport({ firstMessageMs: 40, wholeMessageMs: 40 });
  const silent = await client(tcp);
  const slow = await client(tcp);
  slow.write('OPTIONS sip:a@b SIP/2.0\r\nX: 1\r\n\r\nOPTIONS sip:a@b SI');
  await Promise.all([once(silent, 'close'), once(slow, 'close')]);
  expect(dropped()).toBe(2);
  await expect.poll(() => tcp.connections()).toBe(0);
});

it('drips do not keep a message alive', async () => {
  const { tcp } = await transport({ firstMessageMs: 80 });
  const socket = await client(tcp);
  const timer = setInterval(() => socket.write('X'), 10);
  await once(socket, 'close');
  clearInterval(timer);
  await expect.poll(() => tcp.connections()).toBe(0);
});

it('bounds connections in all and per address, and takes new ones when some have gone', async () => {
  const { tcp, dropped } = await transport({ maxPerAddress: 2 });
  const [first] = [await client(tcp), await client(tcp)];
  await once(await client(tcp), 'close');
  expect(dropped()).toBe(1);
  first!.destroy();
  await expect.poll(() => tcp.connections()).toBe(1);
  await client(tcp);
  await expect.poll(() => tcp.connections()).toBe(2);
});

it('closes a silent connection after a while', async () => {
  const { tcp } = await transport({ idleMs: 50 });
  const socket = await client(tcp);
  socket.write('OPTIONS sip:a@b SIP/2.0\r\n\r\n');
  await once(socket, 'close');
});

it('sends over the connection a message came by, else over a new one; a refused connect is told', async () => {
  const { tcp, got } = await transport({});
  const socket = await client(tcp);
  const peer = createServer((far) => far.on('data', (chunk) => far.write(chunk)));
  peer.listen(0, '127.0.0.1');
  await once(peer, 'listening');
  const { port } = peer.address() as { port: number };
  const text = 'OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 0\r\n\r\n';
  tcp.send(Buffer.from(text), { protocol: 'tcp', address: '127.0.0.1', port });
  await expect.poll(() => got).toEqual([text]);
  expect(tcp.connections()).toBe(2);
  tcp.send(Buffer.from(text), { protocol: 'tcp', address: '127.0.0.1', port: socket.localPort! });
  expect(String((await once(socket, 'data'))[0])).toBe(text);
  peer.close();
  const failed = await new Promise<Error>((resolve) =>
    tcp.send(Buffer.from(text), { protocol: 'tcp', address: '127.0.0.1', port: 1 }, resolve),
  );
  expect(failed).toBeInstanceOf(Error);
});

it('gives up a far end that does not read', async () => {
  const { tcp } = await transport({ maxUnsentBytes: 1_000_000 });
  const socket = await client(tcp);
  socket.pause();
  const flow = { protocol: 'tcp', address: '127.0.0.1', port: socket.localPort! } as const;
  await expect.poll(() => tcp.connections()).toBe(1);
  let failed = false;
  for (let i = 0; i < 400 && !failed; i++)
    tcp.send(Buffer.alloc(65_536, 65), flow, () => {
      failed = true;
    });
  expect(failed).toBe(true);
  await expect.poll(() => tcp.connections()).toBe(0);
});
