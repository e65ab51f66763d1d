import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { catalogue } from '@callwright/flows';
import { type CommandResult, runCommand } from '@callwright/test-support';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi, toneWav } from './test-api.ts';

/** The command line as people run it: a process of its own against a listening api. */

const TONE_MENU = resolve(import.meta.dirname, '../../flows/tone-menu/tone-menu.ts');
let api: TestApi;
let dir: string;
let port: number;

beforeAll(async () => {
  api = await startTestApi();
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  port = (api.app.server.address() as AddressInfo).port;
  dir = mkdtempSync(join(tmpdir(), 'callwright-cli-'));
  writeFileSync(join(dir, 'admin.key'), `${api.demo.admin.apiKey}\n`);
  writeFileSync(join(dir, 'ports.json'), JSON.stringify({ http: port }));
});
afterAll(async () => {
  rmSync(dir, { recursive: true });
  await api.close();
});

const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CommandResult> =>
  runCommand({ cwd: dir, env: { CALLWRIGHT_DATA_DIR: dir, ...env } }, args);

const json = async (args: readonly string[]) => {
  const ran = await run(['--json', ...args]);
  expect([ran.code, ran.err]).toEqual([0, '']);
  return JSON.parse(ran.out);
};

test('it finds address and key in the data directory', async () => {
  const { code, out } = await run(['users']);
  expect(code).toBe(0);
  expect(out).toMatch(/EXTENSION +NAME/);
  expect(out).toMatch(/101 +Alice Martin/);
  expect((await json(['numbers'])).map((n: { dialled: string }) => n.dialled)).toContain('200');
});

test('a TypeScript flow is published and a number leads to it', async () => {
  const first = await run(['publish', TONE_MENU, '--number', '270']);
  expect([first.code, first.err]).toEqual([0, '']);
  expect(first.out).toContain('270 leads to it');
  const numbers = await json(['numbers']);
  expect(numbers.find((n: { dialled: string }) => n.dialled === '270').destination.type).toBe('flow');
});

test('a flow anywhere may import the engine; TypeScript and JSON give one revision; prompts beside it are uploaded', async () => {
  const source = `import { flow, node } from '@callwright/engine';
    export default flow('chimes', { language: 'en', variables: {}, nodes: {
      start: node('start', {}, { next: 'play' }),
      play: node('play', { prompts: [{ parts: [{ type: 'audio', name: 'chime' }] }] }, { next: 'end' }),
      end: node('hang-up', {}),
    } });`;
  writeFileSync(join(dir, 'chimes.ts'), source);
  const missing = await run(['publish', 'chimes.ts']);
  expect(missing.code).toBe(1);
  expect(missing.err).toContain('API_FLOW_INVALID');
  expect(missing.err).toMatch(/error FLW_\w+ at node play/);
  writeFileSync(join(dir, 'chime.wav'), toneWav(16_000));
  const published = await json(['publish', 'chimes.ts']);
  expect(published.prompts).toEqual(['chime']);
  const { items } = (await api.ask('GET', '/flows?name=chimes')).body;
  const flow = (await api.ask('GET', `/flows/${items[0].id}`)).body;
  writeFileSync(join(dir, 'chimes.json'), JSON.stringify(flow.draft));
  expect((await json(['publish', 'chimes.json'])).revision.hash).toBe(published.revision.hash);
});

test('lint lists every fault and fails; nothing is stored', async () => {
  const document = { ...catalogue['front-desk']!, name: 'faulty', edges: [], entry: 'nowhere' };
  writeFileSync(join(dir, 'faulty.json'), JSON.stringify({ document }));
  const ran = await run(['lint', 'faulty.json']);
  expect(ran.code).toBe(1);
  expect(ran.out.split('\n').filter((line) => line.startsWith('error')).length).toBeGreaterThan(3);
  expect((await api.ask('GET', '/flows?name=faulty')).body.items).toEqual([]);
  expect((await run(['lint', TONE_MENU])).code).toBe(0);
});

