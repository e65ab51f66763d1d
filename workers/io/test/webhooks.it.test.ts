import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  addDelivery,
  addWebhookSecret,
  claimWebhooks,
  fillOutboxes,
  getDelivery,
  listDeliveries,
  nextDelivery,
  releaseWebhook,
  resendDeliveries,
  settleDelivery,
  storeRecords,
  trustedScope,
  uuidv7,
  webhooks,
} from '@callwright/store';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { httpSender } from '../src/http-request.ts';
import { allowedUrls, urlGuard } from '../src/url-guard.ts';
import { callwrightRule, type Deliverer, isSignedBy, webhookDeliverer } from '../src/webhooks/index.ts';
import { close, company, database, keyring, open, record, rival } from './stage.ts';

interface Received {
  readonly id: string;
  readonly n: number;
  readonly signature: string;
  readonly text: string;
}

let server: Server;
let origin: string;
let received: Received[];
/** What the receiver does with a request; default: 204. */
let answer: (received: Received, response: ServerResponse, request: IncomingMessage) => void;
let running: { stop(): Promise<void> }[];
const scope = trustedScope(company);

beforeAll(async () => {
  await open();
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const { id, n } = JSON.parse(text || '{}') as Received;
      const one = { id, n, text, signature: String(request.headers['callwright-signature'] ?? '') };
      received.push(one);
      answer(one, response, request);
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server?.closeAllConnections();
  server?.close();
  await close();
});
beforeEach(() => {
  received = [];
  running = [];
  answer = (_one, response) => response.writeHead(204).end();
});
afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()));
  await database.store.pool.query('delete from webhook');
});

const until = async (condition: () => Promise<boolean> | boolean): Promise<void> => {
  const deadline = Date.now() + 15_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not in time; received ${received.length}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
};

