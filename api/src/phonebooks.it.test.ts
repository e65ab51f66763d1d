import { type ContactWrite, companyScope, findContactsByNumber, writeContacts } from '@callwright/store';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const make = async (path: string, body: object, key?: string) => {
  const answer = await api.ask('POST', path, { body, ...(key ? { key } : {}) });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
};
const names = (body: { items: { familyName: string }[] }) => body.items.map((c) => c.familyName);

const contact = (familyName: string, number: string, value: string | null = null): ContactWrite => ({
  id: null,
  fields: {
    givenName: '',
    familyName,
    organisation: '',
    email: null,
    address: '',
    notes: '',
    favourite: false,
    numbers: [{ kind: 'office', number }],
    data: {},
  },
  external: value === null ? null : { scheme: 'CRM', value },
});

describe('address books', () => {
  test('whose a book is fits its kind', async () => {
    const [user] = (await api.ask('GET', '/users')).body.items;
    for (const body of [
      { name: 'x', kind: 'private' },
      { name: 'x', kind: 'department', userId: user.id },
      { name: 'x', userId: user.id },
    ])
      expect((await api.ask('POST', '/phonebooks', { body })).body.code).toBe('API_BOOK_OWNER');
    const book = await make('/phonebooks', { name: 'own', kind: 'private', userId: user.id });
    expect((await api.ask('PATCH', `/phonebooks/${book.id}`, { body: { kind: 'company' } })).body.code).toBe(
      'API_BOOK_OWNER',
    );
  });

  test('deleting a book deletes its contacts and frees what others call them', async () => {
    const book = await make('/phonebooks', { name: 'short-lived' });
    const external = { scheme: 'CRM', value: 'doomed' };
    await make('/contacts', { phonebookId: book.id, familyName: 'Gone', external });
    expect((await api.ask('DELETE', `/phonebooks/${book.id}`)).status).toBe(204);
    const other = await make('/phonebooks', { name: 'long-lived' });
    await make('/contacts', { phonebookId: other.id, familyName: 'Back', external });
    const { rows } = await api.store.pool.query(`select 1 from external_id where value = 'doomed'`);
    expect(rows).toHaveLength(1);
  });
});

describe('contacts', () => {
  test('are found by either form of their number, by a part of it, and by name', async () => {
    const book = await make('/phonebooks', { name: 'customers' });
    await make('/contacts', {
      phonebookId: book.id,
      givenName: 'Jean',
      familyName: 'Valjean',
      organisation: '100% Bread_',
      numbers: [
        { kind: 'mobile', number: '06 11 22 33 44' },
        { kind: 'home', number: '55' },
      ],
      data: { 'Credit limit': '2000 EUR' },
    });
    for (const number of ['+33611223344', '0611223344', '0033611223344', '55']) {
      const found = await api.ask('GET', `/contact-lookup?number=${encodeURIComponent(number)}`);
      expect(names(found.body), number).toEqual(['Valjean']);
    }
    const search = async (text: string) =>
      names((await api.ask('GET', `/contacts?search=${encodeURIComponent(text)}`)).body);
    expect(await search('11 22 33')).toEqual(['Valjean']);
    expect(await search('jean val')).toEqual(['Valjean']);
    expect(await search('100%')).toEqual(['Valjean']);
    expect(await search('%')).toEqual(['Valjean']);
    expect(await search('_x')).toEqual([]);
    expect((await api.ask('GET', '/contact-lookup?number=55', { key: api.other.key })).body.items).toEqual([]);
  });

  test('a change replaces what is given and keeps the rest', async () => {
    const book = await make('/phonebooks', { name: 'changing' });
    const made = await make('/contacts', {
      phonebookId: book.id,
      familyName: 'Before',
      notes: 'kept',
      numbers: [{ kind: 'office', number: '0145420000' }],
      external: { scheme: 'CRM', value: 'c1' },
    });
    const body = { familyName: 'After', numbers: [{ kind: 'fax', number: '0145420001' }] };
    const changed = (await api.ask('PATCH', `/contacts/${made.id}`, { body })).body;
    expect(changed).toMatchObject({ familyName: 'After', notes: 'kept', number: made.number });
    expect(changed.numbers).toEqual([{ kind: 'fax', number: '0145420001', e164: '+33145420001' }]);
    expect(changed.external).toEqual({ scheme: 'CRM', value: 'c1' });
    const twin = { phonebookId: book.id, familyName: 'Twin', external: { scheme: 'CRM', value: 'c1' } };
    const answer = await api.ask('POST', '/contacts', { body: twin });
    expect(answer.body.code).toBe('API_NAME_TAKEN');
    const big = { data: { text: 'x'.repeat(20_000) } };
    expect((await api.ask('PATCH', `/contacts/${made.id}`, { body: big })).body.code).toBe('API_TOO_LARGE');
  });

  test('a synchronisation inserts once and updates after that, also when two run at once', async () => {
    const book = await make('/phonebooks', { name: 'synchronised' });
    const { db } = api.store;
    const scope = (await companyScope(db, api.demo.companyId, api.demo.companyId))!;
    const batch = Array.from({ length: 300 }, (_, i) => contact(`Sync ${i}`, `01454${10_000 + i}`, `sync-${i}`));
    const run = () => writeContacts(db, scope, book.id, 'FR', batch);
    const [first, second] = await Promise.all([run(), run()]);
    const acts = [first, second].map((r) => new Set(r.map((w) => w.act)));
    expect(acts).toContainEqual(new Set(['insert']));
    expect(acts).toContainEqual(new Set(['update']));
    expect(first.map((w) => w.id)).toEqual(second.map((w) => w.id));
    const { rows } = await api.store.pool.query(
      'select count(*)::int as count, count(distinct number)::int as numbers from contact where phonebook_id = $1',
      [book.id],
    );
    expect(rows[0]).toEqual({ count: 300, numbers: 300 });
    // the same key twice in one batch: the later one counts
    const twice = await writeContacts(db, scope, book.id, 'FR', [
      contact('A', '1', 'twice'),
      contact('B', '2', 'twice'),
    ]);
    expect(twice.map((w) => w.act)).toEqual(['insert', 'update']);
    expect(twice[0]!.id).toBe(twice[1]!.id);
  });

  test('the user’s preferred book comes first, then own, department, company; others’ private books never', async () => {
    const { db } = api.store;
    const scope = (await companyScope(db, api.demo.companyId, api.demo.companyId))!;
    const department = await make('/departments', { name: 'Sales' });
    const user = await make('/users', { extension: '501', departmentId: department.id });
    const stranger = await make('/users', { extension: '502' });
    const books = {
      preferred: await make('/phonebooks', { name: 'HBO' }),
      company: await make('/phonebooks', { name: 'All' }),
      department: await make('/phonebooks', { name: 'Dep', kind: 'department', departmentId: department.id }),
      own: await make('/phonebooks', { name: 'Own', kind: 'private', userId: user.id }),
      other: await make('/phonebooks', { name: 'Own', kind: 'private', userId: stranger.id }),
    };
    for (const [name, book] of Object.entries(books).reverse())
      await writeContacts(db, scope, book.id, 'FR', [contact(name, '0733123123')]);
    await api.ask('PATCH', `/users/${user.id}`, { body: { phonebookId: books.preferred.id } });
    const found = async (userId: string | null) =>
      (await findContactsByNumber(db, scope, { number: '+33733123123', userId })).map((c) => c.familyName);
    expect(await found(user.id)).toEqual(['preferred', 'own', 'department', 'company']);
    expect(await found(stranger.id)).toEqual(['other', 'company', 'preferred']);
    expect(await found(null)).toEqual(['company', 'preferred']);
  });
});

