import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const send = (kind: string, csv: string | Buffer, query = '', key?: string) =>
  api.ask('POST', `/imports/${kind}${query}`, {
    body: csv,
    headers: { 'content-type': 'text/csv' },
    ...(key ? { key } : {}),
  });
const exported = async (kind: string, key?: string): Promise<string> =>
  (await api.ask('GET', `/exports/${kind}`, key ? { key } : {})).body.toString('utf8');
const count = async (table: string): Promise<number> =>
  (await api.store.pool.query(`select count(*)::int as n from ${table} where company_id = $1`, [api.demo.companyId]))
    .rows[0].n;

test('users: a dry run finds what the import would, keeps nothing; a fault undoes the whole file', async () => {
  await api.ask('POST', '/departments', { body: { name: 'Ventes' } });
  const before = await count('directory_user');
  const csv = [
    'Extension;Given name;family_name;e-mail;department;mobile;unknown column;visible',
    '600;Zoë;Müller;zoe@demo.example;Ventes;06 12 34 56 78;x;oui',
    '101;Alicia;;;;;;',
    '601;;;not an address;Nowhere;;;',
    ';No;Extension;;;;;',
    '602;;;;;letters;;perhaps',
    '600;Twice;;;;;;',
  ].join('\r\n');
  const dry = await send('users', csv, '?dryRun=true');
  expect(dry.status).toBe(200);
  expect(dry.body).toMatchObject({ dryRun: true, lines: 6, created: 1, updated: 2 });
  expect(dry.body.errors.map((e: { line: number; column: string }) => [e.line, e.column])).toEqual([
    [4, 'department'],
    [5, 'extension'],
    [6, 'visible'],
  ]);
  const real = await send('users', csv);
  expect(real.body.code).toBe('API_IMPORT_INVALID');
  expect(real.body.errors[0]).toMatchObject({ path: 'line 4, department' });
  expect(await count('directory_user')).toBe(before);
  const good = await send('users', `${csv.split('\r\n').slice(0, 3).join('\r\n')}\r\n`);
  expect(good.body).toMatchObject({ dryRun: false, created: 1, updated: 1, errors: [] });
  const found = (await api.ask('GET', '/users?extension=600')).body.items[0];
  expect(found).toMatchObject({ givenName: 'Zoë', numbers: { mobile: '06 12 34 56 78' }, visible: true });
  const alice = (await api.ask('GET', '/users?extension=101')).body.items[0];
  expect(alice).toMatchObject({ givenName: 'Alicia', language: 'fr' });
});

test('Latin-1, commas, and an export that comes back as it went', async () => {
  const latin = Buffer.from('extension,givenName,familyName\n610,Élodie,Ångström\n', 'latin1');
  expect((await send('users', latin)).body.created).toBe(1);
  const first = await exported('users');
  expect(first.startsWith('\ufeffextension,')).toBe(true);
  expect(first).toContain('610,Élodie,Ångström');
  const again = await send('users', first);
  expect(again.body).toMatchObject({ created: 0, errors: [] });
  expect(await exported('users')).toBe(first);
});

test('contacts: known by their external name, safe in a spreadsheet, numbers in both forms', async () => {
  await api.ask('POST', '/phonebooks', { body: { name: 'Clients' } });
  const csv = [
    'phonebook,givenName,familyName,mobile,office,notes,externalScheme,externalId',
    'Clients,=cmd|evil,Fring,+33612345678,0145420000,@SUM(A1),CRM,contact-1',
    'Clients,,Schrader,,,,,',
  ].join('\n');
  expect((await send('contacts', csv)).body).toMatchObject({ created: 2, updated: 0 });
  const text = await exported('contacts');
  expect(text).toContain("'=cmd|evil");
  expect(text).toContain("'+33612345678");
  expect(text).toContain("'@SUM(A1)");
  expect((await send('contacts', csv)).body).toMatchObject({ created: 1, updated: 1 });
  const back = await send('contacts', text.split('\n').slice(0, 2).join('\n'));
  expect(back.body).toMatchObject({ created: 0, updated: 1 });
  const found = (await api.ask('GET', '/contacts?search=Fring')).body.items;
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ givenName: '=cmd|evil', notes: '@SUM(A1)', external: { value: 'contact-1' } });
  // what the file has no column for stays
  await send('contacts', 'phonebook,externalScheme,externalId,familyName,office\nClients,CRM,contact-1,Gus,0145420001');
  const changed = (await api.ask('GET', '/contacts?search=Gus')).body.items[0];
  expect(changed).toMatchObject({ givenName: '=cmd|evil', notes: '@SUM(A1)' });
  expect(changed.numbers.map((n: { kind: string; number: string }) => [n.kind, n.number])).toEqual([
    ['mobile', '+33612345678'],
    ['office', '0145420001'],
  ]);
  const missing = await send('contacts', 'phonebook,familyName\nNobody’s,X\nClients,');
  expect(missing.body.errors.map((e: { path: string }) => e.path)).toEqual(['line 2, phonebook', 'line 3, familyName']);
});

