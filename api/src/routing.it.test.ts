import { chargeCall, lookUp, routeCall, trunksForCall } from '@callwright/store';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
let alice: string;
let bob: string;
let company: string;

beforeAll(async () => {
  api = await startTestApi();
  const { body } = await api.ask('GET', '/users');
  [alice, bob] = ['101', '102'].map((e) => body.items.find((u: { extension: string }) => u.extension === e).id) as [
    string,
    string,
  ];
  company = api.demo.companyId;
});
afterEach(async () => {
  for (const table of [
    'routing_rule where phone_number_id is null',
    'routing_settings',
    'number_prefix',
    'call_restriction',
    'spend_cap',
    'spend_counter',
    'feature_code',
    'caller_list',
  ])
    await api.store.pool.query(`delete from ${table}`);
  await api.store.pool.query(`update directory_user set max_calls = null, block_premium = false, suspended_at = null`);
  await api.store.pool.query(`delete from leg where instance = 'gone.1'`);
  await api.store.pool.query(`delete from call where state = 'started'`);
});
afterAll(() => api.close());

const explain = async (dialled: string, more: Record<string, string> = {}) => {
  const query = new URLSearchParams({ dialled, user: alice, company, ...more });
  const { status, body } = await api.ask('GET', `/routing/explain?${query}`);
  expect([status, body.detail]).toEqual([200, undefined]);
  return body;
};
const make = async (path: string, body: object) => {
  const made = await api.ask('POST', path, { body });
  expect([made.status, made.body.title]).toEqual([201, undefined]);
  return made.body;
};
const code = async (method: 'POST' | 'PUT', path: string, body: object) =>
  (await api.ask(method, path, { body })).body.code;