test('test takes every transition, and fails where one cannot be taken', async () => {
  const good = await run(['test', TONE_MENU]);
  expect([good.code, good.err]).toEqual([0, '']);
  expect(good.out).toMatch(/(\d+) of \1 transitions passed, 100 % covered/);
  writeFileSync(
    join(dir, 'broken.json'),
    JSON.stringify({ document: { ...catalogue['front-desk']!, name: 'broken', entry: 'nowhere' } }),
  );
  const broken = await run(['test', 'broken.json']);
  expect(broken.code).toBe(1);
  expect(broken.err).toContain('FLW_');
});

test('calls, and a call as a timeline by number or id', async () => {
  const id = crypto.randomUUID();
  const party = JSON.stringify({ type: 'user', id: null, entityNumber: null, number: '101', name: 'Alice' });
  const { rows } = await api.store.pool.query(
    `insert into call (id, number, company_id, direction, state, start, revision_hash, calling, called)
     values ($1, nextval('call_number_seq'), $2, 'inbound', 'started', '{}', $3, $4, $4) returning number`,
    [id, api.demo.companyId, 'a'.repeat(64), party],
  );
  await api.store.pool.query(
    `insert into call_record (call_id, n, company_id, at, stream, type, body) values
     ($1, 1, $2, now(), 'fact', 'node.entered', '{"node":"menu","kind":"menu"}'),
     ($1, 2, $2, now(), 'fact', 'node.left', '{"node":"menu","outcome":"sales","reason":"key 1"}'),
     ($1, 3, $2, now(), 'event', 'timer.fired', '{"timer":"t"}')`,
    [id, api.demo.companyId],
  );
  const listed = await run(['calls', '--limit', '5']);
  expect(listed.out).toContain(id);
  const byNumber = await run(['trace', String(rows[0].number)]);
  expect(byNumber.out).toContain('leaves menu by "sales" because key 1');
  expect(byNumber.out).not.toContain('timer.fired');
  const byId = await run(['trace', id, '--events']);
  expect(byId.out).toContain('timer.fired');
  const events = await run(['events', '--call', id, '--after', '0-0', '--types', 'node.*', '--count', '2']);
  expect([events.code, events.err]).toEqual([0, '']);
  expect(events.out.trim().split('\n')[1]).toMatch(new RegExp(`Z  ${id}  leaves menu by "sales" because key 1$`));
  const [told] = (await run(['--json', 'events', '--call', id, '--after', '0-0', '--count', '1'])).out.split('\n');
  expect(JSON.parse(told!)).toMatchObject({ id: `${id}-1`, type: 'node.entered', callId: id });
  expect((await run(['events', '--after', 'x'])).err).toContain('API_BAD_REQUEST');
  const unknown = await run(['trace', '999999']);
  expect([unknown.code, unknown.err.trim()]).toEqual([1, 'There is no call 999999: "callwright calls" lists them.']);
});

test('users are made with a phone whose log-in is shown', async () => {
  const made = await json(['users', 'add', '175', 'Zoe Blum']);
  expect(made.user).toMatchObject({ extension: '175', givenName: 'Zoe', familyName: 'Blum' });
  const shown = await json(['users', 'secret', '175']);
  expect(shown[0].password).toBe(made.login.password);
});

test('trunks are made, listed with their state and deleted by name', async () => {
  writeFileSync(join(dir, 'password'), 'open sesame\n');
  const made = await json([
    'trunks',
    'add',
    'Main',
    'sip.carrier.test',
    '--register',
    '--user',
    'acme',
    '--secret-file',
    'password',
  ]);
  expect(made).toMatchObject({ mode: 'register', authUser: 'acme', hasSecret: true });
  expect((await api.ask('GET', `/trunks/${made.id}/secret`)).body.secret).toBe('open sesame');
  expect((await run(['trunks'])).out).toMatch(/Main +carrier +sip\.carrier\.test +unknown/);
  expect((await run(['trunks', 'remove', 'Main'])).out).toContain('deleted');
  expect((await run(['trunks', 'remove', 'Main'])).err).toContain('There is no trunk called Main');
});