describe('a user’s own contacts', () => {
  test('go to the private book, made once; others’ and locked books cannot be changed', async () => {
    const user = await make('/users', { extension: '503' });
    const account = { email: 'me@demo.example', password: 'a long password' };
    await make('/accounts', { ...account, ownerId: api.demo.companyId, role: 'user', userId: user.id });
    const session = await api.ask('POST', '/session', { key: null, body: account });
    const headers = { cookie: String(session.headers['set-cookie']).split(';')[0]! };
    const ask = (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: object) =>
      api.ask(method, path, { key: null, headers, ...(body ? { body } : {}) });
    const made = await Promise.all([1, 2, 3].map((i) => ask('POST', '/me/contacts', { familyName: `Mine ${i}` })));
    expect(new Set(made.map((m) => m.body.phonebookId)).size).toBe(1);
    const locked = await make('/phonebooks', { name: 'locked' });
    const theirs = await make('/contacts', { phonebookId: locked.id, familyName: 'Locked' });
    expect((await ask('DELETE', `/me/contacts/${theirs.id}`)).status).toBe(404);
    expect(names((await ask('GET', '/me/contacts?search=locked')).body)).toEqual(['Locked']);
    expect((await ask('DELETE', `/me/contacts/${made[0]!.body.id}`)).status).toBe(204);
    expect(names((await ask('GET', '/me/contacts?search=Mine')).body)).toHaveLength(2);
    // nobody else sees them, whatever the role
    expect(names((await api.ask('GET', `/contacts?search=Mine`)).body)).toEqual([]);
    const mine = `/contacts/${made[1]!.body.id}`;
    expect((await api.ask('GET', mine)).status).toBe(404);
    expect((await api.ask('PATCH', mine, { body: { notes: 'x' } })).status).toBe(404);
    expect((await api.ask('DELETE', mine)).status).toBe(404);
    expect((await ask('GET', '/me/contacts?search=Mine')).body.items[0].notes).toBe('');
    // nor is anything put there
    const intruder = { phonebookId: made[1]!.body.phonebookId, familyName: 'Intruder' };
    expect((await api.ask('POST', '/contacts', { body: intruder })).body.code).toBe('API_UNKNOWN_REFERENCE');
    const moved = { body: { phonebookId: intruder.phonebookId } };
    expect((await api.ask('PATCH', `/contacts/${theirs.id}`, moved)).body.code).toBe('API_UNKNOWN_REFERENCE');
    expect(names((await ask('GET', '/me/contacts?search=Intruder')).body)).toEqual([]);
    // his own lists of callers
    const put = (kind: string, ...patterns: string[]) =>
      ask('PUT', '/me/caller-lists', { kind, entries: patterns.map((pattern) => ({ pattern })) });
    expect((await put('block', '0145420000', '+39*')).status).toBe(204);
    expect((await put('vip', '101')).status).toBe(204);
    expect((await put('block', '0145420001')).status).toBe(204);
    expect((await put('vip')).status).toBe(204);
    expect((await put('block', '(1|2)')).body.code).toBe('API_PATTERN_INVALID');
    expect((await put('friends', '1')).body.code).toBe('API_BAD_REQUEST');
    expect((await ask('GET', '/me/caller-lists')).body).toEqual({
      allow: [],
      block: [{ pattern: '0145420001', note: '', expiresAt: null }],
      vip: [],
    });
    expect((await api.ask('GET', '/me/caller-lists')).status).toBe(404);
    // what the scope does not cover
    expect((await ask('GET', '/users')).status).toBe(403);
    expect((await ask('PATCH', `/users/${user.id}`, { suspended: false })).status).toBe(403);
    const changed = await ask('PATCH', '/me', { mode: 'divert', divertNumber: '102', phrase: 'Out' });
    expect(changed.body).toMatchObject({ mode: 'divert', divertNumber: '102', phrase: 'Out' });
    expect((await ask('PATCH', '/me', { maxCalls: 99 })).body.code).toBe('API_BAD_REQUEST');
    const hidden = await make('/users', { extension: '504', visible: false, givenName: 'Hidden' });
    const colleagues = (await ask('GET', '/me/colleagues')).body.items.map((c: { id: string }) => c.id);
    expect(colleagues).toContain(user.id);
    expect(colleagues).not.toContain(hidden.id);
    expect((await api.ask('GET', '/me')).status).toBe(404);
  });
});