test('numbers and groups name users, groups and flows as people do', async () => {
  const groups = 'name,extension,strategy,members\nnight,690,sequence,102 101 +33612345678';
  expect((await send('ring-groups', groups)).body).toMatchObject({ created: 1 });
  const numbers = [
    'dialled,public,label,destinationType,destination',
    '+33145429990,yes,Main,flow,front-desk',
    '691,no,Night,ring-group,night',
    '692,,Alice,user,101',
    '693,,Nothing,,',
  ].join('\n');
  expect((await send('numbers', numbers)).body).toMatchObject({ created: 4 });
  const text = await exported('numbers');
  for (const line of ["'+33145429990,did,yes,Main,flow,front-desk", '691,service,no,Night,ring-group,night'])
    expect(text).toContain(line);
  expect((await send('numbers', text)).body).toMatchObject({ created: 0, errors: [] });
  expect(await exported('numbers')).toBe(text);
  expect(await exported('ring-groups')).toContain('night,690,sequence,20000,60000,yes,no,no,no,102 101 +33612345678');
  expect((await send('ring-groups', await exported('ring-groups'))).body).toMatchObject({ created: 0, errors: [] });
  const wrong = await send('numbers', 'dialled,destinationType,destination\n694,flow,nowhere\n695,rocket,1');
  expect(wrong.body.errors.map((e: { path: string }) => e.path)).toEqual([
    'line 2, destination',
    'line 3, destination',
  ]);
  // a number of another entity is refused by the same rule as everywhere
  const taken = await send('numbers', 'dialled\n101');
  expect(taken.body.errors[0].path).toBe('line 2');
});

test('what is no CSV, and another company, is refused; roles hold', async () => {
  expect((await send('users', 'colour\nred')).body.code).toBe('API_CSV_INVALID');
  expect((await send('users', '')).status).toBe(422);
  const json = await api.ask('POST', '/imports/users', { body: { extension: '1' } });
  expect(json.body.code).toBe('API_MEDIA_TYPE');
  const asPrompt = await api.ask('PUT', '/prompts/x/audio', { body: 'a', headers: { 'content-type': 'text/csv' } });
  expect(asPrompt.body.code).toBe('API_MEDIA_TYPE');
  const many = `extension\n${Array.from({ length: 1200 }, () => 'x').join('\n')}`;
  const report = (await send('users', many, '?dryRun=true')).body;
  expect(report.errors).toHaveLength(1000);
  expect(await exported('contacts', api.other.key)).not.toContain('Fring');
  const account = { email: 'sup@demo.example', password: 'a long password' };
  await api.ask('POST', '/accounts', { body: { ...account, ownerId: api.demo.companyId, role: 'supervisor' } });
  const session = await api.ask('POST', '/session', { key: null, body: account });
  const cookie = String(session.headers['set-cookie']).split(';')[0]!;
  const asSupervisor = (kind: string) =>
    api.ask('POST', `/imports/${kind}`, { key: null, body: 'x', headers: { cookie, 'content-type': 'text/csv' } });
  expect((await asSupervisor('users')).status).toBe(403);
  expect((await asSupervisor('contacts')).body.code).toBe('API_CSV_INVALID');
});