test('a person is erased, after it was said what that means', async () => {
  const user = (await api.ask('POST', '/users', { body: { extension: '188', givenName: 'Gone', familyName: 'Soon' } }))
    .body;
  const dry = await run(['erase', 'user:188', '--dry-run']);
  expect([dry.code, dry.err]).toEqual([0, '']);
  expect(dry.out).toContain('Nothing was changed.');
  expect((await api.ask('GET', `/users/${user.id}`)).body.givenName).toBe('Gone');
  expect(await json(['erase', 'user:188'])).toMatchObject({ dryRun: false, liveCalls: 0 });
  expect((await api.ask('GET', `/users/${user.id}`)).status).toBe(404);
  expect((await run(['erase', 'somebody'])).err).toContain('Name a number');
});

test('every failure is one plain sentence with what to do, and a code', async () => {
  const cases: readonly (readonly [readonly string[], NodeJS.ProcessEnv, RegExp])[] = [
    [['users'], { CALLWRIGHT_DATA_DIR: join(dir, 'empty') }, /^No API key: set CALLWRIGHT_API_KEY/],
    [
      ['users'],
      { CALLWRIGHT_URL: 'http://127.0.0.1:9' },
      /^Callwright does not answer at http:\/\/127.0.0.1:9: start it/,
    ],
    [['users'], { CALLWRIGHT_API_KEY: 'cw_wrong' }, /API_UNAUTHENTICATED[\s\S]*admin.key/],
    [['publish', 'nowhere.ts'], {}, /^There is no file nowhere.ts/],
    [['call', '999'], {}, /API_UNKNOWN_DESTINATION/],
    [['calls', '--limit', 'x'], {}, /^--limit must be/],
    [['nothing'], {}, /unknown command/],
  ];
  const said = await Promise.all(cases.map(([args, env]) => run(args, env)));
  for (const [n, [args, , say]] of cases.entries()) {
    const { code, err } = said[n]!;
    expect(code, args.join(' ')).toBe(1);
    expect(err).toMatch(say);
    expect(err).not.toMatch(/^\s+at /m);
  }
  writeFileSync(join(dir, 'syntax.ts'), 'export default {');
  expect((await run(['lint', 'syntax.ts'])).err).toMatch(/cannot be loaded/);
  writeFileSync(join(dir, 'syntax.json'), '{');
  expect((await run(['lint', 'syntax.json'])).err).toMatch(/is not valid JSON/);
}, 90_000);

test('users come from a CSV file, all or none, and go back into one', async () => {
  const file = join(dir, 'users.csv');
  writeFileSync(file, 'extension;givenName;email\n650;Émile;emile@demo.example\n651;;no address\n');
  const refused = await run(['users', 'import', file]);
  expect(refused.code).toBe(1);
  expect(refused.err).toMatch(/Nothing was imported[\s\S]*line 3, email: /);
  writeFileSync(file, 'extension;givenName;email\n650;Émile;emile@demo.example\n');
  expect(await json(['users', 'import', '--dry-run', file])).toMatchObject({ dryRun: true, created: 1 });
  expect(await json(['users', 'import', file])).toMatchObject({ dryRun: false, created: 1, updated: 0 });
  const exported = await run(['users', 'export']);
  expect(exported.out).toContain('650,Émile');
  expect((await run(['contacts', 'export', join(dir, 'contacts.csv')])).code).toBe(0);
  expect(readFileSync(join(dir, 'contacts.csv'), 'utf8')).toMatch(/^\ufeffphonebook,/);
  expect((await run(['numbers', 'import', join(dir, 'nowhere.csv')])).err).toContain('cannot be read');
});

test('companies are made, listed, suspended and resumed', async () => {
  const made = await json(['companies', 'add', 'Branch', '--country', 'IT', '--time-zone', 'Europe/Rome']);
  expect(made).toMatchObject({ kind: 'company', settings: { country: 'IT', timeZone: 'Europe/Rome' } });
  expect(await json(['companies', 'suspend', 'Branch'])).toMatchObject({ id: made.id, suspended: true });
  expect((await run(['companies'])).out).toMatch(/company +Branch +suspended/);
  expect(await json(['companies', 'resume', String(made.number)])).toMatchObject({ suspended: false });
  expect((await run(['companies', 'suspend', 'Nobody'])).err).toContain('There is no such company');
});

