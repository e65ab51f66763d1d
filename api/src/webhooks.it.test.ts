import { WEBHOOK_EVENTS } from '@callwright/api-contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const make = (body: object = {}) =>
  api.ask('POST', '/webhooks', { body: { name: 'crm', url: 'https://crm.example/hook', ...body } });

test('a webhook is made, changed and deleted by an administrator; others do not see it', async () => {
  const { body: webhook, status } = await make({ events: ['call.*', 'trunk.state'] });
  expect([status, webhook]).toMatchObject([201, { enabled: true, events: ['call.*', 'trunk.state'] }]);
  const path = `/webhooks/${webhook.id}`;
  expect((await api.ask('PATCH', path, { body: { enabled: false } })).body.enabled).toBe(false);
  expect((await api.ask('GET', path, { key: api.other.key })).status).toBe(404);
  expect((await api.ask('DELETE', path)).status).toBe(204);
  expect((await api.ask('GET', path)).status).toBe(404);
});

test('addresses and event names of wrong form are refused', async () => {
  for (const url of [
    'ftp://x.example/',
    'crm.example',
    'https://user:secret@crm.example/',
    `https://x/${'a'.repeat(3000)}`,
  ])
    expect((await make({ url })).status).toBe(400);
  for (const events of [['*'], ['Call.Ended'], ['call.**']]) expect((await make({ events })).status).toBe(400);
});

test('a secret is shown once; five are enough', async () => {
  const { body: webhook } = await make();
  const path = `/webhooks/${webhook.id}/secrets`;
  const { body: first } = await api.ask('POST', path, { body: {} });
  expect(first).toEqual({ number: 1, secret: expect.stringMatching(/^whsec_[\w-]{43}$/) });
  for (let i = 0; i < 4; i += 1) expect((await api.ask('POST', path, { body: {} })).status).toBe(201);
  expect((await api.ask('POST', path, { body: {} })).body.code).toBe('API_TOO_MANY_SECRETS');
  expect((await api.ask('DELETE', `${path}/1`)).status).toBe(204);
  expect((await api.ask('DELETE', `${path}/1`)).status).toBe(404);
  const { body } = await api.ask('GET', path);
  expect(body.items.map((s: { number: number }) => s.number)).toEqual([2, 3, 4, 5]);
  expect(JSON.stringify(body)).not.toContain('whsec_');
});

test('a test event waits in the outbox, is in the form of the catalogue, and is not resent while it waits', async () => {
  const { body: webhook } = await make();
  const { body } = await api.ask('POST', `/webhooks/${webhook.id}/test`, { body: {} });
  const { items } = (await api.ask('GET', `/webhooks/${webhook.id}/deliveries?state=waiting`)).body;
  expect(items).toMatchObject([{ eventId: body.eventId, type: 'webhook.test', attempts: 0 }]);
  const path = `/webhooks/${webhook.id}/deliveries/${items[0].number}`;
  const { body: delivery } = await api.ask('GET', path);
  WEBHOOK_EVENTS['webhook.test']!.parse(delivery.body);
  expect(delivery.log).toEqual([]);
  expect((await api.ask('GET', path, { key: api.other.key })).status).toBe(404);
  const resend = (deliveries: number[] | null) =>
    api.ask('POST', `/webhooks/${webhook.id}/resend`, { body: { deliveries } });
  expect((await resend([items[0].number])).body).toEqual({ resent: 0 });
  await api.store.pool.query(`update webhook_delivery set state = 'dead' where number = $1`, [items[0].number]);
  expect((await resend(null)).body).toEqual({ resent: 1 });
});

test('the catalogue has a schema for every event', async () => {
  const { items } = (await api.ask('GET', '/event-types')).body;
  const names = items.map((e: { type: string }) => e.type);
  for (const name of ['call.started', 'call.ended', 'party.answered', 'user.presence', 'trunk.state', 'webhook.test'])
    expect(names).toContain(name);
  for (const { schema, version } of items) expect([version, schema.type]).toEqual([1, 'object']);
});