describe('rules', () => {
  test('are made at the end, put in order, changed and deleted', async () => {
    const names = async () =>
      (await api.ask('GET', '/routing-rules')).body.items.map(
        (r: { name: string; position: number }) => `${r.position} ${r.name}`,
      );
    const destination = { type: 'user', id: bob };
    const a = await make('/routing-rules', { name: 'a', destination });
    const b = await make('/routing-rules', { name: 'b', destination });
    expect(await names()).toEqual(['1 a', '2 b']);
    expect((await api.ask('PUT', '/routing-rules', { body: { ids: [b.id, a.id] } })).body.items).toHaveLength(2);
    expect(await names()).toEqual(['1 b', '2 a']);
    for (const ids of [[a.id], [a.id, a.id], [a.id, crypto.randomUUID()], [a.id, b.id, b.id]])
      expect(await code('PUT', '/routing-rules', { ids })).toBe('API_UNKNOWN_REFERENCE');
    const changed = await api.ask('PATCH', `/routing-rules/${a.id}`, { body: { calledPattern: '9*', enabled: false } });
    expect(changed.body).toMatchObject({ name: 'a', calledPattern: '9*', enabled: false, destination });
    expect((await api.ask('DELETE', `/routing-rules/${b.id}`)).status).toBe(204);
    expect(await names()).toEqual(['2 a']);
  });

  test('name only what the company has, and patterns that can be read', async () => {
    const destination = { type: 'user', id: bob };
    for (const wrong of [
      { type: 'user', id: crypto.randomUUID() },
      { type: 'constructor', id: 'x' },
      { type: 'outside', id: '-/1' },
      { type: 'announcement', id: 'x' },
    ])
      expect(await code('POST', '/routing-rules', { destination: wrong })).toBe('API_UNKNOWN_DESTINATION');
    expect(await code('POST', '/routing-rules', { destination, calledPattern: '(1|2)*' })).toBe('API_PATTERN_INVALID');
    expect(await code('POST', '/routing-rules', { destination, calendarId: crypto.randomUUID() })).toBe(
      'API_UNKNOWN_REFERENCE',
    );
    expect(await code('POST', '/routing-rules', { destination, viaTrunks: [crypto.randomUUID()] })).toBe(
      'API_UNKNOWN_REFERENCE',
    );
    const theirs = await api.ask('POST', '/calendars', {
      key: api.other.key,
      body: { name: 'c', hours: { timeZone: 'UTC', weekly: [], dates: [] } },
    });
    expect(await code('POST', '/routing-rules', { destination, calendarId: theirs.body.id })).toBe(
      'API_UNKNOWN_REFERENCE',
    );
  });

  test('by calendar and time decide at the time asked for; a calendar in use stays', async () => {
    const hours = {
      timeZone: 'Europe/Paris',
      weekly: [{ days: [1, 2, 3, 4, 5], fromMinute: 540, toMinute: 1080 }],
      dates: [],
    };
    const calendar = await make('/calendars', { name: 'office', hours });
    await make('/routing-rules', {
      name: 'closed',
      calendarId: calendar.id,
      openings: ['closed'],
      calledPattern: '102',
      destination: { type: 'announcement', id: 'unavailable' },
    });
    expect(await explain('102', { at: '2026-11-23T21:00:00Z' })).toMatchObject({
      reason: 'rule',
      rule: { name: 'closed' },
      called: { type: 'announcement' },
    });
    expect(await explain('102', { at: '2026-11-23T10:00:00Z' })).toMatchObject({
      reason: 'extension',
      called: { type: 'user', id: bob },
      passed: [{ name: 'closed', missed: 'calendar' }],
    });
    expect((await api.ask('DELETE', `/calendars/${calendar.id}`)).body.code).toBe('API_IN_USE');
    await api.store.pool.query('delete from routing_rule where calendar_id is not null');
    expect((await api.ask('DELETE', `/calendars/${calendar.id}`)).status).toBe(204);
  });

  test('rewrite the number, choose trunks, and are not asked again for the number they gave', async () => {
    const peer = { ownerId: company, mode: 'peer', host: 'carrier.test' };
    const [one, two] = [
      await make('/trunks', { ...peer, name: 'one' }),
      await make('/trunks', { ...peer, name: 'two' }),
    ];
    expect(await explain('0612345678')).toMatchObject({ reason: 'outside', trunks: [one.id, two.id] });
    await make('/routing-rules', {
      name: 'nine',
      calledPattern: '90*',
      destination: { type: 'number', id: '{called}' },
      strip: 1,
      viaTrunks: [two.id],
    });
    expect(await explain('90612345678')).toMatchObject({
      reason: 'rule',
      destination: { type: 'number', id: '0612345678' },
      trunks: [two.id],
    });
    const settings = { defaultDestination: null, trunks: [two.id], emergencyTrunks: [one.id], rejectAnonymous: false };
    expect((await api.ask('PUT', '/routing-settings', { body: settings })).body).toEqual(settings);
    expect(await explain('0612345678')).toMatchObject({ trunks: [two.id] });
    expect(await explain('112')).toMatchObject({
      reason: 'emergency',
      trunks: [one.id],
      number: { kind: 'emergency' },
    });
    await make('/routing-rules', { name: 'itself', calledPattern: '77X', destination: { type: 'number', id: '777' } });
    expect(await explain('771')).toMatchObject({
      reason: 'rule',
      called: { type: 'number', number: '771' },
      trunks: [two.id],
    });
  });
});

test('an emergency number is nobody’s extension', async () => {
  expect(await code('POST', '/users', { extension: '112' })).toBe('API_NUMBER_TAKEN');
  expect(await code('POST', '/numbers', { dialled: '15', kind: 'service' })).toBe('API_NUMBER_TAKEN');
});

