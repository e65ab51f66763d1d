/** Presence and directory events over the API: what a company sees, and the stream that resumes. */
import { derivePresence } from '@callwright/store';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
let url: string;
let userId: string;

beforeAll(async () => {
  api = await startTestApi();
  url = await api.app.listen({ port: 0, host: '127.0.0.1' });
  userId = (await api.ask('GET', '/users')).body.items[0].id;
  await settle();
});
afterAll(() => api.close());

async function settle(): Promise<void> {
  while ((await derivePresence(api.store.db, 100)) > 0);
}

const setMode = async (mode: string): Promise<void> => {
  await api.store.pool.query('update directory_user set user_mode = $1 where id = $2', [mode, userId]);
  await settle();
};

interface StreamedEvent {
  readonly type: string;
  readonly body: { readonly userId: string; readonly state: string };
}

/** The first `count` events of the stream. */
async function streamed(
  count: number,
  headers: Record<string, string>,
  query = '',
): Promise<{ id: string; data: StreamedEvent }[]> {
  const stop = new AbortController();
  const response = await fetch(`${url}/api/v1/directory-events/stream${query}`, {
    headers: { authorization: `Bearer ${api.demo.admin.apiKey}`, ...headers },
    signal: stop.signal,
  });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  let text = '';
  const found: { id: string; data: StreamedEvent }[] = [];
  for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
    text += part;
    found.length = 0;
    for (const match of text.matchAll(/id: (\d+)\nevent: \S+\ndata: (.*)\n\n/g))
      found.push({ id: match[1]!, data: JSON.parse(match[2]!) });
    if (found.length >= count) break;
  }
  stop.abort();
  return found;
}

test('users are listed with state, mode and devices', async () => {
  await setMode('dnd');
  const { body } = await api.ask('GET', '/presence?extension=101');
  expect(body.items).toHaveLength(1);
  expect(body.items[0]).toMatchObject({ userId, extension: '101', state: 'dnd', mode: 'dnd', calls: 0 });
  expect(body.items[0].devices[0]).toMatchObject({ type: 'sip', registered: null });
  await setMode('normal');
  expect((await api.ask('GET', '/presence?limit=1')).body.next).not.toBeNull();
});

test('changes are events, by number and as a stream that resumes after the last one seen', async () => {
  const before = (await api.ask('GET', '/directory-events')).body.items;
  expect(before.map((event: { n: number }) => event.n)).toEqual(before.map((_event: unknown, i: number) => i + 1));
  const last = before.at(-1).n;
  await setMode('away');
  await setMode('normal');
  const after = (await api.ask('GET', `/directory-events?after=${last}`)).body.items;
  expect(after.map((event: { body: { state: string } }) => event.body.state)).toEqual(['absent', 'unavailable']);
  const resumed = await streamed(2, { 'last-event-id': String(last) });
  expect(resumed.map(({ id }) => Number(id))).toEqual([last + 1, last + 2]);
  expect(resumed[0]!.data).toMatchObject({ type: 'user.presence', body: { userId, state: 'absent' } });
  const live = streamed(1, {}, `?after=${last + 2}`);
  await setMode('dnd');
  expect((await live)[0]!.data.body.state).toBe('dnd');
});

test('what users say of themselves is set, seen, told, and taken back', async () => {
  const last = (await api.ask('GET', '/directory-events?limit=200')).body.items.at(-1).n;
  const path = `/users/${userId}/chat-presence`;
  const chat = { status: 'away', note: 'Déjeuner' };
  expect((await api.ask('PUT', path, { body: { chat } })).status).toBe(204);
  await settle();
  const seen = async () => (await api.ask('GET', '/presence?extension=101')).body.items[0].chat;
  expect(await seen()).toEqual(chat);
  expect((await api.ask('PUT', path, { body: { chat: null } })).status).toBe(204);
  await settle();
  expect(await seen()).toBeNull();
  const told = (await api.ask('GET', `/directory-events?after=${last}`)).body.items;
  expect(told).toMatchObject([
    { type: 'user.chat', body: { userId, chat, before: null } },
    { type: 'user.chat', body: { userId, chat: null, before: chat } },
  ]);
  expect((await api.ask('PUT', path, { body: { chat: { status: 'asleep' } } })).status).toBe(400);
  expect((await api.ask('PUT', path, { body: { chat }, key: api.other.key })).status).toBe(404);
  // a key of an administrator is no user
  expect((await api.ask('PUT', '/me/chat-presence', { body: { chat } })).status).toBe(404);
});

test('another company sees nothing of it; a place that is none is refused', async () => {
  const { body } = await api.ask('GET', '/directory-events', { key: api.other.key });
  expect(JSON.stringify(body)).not.toContain(userId);
  expect(JSON.stringify((await api.ask('GET', '/presence', { key: api.other.key })).body)).not.toContain(userId);
  const bad = await api.ask('GET', '/directory-events/stream', { headers: { 'last-event-id': '1-2' } });
  expect(bad.body.code).toBe('API_BAD_REQUEST');
});
