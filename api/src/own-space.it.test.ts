/** A user's own space over the api: browser phone, devices, reach, box, password; and that it ends where one's own ends. */
import { contactsOfUser, findSipLogin } from '@callwright/store';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SESSION_COOKIE } from './http/access.ts';
import { startTestApi, type TestApi, toneWav } from './test-api.ts';

const PASSWORD = 'correct horse battery staple';

let api: TestApi;
let mine: Person;
let colleague: Person;

interface Person {
  readonly userId: string;
  readonly email: string;
  cookie: string;
}

beforeAll(async () => {
  api = await startTestApi();
  mine = await person('8101');
  colleague = await person('8102');
});
afterAll(() => api.close());

async function person(extension: string): Promise<Person> {
  const user = await api.ask('POST', '/users', { body: { extension } });
  const email = `own-${extension}@test.example`;
  const owner = { ownerId: api.demo.companyId, userId: user.body.id };
  await api.ask('POST', '/accounts', { body: { email, role: 'user', password: PASSWORD, name: extension, ...owner } });
  return { userId: user.body.id, email, cookie: (await logIn(email)).cookie };
}

async function logIn(email: string, password = PASSWORD): Promise<{ status: number; cookie: string }> {
  const answer = await api.app.inject({ method: 'POST', url: '/api/v1/session', payload: { email, password } });
  const value = answer.cookies.find(({ name }) => name === SESSION_COOKIE)?.value ?? '';
  return { status: answer.statusCode, cookie: `${SESSION_COOKIE}=${value}` };
}

const as = (who: Person | string, method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown) =>
  api.ask(method, path, { key: null, headers: { cookie: typeof who === 'string' ? who : who.cookie }, body });

const upload = (who: Person, kind: string, payload: Buffer) =>
  api.app.inject({
    method: 'PUT',
    url: `/api/v1/me/box/greetings/${kind}`,
    headers: { cookie: who.cookie, 'content-type': 'audio/wav' },
    payload,
  });

describe('the phone of the browser', () => {
  test('has one log-in a session, which rings as the user and goes with the session', async () => {
    const { cookie } = await logIn(mine.email);
    const [first, again] = await Promise.all([1, 2].map(() => as(cookie, 'POST', '/me/phone', {})));
    expect(first!.status).toBe(201);
    expect(again!.body).toEqual(first!.body);
    const other = await as(mine, 'POST', '/me/phone', {});
    expect(other.body.username).not.toBe(first!.body.username);
    const login = await findSipLogin(api.store.db, first!.body.username);
    expect(login).toMatchObject({ companyId: api.demo.companyId, onlyDials: null, user: { id: mine.userId } });
    await api.store.pool.query(
      `insert into registration (sip_login_id, contact, received, path, instance, user_agent, call_id, cseq, expires_at)
       values ($1, 'sip:x@y.invalid;transport=ws', 'ws:127.0.0.1:1', null, 'i.1', '', 'c', 1, now() + interval '1 hour')`,
      [login!.id],
    );
    const ways = () => contactsOfUser(api.store.db, api.demo.companyId, mine.userId, undefined);
    expect(await ways()).toHaveLength(1);
    expect((await as(cookie, 'DELETE', '/session')).status).toBe(204);
    expect(await findSipLogin(api.store.db, first!.body.username)).toBeNull();
    expect(await ways()).toEqual([]);
  });

  test('is for sessions of users only', async () => {
    expect((await api.ask('POST', '/me/phone', { body: {} })).status).toBe(404);
    const bound = await api.ask('POST', '/accounts', {
      body: {
        email: 'nobody@test.example',
        role: 'supervisor',
        password: PASSWORD,
        name: 'No user',
        ownerId: api.demo.companyId,
      },
    });
    expect(bound.status).toBe(201);
    const { cookie } = await logIn('nobody@test.example');
    expect((await as(cookie, 'POST', '/me/phone', {})).body.code).toBe('API_NOT_FOUND');
  });
});

describe('own devices', () => {
  test('are made with their password, get a new one, and go', async () => {
    const made = await as(mine, 'POST', '/me/devices', { name: 'Desk' });
    expect(made.status).toBe(201);
    expect(made.body.device).toMatchObject({ name: 'Desk', userId: mine.userId });
    expect(made.body.sip.password).toMatch(/^\w{20}$/);
    const { id } = made.body.device;
    const renewed = await as(mine, 'POST', `/me/devices/${id}/secret`);
    expect(renewed.body.password).not.toBe(made.body.sip.password);
    for (const [method, path] of [
      ['POST', `/me/devices/${id}/secret`],
      ['DELETE', `/me/devices/${id}`],
    ] as const)
      expect((await as(colleague, method, path)).body.code).toBe('API_NOT_FOUND');
    expect((await as(mine, 'DELETE', `/me/devices/${id}`)).status).toBe(204);
    expect((await as(mine, 'GET', '/me/devices')).body.items).toEqual([]);
  });

  test('are as many as the company allows, and hidden passwords stay hidden', async () => {
    const settings = (patch: object) =>
      api.ask('PATCH', `/owners/${api.demo.companyId}`, { body: { settings: patch } });
    const before = (await api.ask('GET', `/owners/${api.demo.companyId}`)).body.settings;
    await settings({ ...before, devicesPerUser: 1 });
    const made = await as(colleague, 'POST', '/me/devices', { name: 'One' });
    expect((await as(colleague, 'POST', '/me/devices', { name: 'Two' })).body.code).toBe('API_DEVICE_LIMIT');
    await settings({ ...before, hideSecrets: true });
    expect((await as(colleague, 'POST', `/me/devices/${made.body.device.id}/secret`)).status).toBe(403);
    await settings(before);
  });
});