describe('admission', () => {
  const refusal = async (dialled: string) => (await explain(dialled)).refused?.code ?? 'admitted';

  test('asks every level; what a higher one forbids no lower one allows', async () => {
    expect(await refusal('0612345678')).toBe('admitted');
    const mine = await make('/call-restrictions', { ownerId: company, effect: 'deny', countries: ['IT'] });
    expect([await refusal('0612345678'), await refusal('+390612345678')]).toEqual(['admitted', 'ADM_RESTRICTED']);
    await api.ask('PATCH', `/call-restrictions/${mine.id}`, { body: { effect: 'allow', countries: [] } });
    await make('/call-restrictions', { effect: 'deny', kinds: ['mobile'], name: 'the platform’s' });
    expect(await explain('0612345678')).toMatchObject({ refused: { code: 'ADM_RESTRICTED', by: 'system' } });
    await make('/call-restrictions', { ownerId: company, userId: alice, effect: 'deny', pattern: '+3315550*' });
    expect([await refusal('0155500100'), await refusal('0145420000'), await refusal('112')]).toEqual([
      'ADM_RESTRICTED',
      'admitted',
      'admitted',
    ]);
    expect(
      await code('POST', '/call-restrictions', { ownerId: company, userId: crypto.randomUUID(), effect: 'deny' }),
    ).toBe('API_NOT_FOUND');
  });

  test('counts simultaneous calls, asks the user’s own rights, and refuses a suspended one', async () => {
    const { pool } = api.store;
    await pool.query('update directory_user set max_calls = 1, block_premium = true where id = $1', [alice]);
    expect([await refusal('102'), await refusal('0899123456')]).toEqual(['admitted', 'ADM_RESTRICTED']);
    await pool.query(
      `insert into call (id, number, company_id, direction, state, start, revision_hash, calling, called)
       values (gen_random_uuid(), nextval('call_number_seq'), $1, 'internal', 'started', '{}', 'h', $2, '{}')`,
      [company, JSON.stringify({ type: 'user', id: alice })],
    );
    expect([await refusal('102'), await refusal('112')]).toEqual(['ADM_TOO_MANY_CALLS', 'admitted']);
    await pool.query('update directory_user set suspended_at = now() where id = $1', [alice]);
    expect([await refusal('102'), await refusal('112')]).toEqual(['ADM_SUSPENDED', 'admitted']);
  });

  test('charges an ended call by the longest prefix and stops at the cap', async () => {
    await make('/number-prefixes', { prefix: '+33', microsPerMinute: 10_000 });
    await make('/number-prefixes', { ownerId: company, prefix: '+336', microsPerMinute: 60_000 });
    expect(await code('POST', '/number-prefixes', { ownerId: company, prefix: '+336' })).toBe('API_NAME_TAKEN');
    expect(await explain('0612345678')).toMatchObject({ number: { kind: 'mobile', microsPerMinute: 60_000 } });
    const leg = {
      direction: 'outbound',
      coordinates: { type: 'number', number: '+33612345678' },
      answeredAt: 0,
      endedAt: 90_000,
    };
    const calling = { type: 'user', id: alice };
    const cdr = { startedAt: Date.now(), endedAt: 90_000, calling, legs: [leg, { ...leg, answeredAt: null }] };
    await chargeCall(api.store.db, company, cdr as unknown as Parameters<typeof chargeCall>[2]);
    const forwarded = { ...leg, charged: { type: 'user', id: bob } };
    await chargeCall(api.store.db, company, { ...cdr, legs: [forwarded] } as unknown as Parameters<
      typeof chargeCall
    >[2]);
    await api.ask('PUT', '/spend-caps', { body: { userId: bob, microsPerMonth: 1 } });
    const caps = await api.ask('PUT', '/spend-caps', { body: { userId: alice, microsPerMonth: 90_001 } });
    expect(caps.body.items).toContainEqual({ userId: alice, microsPerMonth: 90_001, micros: 90_000 });
    expect(caps.body.items).toContainEqual({ userId: bob, microsPerMonth: 1, micros: 90_000 });
    expect(await refusal('0612345678')).toBe('admitted');
    await api.ask('PUT', '/spend-caps', { body: { userId: alice, microsPerMonth: 90_000 } });
    expect([await refusal('0612345678'), await refusal('102'), await refusal('112')]).toEqual([
      'ADM_SPEND_CAP',
      'admitted',
      'admitted',
    ]);
  });

  test('is asked of calls by the API', async () => {
    await make('/call-restrictions', { ownerId: company, effect: 'deny' });
    const refused = await api.ask('POST', '/calls', {
      body: { to: { type: 'number', number: '0612345678' }, flow: 'front-desk' },
    });
    expect([refused.status, refused.body.code]).toEqual([403, 'API_CALL_REFUSED']);
    expect(refused.body.detail).toContain('ADM_RESTRICTED');
  });
});

