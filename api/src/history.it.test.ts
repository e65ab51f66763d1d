import type { CallRecord, Cdr, Fact, JsonValue } from '@callwright/engine';
import { closeCall, storeRecords, uniqueCallNumber, uuidv7 } from '@callwright/store';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
let users: { id: string; number: number; extension: string }[];
const HASH = 'ab'.repeat(32);
const T0 = Date.parse('2026-05-04T10:00:00Z');

beforeAll(async () => {
  api = await startTestApi();
  users = (await api.ask('GET', '/users')).body.items;
  const book = (await api.ask('POST', '/phonebooks', { body: { name: 'customers' } })).body.id;
  const numbers = [{ kind: 'office', number: '01 40 00 00 00' }];
  const trunk = { ownerId: api.demo.companyId, name: 'Carrier', mode: 'peer', host: 'carrier.test' };
  outside.id = (await api.ask('POST', '/trunks', { body: trunk })).body.id;
  await api.ask('POST', '/contacts', { body: { phonebookId: book, familyName: '=Curie', numbers } });
});
afterAll(() => api.close());

const userParty = (i: number) => ({
  type: 'user',
  id: users[i]!.id,
  entityNumber: users[i]!.number,
  number: users[i]!.extension,
  name: '',
});
const outside = { type: 'trunk', id: '', entityNumber: 3, number: '+33140000000', name: 'Who calls' };
const called = { type: 'number', id: null, entityNumber: null, number: '+33155500100', name: '' };
const group = { type: 'ring-group', id: 'group-1', entityNumber: 4, number: '600', name: 'Sales' };

/** An inbound call through a trunk that rings two users of a group, of whom the second answers; `over` changes its CDR. */
async function endedCall(
  over: Partial<Cdr> = {},
  companyId = api.demo.companyId,
): Promise<{ id: string; number: number }> {
  const id = uuidv7();
  const { db } = api.store;
  const number = await uniqueCallNumber(db);
  await api.store.pool.query(
    `insert into call (id, number, company_id, external_id, direction, state, start, revision_hash, calling, called)
     values ($1, $2, $3, $4, 'inbound', 'started', '{}', $5, $6, $7)`,
    [id, number, companyId, over.externalId ?? null, HASH, JSON.stringify(outside), JSON.stringify(called)],
  );
  const [first, second, third] = [number * 10 + 1, number * 10 + 2, number * 10 + 3];
  const leg = (n: number, party: number, coordinates: object) => ({
    leg: `${id}/leg/${n}`,
    party,
    direction: n === 1 ? 'inbound' : 'outbound',
    coordinates,
    startedAt: T0,
    ringingAt: null,
    answeredAt: null,
    endedAt: T0 + 60_000,
    cause: 'normal',
    sipStatus: 200,
    endedBy: 'remote',
    codec: 'PCMA',
    sipCallId: `sip-${n}`,
    instance: 'm.1',
  });
  const cdr = {
    number,
    direction: 'inbound',
    externalId: null,
    disposition: 'answered',
    cause: 'normal',
    endedBy: 'calling',
    startedAt: T0,
    answeredAt: T0 + 1000,
    connectedAt: T0 + 20_000,
    endedAt: T0 + 60_000,
    ringMs: 0,
    ivrMs: 0,
    talkMs: 0,
    holdMs: 5000,
    calling: outside,
    called,
    connected: userParty(1),
    revision: HASH,
    path: ['menu', 'sales'],
    legs: [
      { ...leg(1, first, outside), answeredAt: T0 + 1000 },
      {
        ...leg(2, second, userParty(0)),
        startedAt: T0 + 10_000,
        ringingAt: T0 + 10_000,
        cause: 'no-answer',
        endedAt: T0 + 15_000,
      },
      {
        ...leg(3, third, userParty(1)),
        startedAt: T0 + 12_000,
        ringingAt: T0 + 12_000,
        answeredAt: T0 + 20_000,
      },
    ],
    ...over,
  } as Cdr;
  const facts: [number, Fact][] = [
    [0, { type: 'party.added', party: first, role: 'calling', coordinates: outside, leg: `${id}/leg/1` }],
    [10_000, { type: 'group.ringing', groupId: 'group-1', coordinates: group, strategy: 'linear' }],
    [10_000, { type: 'party.added', party: second, role: 'called', coordinates: userParty(0), leg: `${id}/leg/2` }],
    [10_000, { type: 'party.ringing', party: second, coordinates: userParty(0), early: false }],
    [12_000, { type: 'party.added', party: third, role: 'called', coordinates: userParty(1), leg: `${id}/leg/3` }],
    [12_000, { type: 'party.ringing', party: third, coordinates: userParty(1), early: false }],
    [
      15_000,
      {
        type: 'party.left',
        party: second,
        coordinates: userParty(0),
        cause: 'no-answer',
        sipStatus: 487,
        by: 'local',
      },
    ],
    [20_000, { type: 'party.answered', party: third, coordinates: userParty(1) }],
    [20_000, { type: 'parties.connected', a: first, b: third }],
    [60_000, { type: 'call.ended', cdr }],
  ];
  const records = facts.map(
    ([after, body], i): CallRecord => ({
      n: i + 1,
      at: T0 + after,
      stream: 'fact',
      type: body.type,
      body: body as unknown as JsonValue,
    }),
  );
  await db.transaction().execute(async (tx) => {
    await storeRecords(tx, api.keyring, { companyId, callId: id, records });
    await closeCall(tx, companyId, id);
  });
  return { id, number };
}

