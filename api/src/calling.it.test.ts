/** Calling features over the API and as look-ups: follow-me, keys, who is in a meeting room, seats taken at the same time. */
import type { JsonValue, Lookup } from '@callwright/engine';
import { callWhenFree, lookUp, ownKeys, runSchedule, uuidv7 } from '@callwright/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
let users: { id: string; extension: string }[];

beforeAll(async () => {
  api = await startTestApi();
  await api.ask('POST', '/users', { body: { extension: '153', givenName: 'Carol' } });
  users = (await api.ask('GET', '/users')).body.items;
});
afterAll(() => api.close());

const company = () => api.demo.companyId;
const ask = (lookup: Lookup, callId: string | null = null, companyId = company()) =>
  lookUp(api.store.db, companyId, lookup, { callId, userId: null, at: Date.now() });

let calls = 0;
async function runningCall(companyId = company()): Promise<string> {
  const id = uuidv7();
  calls += 1;
  const who = JSON.stringify({ type: 'number', id: null, entityNumber: null, number: '1', name: '' });
  await api.store.pool.query(
    `insert into call (id, number, company_id, direction, state, start, revision_hash, calling, called)
     values ($1, $2, $3, 'inbound', 'started', '{}', $4, $5, $5)`,
    [id, 900_000 + calls, companyId, '0'.repeat(64), who],
  );
  return id;
}

describe('follow-me', () => {
  it('is told with the user, a colleague as he can be reached now; not for a rival, not when switched off', async () => {
    const [alice, bob] = users;
    const target = { userId: bob!.id, delayMs: 3000, confirm: false };
    const followMe = { targets: [target] };
    const { status, body } = await api.ask('PUT', `/users/${alice!.id}/calling`, { body: { followMe } });
    expect([status, body.followMe]).toEqual([
      200,
      { enabled: true, calendarId: null, targets: [{ number: null, ringMs: 20_000, ...target }] },
    ]);
    const lookup = { what: 'user', id: alice!.id, caller: { number: '1', userId: null, by: null } } as const;
    expect(await ask(lookup)).toMatchObject({
      status: 'user',
      user: { plan: { followMe: [{ userId: bob!.id, delayMs: 3000, confirm: false, registered: false }] } },
    });
    await api.ask('PUT', `/users/${alice!.id}/calling`, { body: { followMe: { enabled: false, targets: [target] } } });
    expect(JSON.stringify(await ask(lookup))).not.toContain('followMe');
  });

  it('leads to colleagues of the company or numbers, one of them', async () => {
    const [alice] = users;
    const put = (targets: object[], more: object = {}) =>
      api.ask('PUT', `/users/${alice!.id}/calling`, { body: { followMe: { targets, ...more } } });
    const theirs = await api.ask('POST', '/users', { key: api.other.key, body: { extension: '177' } });
    expect((await put([{ userId: theirs.body.id }])).body.code).toBe('API_UNKNOWN_DESTINATION');
    expect((await put([], { calendarId: uuidv7() })).body.code).toBe('API_UNKNOWN_DESTINATION');
    for (const wrong of [{}, { userId: alice!.id, number: '1234' }, { number: 'x' }, { number: '1234', delayMs: -1 }])
      expect((await put([wrong])).status).toBe(400);
  });
});

describe('keys', () => {
  it('are the company’s own, without one that begins another, and by the rights of each user', async () => {
    const standard = (await api.ask('GET', '/call-keys')).body.items as { action: string; keys: string | null }[];
    expect(standard).toContainEqual({ action: 'conference', keys: '*3' });
    const put = (items: object[]) => api.ask('PUT', '/call-keys', { body: { items } });
    expect((await put([{ action: 'blind', keys: '*1' }])).status).toBe(400);
    expect((await put([{ action: 'blind', keys: '*12' }])).status).toBe(400);
    const twice = [
      { action: 'blind', keys: '*51' },
      { action: 'blind', keys: '*52' },
    ];
    expect((await put(twice)).status).toBe(400);
    const own = [
      { action: 'blind', keys: '#1' },
      { action: 'park', keys: null },
    ];
    expect((await put(own)).body.items).toEqual(expect.arrayContaining(own));
    const [alice, bob] = users;
    await api.ask('PUT', `/users/${alice!.id}/calling`, { body: { keysDenied: ['attended'] } });
    const asked = standard.map(({ action, keys }) => ({ name: action, keys: keys! }));
    const of = async (user: string | null, companyId = company()) =>
      (await ownKeys(api.store.db, companyId, user, asked)).map(({ keys }) => keys);
    const mine = standard.flatMap(({ action, keys }) => (action === 'park' ? [] : [action === 'blind' ? '#1' : keys]));
    expect(await of(bob!.id)).toEqual(mine);
    expect(await of(alice!.id)).toEqual(mine.filter((keys) => keys !== '*1'));
    expect(await of(alice!.id, api.other.companyId)).toHaveLength(standard.length);
    await put([]);
    expect((await api.ask('GET', '/call-keys')).body.items).toEqual(standard);
  });
});

