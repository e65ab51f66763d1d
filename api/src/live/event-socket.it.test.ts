/** Events by WebSocket: who may have them, that they are those of webhooks, and that a reader that was cut misses and repeats nothing. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WEBHOOK_EVENTS } from '@callwright/api-contract';
import { storeRecords, uuidv7 } from '@callwright/store';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { SESSION_COOKIE } from '../http/access.ts';
import { startTestApi, type TestApi } from '../test-api.ts';

let api: TestApi;
let url: string;
beforeAll(async () => {
  api = await startTestApi();
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  url = `ws://127.0.0.1:${(api.app.server.address() as AddressInfo).port}/api/v1/events`;
});
afterAll(() => api.close());

interface Message {
  readonly place: string;
  readonly id: string;
  readonly type: string;
  readonly n: number;
  readonly callId?: string;
}
interface Reader {
  readonly socket: WebSocket;
  readonly events: Message[];
  /** Of the first message. */
  readonly begun: Message;
  until(count: number): Promise<Message[]>;
}

/** Connects and waits for the first message. */
async function listen(query = '', key = api.demo.admin.apiKey): Promise<Reader> {
  const socket = new WebSocket(`${url}${query}`, { headers: { authorization: `Bearer ${key}` } });
  const all: Message[] = [];
  socket.on('message', (data) => all.push(JSON.parse(String(data)) as Message));
  await once(socket, 'open');
  await expect.poll(() => all.length, { timeout: 15_000 }).toBeGreaterThan(0);
  const begun = all.shift()!;
  return {
    socket,
    begun,
    events: all,
    until: async (count) => {
      await expect.poll(() => all.length, { timeout: 15_000 }).toBeGreaterThanOrEqual(count);
      return all;
    },
  };
}

/** `open`, or the status of the refusal. */
async function attempt(headers: Record<string, string>, protocols: string[] = [], address = url) {
  const socket = new WebSocket(address, protocols, { headers });
  const [outcome] = (await Promise.race([
    once(socket, 'open').then(() => [`open ${socket.protocol}`.trim()]),
    once(socket, 'unexpected-response').then(([, response]) => [response.statusCode]),
  ])) as [unknown];
  socket.terminate();
  return outcome;
}

const store = (callId: string, numbers: readonly number[], companyId = api.demo.companyId) =>
  storeRecords(api.store.db, api.keyring, {
    companyId,
    callId,
    records: numbers.map((n) => {
      const body = { type: 'log', node: 'menu', level: 'info', text: `line ${n}` };
      return { n, at: Date.now(), stream: 'fact' as const, type: 'log', body };
    }),
  });
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('events are those of webhooks, in the order of their call, of one’s own company', async () => {
  const [mine, theirs] = [await listen(), await listen('', api.other.key)];
  expect(mine.begun).toEqual({ type: 'stream.begun', place: expect.stringMatching(/^\d+-\d+-\d+$/) });
  const call = uuidv7();
  await store(call, [2, 3]);
  await store(call, [1]);
  await api.store.pool.query(
    `insert into directory_event (owner_id, n, type, body) select $1, coalesce(max(n), 0) + 1, 'trunk.state', $2 from directory_event where owner_id = $1`,
    [
      api.demo.companyId,
      JSON.stringify({ trunkId: call, name: 'Out', state: 'refused', before: 'registered', sipStatus: 403 }),
    ],
  );
  const events = await mine.until(4);
  const facts = events.filter(({ type }) => type === 'log');
  expect(facts.map(({ id }) => id)).toEqual([1, 2, 3].map((n) => `${call}-${n}`));
  for (const { place, ...event } of events) {
    expect(place).toMatch(/^\d+-\d+-\d+$/);
    expect(WEBHOOK_EVENTS[event.type]?.safeParse(event).error).toBeUndefined();
  }
  expect(events.map(({ type }) => type)).toContain('trunk.state');
  expect(theirs.events).toEqual([]);
  mine.socket.close();
  theirs.socket.close();
});

