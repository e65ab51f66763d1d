import { findSipLogin } from '@callwright/store';
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
const code = async (method: 'POST' | 'PATCH' | 'PUT' | 'GET', path: string, body?: object, key?: string) =>
  (await api.ask(method, path, { ...(body ? { body } : {}), ...(key ? { key } : {}) })).body?.code ?? 'ok';

describe('sites and departments', () => {
  test('one main site at a time; a new one takes the place of the old', async () => {
    const first = await make('/sites', { name: 'Lyon', country: 'FR', street: '1 rue A', main: true });
    const second = await make('/sites', { name: 'Milano', country: 'IT', main: true });
    expect((await api.ask('GET', `/sites/${first.id}`)).body).toMatchObject({ main: false, street: '1 rue A' });
    await api.ask('PATCH', `/sites/${first.id}`, { body: { main: true } });
    expect((await api.ask('GET', `/sites/${second.id}`)).body.main).toBe(false);
    expect(await code('POST', '/sites', { name: 'Lyon', country: 'FR' })).toBe('API_NAME_TAKEN');
    expect(await code('POST', '/sites', { name: 'Nowhere' })).toBe('API_BAD_REQUEST');
  });

  test('a department is never below itself, however it is moved', async () => {
    const top = await make('/departments', { name: 'Top' });
    const middle = await make('/departments', { name: 'Middle', parentId: top.id });
    const low = await make('/departments', { name: 'Low', parentId: middle.id });
    expect(await code('PATCH', `/departments/${top.id}`, { parentId: low.id })).toBe('API_DEPARTMENT_LOOP');
    expect(await code('PATCH', `/departments/${top.id}`, { parentId: top.id })).toBe('API_DEPARTMENT_LOOP');
    expect(await code('PATCH', `/departments/${low.id}`, { parentId: crypto.randomUUID() })).toBe(
      'API_UNKNOWN_REFERENCE',
    );
    // two moves at once that would close a loop together: one of them is refused
    const both = await Promise.all([
      code('PATCH', `/departments/${middle.id}`, { parentId: null }).then(() =>
        code('PATCH', `/departments/${top.id}`, { parentId: low.id }),
      ),
      code('PATCH', `/departments/${low.id}`, { parentId: top.id }),
    ]);
    expect(both).toContain('API_DEPARTMENT_LOOP');
  });
});