describe('a meeting room', () => {
  const who = { userId: null, number: '0612345678', name: 'Ada' };
  const roomOf = async (settings: object): Promise<string> => {
    calls += 1;
    const body = { name: `Room ${calls}`, extension: String(6000 + calls), announce: false, ...settings };
    return (await api.ask('POST', '/meeting-rooms', { body })).body.id;
  };
  const enter = (room: string, callId: string, more: Partial<{ moderator: boolean; instance: string }> = {}) =>
    ask({ what: 'room-enter', room, moderator: false, instance: 'media.1', who, ...more }, callId);

  it('has as many members as it takes, however many come at once; a seat of a call that ended is free', async () => {
    const room = await roomOf({ maxMembers: 3 });
    const those = await Promise.all(Array.from({ length: 10 }, () => runningCall()));
    const answers = await Promise.all(those.map((call) => enter(room, call)));
    const inside = those.filter((_, i) => answers[i]!.status === 'room-entered');
    expect(inside).toHaveLength(3);
    expect(answers.filter((one) => one.status === 'refused' && one.code === 'full')).toHaveLength(7);
    // asked again the answer is the same
    expect(await enter(room, inside[0]!)).toMatchObject({ status: 'room-entered' });
    const out = those.find((call) => !inside.includes(call))!;
    await api.store.pool.query(`update call set state = 'ended' where id = $1`, [inside[0]]);
    expect(await enter(room, out)).toMatchObject({ status: 'room-entered' });
    await ask({ what: 'room-leave', room }, inside[1]!);
    const { body } = await api.ask('GET', `/meeting-rooms/${room}/members`);
    expect(body.items.map((one: { callId: string }) => one.callId).sort()).toEqual([inside[2]!, out].sort());
    expect(body.items[0]).toMatchObject({ number: '0612345678', name: 'Ada', moderator: false, waiting: false });
  });

  it('is on one media instance, and nobody’s of another company', async () => {
    const room = await roomOf({});
    await enter(room, await runningCall());
    expect(await enter(room, await runningCall(), { instance: 'media.2' })).toMatchObject({ code: 'other-instance' });
    const theirs = await runningCall(api.other.companyId);
    const lookup = { what: 'room-enter', room, moderator: false, instance: 'media.1', who } as const;
    expect(await ask(lookup, theirs, api.other.companyId)).toEqual({ status: 'not-found' });
    expect((await api.ask('GET', `/meeting-rooms/${room}/members`, { key: api.other.key })).status).toBe(404);
  });

  it('waits for its moderator, who opens it for all, locks it, and alone acts in it', async () => {
    const room = await roomOf({ waitForModerator: true });
    const [one, two, chair] = [await runningCall(), await runningCall(), await runningCall()];
    expect(await enter(room, one)).toMatchObject({ waits: true, opens: [] });
    expect(await enter(room, chair, { moderator: true })).toMatchObject({ waits: false, opens: [one] });
    expect(await enter(room, two)).toMatchObject({ waits: false });
    const act = (callId: string, what: 'lock' | 'others' | 'last') =>
      ask({ what: 'room-act', room, act: what }, callId);
    expect(await act(one, 'lock')).toMatchObject({ code: 'no-moderator' });
    expect(await act(chair, 'others')).toMatchObject({ calls: [one, two] });
    expect(await act(chair, 'last')).toMatchObject({ calls: [two] });
    expect(await act(chair, 'lock')).toMatchObject({ locked: true, calls: [] });
    expect(await enter(room, await runningCall())).toMatchObject({ code: 'locked' });
    expect(await act(chair, 'lock')).toMatchObject({ locked: false });
  });

  it('ends with its last moderator where it says so: the others are told once', async () => {
    const room = await roomOf({ endWithModerator: true });
    const [one, chair, second] = [await runningCall(), await runningCall(), await runningCall()];
    await enter(room, one);
    await enter(room, chair, { moderator: true });
    await enter(room, second, { moderator: true });
    const told = async () =>
      (await api.store.pool.query('select call_id, action from call_control where by_id = $1', [room])).rows;
    await ask({ what: 'room-leave', room }, chair);
    expect(await told()).toEqual([]);
    await ask({ what: 'room-leave', room }, second);
    await ask({ what: 'room-leave', room }, second);
    expect(await told()).toEqual([{ call_id: one, action: { kind: 'leave-room' } }]);
  });
});

