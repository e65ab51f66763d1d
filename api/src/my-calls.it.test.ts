/** A user's calls of the moment: who is on the other side, what his application wants to be shown, and whose calls they are. */
import type { Coordinates, Fact, JsonValue } from '@callwright/engine';
import { storeRecords, uuidv7 } from '@callwright/store';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
let url: string;
let cookies: Record<string, string>;
let users: { id: string; number: number; extension: string }[];
beforeAll(async () => {
  api = await startTestApi();
  url = await api.app.listen({ port: 0, host: '127.0.0.1' });
  users = (await api.ask('GET', '/users')).body.items;
  cookies = {
    '101': await logIn(api.demo.companyId, user('101').id, api.demo.admin.apiKey),
    '102': await logIn(api.demo.companyId, user('102').id, api.demo.admin.apiKey),
  };
  const theirs = (await api.ask('POST', '/users', { key: api.other.key, body: { extension: '101' } })).body;
  cookies.other = await logIn(api.other.companyId, theirs.id, api.other.key);
}, 60_000);
afterEach(async () => {
  await api.store.pool.query(`update leg set state = 'ended'`);
  await api.store.pool.query(`update call set state = 'ended'`);
});
afterAll(() => api?.close());

const user = (extension: string) => users.find((one) => one.extension === extension)!;

/** A session of a user, as a cookie. */
async function logIn(ownerId: string, userId: string, key: string): Promise<string> {
  const account = { email: `${uuidv7()}@demo.example`, password: 'a long password' };
  const made = await api.ask('POST', '/accounts', { key, body: { ...account, ownerId, role: 'user', userId } });
  expect(made.status).toBe(201);
  const session = await api.ask('POST', '/session', { key: null, body: account });
  return String(session.headers['set-cookie']).split(';')[0]!;
}

const mine = async (who: string) => {
  const answer = await api.ask('GET', '/me/calls', { key: null, headers: { cookie: cookies[who]! } });
  expect(answer.status).toBe(200);
  return answer.body.items;
};

const party = (extension: string): Coordinates => {
  const { id, number } = user(extension);
  return { type: 'user', id, entityNumber: number, number: extension, name: `User ${extension}` };
};

/** A call from outside that rings at users; answers its id, and what writes a fact of it. */
async function ringing(number: string, ...extensions: readonly string[]) {
  const { companyId } = api.demo;
  const id = uuidv7();
  const outside = { type: 'trunk', id: uuidv7(), entityNumber: 1, number, name: '' };
  await api.store.pool.query(
    `insert into call (id, number, company_id, direction, state, start, revision_hash, calling, called)
     values ($1, nextval('call_number_seq'), $2, 'inbound', 'started', '{}', 'h', $3, $4)`,
    [id, companyId, outside, party(extensions[0]!)],
  );
  let n = 0;
  const tell = (body: Fact) =>
    storeRecords(api.store.db, api.keyring, {
      companyId,
      callId: id,
      records: [{ n: ++n, at: Date.now(), stream: 'fact', type: body.type, body: body as unknown as JsonValue }],
    });
  const leg = async (place: number, role: 'calling' | 'called', coordinates: Coordinates, state: string) => {
    await api.store.pool.query(
      `insert into leg (id, call_id, company_id, instance, direction, state, coordinates, answered_at)
       values ($1, $2, $3, 'm.1', $4, $5, $6, case when $5 = 'answered' then now() end)`,
      [`${id}/${place}`, id, companyId, role === 'calling' ? 'inbound' : 'outbound', state, coordinates],
    );
    await tell({ type: 'party.added', party: place, role, coordinates, leg: `${id}/${place}` });
  };
  await leg(1, 'calling', outside, 'proceeding');
  for (const [i, extension] of extensions.entries()) await leg(2 + i, 'called', party(extension), 'early');
  const answer = (place: number) =>
    api.store.pool.query(`update leg set state = 'answered', answered_at = now() where id = $1`, [`${id}/${place}`]);
  const end = async () => {
    await api.store.pool.query(`update leg set state = 'ended' where call_id = $1`, [id]);
    await api.store.pool.query(`update call set state = 'ended' where id = $1`, [id]);
  };
  return { id, tell, answer, end };
}