test('ring groups keep every option of theirs and of their members over an export', async () => {
  const { body: calendar } = await api.ask('POST', '/calendars', {
    body: { name: 'night shift', hours: { timeZone: 'UTC', weekly: [], dates: [] } },
  });
  const csv = [
    'name,extension,strategy,members,stepMs,primaryBusy,calendar,fallbackType,fallback',
    'whole,680,weighted-random,101:ringMs=15000:delayMs=2000:weight=3:loggedOut +33612345678:confirm,7000,yes,night shift,user,102',
  ].join('\n');
  expect((await send('ring-groups', csv)).body).toMatchObject({ created: 1, errors: [] });
  const find = async () =>
    (await api.ask('GET', '/ring-groups?limit=100')).body.items.find((g: { name: string }) => g.name === 'whole');
  const group = await find();
  expect(group).toMatchObject({
    stepMs: 7000,
    primaryBusy: true,
    calendarId: calendar.id,
    fallback: { type: 'user' },
    members: [
      { ringMs: 15_000, delayMs: 2000, weight: 3, loggedIn: false, confirm: false },
      { number: '+33612345678', confirm: true, loggedIn: true, weight: 1 },
    ],
  });
  const text = await exported('ring-groups');
  await api.ask('PATCH', `/ring-groups/${group.id}`, {
    body: { stepMs: null, calendarId: null, fallback: null, members: [] },
  });
  expect((await send('ring-groups', text)).body).toMatchObject({ created: 0, errors: [] });
  expect(await exported('ring-groups')).toBe(text);
  const { id: _id, ...whole } = group;
  expect(await find()).toMatchObject(whole);
  // without options in the file a member keeps its own
  await send('ring-groups', 'name,members\nwhole,101 +33612345678');
  expect((await find()).members[0]).toMatchObject({ ringMs: 15_000, weight: 3 });
  const wrong = await send('ring-groups', 'name,members,calendar\nwhole,101:rings=5,\nwhole,,never\nother,999,');
  expect(wrong.body.errors.map((e: { path: string }) => e.path)).toEqual([
    'line 2, members',
    'line 3, calendar',
    'line 4, members',
  ]);
});

test('devices come with a log-in of their own and go without its password', async () => {
  const csv = [
    'user,name,type,mac,model,autoAnswer,username,login',
    '101,Desk,sip,00:1A-2B 3C4D5E,T58,yes,desk-of-alice,',
    '101,Pocket,mobile,,,no,,',
  ].join('\n');
  expect((await send('devices', csv)).body).toMatchObject({ created: 2, updated: 0, errors: [] });
  const list = async () => (await api.ask('GET', '/devices?limit=100')).body.items;
  const desk = (await list()).find((d: { name: string }) => d.name === 'Desk');
  expect(desk).toMatchObject({
    mac: '001a2b3c4d5e',
    model: 'T58',
    autoAnswer: true,
    sip: { username: 'desk-of-alice' },
  });
  const secret = (await api.ask('GET', `/devices/${desk.id}/secret`)).body.password;
  const before = (await list()).length;
  const text = await exported('devices');
  expect(text).toContain('101,Desk,sip,001a2b3c4d5e,T58,,,,,yes,own,desk-of-alice');
  expect(text).not.toContain(secret);
  expect((await send('devices', text)).body).toMatchObject({ created: 0, errors: [] });
  expect([await exported('devices'), (await list()).length]).toEqual([text, before]);
  expect((await api.ask('GET', `/devices/${desk.id}/secret`)).body.password).toBe(secret);
  expect((await send('devices', 'user,mac,model\n101,001A2B3C4D5E,T59')).body).toMatchObject({ updated: 1 });
  expect((await list()).find((d: { id: string }) => d.id === desk.id)).toMatchObject({ model: 'T59', name: 'Desk' });
  const wrong = await send(
    'devices',
    'user,mac,username\n999,,\n102,001A2B3C4D5E,\n101,001A2B3C4D5E,another\n102,nonsense,\n102,,desk-of-alice',
  );
  expect(wrong.body.errors.map((e: { path: string }) => e.path)).toEqual([
    'line 2, user',
    'line 3, mac',
    'line 4, username',
    'line 5, mac',
    'line 6',
  ]);
  expect((await send('devices', csv, '', api.other.key)).body.code).toBe('API_IMPORT_INVALID');
});

test('users take rights and codecs with them', async () => {
  const csv = 'extension,planOnly,faxRight,mode,codecMode,codecs\n655,yes,yes,away,forced,opus PCMA';
  expect((await send('users', csv)).body).toMatchObject({ created: 1, errors: [] });
  const find = async () => (await api.ask('GET', '/users?extension=655')).body.items[0];
  const whole = { planOnly: true, faxRight: true, mode: 'away', codecMode: 'forced', codecs: ['opus', 'PCMA'] };
  expect(await find()).toMatchObject(whole);
  const text = await exported('users');
  expect((await send('users', text)).body).toMatchObject({ created: 0, errors: [] });
  expect(await exported('users')).toBe(text);
  expect(await find()).toMatchObject(whole);
  const wrong = await send('users', 'extension,mode,codecs,ringback\n655,asleep,,\n655,,MP3,\n655,,,nothing');
  expect(wrong.body.errors.map((e: { path: string }) => e.path)).toEqual([
    'line 2, mode',
    'line 3, codecs',
    'line 4, ringback',
  ]);
});
