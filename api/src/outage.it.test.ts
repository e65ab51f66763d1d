import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

/** PostgreSQL goes away and comes back, by a proxy that cuts every connection. */

let api: TestApi;
let proxy: Server;
let down = false;
const sockets = new Set<Socket>();

beforeAll(async () => {
  api = await startTestApi({
    databaseUrl: async (url) => {
      const target = new URL(url);
      const real = { port: Number(target.port), host: target.hostname };
      proxy = createServer((client) => {
        if (down) return void client.destroy();
        const server = connect(real);
        for (const socket of [client, server]) {
          sockets.add(socket);
          socket.on('error', () => {});
          socket.on('close', () => {
            sockets.delete(socket);
            client.destroy();
            server.destroy();
          });
        }
        client.pipe(server).pipe(client);
      });
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      target.port = String((proxy.address() as AddressInfo).port);
      return target.href;
    },
  });
});
afterAll(async () => {
  down = false;
  await api.close();
  proxy.close();
});

function cut(): void {
  down = true;
  for (const socket of sockets) socket.destroy();
}

test('while PostgreSQL is away requests are told to try again; after it everything goes on', async () => {
  const headers = { 'idempotency-key': 'through-an-outage' };
  expect((await api.ask('GET', '/users')).status).toBe(200);
  cut();
  for (const [method, path, body] of [
    ['GET', '/users', undefined],
    ['POST', '/users', { extension: '131' }],
    ['POST', '/session', { email: 'a@b.example', password: 'x' }],
  ] as const) {
    const answer = await api.ask(method, path, { body, ...(method === 'POST' ? { headers } : {}) });
    expect([path, answer.status, answer.body.code, answer.headers['retry-after']]).toEqual([
      path,
      503,
      'API_UNAVAILABLE',
      '1',
    ]);
  }
  const health = await api.app.inject({ url: '/healthz' });
  expect([health.statusCode, health.json().parts.postgres.ok]).toEqual([503, false]);
  down = false;
  const made = await api.ask('POST', '/users', { body: { extension: '131' }, headers });
  expect(made.status).toBe(201);
});

test('live events that happened during an outage come after it', async () => {
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  const port = (api.app.server.address() as AddressInfo).port;
  const controller = new AbortController();
  const call = crypto.randomUUID();
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/events?call=${call}`, {
    headers: { authorization: `Bearer ${api.demo.admin.apiKey}` },
    signal: controller.signal,
  });
  const seen: number[] = [];
  void (async () => {
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      for (const match of chunk.matchAll(/"n":(\d+)/g)) seen.push(Number(match[1]));
    }
  })().catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 200));
  const insert = (n: number) =>
    api.store.pool.query(
      `insert into call_record (call_id, n, company_id, at, stream, type, body) values ($1, $2, $3, now(), 'fact', 'log', '{}')`,
      [call, n, api.demo.companyId],
    );
  await insert(1);
  await expect.poll(() => seen, { timeout: 5000 }).toEqual([1]);
  cut();
  await new Promise((resolve) => setTimeout(resolve, 500));
  down = false;
  await expect
    .poll(
      () =>
        insert(2).then(
          () => true,
          () => false,
        ),
      { timeout: 5000 },
    )
    .toBe(true);
  await expect.poll(() => seen, { timeout: 10_000 }).toEqual([1, 2]);
  controller.abort();
});