test('route explain tells where a number leads, why, and what admission says', async () => {
  const { code, out } = await run(['route', 'explain', '102', '--from', '101']);
  expect(code).toBe(0);
  expect(out).toMatch(/BECAUSE +extension/);
  expect(out).toMatch(/LEADS TO +user Bob Taylor/);
  expect(out).toMatch(/ADMISSION +may be placed/);
  expect(await json(['route', 'explain', '+33612345678'])).toMatchObject({
    reason: 'outside',
    number: { kind: 'mobile' },
  });
  expect((await run(['route', 'explain', '102', '--from', '999'])).code).toBe(1);
});

test('queues: who waits, who is there, and agents logged in', async () => {
  const make = async (path: string, body: object) => (await api.ask('POST', path, { body })).body;
  const queue = await make('/queues', { name: 'helpdesk', extension: '788' });
  const { body } = await api.ask('GET', '/users');
  await api.ask('PUT', `/queues/${queue.id}/members`, { body: { items: [{ userId: body.items[0].id }] } });
  expect((await run(['queues'])).out).toMatch(/helpdesk +788 +longest-idle +0 +0 s +0\/1/);
  expect((await run(['queues', 'show', '788'])).out).toMatch(/101 +Alice Martin +logged-out/);
  expect((await json(['queues', 'log-in', 'helpdesk', '101'])).commands).toHaveLength(1);
  const wrong = await run(['queues', 'log-in', 'helpdesk', '102']);
  expect([wrong.code === 0, wrong.err]).toEqual([false, expect.stringContaining('no agent of helpdesk')]);
});

test('integration modules: made with settings by name, changed, their token replaced, removed', async () => {
  const [{ name: contract }] = await json(['partner-modules', 'contracts']);
  const made = await json([
    ...['partner-modules', 'add', contract, 'CRM', '--set', 'extensions=101, 102', '--set', 'extendedLevel=true'],
    ...['--set', 'extendedEventType=3'],
  ]);
  expect(made).toMatchObject({
    contract,
    settings: { extensions: ['101', '102'], extendedLevel: true, extendedEventType: 3 },
  });
  const { code, out } = await run([
    'partner-modules',
    'change',
    'CRM',
    '--disable',
    '--set',
    'extensions=',
    '--name',
    'Bar',
  ]);
  expect([code, out]).toEqual([0, `module ${made.number} changed\n`]);
  const shown = await json(['partner-modules', 'show', String(made.number)]);
  expect(shown).toMatchObject({ name: 'Bar', enabled: false, settings: { extensions: null, extendedLevel: true } });
  const before = await json(['partner-modules', 'token', 'Bar']);
  const after = await json(['partner-modules', 'token', 'Bar', '--replace']);
  expect([before.token, after.token === before.token]).toEqual([made.token, false]);
  for (const wrong of ['extensions', 'unknown=1', 'extendedLevel=maybe', 'extendedEventType=x'])
    expect((await run(['partner-modules', 'change', 'Bar', '--set', wrong])).code, wrong).toBe(1);
  expect((await run(['partner-modules', 'remove', 'Bar'])).out).toBe(`module ${made.number} deleted\n`);
  expect((await run(['partner-modules', 'show', 'Bar'])).err).toContain('There is no module called Bar');
});

test('any route is called by its name', async () => {
  const all = await json(['api']);
  expect(all.map(({ id }: { id: string }) => id)).toContain('createRoutingRule');
  const rule = JSON.stringify({ name: 'Night', calledPattern: '900', destination: { type: 'hang-up', id: 'busy' } });
  const made = await json(['api', 'createRoutingRule', '--body', rule]);
  writeFileSync(join(dir, 'rule.json'), JSON.stringify({ enabled: false }));
  const changed = await json(['api', 'updateRoutingRule', '--with', `id=${made.id}`, '--body', '@rule.json']);
  expect(changed).toMatchObject({ id: made.id, name: 'Night', enabled: false });
  expect((await json(['api', 'listUsers', '--with', 'limit=1'])).items).toHaveLength(1);
  expect((await run(['api', 'deleteRoutingRule', '--with', `id=${made.id}`])).code).toBe(0);
  for (const wrong of [
    ['constructor'],
    ['updateRoutingRule'],
    ['createRoutingRule', '--body', '{'],
    ['listUsers', '--with', 'x'],
  ])
    expect((await run(['api', ...wrong])).code, wrong.join(' ')).toBe(1);
});