describe('users', () => {
  test('places, numbers in both forms, rights; what belongs to another company is refused', async () => {
    const department = await make('/departments', { name: 'Support' });
    const user = await make('/users', {
      extension: '301',
      givenName: 'Grace',
      familyName: 'Hopper',
      departmentId: department.id,
      phrase: 'Back at two',
      numbers: { mobile: '06 12 34 56 78', fax: '99' },
      codecMode: 'forced',
      codecs: ['G722', 'PCMA'],
      maxCalls: 3,
      pin: '1234',
    });
    expect(user).toMatchObject({
      phrase: 'Back at two',
      numbers: { mobile: '06 12 34 56 78', fax: '99' },
      hasPin: true,
      mode: 'normal',
      pickupRight: true,
      codecs: ['G722', 'PCMA'],
    });
    expect(JSON.stringify(user)).not.toContain('argon');
    const { rows } = await api.store.pool.query('select kind, e164 from user_number where user_id = $1 order by kind', [
      user.id,
    ]);
    expect(rows).toEqual([
      { kind: 'fax', e164: null },
      { kind: 'mobile', e164: '+33612345678' },
    ]);
    const changed = await api.ask('PATCH', `/users/${user.id}`, { body: { numbers: { fax: null }, pin: null } });
    expect(changed.body).toMatchObject({ numbers: { mobile: '06 12 34 56 78' }, hasPin: false });
    expect(changed.body.numbers.fax).toBeUndefined();
    const found = await api.ask('GET', `/users?department=${department.id}&search=hopp`);
    expect(found.body.items.map((u: { id: string }) => u.id)).toEqual([user.id]);
    const foreign = await make('/departments', { name: 'Theirs' }, api.other.key);
    expect(await code('PATCH', `/users/${user.id}`, { departmentId: foreign.id })).toBe('API_UNKNOWN_REFERENCE');
  });

  test('a mode ends by itself at its time, and a mode set anew forgets an old time', async () => {
    const user = await make('/users', { extension: '302' });
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    const dnd = await api.ask('PATCH', `/users/${user.id}`, { body: { mode: 'dnd', modeUntil: soon, modeNote: 'x' } });
    expect(dnd.body).toMatchObject({ mode: 'dnd', modeUntil: soon });
    await api.store.pool.query(`update directory_user set mode_until = now() - interval '1 second' where id = $1`, [
      user.id,
    ]);
    expect((await api.ask('GET', `/users/${user.id}`)).body).toMatchObject({ mode: 'normal', modeUntil: null });
    const away = await api.ask('PATCH', `/users/${user.id}`, { body: { mode: 'away' } });
    expect(away.body).toMatchObject({ mode: 'away', modeUntil: null });
  });

  test('devices share the user’s log-in or have their own, up to the company’s limit', async () => {
    const user = await make('/users', { extension: '303' });
    const base = await make(`/users/${user.id}/devices`, { login: 'user', mac: 'aabbccddeeff', handset: '1' });
    const second = await make(`/users/${user.id}/devices`, { login: 'user', mac: 'aabbccddeeff', handset: '2' });
    expect(second.sip.username).toBe(base.sip.username);
    expect(second.sip.shared).toBe(true);
    const mobile = await make(`/users/${user.id}/devices`, { type: 'mobile', dialNumber: '+33612345678' });
    expect(mobile.sip).toBeNull();
    expect(await code('POST', `/users/${user.id}/devices`, { mac: 'aabbccddeeff', handset: '2' })).toBe(
      'API_NAME_TAKEN',
    );
    await api.ask('PATCH', `/owners/${api.demo.companyId}`, { body: { settings: { devicesPerUser: 4 } } });
    const asked = await Promise.all([1, 2, 3].map(() => code('POST', `/users/${user.id}/devices`, {})));
    expect(asked.sort()).toEqual(['API_DEVICE_LIMIT', 'API_DEVICE_LIMIT', 'ok']);
    // the shared log-in outlives one of its devices
    expect((await api.ask('DELETE', `/devices/${base.id}`)).status).toBe(204);
    expect(await findSipLogin(api.store.db, base.sip.username)).not.toBeNull();
    expect((await api.ask('PATCH', `/devices/${second.id}`, { body: { name: 'Desk', port: 2 } })).body).toMatchObject({
      name: 'Desk',
      port: 2,
    });
  });

  test('a company whose secrets are hidden does not see its SIP passwords; who is above does', async () => {
    const user = await make('/users', { extension: '198' }, api.other.key);
    const device = await make(`/users/${user.id}/devices`, {}, api.other.key);
    await api.ask('PATCH', `/owners/${api.other.companyId}`, { body: { settings: { hideSecrets: true } } });
    expect(await code('GET', `/devices/${device.id}/secret`, undefined, api.other.key)).toBe('API_FORBIDDEN');
    expect((await api.ask('GET', `/devices/${device.id}/secret?company=${api.other.companyId}`)).status).toBe(200);
  });

  test('deleting one takes devices, memberships, mailbox and account with it and frees the extension', async () => {
    const user = await make('/users', { extension: '304' });
    const device = await make(`/users/${user.id}/devices`, { mac: '001122334455' });
    const box = await make('/voicemail-boxes', { name: 'Box', userId: user.id, accessNumber: '9304' });
    await make('/accounts', {
      ownerId: api.demo.companyId,
      email: 'gone@demo.example',
      role: 'user',
      userId: user.id,
      password: 'a long password',
    });
    expect((await api.ask('DELETE', `/users/${user.id}`)).status).toBe(204);
    expect((await api.ask('GET', `/devices/${device.id}`)).status).toBe(404);
    expect((await api.ask('GET', `/voicemail-boxes/${box.id}`)).status).toBe(404);
    const login = await api.ask('POST', '/session', {
      key: null,
      body: { email: 'gone@demo.example', password: 'a long password' },
    });
    expect(login.body.code).toBe('API_LOGIN_FAILED');
    const again = await make('/users', { extension: '304' });
    await make(`/users/${again.id}/devices`, { mac: '001122334455' });
    await make('/voicemail-boxes', { name: 'Box', accessNumber: '9304' });
  });
});