describe('in the course of a call', () => {
  const db = () => api.store.db;
  const running = async (by: string, number: string, seconds: number) => {
    const { rows } = await api.store.pool.query(
      `insert into call (id, number, company_id, direction, state, start, revision_hash, calling, called)
       values (gen_random_uuid(), nextval('call_number_seq'), $1, 'outbound', 'started', '{}', 'h', $2, '{}') returning id`,
      [company, JSON.stringify({ type: 'user', id: by })],
    );
    await api.store.pool.query(
      `insert into leg (id, call_id, company_id, instance, direction, state, coordinates, answered_at)
       values ($1::text || '/leg', $1::uuid, $2, 'gone.1', 'outbound', 'answered', $3, now() - make_interval(secs => $4))`,
      [rows[0].id, company, JSON.stringify({ type: 'number', number }), seconds],
    );
    return rows[0].id as string;
  };
  const look = (lookup: Parameters<typeof lookUp>[2], userId: string | null, callId: string | null = null) =>
    lookUp(db(), company, lookup, { callId, userId, at: Date.now() });

  test('whoever forwards or transfers is asked for, inside and outside; taking a message is free', async () => {
    const caller = { number: '101', userId: null, by: null };
    const target = { what: 'user', id: bob, caller } as const;
    await api.store.pool.query('update directory_user set suspended_at = now() where id = $1', [alice]);
    expect(await look({ ...target, account: alice }, alice)).toMatchObject({
      status: 'refused',
      code: 'ADM_SUSPENDED',
    });
    // admitted with its call
    expect(await look(target, null)).toMatchObject({ status: 'user' });
    expect(await look({ ...target, account: bob }, bob)).toMatchObject({ status: 'user' });
    const flowOf = { what: 'destination', destination: { type: 'meeting-room', id: 'none' } } as const;
    expect(await look({ ...flowOf, account: alice }, alice)).toEqual({ status: 'not-found' });
    for (const lookup of [
      { what: 'number', number: '*43', account: alice },
      { what: 'number', number: '0612345678', account: alice },
      { what: 'number', number: '0612345678', account: alice, trunks: ['t'] },
      { what: 'destination', destination: { type: 'sip', id: 'sip:a@peer.test' }, account: alice },
    ] as const)
      expect([lookup, await look({ ...lookup } as Parameters<typeof lookUp>[2], alice)]).toMatchObject([
        lookup,
        { status: 'refused', code: 'ADM_SUSPENDED' },
      ]);
    expect(
      await look({ what: 'destination', destination: { type: 'hang-up', id: 'busy' }, account: alice }, alice),
    ).toMatchObject({ status: 'destination' });
    await make('/call-restrictions', { ownerId: company, effect: 'deny', kinds: ['mobile'] });
    expect(await look({ what: 'number', number: '0612345678', account: bob, trunks: ['t'] }, bob)).toMatchObject({
      status: 'refused',
      code: 'ADM_RESTRICTED',
    });
    expect(await look({ what: 'number', number: '112', account: alice, trunks: ['t'] }, alice)).toMatchObject({
      status: 'destination',
      trunks: ['t'],
      emergency: { number: '112' },
    });
  });

  test('limits of a company count for users without their own, and the plan for those held to it', async () => {
    const settings = (given: object) => api.ask('PATCH', `/owners/${company}`, { body: { settings: given } });
    await settings({ callsPerUser: 1 });
    await running(alice, '+33612345678', 1);
    const code = async (who: string) => (await explain('102', { user: who })).refused?.code ?? 'admitted';
    expect([await code(alice), await code(bob)]).toEqual(['ADM_TOO_MANY_CALLS', 'admitted']);
    await api.store.pool.query('update directory_user set max_calls = 2 where id = $1', [alice]);
    expect(await code(alice)).toBe('admitted');
    await settings({ callsPerUser: 100 });
    await api.ask('PATCH', `/users/${bob}`, { body: { planOnly: true } });
    await make('/number-prefixes', { ownerId: company, prefix: '+336', microsPerMinute: 1 });
    const plan = async (dialled: string) => (await explain(dialled, { user: bob })).refused?.code ?? 'admitted';
    expect([await plan('0612345678'), await plan('0145420000'), await plan('112'), await plan('101')]).toEqual([
      'ADM_PLAN_ONLY',
      'admitted',
      'admitted',
      'admitted',
    ]);
    await api.ask('PATCH', `/users/${bob}`, { body: { planOnly: false } });
  });

  test('what runs counts against a cap, and says how long a call may last', async () => {
    await make('/number-prefixes', { ownerId: company, prefix: '+336', microsPerMinute: 60_000 });
    const limit = async (number = '0612345678') => {
      const found = await look({ what: 'number', number, account: alice }, alice);
      return found.status === 'destination' ? (found.limit ?? null) : found;
    };
    expect(await limit()).toBeNull();
    await api.ask('PUT', '/spend-caps', { body: { userId: alice, microsPerMonth: 120_000 } });
    expect(await limit()).toEqual({ account: alice, leftMs: 120_000, mostMs: null });
    expect(await limit('0145420000')).toBeNull();
    // one of hers has burnt a quarter, and burns on; Bob's is not hers
    const callId = await running(alice, '0612345678', 30);
    await running(bob, '0612345678', 30);
    const shared = await limit();
    expect(shared).toMatchObject({ account: alice, mostMs: null });
    const { leftMs } = shared as { leftMs: number };
    expect(leftMs).toBeGreaterThan(40_000);
    expect(leftMs).toBeLessThanOrEqual(45_000);
    const left = await look({ what: 'allowance', number: '0612345678', account: alice }, alice, callId);
    expect(left).toMatchObject({ status: 'allowance' });
    expect((left as { leftMs: number }).leftMs).toBeGreaterThan(80_000);
    expect((left as { leftMs: number }).leftMs).toBeLessThanOrEqual(90_000);
    await running(alice, '0612345678', 95);
    expect(await limit()).toMatchObject({ status: 'refused', code: 'ADM_SPEND_CAP' });
    expect(await look({ what: 'allowance', number: '0612345678', account: alice }, alice, callId)).toEqual({
      status: 'allowance',
      leftMs: 0,
    });
    expect(await look({ what: 'allowance', number: '112', account: alice }, alice, callId)).toEqual({
      status: 'allowance',
      leftMs: null,
    });
    await api.ask('PATCH', `/owners/${company}`, { body: { settings: { maxCallMinutes: 30 } } });
    await api.ask('PUT', '/spend-caps', { body: { userId: alice, microsPerMonth: null } });
    expect(await limit()).toEqual({ account: alice, leftMs: null, mostMs: 1_800_000 });
    expect(await look({ what: 'number', number: '112', account: alice }, alice)).not.toHaveProperty('limit');
    await api.store.pool.query(`update owner set settings = settings - 'maxCallMinutes' - 'callsPerUser'`);
  });
});

