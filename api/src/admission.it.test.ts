import { chargeCall, lookUp, routeCall, trunksForCall } from '@callwright/store';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openRoutingStage, type RoutingStage } from './test-routing.ts';

let stage: RoutingStage;
let api: RoutingStage['api'];
let alice: string;
let bob: string;
let company: string;
let explain: RoutingStage['explain'];
let make: RoutingStage['make'];
let code: RoutingStage['code'];

beforeAll(async () => {
  stage = await openRoutingStage();
  ({ api, alice, bob, company, explain, make, code } = stage);
});
afterEach(() => stage.reset());
afterAll(() => stage?.api.close());

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
  const running = async (by: string, number: string, seconds: number, charged: string | null = null) => {
    const { rows } = await api.store.pool.query(
      `insert into call (id, number, company_id, direction, state, start, revision_hash, calling, called)
       values (gen_random_uuid(), nextval('call_number_seq'), $1, 'outbound', 'started', '{}', 'h', $2, '{}') returning id`,
      [company, JSON.stringify({ type: 'user', id: by })],
    );
    await api.store.pool.query(
      `insert into leg (id, call_id, company_id, instance, direction, state, coordinates, answered_at, charged)
       values ($1::text || '/leg', $1::uuid, $2, 'gone.1', 'outbound', 'answered', $3, now() - make_interval(secs => $4), $5)`,
      [
        rows[0].id,
        company,
        JSON.stringify({ type: 'number', number }),
        seconds,
        charged && JSON.stringify({ type: 'user', id: charged }),
      ],
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
    // one that she has forwarded has burnt a quarter, and burns on; Bob's is not hers, nor is hers that Bob has forwarded
    const callId = await running(bob, '0612345678', 30, alice);
    await running(bob, '0612345678', 30);
    await running(alice, '0612345678', 30, bob);
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

describe('a user who is away', () => {
  const mode = (set: string, until: string | null = null) =>
    api.store.pool.query('update directory_user set user_mode = $1, mode_until = $2 where id = $3', [
      set,
      until,
      alice,
    ]);
  afterEach(() => mode('normal'));
  const refused = async (dialled: string) => (await explain(dialled)).refused?.code ?? null;

  test('calls nobody, but help, his box, and the codes by which he comes back', async () => {
    await mode('away');
    expect([await refused('102'), await refused('0145000000')]).toEqual(['ADM_AWAY', 'ADM_AWAY']);
    expect([await refused('112'), await refused('*78'), await refused('*43')]).toEqual([null, null, null]);
    expect(await refused('*80102')).toBe('ADM_AWAY');
    const request = {
      companyId: company,
      role: 'user',
      userId: alice,
      calling: '101',
      trunkId: null,
      dialled: '102',
    } as const;
    expect(await routeCall(api.store.db, { ...request, at: Date.now() })).toMatchObject({
      called: { type: 'announcement', id: 'restricted' },
      routing: { refused: { code: 'ADM_AWAY', check: 'mode', by: 'user' } },
    });
    // he is called by others, and others call
    expect(await refused('102')).toBe('ADM_AWAY');
    expect((await explain('102', { user: bob })).refused).toBe(null);
    for (const [other, until] of [
      ['dnd', null],
      ['divert', null],
      ['away', '2020-01-01'],
    ] as const) {
      await mode(other, until);
      expect([other, await refused('102')]).toEqual([other, null]);
    }
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