describe('one dial plan', () => {
  test('users, groups, numbers, boxes, rooms and slots never share a number, even when made at once', async () => {
    await make('/meeting-rooms', { name: 'Room', extension: '401', pin: '4711' });
    for (const [path, body] of [
      ['/users', { extension: '401' }],
      ['/ring-groups', { name: 'g401', extension: '401' }],
      ['/numbers', { dialled: '401', kind: 'service' }],
      ['/park-slots', { extension: '401' }],
      ['/voicemail-boxes', { name: 'b401', accessNumber: '401' }],
    ] as const)
      expect(await code('POST', path, body), path).toBe('API_NUMBER_TAKEN');
    const asked = await Promise.all([
      code('POST', '/users', { extension: '402' }),
      code('POST', '/park-slots', { extension: '402' }),
      code('POST', '/meeting-rooms', { name: 'Other room', extension: '402' }),
      code('POST', '/voicemail-boxes', { name: 'b402', accessNumber: '402' }),
    ]);
    expect(asked.filter((c) => c === 'ok')).toHaveLength(1);
  });

  test('PINs are never shown; greetings name prompts of the company', async () => {
    const room = await make('/meeting-rooms', { name: 'Pinned', extension: '403', pin: '4711', moderatorPin: '8899' });
    expect(room).toMatchObject({ hasPin: true, hasModeratorPin: true });
    expect(JSON.stringify(room)).not.toMatch(/argon|4711|8899/);
    const box = await make('/voicemail-boxes', { name: 'Greeted', pin: '1111' });
    expect(await code('PUT', `/voicemail-boxes/${box.id}/greetings`, { busy: crypto.randomUUID() })).toBe(
      'API_UNKNOWN_REFERENCE',
    );
    const prompt = await api.ask('PUT', '/prompts/busy-now', { body: { text: 'Busy', language: 'en' } });
    const set = await api.ask('PUT', `/voicemail-boxes/${box.id}/greetings`, { body: { busy: prompt.body.id } });
    expect(set.body).toEqual({ busy: prompt.body.id });
    expect((await api.ask('GET', `/voicemail-boxes/${box.id}/greetings`)).body).toEqual({ busy: prompt.body.id });
  });
});

describe('groups', () => {
  test('members are users or outside numbers with their own options', async () => {
    const group = await make('/ring-groups', {
      name: 'mixed',
      broadcast: true,
      members: [{ number: '+33145420000', confirm: true, delayMs: 5000, ringMs: 15_000 }],
    });
    expect(group).toMatchObject({ broadcast: true, visible: true, pickupDisabled: false });
    expect(group.members).toEqual([
      { userId: null, number: '+33145420000', confirm: true, delayMs: 5000, ringMs: 15_000, loggedIn: true, weight: 1 },
    ]);
    expect(await code('POST', '/ring-groups', { name: 'neither', members: [{}] })).toBe('API_UNKNOWN_MEMBER');
  });
});

describe('calendars', () => {
  test('the public holidays of a country are put in at look-up; an own date wins; unknown countries are refused', async () => {
    const hours = {
      timeZone: 'Europe/Paris',
      weekly: [{ days: [1, 2, 3, 4, 5], fromMinute: 540, toMinute: 1080 }],
      dates: [{ date: '2026-05-01', name: 'Open on Labour Day', hours: [{ fromMinute: 600, toMinute: 700 }] }],
    };
    const calendar = await make('/calendars', { name: 'french', hours, holidays: { country: 'FR' } });
    expect(calendar.holidays).toEqual({ country: 'FR', region: null, hours: [] });
    expect(await code('POST', '/calendars', { name: 'x', hours, holidays: { country: 'QQ' } })).toBe(
      'API_HOLIDAYS_UNKNOWN',
    );
    expect(await code('PATCH', `/calendars/${calendar.id}`, { holidays: { country: 'DE', region: 'ZZ' } })).toBe(
      'API_HOLIDAYS_UNKNOWN',
    );
    const listed = await api.ask('GET', '/holidays?country=FR&year=2026');
    expect(listed.body.items).toContainEqual({ date: '2026-07-14', name: expect.any(String) });
    const { calendarInForce } = await import('@callwright/store');
    const dates = (await calendarInForce(api.store.db, api.demo.companyId, 'french', new Date('2026-06-01')))!.dates;
    expect(dates).toContainEqual({ date: '2026-07-14', name: expect.any(String), hours: [] });
    expect(dates.filter((d) => d.date === '2026-05-01')).toEqual(hours.dates);
  });
});

