/** The api behind a proxy that ends TLS: who is believed about addresses, names and schemes, and who is not. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { parseTrustedProxies } from './http/proxies.ts';
import { startTestApi, type TestApi } from './test-api.ts';

const PASSWORD = 'correct horse battery staple';
const FORWARDED = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'console.example' };
const ORIGIN = 'https://console.example';

let api: TestApi;
let email: string;
let sip: WebSocketServer;

beforeAll(async () => {
  sip = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => 'sip' });
  await once(sip, 'listening');
  const { port } = sip.address() as AddressInfo;
  const trustProxy = parseTrustedProxies('127.0.0.1, 10.9.0.0/16')!;
  api = await startTestApi({ trustProxy, sipWs: { host: '127.0.0.1', port } });
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  email = `behind-${crypto.randomUUID()}@test.example`;
  await api.ask('POST', '/accounts', { body: { email, role: 'company', password: PASSWORD, name: 'Behind' } });
});
afterAll(async () => {
  await api?.close();
  for (const client of sip?.clients ?? []) client.terminate();
  sip?.close();
});

const logIn = (remoteAddress: string, headers: Record<string, string>, password = PASSWORD) =>
  api.app.inject({ method: 'POST', url: '/api/v1/session', remoteAddress, headers, payload: { email, password } });

const guessers = async (): Promise<string[]> => {
  const rows = await api.store.db
    .selectFrom('guard')
    .select('subject')
    .where('subject', 'like', 'login-from:%')
    .execute();
  return rows.map(({ subject }) => subject.replace('login-from:', ''));
};

test('behind a trusted proxy cookies are for TLS only, and the page is of the host that was asked for', async () => {
  const answer = await logIn('127.0.0.1', { ...FORWARDED, origin: ORIGIN });
  expect(answer.statusCode).toBe(200);
  expect(answer.cookies[0]).toMatchObject({ secure: true, httpOnly: true, sameSite: 'Strict' });
  expect(answer.headers['strict-transport-security']).toContain('max-age=');
  const foreign = await logIn('127.0.0.1', { ...FORWARDED, origin: 'https://evil.example' });
  expect([foreign.statusCode, foreign.json().code]).toEqual([403, 'API_WRONG_ORIGIN']);
});

test('what others say of themselves counts for nothing', async () => {
  const spoofed = await logIn('192.0.2.66', { ...FORWARDED, origin: ORIGIN, host: 'real.example' });
  expect([spoofed.statusCode, spoofed.json().code]).toEqual([403, 'API_WRONG_ORIGIN']);
  const plain = await logIn('192.0.2.66', { ...FORWARDED, origin: 'http://real.example', host: 'real.example' });
  expect(plain.statusCode).toBe(200);
  expect(plain.cookies[0]?.secure).toBeUndefined();
  expect(plain.headers['strict-transport-security']).toBeUndefined();
});

test('guesses count for the address that the nearest trusted proxy saw', async () => {
  const wrong = (from: string, chain: string) => logIn(from, { 'x-forwarded-for': chain }, 'wrong');
  expect((await wrong('10.9.1.1', '203.0.113.5, 198.51.100.7')).statusCode).toBe(401);
  expect((await wrong('127.0.0.1', '203.0.113.5, 198.51.100.8, 10.9.0.4')).statusCode).toBe(401);
  expect((await wrong('192.0.2.67', '203.0.113.5')).statusCode).toBe(401);
  const seen = await guessers();
  expect(seen).toEqual(expect.arrayContaining(['198.51.100.7', '198.51.100.8', '192.0.2.67']));
  expect(seen).not.toContain('203.0.113.5');
});

test('browser phones and streams of events get through it', async () => {
  const [cookie] = (await logIn('127.0.0.1', { ...FORWARDED, origin: ORIGIN })).cookies;
  const headers = { cookie: `${cookie!.name}=${cookie!.value}`, origin: ORIGIN, 'x-forwarded-proto': 'https' };
  const { port } = api.app.server.address() as AddressInfo;
  const attempt = async (path: string, protocol: string, host: string): Promise<unknown> => {
    const url = `ws://127.0.0.1:${port}${path}`;
    const socket = new WebSocket(url, protocol, { headers: { ...headers, 'x-forwarded-host': host } });
    const outcome = await Promise.race([
      once(socket, 'open').then(() => 'open'),
      once(socket, 'unexpected-response').then(([, response]) => response.statusCode),
    ]);
    socket.on('error', () => {});
    socket.terminate();
    return outcome;
  };
  expect(await attempt('/sip', 'sip', 'console.example')).toBe('open');
  expect(await attempt('/sip', 'sip', 'other.example')).toBe(403);
  const events = '/api/v1/events';
  expect(await attempt(events, 'callwright', 'console.example')).toBe('open');
  expect(await attempt(events, 'callwright', 'other.example')).toBe(403);
  const stop = new AbortController();
  const stream = await fetch(`http://127.0.0.1:${port}${events}`, {
    headers: { ...headers, 'x-forwarded-host': 'console.example' },
    signal: stop.signal,
  });
  expect([stream.status, stream.headers.get('x-accel-buffering')]).toEqual([200, 'no']);
  stop.abort();
});