describe('lists of callers', () => {
  const listOf = async (kind: string, pattern: string, userId: string | null = alice) => {
    const list = await make('/caller-lists', {
      ownerId: company,
      userId,
      name: `${kind} ${crypto.randomUUID()}`,
      kind,
    });
    await api.ask('PUT', `/caller-lists/${list.id}/entries`, { body: { entries: [{ pattern }] } });
  };
  const planOf = async (number: string, userId = alice) => {
    const lookup = { what: 'user', id: userId, caller: { number, userId: null, by: null } } as const;
    const found = await lookUp(api.store.db, company, lookup);
    return found.status === 'user' ? (found.user.plan ?? null) : found;
  };
  const calling = async (body: object) =>
    expect((await api.ask('PUT', `/users/${alice}/calling`, { body })).status).toBe(200);

  test('of a user refuse and let in, in every spelling, and are nobody else’s', async () => {
    await listOf('block', '+33145420000');
    for (const number of ['0145420000', '+33145420000', '0033145420000'])
      expect([number, await planOf(number)]).toMatchObject([number, { refuse: 'blocked' }]);
    expect(await planOf('0145420001')).toBeNull();
    expect(await planOf('0145420000', bob)).toBeNull();
    await listOf('block', '+3314542XXXX');
    expect(await planOf('0145420001')).toMatchObject({ refuse: 'blocked' });
    await listOf('allow', '0145420001');
    expect(await planOf('0145420001')).toBeNull();
    // withheld numbers are on no list
    expect(await planOf('')).toBeNull();
  });

  test('of callers to be preferred let them through to a user who is not to be disturbed, past his secretary, first in queues', async () => {
    await calling({ screening: true, secretary: { userId: bob } });
    await api.ask('PATCH', `/users/${alice}`, { body: { mode: 'dnd' } });
    const boss = '+33612340000';
    expect(await planOf(boss)).toMatchObject({ refuse: 'dnd', always: { reason: 'filtered' }, screening: {} });
    await listOf('vip', boss);
    // rung like anybody who wants nothing special
    expect(await planOf('0612340000')).toBeNull();
    expect(await planOf('0612340001')).toMatchObject({ refuse: 'dnd' });
    await api.ask('PATCH', `/users/${alice}`, { body: { mode: 'away' } });
    expect(await planOf(boss)).toMatchObject({ refuse: 'away' });
    await api.ask('PATCH', `/users/${alice}`, { body: { mode: 'normal' } });
    await calling({});
    const queue = await make('/queues', { name: `desk ${crypto.randomUUID()}` });
    const vip = (caller: string) => lookUp(api.store.db, company, { what: 'queue', id: queue.id, caller });
    // hers alone: a queue is the company's
    expect(await vip(boss)).not.toHaveProperty('vip');
    await listOf('vip', '06123400*', null);
    expect(await vip(boss)).toMatchObject({ status: 'queue', vip: true });
    expect(await vip('0712340000')).not.toHaveProperty('vip');
    expect(await planOf('0612340055')).toBeNull();
  });

  test('a prompt may be heard instead of the ringing tone', async () => {
    const { pool } = api.store;
    await pool.query(
      `insert into prompt_content (hash, bytes, duration_ms) values ('ring', '', 0) on conflict do nothing`,
    );
    const { rows } = await pool.query(
      `insert into prompt (id, company_id, number, name, content_hash) values (gen_random_uuid(), $1, 900, 'jingle', 'ring')
       on conflict (company_id, name) do update set number = 900 returning id, name`,
      [company],
    );
    await api.ask('PATCH', `/users/${alice}`, { body: { ringbackPromptId: rows[0].id } });
    expect(await planOf('0145420000')).toMatchObject({
      ringback: { items: [{ type: 'audio', name: rows[0].name }] },
    });
    await api.ask('PATCH', `/users/${alice}`, { body: { ringbackPromptId: null } });
    expect(await planOf('0145420000')).toBeNull();
  });
});

