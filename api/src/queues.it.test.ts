/** Queues over the API: settings and agents, what agents do, the live view, and statistics that add up. */
import { actAsAgent, companyScope, lookUpQueue, storeAgents, storeStanding, uuidv7 } from '@callwright/store';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
let queue: { id: string };
let agents: string[];

beforeAll(async () => {
  api = await startTestApi();
  const { body } = await api.ask('GET', '/users');
  agents = body.items.slice(0, 2).map(({ id }: { id: string }) => id);
  queue = (await api.ask('POST', '/queues', { body: { name: 'support', extension: '780', exitKey: '0' } })).body;
  const items = agents.map((userId, n) => ({ userId, penalty: n, skills: { fr: 80 } }));
  expect((await api.ask('PUT', `/queues/${queue.id}/members`, { body: { items } })).status).toBe(200);
});
afterAll(() => api.close());

const scope = async () => (await companyScope(api.store.db, api.demo.companyId, api.demo.companyId))!;

test('a queue is part of the dial plan, its list of agents is of users of the company', async () => {
  expect(queue).toMatchObject({ strategy: 'longest-idle', join: 'any', exitKey: '0', serviceLevelMs: 20_000 });
  const taken = await api.ask('POST', '/queues', { body: { name: 'other', extension: '780' } });
  expect([taken.status, taken.body.code]).toEqual([409, 'API_NUMBER_TAKEN']);
  const theirs = await api.ask('POST', '/users', { key: api.other.key, body: { extension: '199' } });
  const foreign = { items: [{ userId: theirs.body.id }] };
  const refused = await api.ask('PUT', `/queues/${queue.id}/members`, { body: foreign });
  expect([refused.status, refused.body.code]).toEqual([422, 'API_UNKNOWN_REFERENCE']);
  const { body } = await api.ask('GET', `/queues/${queue.id}/members`);
  expect(body.items).toMatchObject(
    agents.map((userId, penalty) => ({ userId, penalty, weight: 1, skills: { fr: 80 } })),
  );
});

test('what agents do is kept until the pool was told', async () => {
  const [anna] = agents;
  const command = (body: object, user = anna) => api.ask('POST', `/users/${user}/agent`, { body });
  const { status, body } = await command({ do: 'log-in', queueId: queue.id });
  expect(status).toBe(202);
  await command({ do: 'pause', reason: 'lunch' });
  const { rows } = await api.store.pool.query(
    `select message from pool_command where company_id = $1 and message->>'userId' = $2 order by created_at`,
    [api.demo.companyId, anna],
  );
  expect(rows.map((row) => row.message.change)).toEqual([
    { do: 'log-in', queueId: queue.id },
    { do: 'pause', reason: 'lunch' },
  ]);
  expect(rows[0].message.id).toBe(body.commands[0]);
  const outsider = await api.ask('POST', '/users', { body: { extension: '789' } });
  expect((await command({ do: 'pause' }, outsider.body.id)).status).toBe(404);
});

test('an act by telephone is done once, however often it is asked', async () => {
  const [, bert] = agents;
  const company = await scope();
  const wish = { what: 'agent', id: 'call/io/1', user: bert!, wish: 'toggle', queue: null, reason: '' } as const;
  const first = await actAsAgent(api.store.db, company, wish);
  expect(first.result).toEqual({ status: 'agent', did: 'logged-in' });
  const state = { queues: { [queue.id]: Date.now() }, paused: null, byQueue: {} } as never;
  await storeAgents(api.store.db, company.companyId, [{ userId: bert!, state }], 1);
  const again = await actAsAgent(api.store.db, company, wish);
  expect(again).toEqual(first);
  const next = await actAsAgent(api.store.db, company, { ...wish, id: 'call/io/2' });
  expect(next.result).toEqual({ status: 'agent', did: 'logged-out' });
  const stranger = await actAsAgent(api.store.db, company, { ...wish, id: 'call/io/3', user: 'nobody' });
  expect(stranger.result.status).toBe('not-found');
});