describe('caller lists', () => {
  test('take numbers and patterns, and are read nearest owner first', async () => {
    const { callerListEntriesFor } = await import('@callwright/store');
    const platform = await make('/caller-lists', { name: 'Nuisance', kind: 'block' });
    const own = await make('/caller-lists', { name: 'Friends', kind: 'allow', ownerId: api.demo.companyId });
    const put = (id: string, entries: object[]) => api.ask('PUT', `/caller-lists/${id}/entries`, { body: { entries } });
    expect((await put(platform.id, [{ pattern: '+33899*', note: 'premium' }])).status).toBe(204);
    expect((await put(own.id, [{ pattern: '+33899000001' }, { pattern: '+33899000002' }])).status).toBe(204);
    const refused = await put(own.id, [{ pattern: '+33*' }, { pattern: 'no pattern' }]);
    expect(refused.body.code).toBe('API_PATTERN_INVALID');
    expect(refused.body.errors[0].path).toBe('body.entries.1.pattern');
    const expired = new Date(Date.now() - 1000).toISOString();
    await put(own.id, [{ pattern: '+33899000002', expiresAt: expired }]);
    const read = (numbers: string[]) => callerListEntriesFor(api.store.db, api.demo.companyId, numbers, null);
    expect((await read(['+33899000001'])).map((e) => [e.kind, e.pattern, e.level])).toEqual([
      ['allow', '+33899000001', 0],
      ['block', '+33899*', 1],
    ]);
    expect((await read(['+33899000002'])).map((e) => e.kind)).toEqual(['block']);
    const page = await api.ask('GET', `/caller-lists/${own.id}/entries?limit=1`);
    expect(page.body.items.map((e: { pattern: string }) => e.pattern)).toEqual(['+33899000001']);
    const next = await api.ask('GET', `/caller-lists/${own.id}/entries?after=${encodeURIComponent(page.body.next)}`);
    expect(next.body).toMatchObject({ items: [{ pattern: '+33899000002' }], next: null });
    const gone = `/caller-lists/${own.id}/entries?pattern=${encodeURIComponent('+33899000001')}`;
    expect([(await api.ask('DELETE', gone)).status, (await api.ask('DELETE', gone)).status]).toEqual([204, 404]);
    // a company neither sees nor changes the lists above it
    const { key } = await make('/api-keys', { ownerId: api.demo.companyId, name: 'k' });
    expect((await api.ask('GET', `/caller-lists/${platform.id}/entries`, { key })).status).toBe(404);
    expect((await api.ask('POST', '/caller-lists', { key, body: { name: 'n', kind: 'vip' } })).status).toBe(201);
    const above = { name: 'n', kind: 'vip', ownerId: platform.ownerId };
    expect((await api.ask('POST', '/caller-lists', { key, body: above })).status).toBe(404);
  });
});