test('a reader that was cut goes on where it was: nothing lost, nothing twice', async () => {
  const call = uuidv7();
  const first = await listen(`?call=${call}`);
  // before it has seen anything, it knows where to go on
  first.socket.terminate();
  await store(call, range(1, 30));
  const second = await listen(`?call=${call}&after=${first.begun.place}`);
  const seen = (await second.until(30))[20]!;
  second.socket.terminate();
  await store(call, range(31, 1800));
  const third = await listen(`?call=${call}&after=${seen.place}`);
  await store(call, range(1801, 1810));
  const rest = await third.until(1810 - 21);
  expect(rest.map(({ n }) => n)).toEqual(range(22, 1810));
  third.socket.close();
});

test('events are chosen by name and by call', async () => {
  const [call, other] = [uuidv7(), uuidv7()];
  const [some, none, one] = [
    await listen('?types=party.held,lo*'),
    await listen('?types=call.*'),
    await listen(`?call=${call}`),
  ];
  await store(other, [1]);
  await store(call, [1, 2]);
  expect((await some.until(3)).map(({ id }) => id)).toEqual([`${other}-1`, `${call}-1`, `${call}-2`]);
  expect((await one.until(2)).map(({ id }) => id)).toEqual([`${call}-1`, `${call}-2`]);
  expect(none.events).toEqual([]);
  for (const { socket } of [some, none, one]) socket.close();
});

test('a key opens it, in the header or as a subprotocol; a session from a page of ours only', async () => {
  const key = api.demo.admin.apiKey;
  expect(await attempt({})).toBe(401);
  expect(await attempt({ authorization: `Bearer ${key}x` })).toBe(401);
  expect(await attempt({ authorization: `Bearer ${key}` })).toBe('open');
  expect(await attempt({ origin: 'https://crm.example' }, ['callwright', `bearer.${key}`])).toBe('open callwright');
  expect(await attempt({}, ['callwright', 'bearer.cw_x'])).toBe(401);
  expect(await attempt({ authorization: `Bearer ${api.other.key}` }, [], `${url}?company=${api.demo.companyId}`)).toBe(
    404,
  );
  expect(await attempt({ authorization: `Bearer ${key}` }, [], `${url}?after=x`)).toBe(400);
  expect(await attempt({ authorization: `Bearer ${key}` }, [], `${url}/other`)).toBe(404);
  const password = 'correct horse battery staple';
  const email = `events-${crypto.randomUUID()}@test.example`;
  await api.ask('POST', '/accounts', { body: { email, role: 'company', password, name: 'Events' } });
  const login = await api.app.inject({ method: 'POST', url: '/api/v1/session', payload: { email, password } });
  const cookie = `${SESSION_COOKIE}=${login.cookies.find(({ name }) => name === SESSION_COOKIE)!.value}`;
  const origin = `http://${new URL(url).host}`;
  expect(await attempt({ cookie, origin })).toBe('open');
  expect(await attempt({ cookie })).toBe(403);
  expect(await attempt({ cookie, origin: 'https://evil.example' })).toBe(403);
});

test('a key has so many streams at a time, and gets its place back', async () => {
  const made = await api.ask('POST', '/api-keys', { body: { ownerId: api.demo.companyId, name: 'streams' } });
  const headers = { authorization: `Bearer ${made.body.key}` };
  const sockets = range(1, 100).map(() => new WebSocket(url, { headers }));
  await Promise.all(sockets.map((socket) => once(socket, 'open')));
  expect(await attempt(headers)).toBe(429);
  expect(await attempt({ authorization: `Bearer ${api.demo.admin.apiKey}` })).toBe('open');
  for (const socket of sockets) socket.terminate();
  await expect.poll(() => attempt(headers), { timeout: 15_000, interval: 100 }).toBe('open');
});

test('what a client says is ignored, unless it is too much', async () => {
  const { socket, until } = await listen();
  socket.send('hello');
  const call = uuidv7();
  await store(call, [1]);
  await until(1);
  socket.send('x'.repeat(5000));
  expect((await once(socket, 'close'))[0]).toBe(1009);
});