test('an ended call is in the history whole, with its legs', async () => {
  const { id, number } = await endedCall({ externalId: 'order-1' });
  const { body: call } = await api.ask('GET', `/history/${id}`);
  expect(call).toMatchObject({
    number,
    direction: 'inbound',
    internal: false,
    durationMs: 60_000,
    ringMs: 10_000,
    talkMs: 40_000,
    ivrMs: 9000,
    queueMs: 0,
    holdMs: 5000,
    billableMs: 59_000,
    disposition: 'answered',
    failingSide: null,
    calling: { type: 'trunk', number: '+33140000000' },
    called: { type: 'number', number: '+33155500100' },
    connected: { type: 'user', id: users[1]!.id },
    callingContact: { familyName: '=Curie' },
    trunkIn: { id: outside.id, name: 'Carrier' },
    trunkOut: null,
    codec: 'PCMA',
    revision: HASH,
    path: ['menu', 'sales'],
  });
  expect(call.legs.map((l: { way: string; missed: boolean; group: unknown }) => [l.way, l.missed, l.group])).toEqual([
    ['out', false, null],
    ['in', true, { type: 'ring-group', id: 'group-1', name: 'Sales' }],
    ['in', false, { type: 'ring-group', id: 'group-1', name: 'Sales' }],
  ]);
  expect(call.legs[0].trunk).toEqual({ id: outside.id, name: 'Carrier' });
});

test('closing a call again changes nothing of its history', async () => {
  const { id } = await endedCall();
  const before = (await api.ask('GET', `/history/${id}`)).body;
  await closeCall(api.store.db, api.demo.companyId, id);
  expect((await api.ask('GET', `/history/${id}`)).body).toEqual(before);
});

test('a user sees who rang for him in vain, and who that was', async () => {
  const { body } = await api.ask('GET', `/users/${users[0]!.id}/history?missed=true&limit=1`);
  expect(body.items[0]).toMatchObject({
    way: 'in',
    missed: true,
    ringMs: 5000,
    disposition: 'no-answer',
    remote: { number: '+33140000000' },
    remoteContact: { familyName: '=Curie' },
  });
  expect((await api.ask('GET', `/users/${users[0]!.id}/history?way=out`)).body.items).toEqual([]);
  expect((await api.ask('GET', `/users/${crypto.randomUUID()}/history`)).status).toBe(404);
});

test('calls are found by who, when and how they ended', async () => {
  const { id } = await endedCall({
    externalId: 'needle',
    disposition: 'cancelled',
    startedAt: T0 - 86_400_000,
    connected: null,
  });
  const ids = async (query: string) =>
    (await api.ask('GET', `/history?${query}`)).body.items.map((c: { id: string }) => c.id);
  for (const query of ['externalId=needle', 'disposition=cancelled', `to=${new Date(T0 - 3600_000).toISOString()}`])
    expect(await ids(query)).toEqual([id]);
  for (const query of [
    `user=${users[0]!.id}`,
    'group=group-1',
    `trunk=${outside.id}`,
    'number=%2B33140000000',
    'internal=false',
  ])
    expect(await ids(query)).toContain(id);
  for (const query of [
    `user=${crypto.randomUUID()}`,
    'group=x',
    'trunk=x',
    'number=x',
    'internal=true',
    'direction=outbound',
    `from=${new Date().toISOString()}`,
  ])
    expect(await ids(query)).toEqual([]);
  expect((await api.ask('GET', '/history?from=yesterday')).status).toBe(400);
});

