/** From facts in the store to requests at receivers: once, in order, repeated only when no connection was opened. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fact } from '@callwright/engine';
import { PARTNERS } from '@callwright/partners';
import {
  addPartnerCommand,
  arrivedForPartners,
  beginPartnerEvents,
  keyringFromBytes,
  listenFor,
  newPartnerToken,
  PARTNER_NOTICES,
  partnerModules,
  storeRecords,
  trustedScope,
  uuidv7,
} from '@callwright/store';
import { type TestDatabase, testDatabase } from '@callwright/test-support';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { notifier } from '../src/partners/notify.ts';
import { projectFacts } from '../src/partners/projection.ts';
import { judge, partnerTeller, type Teller } from '../src/partners/teller.ts';
import { type AllowedUrl, allowedUrls, urlGuard } from '../src/url-guard.ts';

const keyring = keyringFromBytes(Buffer.alloc(32, 7));
const contract = PARTNERS[0]!;
let database: TestDatabase;
const receivers: Server[] = [];
const tellers: Teller[] = [];
const allowed: AllowedUrl[] = [];
const notify = notifier(urlGuard(allowed), 1000);
let companies = 0;

beforeAll(async () => {
  database = await testDatabase();
});
afterEach(async () => {
  await Promise.all(tellers.splice(0).map((teller) => teller.stop()));
  for (const server of receivers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await database.store.pool.query('delete from partner_module');
});
afterAll(async () => {
  await notify.close();
  await database?.drop();
});

/** A receiver and the event names it was told, in order. */
async function receiver(answer: (request: IncomingMessage, response: ServerResponse) => void = (_q, r) => r.end()) {
  const told: URLSearchParams[] = [];
  const server = createServer((request, response) => {
    told.push(new URL(request.url!, 'http://x').searchParams);
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  receivers.push(server);
  const { port } = server.address() as AddressInfo;
  allowed.push(...allowedUrls(`http://127.0.0.1:${port}/`));
  const names = () => told.map((one) => one.get('event_name'));
  return { told, names, server, port, url: `http://127.0.0.1:${port}/logger.php?key=1` };
}

async function company(): Promise<string> {
  const id = uuidv7();
  companies += 1;
  await database.store.pool.query(
    `insert into owner (id, kind, path, name, number, settings) values ($1, 'company', array[$1::uuid], $2, $3, '{"timeZone":"Europe/Rome"}')`,
    [id, `c${companies}`, 1000 + companies],
  );
  return id;
}

async function module(companyId: string, settings: object): Promise<string> {
  const scope = trustedScope(companyId);
  await beginPartnerEvents(database.store.db, scope);
  const fields = { contract: contract.name, name: 'm', enabled: true, ...newPartnerToken(keyring, scope) };
  const checked = contract.settings.parse(settings) as Record<string, string>;
  const { id } = await partnerModules.create(database.store.db, scope, uuidv7(), { ...fields, settings: checked });
  return id;
}

let numbers = 5000;
const party = (extension: string) => ({
  type: 'user',
  id: `user-${extension}`,
  entityNumber: 1,
  number: extension,
  name: '',
});

/** A call row and a function that stores facts of it. */
async function call(companyId: string) {
  const id = uuidv7();
  numbers += 1;
  const number = numbers;
  await database.store.pool.query(
    `insert into call (id, number, company_id, direction, state, start, revision_hash, calling, called)
     values ($1, $2, $3, 'inbound', 'started', '{}', 'x', '{}', '{}')`,
    [id, number, companyId],
  );
  let n = 0;
  const store = async (...facts: readonly object[]) => {
    const records = facts.map((fact) => {
      const { type, ...body } = fact as Fact;
      n += 1;
      return { n, at: Date.now(), stream: 'fact' as const, type, body: body as never };
    });
    await storeRecords(database.store.db, keyring, { companyId, callId: id, records });
  };
  return { id, number, store };
}

const outside = { type: 'trunk', id: 't', entityNumber: 2, number: '0733', name: '' };
const whole = (extension: string) => [
  { type: 'call.started', calling: outside, called: party(extension), revision: 'x' },
  { type: 'party.added', party: 1, role: 'calling', coordinates: outside, leg: 'l1' },
  { type: 'party.added', party: 2, role: 'called', coordinates: party(extension), leg: 'l2' },
  { type: 'party.answered', party: 2, coordinates: party(extension) },
  { type: 'parties.connected', a: 1, b: 2 },
  { type: 'party.left', party: 2, coordinates: party(extension), cause: 'normal', sipStatus: null, by: 'remote' },
  { type: 'party.left', party: 1, coordinates: outside, cause: 'normal', sipStatus: null, by: 'local' },
  { type: 'call.ended', cdr: { cause: 'normal', connectedAt: 1 } },
];
const USER_EVENTS = ['incoming_call', 'call_answered', 'call_disconnect_out'];

function teller(): Teller {
  const failed = (_contract: string, fact: string, error: unknown) => {
    throw new Error(`a fact could not be read: ${fact}`, { cause: error });
  };
  const one = partnerTeller({ store: database.store, notifier: notify, failed });
  tellers.push(one);
  return one;
}

/** Rounds of these until the condition holds. */
async function until(condition: () => boolean | Promise<boolean>, ...workers: readonly Teller[]): Promise<void> {
  await expect
    .poll(
      async () => {
        await Promise.all(workers.map((one) => one.round()));
        return condition();
      },
      { timeout: 15_000, interval: 20 },
    )
    .toBe(true);
}

const states = async (moduleId: string): Promise<string[]> =>
  (
    await database.store.pool.query('select state from partner_notice where module_id = $1 order by number', [moduleId])
  ).rows.map(({ state }) => state);

it('tells each event once and in order, by two workers at a time, to the modules that want it and to nobody else', async () => {
  const [mine, selected, foreign] = [await receiver(), await receiver(), await receiver()];
  const [a, b] = [await company(), await company()];
  await module(a, { notificationUrl: mine.url });
  await module(a, { notificationUrl: selected.url, extensions: ['39'] });
  await module(b, { notificationUrl: foreign.url });
  const workers = [teller(), teller()];
  const calls = await Promise.all(['35', '39'].map(async (extension) => ({ extension, ...(await call(a)) })));
  for (const one of calls) await one.store(...whole(one.extension));
  await until(() => mine.told.length >= 6 && selected.told.length >= 3, ...workers);
  for (let i = 0; i < 5; i += 1) await Promise.all(workers.map((one) => one.round()));
  for (const { number, extension } of calls) {
    const own = mine.told.filter((one) => one.get('call_id') === String(number));
    expect(own.map((one) => one.get('event_name'))).toEqual(USER_EVENTS);
    expect(own.every((one) => one.get('ext') === extension && one.get('key') === '1')).toBe(true);
  }
  expect(selected.names()).toEqual(USER_EVENTS);
  expect(foreign.told).toEqual([]);
  const { rows } = await database.store.pool.query(
    'select count(*)::int as n from partner_call where company_id = $1',
    [a],
  );
  expect(rows[0].n).toBe(0);
});

it('is woken by what is stored of calls of companies with modules, and of no others', async () => {
  const [id, without] = [await company(), await company()];
  await module(id, { notificationUrl: '' });
  const [mine, other] = [await call(id), await call(without)];
  const heard: (string | null)[] = [];
  const stop = listenFor(database.store, PARTNER_NOTICES, (payload) => heard.push(payload));
  await expect.poll(() => heard).toEqual([null]);
  await other.store(...whole('35'));
  await mine.store(...whole('35'));
  await expect.poll(() => heard.length).toBe(2);
  await mine.store(...whole('35'));
  await expect.poll(() => heard).toEqual([null, '', '']);
  stop();
});

it('keeps what it knows of a call from one round to the next', async () => {
  const here = await receiver();
  const id = await company();
  await module(id, { notificationUrl: here.url, extendedLevel: true });
  const worker = teller();
  const { store } = await call(id);
  for (const fact of whole('35')) {
    await store(fact);
    await worker.round();
  }
  await until(() => here.told.length >= 9, worker);
  expect(here.names().filter((name) => USER_EVENTS.includes(name!))).toEqual(USER_EVENTS);
  expect(here.names().at(-1)).toBe('call_terminated');
});

it('reads a call in its own order, however its records arrive', async () => {
  const here = await receiver();
  const id = await company();
  await module(id, { notificationUrl: here.url });
  const worker = teller();
  const { id: callId } = await call(id);
  const records = whole('35').map(({ type, ...body }, i) => ({
    n: i + 1,
    at: Date.now(),
    stream: 'fact' as const,
    type,
    body: body as never,
  }));
  const late = records.splice(5, 2);
  for (const batch of [records.reverse(), late]) {
    await storeRecords(database.store.db, keyring, { companyId: id, callId, records: batch });
    await worker.round();
  }
  await until(() => here.told.length >= 3, worker);
  expect(here.names()).toEqual(USER_EVENTS);
});

it('goes on when the receiver is back: nothing was seen, nothing is lost, the order stands', async () => {
  const gone = await receiver();
  const { port } = gone;
  await new Promise((done) => gone.server.close(done));
  const id = await company();
  const moduleId = await module(id, { notificationUrl: `http://127.0.0.1:${port}/` });
  const worker = teller();
  const { store } = await call(id);
  await store(...whole('35'));
  await until(async () => (await states(moduleId))[0] === 'waiting', worker);
  await expect
    .poll(
      async () =>
        (
          await database.store.pool.query('select attempts from partner_notice where module_id = $1 order by number', [
            moduleId,
          ])
        ).rows[0].attempts,
    )
    .toBeGreaterThan(0);
  const names: (string | null)[] = [];
  const back = createServer((request, response) => {
    names.push(new URL(request.url!, 'http://x').searchParams.get('event_name'));
    response.end();
  });
  receivers.push(back);
  await new Promise<void>((done) => back.listen(port, '127.0.0.1', done));
  await until(() => names.length >= 3, worker);
  expect(names).toEqual(USER_EVENTS);
});

it('is not repeated after an answer of any kind, nor after a connection that broke; redirects are not followed', async () => {
  const elsewhere = await receiver();
  let count = 0;
  const here = await receiver((request, response) => {
    count += 1;
    if (count === 1) response.writeHead(500).end();
    else if (count === 2) request.socket.destroy();
    else response.writeHead(302, { location: elsewhere.url }).end();
  });
  const id = await company();
  const moduleId = await module(id, { notificationUrl: here.url });
  const worker = teller();
  const { store } = await call(id);
  await store(...whole('35'));
  await until(
    async () => (await states(moduleId)).filter((state) => state !== 'waiting' && state !== 'sending').length === 3,
    worker,
  );
  expect(here.names()).toEqual(USER_EVENTS);
  expect(elsewhere.told).toEqual([]);
  expect(await states(moduleId)).toEqual(['sent', 'failed', 'sent']);
});

it('a receiver that answers after the time-out is not asked again, and holds up nobody but itself', async () => {
  const prompt = await receiver();
  const late: ServerResponse[] = [];
  const slow = await receiver((_request, response) => {
    late.push(response);
    if (late.length > 1) response.end();
  });
  const id = await company();
  const slowId = await module(id, { notificationUrl: slow.url });
  await module(id, { notificationUrl: prompt.url });
  const worker = teller();
  const { store } = await call(id);
  await store(...whole('35'));
  await until(() => prompt.told.length === 3, worker);
  expect([prompt.names(), slow.names()]).toEqual([USER_EVENTS, USER_EVENTS.slice(0, 1)]);
  await until(() => slow.told.length === 3, worker);
  late[0]!.end('late');
  await until(async () => (await states(slowId)).every((state) => state === 'sent' || state === 'failed'), worker);
  expect(await states(slowId)).toEqual(['failed', 'sent', 'sent']);
  expect(slow.names()).toEqual(USER_EVENTS);
}, 30_000);

/** A call with a module that listens, to be switched while it runs; nothing of it is stored yet. */
async function switched() {
  const here = await receiver();
  const id = await company();
  const moduleId = await module(id, { notificationUrl: here.url });
  const { store } = await call(id);
  return { here, id, moduleId, store, worker: teller(), facts: whole('35') };
}

it('a module that is switched off during a call is told nothing more of it, nor what waited for it', async () => {
  const { here, id, moduleId, worker, store, facts } = await switched();
  await store(...facts.slice(0, 3));
  await until(() => here.told.length === 1, worker);
  await store(...facts.slice(3, 5));
  await expect
    .poll(async () => {
      await projectFacts(database.store, () => {});
      return (await states(moduleId)).join();
    })
    .toBe('sent,waiting');
  await partnerModules.update(database.store.db, trustedScope(id), moduleId, { enabled: false });
  await store(...facts.slice(5));
  await until(async () => (await arrivedForPartners(database.store.db, 1)).length === 0, worker);
  await until(async () => (await states(moduleId)).join() === 'sent,failed', worker);
  expect(here.names()).toEqual(USER_EVENTS.slice(0, 1));
});

it('a module that is switched on again during a call is told what happens from then on', async () => {
  const { here, id, moduleId, worker, store, facts } = await switched();
  await partnerModules.update(database.store.db, trustedScope(id), moduleId, { enabled: false });
  await store(...facts.slice(0, 3));
  await until(async () => (await arrivedForPartners(database.store.db, 1)).length === 0, worker);
  await sleep(20);
  await partnerModules.update(database.store.db, trustedScope(id), moduleId, { enabled: true });
  await sleep(20);
  await store(...facts.slice(3));
  await until(async () => (await arrivedForPartners(database.store.db, 1)).length === 0, worker);
  await until(() => here.told.length === 2, worker);
  expect(here.names()).toEqual(USER_EVENTS.slice(1));
});

it('a sender that died is followed by another, which repeats what was under way only', async () => {
  const here = await receiver();
  const id = await company();
  const moduleId = await module(id, { notificationUrl: here.url });
  const { store } = await call(id);
  await store(...whole('35'));
  await expect
    .poll(async () => {
      await projectFacts(database.store, () => {});
      return (await states(moduleId)).length;
    })
    .toBe(3);
  await database.store.pool.query(
    `update partner_notice set state = case place_in when 1 then 'sent' when 2 then 'sending' else 'waiting' end
     from (select number as n, row_number() over (order by number) as place_in from partner_notice where module_id = $1) p
     where p.n = partner_notice.number`,
    [moduleId],
  );
  await database.store.pool.query(
    `update partner_module set claimed_by = 'dead', claimed_until = now() - interval '1 second'`,
  );
  await until(async () => (await states(moduleId)).every((state) => state === 'sent'), teller());
  expect(here.names()).toEqual(USER_EVENTS.slice(1));
});

it('internal addresses are never requested', async () => {
  const id = await company();
  const moduleId = await module(id, { notificationUrl: 'http://10.0.0.1/' });
  const { store } = await call(id);
  await store(...whole('35'));
  await until(async () => (await states(moduleId)).join() === 'failed,failed,failed', teller());
});

it('a command that failed is told to the module that gave it, with its request id', async () => {
  const [mine, other] = [await receiver(), await receiver()];
  const id = await company();
  const moduleId = await module(id, { notificationUrl: mine.url });
  await module(id, { notificationUrl: other.url });
  const { store } = await call(id);
  const command = uuidv7();
  await addPartnerCommand(database.store.db, trustedScope(id), {
    id: command,
    moduleId,
    requestId: '4711',
    extension: '35',
  });
  await store({ type: 'control.done', id: command, action: 'hold', ok: false, code: 'not-talking' });
  await until(() => mine.told.length === 1, teller());
  expect(Object.fromEntries(mine.told[0]!)).toMatchObject({
    event: '1',
    request_id: '4711',
    ext: '35',
    error_msg: 'not-talking',
  });
  expect(other.told).toEqual([]);
});

it('judges by the rule of the contract', () => {
  const due = { number: 1, notice: null, ageMs: 0, attempts: 1 };
  const once = { timeoutMs: 1, repeat: 'unopened', giveUpAfterMs: 1000 } as const;
  const until2xx = { ...once, repeat: 'until-2xx' } as const;
  const lost = { state: 'lost', error: 'timeout' } as const;
  expect(judge(lost, due, once).state).toBe('failed');
  expect(judge(lost, due, until2xx).state).toBe('waiting');
  expect(judge({ state: 'answered', httpStatus: 500 }, due, once).state).toBe('sent');
  expect(judge({ state: 'answered', httpStatus: 500 }, due, until2xx).state).toBe('waiting');
  expect(judge({ state: 'unopened', error: 'x' }, due, once).state).toBe('waiting');
  expect(judge({ state: 'unopened', error: 'x' }, { ...due, ageMs: 1001 }, once).state).toBe('failed');
  expect(judge({ state: 'refused', error: 'x' }, due, until2xx).state).toBe('failed');
});

it('a message in a box is told once to the modules of its company that are about its user', async () => {
  const [mine, other] = [await company(), await company()];
  const { told, url } = await receiver();
  const elsewhere = await receiver();
  await module(mine, { notificationUrl: url, extensions: ['35'] });
  await module(other, { notificationUrl: elsewhere.url });
  const { pool } = database.store;
  const users = await Promise.all(
    ['35', '36'].map(async (extension) => {
      const id = uuidv7();
      await pool.query(
        `insert into directory_user (id, company_id, number, extension, given_name) values ($1, $2, $3, $4, 'x')`,
        [id, mine, Number(extension), extension],
      );
      return id;
    }),
  );
  const message = (n: number, userId: string) =>
    pool.query(`insert into directory_event (owner_id, n, type, body) values ($1, $2, 'voicemail.received', $3)`, [
      mine,
      n,
      { messageId: uuidv7(), boxId: uuidv7(), userId, callId: uuidv7(), number: `0${n}`, name: '', durationMs: 4000 },
    ]);
  await message(1, users[0]!);
  await message(2, users[1]!);
  await message(3, users[0]!);
  const one = teller();
  await expect
    .poll(async () => {
      await one.round();
      return told.map((event) => [event.get('event_name'), event.get('ext'), event.get('number')]);
    })
    .toEqual([
      ['new_voicemail', '35', '01'],
      ['new_voicemail', '35', '03'],
    ]);
  await one.round();
  expect(told).toHaveLength(2);
  expect(elsewhere.told).toEqual([]);
});