describe('external ids', () => {
  test('name one entity each, of the company only, and go with it', async () => {
    const user = await make('/users', { extension: '701' });
    const twin = await make('/users', { extension: '702' });
    const name = { scheme: 'HR', value: 'E-1', type: 'user' };
    const put = (id: string, key?: string) => code('PUT', '/external-ids', { ...name, id }, key);
    expect([await put(user.id), await put(user.id), await put(twin.id)]).toEqual(['ok', 'ok', 'API_NAME_TAKEN']);
    expect(await put(user.id, api.other.key)).toBe('API_UNKNOWN_REFERENCE');
    const look = async () => (await api.ask('GET', '/external-ids?type=user&scheme=HR&value=E-1')).body.items;
    expect(await look()).toEqual([{ ...name, id: user.id }]);
    await api.ask('DELETE', `/users/${user.id}`);
    expect(await look()).toEqual([]);
    expect(await put(twin.id)).toBe('ok');
    const path = '/external-ids?type=user&scheme=HR&value=E-1';
    expect([(await api.ask('DELETE', path)).status, (await api.ask('DELETE', path)).status]).toEqual([204, 404]);
  });
});

describe('suspension and entitlements', () => {
  test('a suspended user is logged out, cannot log in, and its phone is known but refused', async () => {
    const user = await make('/users', { extension: '305' });
    const device = await make(`/users/${user.id}/devices`, {});
    const account = { email: 'held@demo.example', password: 'a long password' };
    await make('/accounts', { ...account, ownerId: api.demo.companyId, role: 'user', userId: user.id });
    const logIn = () => api.ask('POST', '/session', { key: null, body: account });
    const session = await logIn();
    expect(session.body).toMatchObject({ userId: user.id, role: 'user', scopes: ['self'] });
    const cookie = String(session.headers['set-cookie']).split(';')[0]!;
    const me = () => api.ask('GET', '/me', { key: null, headers: { cookie } });
    expect((await me()).body.extension).toBe('305');
    await api.ask('PATCH', `/users/${user.id}`, { body: { suspended: true } });
    expect((await me()).status).toBe(401);
    expect((await logIn()).body.code).toBe('API_LOGIN_FAILED');
    expect((await findSipLogin(api.store.db, device.sip.username))?.suspended).toBe(true);
    await api.ask('PATCH', `/users/${user.id}`, { body: { suspended: false } });
    expect((await me()).status).toBe(200);
    expect((await findSipLogin(api.store.db, device.sip.username))?.suspended).toBe(false);
  });

  test('suspending a reseller reaches every log-in below it', async () => {
    const reseller = await make('/owners', { kind: 'reseller', name: 'Held' });
    const company = await make('/owners', { kind: 'company', name: 'Below', parentId: reseller.id });
    const user = await make(`/users?company=${company.id}`, { extension: '100' });
    const device = await make(`/users/${user.id}/devices?company=${company.id}`, {});
    const { key } = await make('/api-keys', { ownerId: company.id, name: 'k' });
    await api.ask('PATCH', `/owners/${reseller.id}`, { body: { suspended: true } });
    expect((await findSipLogin(api.store.db, device.sip.username))?.suspended).toBe(true);
    expect((await api.ask('GET', '/users', { key })).status).toBe(401);
    await api.ask('PATCH', `/owners/${reseller.id}`, { body: { suspended: false } });
    expect((await api.ask('GET', '/users', { key })).status).toBe(200);
  });

  test('what is off above is off below, and nobody entitles himself', async () => {
    const reseller = await make('/owners', { kind: 'reseller', name: 'Small', entitlements: { voicemail: false } });
    const company = await make('/owners', {
      kind: 'company',
      name: 'Smaller',
      parentId: reseller.id,
      entitlements: { voicemail: true },
    });
    expect(company.entitlements).toEqual({ voicemail: true });
    expect(company.entitled).toMatchObject({ voicemail: false, 'meeting-rooms': true });
    const path = `/voicemail-boxes?company=${company.id}`;
    expect(await code('POST', path, { name: 'b' })).toBe('API_NOT_ENTITLED');
    const { key } = await make('/api-keys', { ownerId: company.id, name: 'k' });
    expect(await code('PATCH', `/owners/${company.id}`, { entitlements: { voicemail: true } }, key)).toBe(
      'API_FORBIDDEN',
    );
    await api.ask('PATCH', `/owners/${reseller.id}`, { body: { entitlements: { voicemail: true } } });
    expect(await code('POST', path, { name: 'b' })).toBe('ok');
    await api.ask('PATCH', `/owners/${company.id}`, {
      body: { entitlements: { recording: false, 'api-keys': false } },
    });
    expect(await code('POST', '/users', { extension: '101', recordCalls: true }, key)).toBe('API_NOT_ENTITLED');
    expect(await code('POST', '/api-keys', { name: 'another' }, key)).toBe('API_NOT_ENTITLED');
  });

  test('an account of a user is of that user’s company', async () => {
    const user = await make('/users', { extension: '197' }, api.other.key);
    const body = { email: 'x@demo.example', role: 'user', userId: user.id, password: 'a long password' };
    expect(await code('POST', '/accounts', { ...body, ownerId: api.demo.companyId })).toBe('API_UNKNOWN_REFERENCE');
    const account = await make('/accounts', { ...body, userId: null, ownerId: api.demo.companyId });
    const path = `/accounts/${account.id}`;
    expect(await code('PATCH', path, { userId: user.id })).toBe('API_UNKNOWN_REFERENCE');
    const own = await make('/users', { extension: '703' });
    expect((await api.ask('PATCH', path, { body: { userId: own.id, role: 'supervisor' } })).body).toMatchObject({
      userId: own.id,
      role: 'supervisor',
    });
    // a company’s account never gets a role above the company
    expect(await code('PATCH', path, { role: 'reseller' })).toBe('API_FORBIDDEN');
    const twin = { email: 'twin@demo.example', role: 'user', userId: own.id, password: 'a long password' };
    expect(await code('POST', '/accounts', { ...twin, ownerId: api.demo.companyId })).toBe('API_NAME_TAKEN');
  });
});