describe('a ring group', () => {
  it('rings members where their own diversion leads when it is to, and leaves out who does not want to be disturbed', async () => {
    const [alice, bob, carol] = users;
    const members = [alice, bob, carol].map((one) => ({ userId: one!.id }));
    const add = (name: string, more: object) => api.ask('POST', '/ring-groups', { body: { name, members, ...more } });
    const plain = (await add('plain', {})).body.id;
    const follows = (await add('follows', { followDiversion: true })).body;
    expect(follows.followDiversion).toBe(true);
    const destination = { type: 'number', id: bob!.extension };
    await api.ask('PUT', `/users/${alice!.id}/calling`, { body: { forwarding: { always: { destination } } } });
    await api.store.pool.query(`update directory_user set user_mode = 'dnd' where id = $1`, [carol!.id]);
    const found = async (id: string) => {
      const answer = await ask({ what: 'ring-group', id });
      return answer.status === 'ring-group' ? answer.group.members : [];
    };
    expect((await found(plain)).map((one) => one.target)).toEqual([undefined, undefined, undefined]);
    expect(await found(follows.id)).toMatchObject([
      { registered: true, target: { type: 'user', userId: bob!.id }, coordinates: { number: bob!.extension } },
      { userId: bob!.id },
      { userId: carol!.id, registered: false },
    ]);
    await api.store.pool.query(`update directory_user set user_mode = 'normal' where id = $1`, [carol!.id]);
    await api.ask('PUT', `/users/${alice!.id}/calling`, { body: {} });
  });
});

describe('the directory by name', () => {
  it('finds users by the keys of either name, accents or not, of the company only', async () => {
    const names = async (digits: string, companyId = company()) => {
      const found = await ask({ what: 'names', digits }, null, companyId);
      return found.status === 'names' ? found.names.map(({ name }) => name) : [];
    };
    const add = (givenName: string, familyName: string, extension: string) =>
      api.ask('POST', '/users', { body: { extension, givenName, familyName } });
    await add('Zoé', 'Œuvrard-Ziegler', '151');
    await add('Éric', 'Zimmer', '152');
    // 9 4 = "Zi", 6 3 8 8 = "Oeuv", 3 7 4 2 = "Eric", 9 6 3 = "Zoe"
    expect(await names('94')).toEqual(['Éric Zimmer']);
    expect(await names('6388')).toEqual(['Zoé Œuvrard-Ziegler']);
    expect(await names('3742')).toEqual(['Éric Zimmer']);
    expect(await names('963')).toEqual(['Zoé Œuvrard-Ziegler']);
    expect(await names('94', api.other.companyId)).toEqual([]);
    for (const wrong of ['', '0', '9'.repeat(21), '%']) expect(await names(wrong)).toEqual([]);
  });
});

describe('a call when somebody is free', () => {
  it('is one order however often it is asked for, waits while he has no phone, and is given up in time', async () => {
    const [alice, bob] = users;
    const wish = (extension: string) => callWhenFree(api.store.db, company(), alice!.id, extension);
    expect(await Promise.all([wish(bob!.extension), wish(bob!.extension)])).toEqual([true, true]);
    expect(await Promise.all([wish(alice!.extension), wish('99999')])).toEqual([false, false]);
    const list = async () =>
      (await api.ask('GET', '/scheduled-calls')).body.items as { state: string; outcome: string }[];
    await runSchedule(api.store.db, api.keyring, 5);
    expect(await list()).toMatchObject([{ state: 'waiting', outcome: null }]);
    await api.store.pool.query(`update scheduled_call set expires_at = now() where when_free = $1`, [bob!.id]);
    await runSchedule(api.store.db, api.keyring, 5);
    expect(await list()).toMatchObject([{ state: 'failed', outcome: 'expired' }]);
    expect(await wish(bob!.extension)).toBe(true);
    expect(await list()).toHaveLength(2);
  });
});

describe('callbacks of a queue', () => {
  it('are kept and told with the queue', async () => {
    const body = {
      name: 'calls-back',
      callbackKey: '1',
      callbackTries: 3,
      callbackRetryMs: 60_000,
      callbackConfirm: true,
    };
    const { body: queue } = await api.ask('POST', '/queues', { body });
    expect(queue).toMatchObject(body);
    const found = (await ask({ what: 'queue', id: queue.id })) as unknown as Record<string, JsonValue>;
    expect(found.queue).toMatchObject({ callbackTries: 3, callbackRetryMs: 60_000, callbackConfirm: true });
  });
});