describe('a suspended company', () => {
  const place = (role: 'user' | 'trunk', dialled: string) =>
    routeCall(api.store.db, {
      companyId: company,
      role,
      userId: role === 'user' ? alice : null,
      calling: '101',
      trunkId: null,
      dialled,
      at: Date.now(),
    });

  test.each(['the company', 'somebody above it'])('calls for help and nobody else, when %s is', async (who) => {
    const { pool } = api.store;
    const suspend = (at: Date | null) =>
      pool.query(
        `update owner set suspended_at = $2 where id = ${who === 'the company' ? '$1' : '(select path[1] from owner where id = $1)'}`,
        [company, at],
      );
    const trunk = await make('/trunks', { ownerId: company, mode: 'peer', host: 'help.test', name: `help ${who}` });
    const settings = { defaultDestination: { type: 'user', id: bob }, trunks: [], emergencyTrunks: [trunk.id] };
    await api.ask('PUT', '/routing-settings', { body: { ...settings, rejectAnonymous: false } });
    await make('/call-restrictions', { ownerId: company, effect: 'deny' });
    await suspend(new Date());
    try {
      const help = await place('user', '112');
      expect(help).toMatchObject({
        routing: { routed: { reason: 'emergency' }, refused: null },
        direction: 'outbound',
      });
      const destination = { type: 'outside', id: String(help?.variables.outside) };
      const asking = { callId: null, userId: alice, at: Date.now() };
      expect(await lookUp(api.store.db, company, { what: 'destination', destination }, asking)).toMatchObject({
        status: 'destination',
        trunks: [trunk.id],
        emergency: { number: '112', userId: alice },
      });
      expect(await lookUp(api.store.db, company, { what: 'number', number: '112' }, asking)).toMatchObject({
        status: 'destination',
        emergency: { number: '112' },
      });
      for (const dialled of ['102', '0612345678', '*43'])
        expect([dialled, await place('user', dialled)]).toMatchObject([
          dialled,
          { called: { type: 'announcement', id: 'suspended' }, routing: { refused: { code: 'ADM_SUSPENDED' } } },
        ]);
      expect(await place('trunk', '+33155500100')).toMatchObject({
        called: { type: 'announcement', id: 'suspended' },
        routing: { routed: { reason: 'default' }, refused: { code: 'ADM_SUSPENDED' } },
      });
      expect(await trunksForCall(api.store.db, company, [trunk.id])).toHaveLength(1);
    } finally {
      await suspend(null);
      await pool.query('delete from trunk where id = $1', [trunk.id]);
    }
  });
});