async function contact(number: string, familyName: string, data: object, bookName: string): Promise<string> {
  const book = await api.ask('POST', '/phonebooks', { body: { name: `${bookName} ${uuidv7()}` } });
  const body = { phonebookId: book.body.id, familyName, numbers: [{ kind: 'mobile', number }], data };
  expect((await api.ask('POST', '/contacts', { body })).status).toBe(201);
  return book.body.id;
}

test('a ringing user sees who calls, with what another application keeps of him; nobody else sees the call', async () => {
  const info = [
    { caption: 'Credit limit', value: '2000 EUR' },
    { caption: 'Visits', value: 3 },
    { caption: 'broken' },
    'text',
  ];
  await contact('+33733123123', 'Fring', { info, city: 'Albuquerque', deep: { a: 1 } }, 'Customers');
  const call = await ringing('+33733123123', '101');
  await call.tell({
    type: 'party.forwarded',
    from: party('102'),
    to: party('101'),
    reason: 'deflected',
    note: 'urgent',
  });
  expect(await mine('101')).toMatchObject([
    {
      id: call.id,
      role: 'called',
      state: 'ringing',
      answeredAt: null,
      other: { number: '+33733123123' },
      called: { number: '101' },
      contact: { familyName: 'Fring' },
      details: [
        { caption: 'city', value: 'Albuquerque' },
        { caption: 'Credit limit', value: '2000 EUR' },
        { caption: 'Visits', value: '3' },
      ],
      note: 'urgent',
      recorded: false,
    },
  ]);
  expect(await mine('102')).toEqual([]);
  expect(await mine('other')).toEqual([]);
  await call.answer(1);
  await call.answer(2);
  expect(await mine('101')).toMatchObject([{ state: 'talking' }]);
  await call.tell({ type: 'party.held', party: 2, coordinates: party('101') });
  expect(await mine('101')).toMatchObject([{ state: 'held' }]);
  await call.end();
  expect(await mine('101')).toEqual([]);
});

test('of several contacts with a number each user sees the one of his preferred book', async () => {
  await contact('+33733000001', 'First', {}, 'First book');
  const preferred = await contact('+33733000001', 'Preferred', {}, 'Preferred book');
  await api.ask('PATCH', `/users/${user('102').id}`, { body: { phonebookId: preferred } });
  const call = await ringing('+33733000001', '101', '102');
  expect((await mine('101')).map((one: { contact: { familyName: string } }) => one.contact.familyName)).toEqual([
    'First',
  ]);
  expect(await mine('102')).toMatchObject([
    { contact: { familyName: 'Preferred' }, other: { number: '+33733000001' } },
  ]);
  await call.end();
});

test('whose number is no contact’s, or not shown, is shown as it is', async () => {
  const call = await ringing('anonymous', '101');
  expect(await mine('101')).toMatchObject([{ contact: null, details: [], note: '', other: { number: 'anonymous' } }]);
  await call.end();
});

test('a reader is told the list whenever it changes, and nothing of calls of others', async () => {
  const stop = new AbortController();
  const stream = await fetch(`${url}/api/v1/me/calls/events`, {
    headers: { cookie: cookies['101']! },
    signal: stop.signal,
  });
  expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  const lists: { id: string; state: string }[][] = [];
  void (async () => {
    let text = '';
    for await (const chunk of stream.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const frames = text.split('\n\n');
      text = frames.pop()!;
      for (const frame of frames) {
        const data = /^data: (.*)$/m.exec(frame)?.[1];
        if (data) lists.push(JSON.parse(data).items);
      }
    }
  })().catch(() => {});
  const states = () => lists.map((items) => items.map(({ state }) => state).join());
  const patience = { timeout: 10_000, interval: 20 };
  await expect.poll(states, patience).toEqual(['']);
  const other = await ringing('+33733000002', '102');
  const call = await ringing('+33733000003', '101');
  await expect.poll(() => states().at(-1), patience).toBe('ringing');
  await call.answer(2);
  await call.tell({ type: 'party.answered', party: 2, coordinates: party('101') });
  await expect.poll(() => states().at(-1), patience).toBe('talking');
  await call.end();
  await call.tell({ type: 'parties.parted', a: 1, b: 2 });
  await expect.poll(() => states().at(-1), patience).toBe('');
  expect(lists.flat().every(({ id }) => id === call.id)).toBe(true);
  await other.end();
  stop.abort();
});
