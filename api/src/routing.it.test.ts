import { lookUp, routeCall } from '@callwright/store';
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