describe('feature codes', () => {
  test('have defaults that a row replaces and its deletion brings back', async () => {
    const codes = async () =>
      (await api.ask('GET', '/feature-codes')).body.items.map(
        (c: { code: string; action: string }) => `${c.code} ${c.action}`,
      );
    expect(await codes()).toEqual(expect.arrayContaining(['*66 redial', '*43 echo-test', '*60 speaking-clock']));
    expect(await explain('*43')).toMatchObject({
      reason: 'feature-code',
      featureAction: 'echo-test',
      called: { type: 'flow', number: '*43' },
    });
    const row = await make('/feature-codes', { code: '*99', action: 'echo-test' });
    expect([(await explain('*99')).featureAction, (await explain('*43')).featureAction]).toEqual(['echo-test', null]);
    expect(await code('POST', '/feature-codes', { code: '*99', action: 'redial' })).toBe('API_NAME_TAKEN');
    expect(await code('POST', '/feature-codes', { code: '*98', action: 'constructor' })).toBe('API_UNKNOWN_ACTION');
    await api.ask('PATCH', `/feature-codes/${row.id}`, { body: { enabled: false } });
    expect((await explain('*99')).reason).toBe('no-match');
    expect((await api.ask('DELETE', `/feature-codes/${row.id}`)).status).toBe(204);
    expect((await explain('*43')).featureAction).toBe('echo-test');
    const template = {
      uri: 'sip:{argument}@peer.test',
      from: '{extension}',
      identity: '{number}',
      dnis: '9{argument}',
    };
    const peer = await make('/feature-codes', { code: '*7', action: 'peer', options: template });
    const called = { type: 'peer', id: `${peer.id}/55`, number: '*755' };
    expect(await explain('*755')).toMatchObject({ featureAction: 'peer', called });
    const asking = { callId: null, userId: alice, at: 0 };
    const destination = { type: 'peer', id: called.id };
    expect(await lookUp(api.store.db, company, { what: 'destination', destination }, asking)).toMatchObject({
      peer: { uri: 'sip:55@peer.test', from: '101', identity: '101', dnis: '955' },
    });
    expect(await lookUp(api.store.db, api.other.companyId, { what: 'destination', destination }, asking)).toEqual({
      status: 'not-found',
    });
    // nothing to call again, and nobody but a user dials codes
    expect((await explain('*66')).called).toMatchObject({ type: 'announcement' });
    expect((await explain('*43', { role: 'trunk' })).reason).toBe('no-match');
  });
});