describe('deleting owners', () => {
  const ownersOf = async () =>
    (await api.ask('GET', '/owners?limit=100')).body.items.map((o: { name: string }) => o.name);

  test('takes what stands on nothing, ends all access, and frees what others may have', async () => {
    const reseller = await make('/owners', { kind: 'reseller', name: 'Closing' });
    const company = await make('/owners', { kind: 'company', name: 'Closed', parentId: reseller.id });
    const at = `?company=${company.id}`;
    const user = await make(`/users${at}`, { extension: '100' });
    const device = await make(`/users/${user.id}/devices${at}`, {});
    await make(`/numbers${at}`, { dialled: '+33145429777', kind: 'did' });
    const { key } = await make('/api-keys', { ownerId: company.id, name: 'k' });
    const account = { email: 'closing@demo.example', password: 'a long password' };
    await make('/accounts', { ...account, ownerId: company.id, role: 'company' });
    const trunk = await make('/trunks', { ownerId: company.id, name: 'out', mode: 'peer', host: 'c.test' });
    const remove = (id: string, by?: string) => api.ask('DELETE', `/owners/${id}`, by ? { key: by } : {});

    expect((await remove(reseller.id)).body.code).toBe('API_IN_USE');
    // neither oneself, nor one’s own children’s parents, nor somebody else
    expect((await remove(company.id, key)).status).toBe(404);
    expect((await remove(company.id, api.other.key)).status).toBe(404);
    const platform = (await api.ask('GET', '/owners')).body.items[0];
    expect((await remove(platform.id)).status).toBe(404);
    await api.store.pool.query(
      `insert into call (id, number, company_id, direction, state, start, revision_hash, calling, called)
       values (gen_random_uuid(), nextval('call_number_seq'), $1, 'internal', 'started', '{}', 'h', '{}', '{}')`,
      [company.id],
    );
    expect((await remove(company.id)).body.code).toBe('API_IN_USE');
    await api.store.pool.query(`update call set state = 'ended' where company_id = $1`, [company.id]);

    expect((await remove(company.id)).status).toBe(204);
    expect((await remove(company.id)).status).toBe(404);
    expect((await api.ask('GET', `/owners/${company.id}`)).status).toBe(404);
    expect((await api.ask('PATCH', `/owners/${company.id}`, { body: { suspended: false } })).status).toBe(404);
    expect(await ownersOf()).not.toContain('Closed');
    expect((await api.ask('GET', `/users${at}`)).status).toBe(404);
    expect((await api.ask('GET', '/users', { key })).status).toBe(401);
    expect((await api.ask('POST', '/session', { key: null, body: account })).body.code).toBe('API_LOGIN_FAILED');
    expect(await findSipLogin(api.store.db, device.sip.username)).toBeNull();
    const { rows } = await api.store.pool.query('select enabled from trunk where id = $1', [trunk.id]);
    expect(rows).toEqual([{ enabled: false }]);
    // its calls are kept, its number and its people’s addresses are anybody’s
    const calls = await api.store.pool.query('select 1 from call where company_id = $1', [company.id]);
    expect(calls.rowCount).toBe(1);
    const free = await api.store.pool.query(`select company_id from phone_number where dialled = '+33145429777'`);
    expect(free.rows).toEqual([{ company_id: null }]);
    expect((await remove(reseller.id)).status).toBe(204);
    await make('/accounts', { ...account, ownerId: api.demo.companyId, role: 'company' });
    expect(await ownersOf()).not.toContain('Closing');
    const below = await api.ask('POST', '/owners', { body: { kind: 'company', name: 'X', parentId: reseller.id } });
    expect(below.body.code).toBe('API_PARENT_REFUSED');
    const audit = (await api.ask('GET', '/audit?limit=50')).body.items;
    expect(audit.map((line: { action: string }) => line.action)).toContain('owner.deleted');
  });
});

