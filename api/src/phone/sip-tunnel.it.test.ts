/** Who gets through to the SIP server from a page, and what ends the connection. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { SESSION_COOKIE } from '../http/access.ts';
import { startTestApi, type TestApi } from '../test-api.ts';

let api: TestApi;
let sip: Server;
let sockets: WebSocketServer;
let url: string;
let origin: string;
let cookie: string;
/** Headers of the handshakes that reached the SIP server. */
const seen: Record<string, unknown>[] = [];

beforeAll(async () => {
  sip = createServer().listen(0, '127.0.0.1');
  await once(sip, 'listening');
  sockets = new WebSocketServer({ server: sip, handleProtocols: () => 'sip' });
  sockets.on('connection', (socket, request) => {
    seen.push(request.headers);
    socket.on('message', (data) => socket.send(`echo ${data}`));
  });
  api = await startTestApi({ sipWs: { host: '127.0.0.1', port: (sip.address() as AddressInfo).port } });
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = api.app.server.address() as AddressInfo;
  url = `ws://127.0.0.1:${port}/sip`;
  origin = `http://127.0.0.1:${port}`;
  cookie = await logIn();
});
afterAll(async () => {
  await api?.close();
  for (const client of sockets?.clients ?? []) client.terminate();
  sip?.close();
});

async function logIn(): Promise<string> {
  const password = 'correct horse battery staple';
  const email = `phone-${crypto.randomUUID()}@test.example`;
  await api.ask('POST', '/accounts', { body: { email, role: 'company', password, name: 'Phone' } });
  const answer = await api.app.inject({ method: 'POST', url: '/api/v1/session', payload: { email, password } });
  const value = answer.cookies.find(({ name }) => name === SESSION_COOKIE)!.value;
  return `${SESSION_COOKIE}=${value}`;
}

/** `open`, or the status of the refusal. */
async function attempt(headers: Record<string, string>, protocols: string | string[] = 'sip', address = url) {
  const socket = new WebSocket(address, protocols, { headers });
  const [outcome] = (await Promise.race([
    once(socket, 'open').then(() => ['open']),
    once(socket, 'unexpected-response').then(([, response]) => [response.statusCode]),
  ])) as [unknown];
  return { socket, outcome };
}

test('a page of ours with a session talks to the SIP server, which never sees the cookie', async () => {
  const { socket, outcome } = await attempt({ cookie, origin });
  expect(outcome).toBe('open');
  socket.send('REGISTER');
  expect(String((await once(socket, 'message'))[0])).toBe('echo REGISTER');
  expect(seen.at(-1)).not.toHaveProperty('cookie');
  socket.close();
  await once(socket, 'close');
});

test('nobody else does', async () => {
  const outcome = async (...args: Parameters<typeof attempt>) => (await attempt(...args)).outcome;
  const before = seen.length;
  expect(await outcome({ origin })).toBe(401);
  expect(await outcome({ origin, cookie: `${SESSION_COOKIE}=${'x'.repeat(43)}` })).toBe(401);
  expect(await outcome({ origin, cookie: `${SESSION_COOKIE}='; drop table` })).toBe(401);
  expect(await outcome({ cookie })).toBe(403);
  expect(await outcome({ cookie, origin: 'https://evil.example' })).toBe(403);
  expect(await outcome({ cookie, origin: 'null' })).toBe(403);
  expect(await outcome({ cookie, origin }, 'chat')).toBe(400);
  expect(await outcome({ cookie, origin }, 'sip', `${url}/other`)).toBe(404);
  expect(seen.length).toBe(before);
});

test('the end of the SIP server is the end of the connection', async () => {
  const { socket } = await attempt({ cookie, origin });
  const closed = once(socket, 'close');
  for (const client of sockets.clients) client.terminate();
  await closed;
});