describe('calls of strangers and trunks', () => {
  const ask = (role: 'guest' | 'trunk', dialled: string, calling: string | null) =>
    routeCall(api.store.db, {
      companyId: company,
      role,
      userId: null,
      calling,
      trunkId: null,
      dialled,
      at: Date.now(),
    });

  test('reach public numbers, the default, or nothing; lists and withheld numbers are heeded', async () => {
    expect(await ask('guest', '200', null)).toMatchObject({ called: { type: 'flow' }, direction: 'inbound' });
    for (const dialled of ['101', '112', '0612345678', '*43'])
      expect([dialled, await ask('guest', dialled, null)]).toEqual([dialled, null]);
    expect(await ask('trunk', '+33155500100', '0145420000')).toMatchObject({
      called: { type: 'announcement', id: 'unknown-number' },
    });
    const put = (more: object) =>
      api.ask('PUT', '/routing-settings', {
        body: {
          defaultDestination: { type: 'user', id: alice },
          trunks: [],
          emergencyTrunks: [],
          rejectAnonymous: true,
          ...more,
        },
      });
    await put({});
    expect(await ask('trunk', '+33155500100', '0145420000')).toMatchObject({
      called: { type: 'user', id: alice, e164: '+33155500100' },
    });
    expect(await ask('trunk', '+33155500100', null)).toMatchObject({
      called: { type: 'hang-up' },
      routing: { routed: { reason: 'anonymous' } },
    });
    const list = await make('/caller-lists', { ownerId: company, name: 'nuisance', kind: 'block' });
    await api.ask('PUT', `/caller-lists/${list.id}/entries`, { body: { entries: [{ pattern: '+33145*' }] } });
    expect(await ask('trunk', '+33155500100', '0145420000')).toMatchObject({
      routing: { routed: { reason: 'block-list' } },
    });
    const allow = await make('/caller-lists', { ownerId: company, name: 'friends', kind: 'allow' });
    await api.ask('PUT', `/caller-lists/${allow.id}/entries`, { body: { entries: [{ pattern: '+33145420000' }] } });
    expect(await ask('trunk', '+33155500100', '0145420000')).toMatchObject({ called: { type: 'user' } });
    expect(await put({ defaultDestination: { type: 'user', id: crypto.randomUUID() } })).toMatchObject({
      body: { code: 'API_UNKNOWN_DESTINATION' },
    });
  });

  test('belong to a company that is there', async () => {
    expect(
      await routeCall(api.store.db, {
        companyId: crypto.randomUUID(),
        role: 'user',
        userId: null,
        calling: null,
        trunkId: null,
        dialled: '101',
        at: 0,
      }),
    ).toBeNull();
  });
});
