import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../test-api.ts';

let api: TestApi;
let url: string;
beforeAll(async () => {
  api = await startTestApi();
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}/api/v1/events`;
});
afterAll(() => api.close());

interface Received {
  readonly id: string;
  readonly event: string;
  readonly data: { readonly callId: string; readonly n: number; readonly body: unknown; readonly masked: boolean };
}

interface Reader {
  readonly events: Received[];
  /** Resolves once `count` events are there. */
  until(count: number): Promise<Received[]>;
  stop(): void;
}

const WAIT_MS = 5000;

async function listen(options: { query?: string; key?: string; lastEventId?: string } = {}): Promise<Reader> {
  const controller = new AbortController();
  const answer = await fetch(`${url}${options.query ?? ''}`, {
    signal: controller.signal,
    headers: {
      authorization: `Bearer ${options.key ?? api.demo.admin.apiKey}`,
      ...(options.lastEventId ? { 'last-event-id': options.lastEventId } : {}),
    },
  });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  const events: Received[] = [];
  void read(answer.body!, events).catch(() => {});
  return {
    events,
    until: async (count) => {
      const deadline = Date.now() + WAIT_MS;
      while (events.length < count && Date.now() < deadline) await pause(10);
      expect(events.length).toBeGreaterThanOrEqual(count);
      return events;
    },
    stop: () => controller.abort(),
  };
}

async function read(body: ReadableStream<Uint8Array>, events: Received[]): Promise<void> {
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const frames = text.split('\n\n');
    text = frames.pop()!;
    for (const frame of frames) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(frame)?.[1];
      const data = field('data');
      if (data) events.push({ id: field('id')!, event: field('event')!, data: JSON.parse(data) });
    }
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const INSERT =
  'insert into call_record (call_id, n, company_id, at, stream, type, body) values ($1,$2,$3,now(),$4,$5,$6)';
const fact = (callId: string, n: number, companyId = api.demo.companyId, stream = 'fact') =>
  api.store.pool.query(INSERT, [
    callId,
    n,
    companyId,
    stream,
    'log',
    JSON.stringify({ node: 'x', level: 'info', text: `line ${n}` }),
  ]);
const numbers = (events: readonly Received[]) => events.map((e) => e.data.n);

test('facts come as they happen, in order; engine events do not', async () => {
  const call = crypto.randomUUID();
  const reader = await listen();
  await pause(150);
  await fact(call, 1);
  await fact(call, 2, api.demo.companyId, 'event');
  await fact(call, 3);
  const events = await reader.until(2);
  reader.stop();
  expect(numbers(events)).toEqual([1, 3]);
  expect(events[0]).toMatchObject({ event: 'log', data: { callId: call, body: { text: 'line 1' }, masked: false } });
});

test('a reader that was cut goes on after its last event: nothing lost, nothing twice', async () => {
  const call = crypto.randomUUID();
  const first = await listen({ query: `?call=${call}` });
  await pause(150);
  for (let n = 1; n <= 5; n += 1) await fact(call, n);
  const seen = [...(await first.until(5))];
  first.stop();
  for (let n = 6; n <= 1400; n += 1) if (n <= 20 || n > 1380) await fact(call, n);
  const second = await listen({ query: `?call=${call}`, lastEventId: seen[2]!.id });
  for (let n = 1401; n <= 1405; n += 1) await fact(call, n);
  const rest = await second.until(2 + 15 + 20 + 5);
  await pause(250);
  second.stop();
  expect(numbers(rest)).toEqual([4, 5, ...range(6, 20), ...range(1381, 1405)]);
});

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('a row that commits after a younger one is not skipped', async () => {
  const call = crypto.randomUUID();
  const reader = await listen({ query: `?call=${call}` });
  await pause(150);
  const late = await api.store.pool.connect();
  await late.query('begin');
  await late.query(INSERT, [call, 1, api.demo.companyId, 'fact', 'log', '{}']);
  await fact(call, 2);
  await pause(300);
  await late.query('commit');
  late.release();
  await fact(call, 3);
  const events = await reader.until(3);
  await pause(250);
  reader.stop();
  expect(numbers(events).sort()).toEqual([1, 2, 3]);
});

test('another company hears nothing of it', async () => {
  const call = crypto.randomUUID();
  const [mine, theirs] = [await listen(), await listen({ key: api.other.key, query: '?after=0-0' })];
  await pause(150);
  await fact(call, 1);
  await fact(call, 2, api.other.companyId);
  await theirs.until(1);
  await mine.until(1);
  await pause(250);
  expect(numbers(theirs.events)).toEqual([2]);
  expect(mine.events.every((e) => e.data.n === 1 || e.data.callId !== call)).toBe(true);
  mine.stop();
  theirs.stop();
  const refused = await fetch(`${url}?company=${api.demo.companyId}`, {
    headers: { authorization: `Bearer ${api.other.key}` },
  });
  expect(refused.status).toBe(404);
  await refused.body?.cancel();
});

test('many readers get the same', async () => {
  const call = crypto.randomUUID();
  const readers = await Promise.all(Array.from({ length: 20 }, () => listen({ query: `?call=${call}` })));
  await pause(150);
  await Promise.all(range(1, 30).map((n) => fact(call, n)));
  for (const reader of readers) {
    await reader.until(30);
    expect(numbers(reader.events).sort((a, b) => a - b)).toEqual(range(1, 30));
    expect(reader.events.map((e) => e.id)).toEqual(readers[0]!.events.map((e) => e.id));
    reader.stop();
  }
});

test('what is no event id is refused', async () => {
  for (const lastEventId of ['x', '-1', '1', '1-x']) {
    const answer = await fetch(url, {
      headers: { authorization: `Bearer ${api.demo.admin.apiKey}`, 'last-event-id': lastEventId },
    });
    expect(answer.status).toBe(400);
    await answer.body?.cancel();
  }
});