async function insertCall(): Promise<string> {
  const id = uuidv7();
  await api.store.pool.query(
    `insert into call (id, number, company_id, direction, state, start, revision_hash, calling, called)
     values ($1, nextval('call_number_seq'), $2, 'inbound', 'started', '{}', $3, $4, $4)`,
    [
      id,
      api.demo.companyId,
      'a'.repeat(64),
      JSON.stringify({ type: 'number', id: null, entityNumber: null, number: '0145', name: '' }),
    ],
  );
  return id;
}

test('the live view shows who waits in order, and what agents are doing', async () => {
  const calls = [await insertCall(), await insertCall()];
  const at = Date.now() - 60_000;
  const standing = (callId: string, n: number, priority: number) => ({
    request: callId,
    standing: {
      request: callId,
      callId,
      queue: {
        queueId: queue.id,
        enteredAt: at + n * 1000,
        needs: { priority, skills: [], preferred: [] },
        away: n === 0,
        offered: [],
      },
    } as never,
  });
  await storeStanding(api.store.db, api.demo.companyId, [standing(calls[0]!, 0, 0), standing(calls[1]!, 1, 3)], 5);
  const [anna] = agents;
  const tally = { calls: 3, talkMs: 90_000 };
  const state = {
    queues: { [queue.id]: at },
    paused: { reason: 'lunch', since: at },
    restUntil: null,
    wrapping: false,
    byQueue: { [queue.id]: tally },
    missed: 1,
  } as never;
  await storeAgents(api.store.db, api.demo.companyId, [{ userId: anna!, state }], 6);
  const { status, body } = await api.ask('GET', `/queues/${queue.id}/live`);
  expect([status, body.code]).toEqual([200, undefined]);
  expect(body.waiting).toMatchObject([
    { position: 1, callId: calls[1], priority: 3, away: false, ringing: false },
    { position: 2, callId: calls[0], priority: 0, away: true },
  ]);
  expect(body.waiting[1].waitedMs).toBeGreaterThanOrEqual(60_000);
  expect(body.agents[0]).toMatchObject({ userId: anna, state: 'paused', pause: { reason: 'lunch' }, taken: 3 });
});

test('statistics add up, with both service levels', async () => {
  const call = await insertCall();
  const when = new Date('2026-03-02T09:10:00Z');
  let n = 0;
  const tell = async (type: string, body: object, at = when): Promise<void> => {
    n += 1;
    await api.store.pool.query(
      `insert into call_record (call_id, n, company_id, at, stream, type, body) values ($1, $2, $3, $4, 'fact', $5, $6)`,
      [call, n, api.demo.companyId, at, type, JSON.stringify({ type, queueId: queue.id, party: 1, ...body })],
    );
  };
  for (const waitedMs of [5000, 19_000, 60_000]) {
    await tell('queue.entered', { again: false, position: 1, waiting: 1 });
    await tell('queue.answered', { waitedMs });
  }
  for (const waitedMs of [4000, 40_000]) {
    await tell('queue.entered', { again: false, position: 1, waiting: 1 });
    await tell('queue.left', { why: 'abandoned', waitedMs });
  }
  await tell('queue.entered', { again: true, position: 1, waiting: 1 });
  await tell('queue.left', { why: 'full', waitedMs: 0 });
  await tell('queue.left', { why: 'timeout', waitedMs: 90_000 }, new Date('2026-03-02T10:10:00Z'));
  const query = '?from=2026-03-02T00:00:00Z&to=2026-03-03T00:00:00Z';
  const { body } = await api.ask('GET', `/queues/${queue.id}/statistics${query}`);
  expect(body.intervals).toHaveLength(2);
  expect(body.intervals[0]).toMatchObject({
    entered: 5,
    refused: 1,
    answered: 3,
    abandoned: 2,
    averageWaitMs: 28_000,
    longestWaitMs: 60_000,
    averageAbandonedMs: 22_000,
    serviceLevel: 2 / 3,
    serviceLevel2: 3 / 5,
  });
  expect(body.sum).toMatchObject({ from: null, entered: 5, overflowed: 1, answered: 3 });
  const theirs = await api.ask('GET', `/queues/${queue.id}/statistics${query}`, { key: api.other.key });
  expect(theirs.status).toBe(404);
});