test('pages follow one another without gap or repetition', async () => {
  for (let i = 0; i < 4; i += 1) await endedCall();
  const all = (await api.ask('GET', '/history')).body.items.map((c: { id: string }) => c.id);
  const walked: string[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const { body }: { body: { items: { id: string }[]; next: string | null } } = await api.ask(
      'GET',
      `/history?limit=2${next ? `&cursor=${next}` : ''}`,
    );
    walked.push(...body.items.map((c) => c.id));
    next = body.next;
  }
  expect(walked).toEqual(all);
});

test('another company sees nothing of it', async () => {
  const { id } = await endedCall();
  const { key } = api.other;
  expect((await api.ask('GET', `/history/${id}`, { key })).status).toBe(404);
  expect((await api.ask('GET', '/history', { key })).body.items).toEqual([]);
  expect((await api.ask('GET', `/users/${users[0]!.id}/history`, { key })).status).toBe(404);
});

test('the CSV has every call once, and no formula', async () => {
  const answer = await api.app.inject({
    url: '/api/v1/exports/history',
    headers: { authorization: `Bearer ${api.demo.admin.apiKey}` },
  });
  expect(answer.headers['content-type']).toContain('text/csv');
  const lines = answer.body.trim().split('\n');
  expect(lines).toHaveLength(1 + (await api.ask('GET', '/history')).body.items.length);
  expect(lines[0]).toContain('number,call id');
  expect(answer.body).toContain("'=Curie");
});

test('a missed call is mailed once to whoever wishes it, under the caller’s name; a group’s call that somebody took is missed by nobody', async () => {
  const [first, second] = users as [(typeof users)[0], (typeof users)[0]];
  for (const [user, wish] of [
    [first, true],
    [second, true],
  ] as const) {
    const body = { missedCallMail: wish, email: `${user.extension}@reader.test`, language: 'fr' };
    expect((await api.ask('PATCH', `/users/${user.id}`, { body })).body.missedCallMail).toBe(wish);
  }
  const mails = async (callId: string) => {
    const { rows } = await api.store.pool.query(
      `select recipient, template, language, variables from mail where owner_id = $1 and key like $2 order by recipient`,
      [api.demo.companyId, `missed-call/${callId}/%`],
    );
    return rows;
  };
  expect(await mails((await endedCall()).id)).toEqual([]);
  const nobody = { connected: null, connectedAt: null, disposition: 'no-answer' } as const;
  const { id } = await endedCall(nobody);
  await api.store.db.transaction().execute((tx) => closeCall(tx, api.demo.companyId, id));
  // the second one has talked
  expect(await mails(id)).toMatchObject([
    {
      recipient: `${first.extension}@reader.test`,
      template: 'missed-call',
      language: 'fr',
      variables: { number: '+33140000000', name: '=Curie', at: new Date(T0).toISOString() },
    },
  ]);
  const away = await endedCall({ ...nobody, called: userParty(0), legs: [] });
  expect(await mails(away.id)).toHaveLength(1);
  const himself = await endedCall({ ...nobody, calling: userParty(0), called: userParty(0), legs: [] });
  expect(await mails(himself.id)).toEqual([]);
  await api.ask('PATCH', `/users/${second.id}`, { body: { missedCallMail: false } });
  const unwanted = await endedCall({ ...nobody, called: userParty(1), legs: [] });
  expect(await mails(unwanted.id)).toEqual([]);
  // one who has left
  await api.store.pool.query('update directory_user set deleted_at = now() where id = $1', [first.id]);
  expect(await mails((await endedCall({ ...nobody, called: userParty(0), legs: [] })).id)).toEqual([]);
  await api.store.pool.query('update directory_user set deleted_at = null where id = $1', [first.id]);
});