describe('how one is reached', () => {
  test('is one’s own to say, but for addresses outside and what the administrator forbids', async () => {
    await api.ask('PUT', `/users/${mine.userId}/calling`, { body: { keysDenied: ['record'] } });
    const always = { destination: { type: 'user', id: colleague.userId } };
    const put = await as(mine, 'PUT', '/me/calling', { forwarding: { always } });
    expect(put.status).toBe(200);
    expect(put.body).not.toHaveProperty('keysDenied');
    const kept = (await api.ask('GET', `/users/${mine.userId}/calling`)).body;
    expect(kept).toMatchObject({ keysDenied: ['record'], forwarding: { always } });
    const sip = { destination: { type: 'sip', id: 'sip:me@outside.example' } };
    expect((await as(mine, 'PUT', '/me/calling', { forwarding: { busy: sip } })).body.code).toBe(
      'API_UNKNOWN_DESTINATION',
    );
    const stranger = await api.ask('POST', '/users', { key: api.other.key, body: { extension: '8109' } });
    const theirs = { destination: { type: 'user', id: stranger.body.id } };
    expect((await as(mine, 'PUT', '/me/calling', { forwarding: { busy: theirs } })).status).toBe(422);
    expect((await as(mine, 'PUT', '/me/calling', { keysDenied: [] })).status).toBe(400);
  });
});

describe('the own box', () => {
  test('has greetings that are uploaded, heard and removed, and a PIN', async () => {
    expect((await as(mine, 'GET', '/me/box')).body.code).toBe('API_NOT_FOUND');
    const box = await api.ask('POST', '/voicemail-boxes', { body: { name: 'Mine', userId: mine.userId } });
    const put = await upload(mine, 'busy', toneWav(16_000));
    expect([put.statusCode, put.json().greetings]).toEqual([200, [{ kind: 'busy', durationMs: 1000 }]]);
    const heard = await as(mine, 'GET', '/me/box/greetings/busy');
    expect([heard.status, heard.headers['content-type'], heard.body.subarray(0, 4).toString()]).toEqual([
      200,
      'audio/wav',
      'RIFF',
    ]);
    expect((await upload(mine, 'busy', Buffer.from('RIFF no sound'))).statusCode).toBe(422);
    expect((await upload(mine, 'never', toneWav())).statusCode).toBe(400);
    expect((await upload(colleague, 'busy', toneWav())).statusCode).toBe(404);
    expect((await as(mine, 'DELETE', '/me/box/greetings/busy')).status).toBe(204);
    expect((await as(mine, 'DELETE', '/me/box/greetings/busy')).status).toBe(404);
    expect((await as(mine, 'PATCH', '/me/box', { pin: '2468' })).body.hasPin).toBe(true);
    await api.ask('PATCH', `/voicemail-boxes/${box.body.id}`, { body: { editGreeting: false } });
    expect((await upload(mine, 'busy', toneWav())).statusCode).toBe(403);
  });
});

describe('the own password', () => {
  test('is changed by who knows it; other sessions end, this one goes on', async () => {
    const who = await person('8103');
    const elsewhere = await logIn(who.email);
    const change = (current: string, password: string) => as(who, 'PUT', '/session/password', { current, password });
    expect((await change('wrong', 'another long password')).body.code).toBe('API_LOGIN_FAILED');
    expect((await change(PASSWORD, 'short')).status).toBe(400);
    expect((await change(PASSWORD, 'another long password')).status).toBe(204);
    expect((await as(who, 'GET', '/session')).status).toBe(200);
    expect((await as(elsewhere.cookie, 'GET', '/session')).status).toBe(401);
    expect((await logIn(who.email)).status).toBe(401);
    expect((await logIn(who.email, 'another long password')).status).toBe(200);
  });

  test('is not guessed in an open session, and no key changes it', async () => {
    const who = await person('8104');
    const guess = () => as(who, 'PUT', '/session/password', { current: 'guess', password: 'another long password' });
    const codes: string[] = [];
    for (let i = 0; i < 6; i++) codes.push((await guess()).body.code);
    expect(codes.at(-1)).toBe('API_LOCKED_OUT');
    const body = { current: PASSWORD, password: 'another long password' };
    expect((await api.ask('PUT', '/session/password', { body })).status).toBe(403);
  });
});