/** A worker that makes rounds until the test ends; `allowed` instead of the receiver's address. */
function work(allowed = origin, claimMs = 5000): Deliverer {
  const http = httpSender(urlGuard(allowedUrls(allowed)));
  const rules = { callwright: callwrightRule([20, 20, 20]) };
  const deliverer = webhookDeliverer({ store: database.store, keyring, http, rules, claimMs });
  let stopped = false;
  const loop = (async () => {
    while (!stopped) {
      await deliverer.round();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  running.push({
    stop: async () => {
      stopped = true;
      await loop;
      await http.close();
      await deliverer.stop();
    },
  });
  return deliverer;
}

async function subscribe(events: string[] = [], url = `${origin}/hook`): Promise<string> {
  const id = uuidv7();
  await webhooks.create(database.store.db, scope, id, { name: 'crm', url, events, enabled: true });
  return id;
}

async function facts(callId: string, from: number, to: number, type = 'log', companyId = company): Promise<void> {
  for (let n = from; n <= to; n += 1)
    await database.store.pool.query(
      `insert into call_record (call_id, n, company_id, at, stream, type, body, pii_enc) values ($1, $2, $3, now(), 'fact', $4, $5, '\\x01')`,
      [callId, n, companyId, type, JSON.stringify({ type, node: 'menu', level: 'info', text: `line ${n}` })],
    );
}

const states = async (id: string) =>
  (await listDeliveries(database.store.db, scope, id, { before: null, limit: 100 })).items;

test('facts are told once each, in order, signed by every secret', async () => {
  const id = await subscribe(['log']);
  const secrets = [await addWebhookSecret(database.store.db, scope, id, keyring)];
  secrets.push(await addWebhookSecret(database.store.db, scope, id, keyring));
  work();
  work();
  const call = uuidv7();
  await facts(call, 1, 60);
  await facts(call, 61, 61, 'party.held');
  await facts(uuidv7(), 1, 1, 'log', rival);
  await until(() => received.length >= 60);
  await until(async () => (await states(id)).every(({ state }) => state === 'delivered'));
  expect(received.map(({ n }) => n)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  expect(new Set(received.map((one) => one.id)).size).toBe(60);
  const { text, signature } = received[0]!;
  for (const one of secrets) {
    if (!one || one === 'full') throw new Error('no secret');
    expect(isSignedBy(signature, text, one.secret, Date.now())).toBe(true);
    expect(isSignedBy(signature, `${text} `, one.secret, Date.now())).toBe(false);
    expect(isSignedBy(signature, text, one.secret, Date.now() + 600_000)).toBe(false);
    expect(isSignedBy(signature, text, `${one.secret}x`, Date.now())).toBe(false);
  }
});

test('what fails is tried again before anything that follows it', async () => {
  const id = await subscribe(['log']);
  let failures = 2;
  answer = (one, response) => {
    if (one.n === 2 && failures-- > 0) response.writeHead(503).end();
    else response.writeHead(200).end('ok');
  };
  work();
  await facts(uuidv7(), 1, 3);
  await until(async () => (await states(id)).filter(({ state }) => state === 'delivered').length === 3);
  expect(received.map(({ n }) => n)).toEqual([1, 2, 2, 2, 3]);
  const second = (await states(id)).find(({ eventId }) => eventId.endsWith('-2'))!;
  const { log, attempts } = (await getDelivery(database.store.db, scope, id, second.number))!;
  expect([attempts, log.map(({ httpStatus }) => httpStatus)]).toEqual([3, [503, 503, 200]]);
});

test('what is never taken is given up, listed, and can be sent again; what follows goes on', async () => {
  const id = await subscribe(['log']);
  answer = (one, response) => response.writeHead(one.n === 1 ? 500 : 200).end();
  work();
  await facts(uuidv7(), 1, 2);
  await until(async () => (await states(id)).map(({ state }) => state).join() === 'delivered,dead');
  expect(received.map(({ n }) => n)).toEqual([1, 1, 1, 1, 2]);
  answer = (_one, response) => response.writeHead(200).end();
  expect(await resendDeliveries(database.store.db, trustedScope(rival), id, null)).toBe(0);
  expect(await resendDeliveries(database.store.db, scope, id, null)).toBe(1);
  await until(async () => (await states(id)).every(({ state }) => state === 'delivered'));
  expect(received.map(({ n }) => n)).toEqual([1, 1, 1, 1, 2, 1]);
});

test('a fact that is stored before the one ahead of it waits for it: receivers get them in order, each once', async () => {
  const id = await subscribe(['log']);
  work();
  const [call, other] = [uuidv7(), uuidv7()];
  const store = (callId: string, ...numbers: number[]) =>
    storeRecords(database.store.db, keyring, {
      companyId: company,
      callId,
      records: numbers.map((n) => record(n, { type: 'log', node: 'menu', level: 'info', text: `line ${n}` })),
    });
  await store(call, 2, 3);
  await store(other, 1);
  await until(() => received.length === 1);
  await store(call, 5);
  await store(call, 1);
  await until(() => received.length === 4);
  await store(call, 4);
  await until(async () => (await states(id)).filter(({ state }) => state === 'delivered').length === 6);
  expect(received.map((one) => one.id)).toEqual([`${other}-1`, ...[1, 2, 3, 4, 5].map((n) => `${call}-${n}`)]);
});

test('a redirection to another address is not followed, an internal address not called', async () => {
  let inside = 0;
  const internal = createServer((_request, response) => {
    inside += 1;
    response.end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => internal.once('listening', resolve));
  const secret = `http://127.0.0.1:${(internal.address() as AddressInfo).port}/`;
  try {
    answer = (_one, response) => response.writeHead(307, { location: secret }).end();
    const redirected = await subscribe(['log']);
    const direct = await subscribe(['log'], secret);
    work();
    await facts(uuidv7(), 1, 1);
    for (const id of [redirected, direct]) await until(async () => (await states(id))[0]?.state === 'dead');
    expect((await states(redirected))[0]).toMatchObject({ attempts: 4, lastStatus: 307 });
    expect((await states(direct))[0]).toMatchObject({ attempts: 1, lastStatus: null });
    expect((await states(direct))[0]!.lastError).toContain('refused');
    expect(inside).toBe(0);
  } finally {
    internal.close();
  }
});

test('a slow receiver holds up nobody else', async () => {
  const waiting: ServerResponse[] = [];
  answer = (one, response, request) => {
    if (request.url === '/slow') waiting.push(response);
    else response.writeHead(200).end(one.id);
  };
  await subscribe(['log'], `${origin}/slow`);
  const quick = await subscribe(['log']);
  work();
  await facts(uuidv7(), 1, 5);
  await until(async () => (await states(quick)).filter(({ state }) => state === 'delivered').length === 5);
  expect(waiting).toHaveLength(1);
  for (const response of waiting) response.end();
  answer = (_one, response) => response.writeHead(200).end();
});

test('an attempt may take longer than a claim: nobody else begins it meanwhile', async () => {
  const id = await subscribe(['log']);
  const held: ServerResponse[] = [];
  answer = (_one, response) => held.push(response);
  work(origin, 300);
  work(origin, 300);
  await facts(uuidv7(), 1, 1);
  await until(() => held.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 1200));
  expect(held).toHaveLength(1);
  held[0]!.end();
  await until(async () => (await states(id)).every(({ state }) => state === 'delivered'));
  expect((await states(id))[0]).toMatchObject({ attempts: 1 });
});

test('after the death of a worker only the event that was under way is told again, under the same id', async () => {
  const id = await subscribe(['log']);
  const { db } = database.store;
  const call = uuidv7();
  await facts(call, 1, 3);
  await until(async () => {
    await fillOutboxes(db);
    return (await states(id)).length === 3;
  });
  // a worker that delivers the first, sends the second and dies before it has written so
  const [claimed] = await claimWebhooks(db, 'dying', 300, { rules: ['callwright'], limit: 5 });
  const done = { state: 'delivered', pauseMs: 0, durationMs: 1, httpStatus: 200, error: null } as const;
  const first = (await nextDelivery(db, 'dying', claimed!, 300))!;
  await settleDelivery(db, 'dying', claimed!, first.number, done);
  const second = (await nextDelivery(db, 'dying', claimed!, 300))!;
  expect(await claimWebhooks(db, 'other', 1000, { rules: ['callwright'], limit: 5 })).toEqual([]);
  work();
  await until(async () => (await states(id)).every(({ state }) => state === 'delivered'));
  expect(received.map((one) => one.id)).toEqual([second.eventId, `${call}-3`]);
  // what the dead one still says changes nothing
  await settleDelivery(db, 'dying', claimed!, second.number, { ...done, state: 'dead' });
  await releaseWebhook(db, 'dying', claimed!);
  expect((await states(id)).every(({ state }) => state === 'delivered')).toBe(true);
});

test('a disabled one is told later; a fact that commits late is not missed; directory events come too', async () => {
  const id = await subscribe();
  const { db, pool } = database.store;
  await webhooks.update(db, scope, id, { enabled: false });
  work();
  const late = await pool.connect();
  const call = uuidv7();
  try {
    await late.query('begin');
    await late.query(
      `insert into call_record (call_id, n, company_id, at, stream, type, body) values ($1, 1, $2, now(), 'fact', 'log', '{}')`,
      [call, company],
    );
    await facts(call, 2, 2);
    await webhooks.update(db, scope, id, { enabled: true });
    await pool.query(
      `insert into directory_event (owner_id, n, type, body) values ($1, 1, 'trunk.state', '{"state":"refused"}')`,
      [company],
    );
    await until(() => received.some(({ text }) => text.includes('trunk.state')));
    await late.query('commit');
  } finally {
    late.release();
  }
  await addDelivery(db, scope, id, { id: 'x', type: 'webhook.test', body: { id: 'x' } });
  await addDelivery(db, scope, id, { id: 'x', type: 'webhook.test', body: { id: 'x' } });
  await until(() => received.length >= 4);
  await until(async () => (await states(id)).every(({ state }) => state === 'delivered'));
  expect(received.map((one) => one.id).sort()).toEqual(
    [`${call}-1`, `${call}-2`, `directory-${company}-1`, 'x'].sort(),
  );
});