test('pause reasons are a list of the company', async () => {
  const { body } = await api.ask('PUT', '/pause-reasons', { body: { items: ['lunch', 'training', 'lunch'] } });
  expect(body.items).toEqual(['lunch', 'training']);
  expect((await api.ask('GET', '/pause-reasons', { key: api.other.key })).body.items).toEqual([]);
});

test('agents have their calls, talk and times in a span of their own, paused by reason', async () => {
  const made = await api.ask('POST', '/queues', {
    body: { name: `hotline ${uuidv7()}`, stickyDays: 30, resumeMs: 600_000 },
  });
  const queueId: string = made.body.id;
  const [anna, bert] = agents as [string, string];
  await api.ask('PUT', `/queues/${queueId}/members`, { body: { items: agents.map((userId) => ({ userId })) } });
  const begin = Date.now() - 3_600_000;
  const reason = `lunch ${begin}`;
  const first = Date.now();
  const agentState = (paused: object | null, queues: object) => ({ queues, paused, byQueue: {} }) as never;
  const company = await scope();
  const store = (userId: string, state: never, number: number) =>
    storeAgents(api.store.db, company.companyId, [{ userId, state }], number);
  await store(anna, agentState(null, { [queueId]: begin }), first);
  await store(anna, agentState({ reason, since: begin + 600_000 }, { [queueId]: begin }), first + 1);
  await store(bert, agentState(null, { [queueId]: begin }), first + 2);
  await store(bert, agentState(null, {}), first + 3);
  const callId = await insertCall();
  const fact = (n: number, ms: number, type: string, body: object) =>
    api.store.pool.query(
      `insert into call_record (call_id, n, company_id, at, stream, type, body) values ($1, $2, $3, $4, 'fact', $5, $6)`,
      [callId, n, company.companyId, new Date(begin + ms), type, JSON.stringify(body)],
    );
  const inQueue = { queueId, party: 1, waitedMs: 5000 };
  await fact(1, 0, 'queue.entered', { ...inQueue, again: false });
  await fact(2, 1000, 'queue.offered', { ...inQueue, userId: bert });
  await fact(3, 4000, 'queue.missed', { queueId, party: 1, userId: bert });
  await fact(4, 4000, 'queue.offered', { ...inQueue, userId: anna });
  await fact(5, 5000, 'queue.answered', { ...inQueue, userId: anna });
  await fact(6, 65_000, 'party.left', { party: 2, coordinates: { type: 'user', id: anna }, cause: 'normal' });
  const { status, body } = await api.ask('GET', `/queues/${queueId}/agent-statistics`);
  expect([status, body.code]).toEqual([200, undefined]);
  expect(body.items).toMatchObject([
    { userId: anna, offered: 1, answered: 1, missed: 0, talkMs: 60_000, averageTalkMs: 60_000 },
    { userId: bert, offered: 1, answered: 0, missed: 1, talkMs: 0, averageTalkMs: null, pausedMs: 0, pauses: [] },
  ]);
  const [hers] = body.items;
  const pause = hers.pauses.find((one: { reason: string }) => one.reason === reason);
  expect(pause).toMatchObject({ times: 1 });
  expect(Math.abs(hers.loggedInMs - 3_600_000)).toBeLessThan(120_000);
  expect(Math.abs(pause.ms - 3_000_000)).toBeLessThan(120_000);
  const before = new Date(begin + 300_000).toISOString();
  const early = await api.ask('GET', `/queues/${queueId}/agent-statistics?to=${before}`);
  expect(early.body.items[0]).toMatchObject({ loggedInMs: 300_000, pausedMs: 0 });

  const known = await lookUpQueue(api.store.db, company.companyId, queueId, '0145');
  expect(known).toMatchObject({ last: anna });
  await fact(7, 3_590_000, 'queue.left', { ...inQueue, why: 'abandoned', waitedMs: 30_000 });
  const back = await lookUpQueue(api.store.db, company.companyId, queueId, '0145');
  expect(back).toMatchObject({ enteredAt: begin + 3_560_000 });
  expect(await lookUpQueue(api.store.db, company.companyId, queueId, '0999')).not.toHaveProperty('last');
});