describe('the directory service of phones', () => {
  test('is the company’s, or a user’s own; its password is shown to whoever may see secrets, and logged', async () => {
    const user = await make('/users', { extension: '306' });
    const own = `/users/${user.id}/ldap-connection`;
    const put = (path: string, body: object, key?: string) => api.ask('PUT', path, { body, ...(key ? { key } : {}) });
    expect((await api.ask('GET', own)).status).toBe(404);
    const company = { hostname: 'ldap.demo.example', domain: 'dc=demo', username: 'cn=phones', password: 'sesame' };
    expect((await put('/ldap-connection', company)).body).toEqual({
      hostname: 'ldap.demo.example',
      port: null,
      security: 'tls',
      username: 'cn=phones',
      domain: 'dc=demo',
      hasPassword: true,
      userId: null,
    });
    expect((await api.ask('GET', own)).body).toMatchObject({ hostname: 'ldap.demo.example', userId: null });
    const changed = await put(own, {
      hostname: 'own.example',
      security: 'starttls',
      port: 389,
      password: 'own-secret',
    });
    expect(changed.body).toMatchObject({ hostname: 'own.example', userId: user.id, hasPassword: true });
    expect((await put(own, { hostname: 'own2.example' })).body).toMatchObject({ hasPassword: true });
    expect((await api.ask('GET', `${own}/secret`)).body).toEqual({ username: '', password: 'own-secret' });
    expect((await api.ask('GET', '/ldap-connection/secret')).body.password).toBe('sesame');
    const kept = await api.store.pool.query('select password_enc from ldap_connection');
    expect(kept.rows.map((row) => String(row.password_enc)).join()).not.toMatch(/sesame|own-secret/);
    expect((await put(own, { hostname: 'own2.example', password: null })).body).toMatchObject({ hasPassword: false });
    for (const hostname of ['', 'a b', 'ldap://x/', 'x\ny'])
      expect((await put('/ldap-connection', { hostname })).body.code).toBe('API_BAD_REQUEST');
    expect((await put(own, { hostname: 'theirs.example' }, api.other.key)).status).toBe(404);
    expect((await api.ask('DELETE', own)).status).toBe(204);
    expect((await api.ask('GET', own)).body).toMatchObject({ userId: null });
    expect((await api.ask('GET', `${own}/secret`)).status).toBe(404);
    expect((await api.ask('DELETE', '/ldap-connection')).status).toBe(204);
    expect((await api.ask('DELETE', '/ldap-connection')).status).toBe(404);
    const lines = (await api.ask('GET', '/audit?limit=50')).body.items.map((line: { action: string }) => line.action);
    expect(lines.filter((action: string) => action === 'ldap.secret-shown')).toHaveLength(2);
  });
});
