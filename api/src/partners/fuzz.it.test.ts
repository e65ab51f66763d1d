/**
 * Whatever is sent to a contract on its path is answered in the contract's form, never by an error of ours, and changes nothing unless
 * the answer says that it did: every parameter of every service in every wrong way, over a real connection.
 */
import type { AddressInfo } from 'node:net';
import { PARTNERS } from '@callwright/partners';
import { uuidv7 } from '@callwright/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../test-api.ts';
import { type RawAnswer, RawClient } from './test-raw-http.ts';

const PATH = PARTNERS[0]!.mounts[0]!.path;
const CALL_NUMBER = 987_654;
const LEG = 'leg-fuzz';

let api: TestApi;
let token: string;
let port: number;
const clients: RawClient[] = [];

beforeAll(async () => {
  api = await startTestApi();
  const settings = { extendedLevel: true };
  const made = await api.ask('POST', '/partner-modules', {
    body: { contract: PARTNERS[0]!.name, name: 'Fuzz', settings },
  });
  token = (await api.ask('GET', `/partner-modules/${made.body.id}/token`)).body.token;
  await runningCall();
  await api.app.listen({ port: 0, host: '127.0.0.1' });
  port = (api.app.server.address() as AddressInfo).port;
}, 60_000);
afterAll(async () => {
  for (const client of clients) client.close();
  await api?.close();
});

const client = (): RawClient => {
  const one = new RawClient(port);
  clients.push(one);
  return one;
};

/** A call of 101 with somebody outside, so that commands get as far as their last parameter. */
async function runningCall(): Promise<void> {
  const { pool } = api.store;
  const { rows } = await pool.query(
    `select id, company_id, number from directory_user where extension = '101' limit 1`,
  );
  const [{ id: userId, company_id: company, number }] = rows;
  const id = uuidv7();
  const user = { type: 'user', id: userId, entityNumber: Number(number), number: '101', name: '' };
  await pool.query(
    `insert into call (id, number, company_id, direction, state, start, revision_hash, calling, called)
     values ($1, $2, $3, 'internal', 'started', '{}', 'x', $4, $4)`,
    [id, CALL_NUMBER, company, user],
  );
  await pool.query(
    `insert into leg (id, call_id, company_id, instance, direction, state, coordinates, answered_at)
     values ($1, $2, $3, 'm.1', 'inbound', 'answered', $4, now())`,
    [LEG, id, company, user],
  );
  await pool.query(
    `insert into call_record (call_id, company_id, n, at, stream, type, body)
     values ($1, $2, 1, now(), 'fact', 'party.added', $3)`,
    [id, company, { party: 1, role: 'calling', coordinates: user, leg: LEG }],
  );
}

/** Services with parameters that are right, or right but for what they name. */
const CALL = String(CALL_NUMBER);
const CONTACT = { name: 'Walter', surname: 'White', company: 'HBO', email: 'w@example.test', is_favourite: '1' };
const NUMBERS = {
  office: '0733',
  home: '0734',
  mobile: '333',
  fax: '0735',
  other: '0736',
  numsms: '337',
  nummobil2: '338',
};
const BOUNDS = { start_date: '2024-01-01', end_date: '2024-12-31 10:00:00', limit: '5', offset: '0' };
const side = (role: string) => ({ [`${role}_type`]: '0', [`${role}_id`]: '1', [`${role}_number`]: '101' });
const CHANGING: readonly (readonly [service: string, params: Readonly<Record<string, string>>])[] = [
  ['call_request', { ext: '101', number: '102', device: 'sip', extid: 'x1' }],
  ['call_action', { ext: '101', call_id: CALL, action: 'divert', number: '102', note: 'n' }],
  ['call_action', { ext: '101', call_id: CALL, action: 'hold' }],
  ['set_user_mode', { ext: '101', mode: '4', number: '102' }],
  ['add_phonebook', { ...CONTACT, ...NUMBERS, app_name: 'HBO', external_contact_id: 'c1' }],
  ['update_phonebook', { contact_id: '1', ...CONTACT, ...NUMBERS }],
  ['delete_phonebook', { contact_id: '1', app_name: 'HBO', external_contact_id: 'c1' }],
  ['call_request_ext', { ...side('calling'), ...side('called'), auto_answer: '1', extid: 'x2' }],
  [
    'call_transfer_ext',
    {
      ...{ replace_com_id: CALL, replace_type: '0', replace_id: '1', replace_local_id: '1' },
      ...{ recipient_com_id: '987655', recipient_type: '0', recipient_id: '1', recipient_call_id: '1' },
    },
  ],
  [
    'call_divert_ext',
    {
      ...{ call_id: CALL, replace_type: '0', replace_id: '1', replace_local_id: '1' },
      ...{ recipient_type: '0', recipient_id: '1', recipient_number: '102', note: 'n' },
    },
  ],
  ['call_recording_ext', { call_id: CALL, recording: '1' }],
  ['call_terminate', { call_id: '987655' }],
  [
    'phonebook_import_sync',
    { contacts: '[{"name":"a","email":"a@b","uc_app_name":"H","uc_external_id":"1"}]', verbose_output: '1' },
  ],
];
const READING: typeof CHANGING = [
  ['get_user_call_report', { ext: '101', ...BOUNDS, direction: 'in', outcome: '1', number: '102', extid: 'x' }],
  ['get_entities', { entity_type: '7', entity_id: '1', owner_id: '1' }],
  [
    'get_call_report',
    {
      ...{ ...BOUNDS, ...side('calling'), ...side('called'), ...side('connected'), outcome: '1' },
      ...{ internal: '0', gateway_in: '1', gateway_out: '0', extid: 'x', call_id: CALL },
    },
  ],
  ['get_current_calls', { call_id: CALL, extid: 'x' }],
  ['get_phonebook', { search: 'walter', limit: '5', offset: '0' }],
  ['service_unknown', { x: '1' }],
];

/** A value as it stands on the wire; null: the parameter is left out. */
const XML_BOMB = encodeURIComponent(
  '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]><a>&c;</a>',
);
const JSON_BOMB = encodeURIComponent(`${'['.repeat(5000)}${']'.repeat(5000)}`);
const WRONG: readonly (string | null)[] = [
  ...[null, '', '%20', '+', '%09%0d%0a'],
  ...['-1', '0', '1.5', '1e9', '0x10', 'NaN', 'Infinity', '9'.repeat(15), '9'.repeat(16), '9'.repeat(400), '%2b1', '٣'],
  ...[
    'abc',
    'true',
    'null',
    'undefined',
    '[]',
    '%7b%7d',
    '%7B%22a%22:1%7D',
    '%22',
    '%3Cx/%3E',
    '2024-13-45',
    '0000-00-00',
    '9999-12-31',
  ],
  ...[
    'constructor',
    '__proto__',
    'toString',
    '%27;drop%20table%20call;--',
    '$1',
    '%25s%25n',
    '..%2f..%2fetc%2fpasswd',
    'http://127.0.0.1/',
  ],
  ...[
    '%',
    '%zz',
    '%u0041',
    '%ff%fe',
    '%c0%80',
    '%ed%a0%80',
    '%00',
    'a%00b',
    '\xff\xfe',
    '\xe9',
    '%e2%80%ae',
    '%F0%9F%98%80',
    '%EF%BF%BF',
  ],
  ...['a'.repeat(201), 'a'.repeat(5000), '%e9'.repeat(3000), '1,2,3', '1;2', '1|2', XML_BOMB, JSON_BOMB],
];

type Pair = readonly [name: string, value: string];
const joined = (pairs: readonly Pair[]): string => pairs.map(([name, value]) => `${name}=${value}`).join('&');

/** The parameters with one of them wrong: instead of it, and doubled before and behind. */
function* mistakes(params: Readonly<Record<string, string>>): Generator<readonly Pair[]> {
  const right = Object.entries(params).map(([name, value]): Pair => [name, encodeURIComponent(value)]);
  for (const [place, [name, value]] of right.entries()) {
    const others = right.toSpliced(place, 1);
    for (const [turn, wrong] of WRONG.entries()) {
      yield wrong === null ? others : [...others, [name, wrong]];
      if (wrong === null || wrong.length > 300) continue;
      if (turn % 2 === 0) yield [...others, [name, wrong], [name, value]];
      if (turn % 5 === 0) yield [...others, [`${name}[]`, wrong], [`${name}%5B%5D`, wrong]];
    }
    yield [...others, [name.toUpperCase(), value]];
  }
}

const HOST = 'host: x\r\n';
const get = (query: string): string => `GET ${PATH}?${query.replaceAll('٣', '%D9%A3')} HTTP/1.1\r\n${HOST}\r\n`;
function form(query: string, body: string): string {
  const type = 'content-type: application/x-www-form-urlencoded\r\n';
  const bytes = Buffer.from(body.replaceAll('٣', '%D9%A3'), 'latin1');
  return `POST ${PATH}?${query} HTTP/1.1\r\n${HOST}${type}content-length: ${bytes.length}\r\n\r\n${bytes.toString('latin1')}`;
}

const FORM = /^<\?xml version="1.0" encoding="UTF-8" \?>\n<result>\n<outcome>([01])<\/outcome>\n[\s\S]*<\/result>\n?$/;
const CONTROLS = '\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\ufffe\\uffff';
const NOT_TEXT = new RegExp(`[<>${CONTROLS}]|&(?!(amp|lt|gt|quot|apos);)`);
/** Tags that are opened and closed again, in turn; no character that XML lacks, no `&` that is no entity. */
function wellFormed(xml: string): boolean {
  const open: string[] = [];
  const text = xml.replace(/^<\?xml [^?]*\?>\n/, '');
  for (const [, closing, name] of text.matchAll(/<(\/?)([a-z_0-9]+)>/g)) {
    if (!closing) open.push(name!);
    else if (open.pop() !== name) return false;
  }
  const plain = text.replaceAll(/<\/?[a-z_0-9]+>/g, '');
  return open.length === 0 && !NOT_TEXT.test(plain);
}

/** `0` or `1`. Fails when the answer is not in the contract's form. */
function outcomeOf(answer: RawAnswer | null, request: string): string {
  const about = request.slice(0, 300);
  expect(answer?.status, about).toBe(200);
  expect(answer!.head, about).toMatch(/content-type: text\/xml; ?charset=utf-8/i);
  const outcome = FORM.exec(answer!.body)?.[1];
  expect(outcome, `${about}\n${answer!.body.slice(0, 300)}`).toBeDefined();
  expect(wellFormed(answer!.body), `${about}\n${answer!.body.slice(0, 300)}`).toBe(true);
  return outcome!;
}

const TABLES = [
  'call',
  'contact',
  'contact_number',
  'call_control',
  'partner_command',
  'directory_user',
  'partner_module',
  'leg',
];
const state = async (): Promise<string> => {
  const sums = TABLES.map((t) => `(select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from ${t} t)`);
  return JSON.stringify((await api.store.pool.query(`select ${sums.join(' || ')} as sum`)).rows[0].sum);
};

let sent = 0;

describe('whatever is sent', () => {
  it.each(CHANGING)(
    '%s changes nothing unless its answer says so',
    async (service, params) => {
      const here = client();
      let before = await state();
      let n = 0;
      for (const pairs of mistakes(params)) {
        n += 1;
        const head = `service=${service}&token=${token}`;
        const request = n % 4 === 0 ? form(head, joined(pairs)) : get(`${head}&${joined(pairs)}`);
        const outcome = outcomeOf(await here.ask(request), request);
        const after = await state();
        if (outcome === '1') expect(after, request.slice(0, 300)).toBe(before);
        before = after;
      }
      sent += n;
      expect(n).toBeGreaterThan(50);
    },
    180_000,
  );

  it.each(READING)(
    '%s changes nothing',
    async (service, params) => {
      const before = await state();
      const here = client();
      for (const pairs of mistakes(params)) {
        const request = get(`service=${service}&token=${token}&${joined(pairs)}`);
        outcomeOf(await here.ask(request), request);
        sent += 1;
      }
      expect(await state()).toBe(before);
    },
    180_000,
  );

  it('wrong names of services and wrong tokens open nothing', async () => {
    const here = client();
    const before = await state();
    for (const [service, params] of CHANGING) {
      const rest = joined(Object.entries(params).map(([name, value]) => [name, encodeURIComponent(value)]));
      for (const wrong of WRONG.filter((value) => value !== null)) {
        for (const head of [`service=${service}&token=${wrong}`, `service=${wrong}&token=${token}`]) {
          const request = get(`${head}&${rest}`);
          expect(outcomeOf(await here.ask(request), request), request.slice(0, 200)).toBe('1');
          sent += 1;
        }
      }
    }
    expect(await state()).toBe(before);
  }, 180_000);

  it('that was more than 10,000 requests', () => expect(sent).toBeGreaterThan(10_000));
});

describe('what is hardly HTTP', () => {
  const query = () => `service=get_entities&entity_type=0&token=${token}`;
  const ofType = (type: string, body: string | Buffer, more = ''): Buffer => {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const head = `POST ${PATH}?service=phonebook_import_sync&token=${token} HTTP/1.1\r\n${HOST}content-type: ${type}\r\n`;
    return Buffer.concat([Buffer.from(`${head}content-length: ${bytes.length}\r\n${more}\r\n`), bytes]);
  };
  const line = (text: string): string => `${text}\r\n${HOST}\r\n`;
  const CASES: readonly (readonly [what: string, request: () => string | Buffer])[] = [
    ['an address of 60 KB', () => get(`service=get_phonebook&token=${token}&search=${'a'.repeat(60_000)}`)],
    ['an address of 100 KB', () => get(`${query()}&x=${'a'.repeat(100_000)}`)],
    ['an address of 5 MB', () => get(`${query()}&x=${'a'.repeat(5_000_000)}`)],
    ['5,000 parameters', () => get(`${query()}${Array.from({ length: 5000 }, (_, i) => `&a${i}=1`).join('')}`)],
    [
      'headers of 200 KB',
      () => `GET ${PATH}?${query()} HTTP/1.1\r\n${HOST}${`x: ${'y'.repeat(1000)}\r\n`.repeat(200)}\r\n`,
    ],
    ['a blank in the address', () => line(`GET ${PATH}?${query()}&search=a b HTTP/1.1`)],
    ['a control character in the address', () => line(`GET ${PATH}?${query()}&search=\x01\x02 HTTP/1.1`)],
    ['no version', () => line(`GET ${PATH}?service=none&token=${token}`)],
    ['an unknown version', () => line(`GET ${PATH}?${query()} HTTP/7.3`)],
    ['an unknown method', () => line(`FETCH ${PATH}?${query()} HTTP/1.1`)],
    ['a method in small letters', () => line(`get ${PATH}?${query()} HTTP/1.1`)],
    ['a broken header', () => `GET ${PATH}?${query()} HTTP/1.1\r\n${HOST}no colon\r\n\r\n`],
    [
      'two lengths',
      () => `POST ${PATH}?${query()} HTTP/1.1\r\n${HOST}content-length: 1\r\ncontent-length: 2\r\n\r\nab`,
    ],
    ['a length that is none', () => `POST ${PATH}?${query()} HTTP/1.1\r\n${HOST}content-length: -5\r\n\r\n`],
    ['a broken chunk', () => `POST ${PATH}?${query()} HTTP/1.1\r\n${HOST}transfer-encoding: chunked\r\n\r\nzz\r\n`],
    ['a broken escape in the path', () => line(`GET ${PATH}%zz?${query()} HTTP/1.1`)],
    ['a whole address as target', () => line(`GET http://x${PATH}?service=none&token=${token} HTTP/1.1`)],
    ...['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND', 'TRACE', 'QUERY'].map(
      (method) => [method, () => line(`${method} ${PATH}?${query()} HTTP/1.1`)] as const,
    ),
    ['PUT with a body', () => `PUT ${PATH} HTTP/1.1\r\n${HOST}content-type: text/xml\r\ncontent-length: 4\r\n\r\n<a/>`],
    ['an expectation', () => `POST ${PATH} HTTP/1.1\r\n${HOST}expect: the-best\r\ncontent-length: 0\r\n\r\n`],
    ['an upgrade', () => `GET ${PATH} HTTP/1.1\r\n${HOST}connection: upgrade\r\nupgrade: websocket\r\n\r\n`],
    ['no contacts', () => ofType('multipart/form-data', '')],
    ['a broken form', () => ofType('multipart/form-data; boundary=x', '--x\r\nbroken')],
    [
      'a form without its end',
      () =>
        ofType('multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="contacts"\r\n\r\n['),
    ],
    ['brackets', () => ofType('application/x-www-form-urlencoded', `contacts=${'['.repeat(2_000_000)}`)],
    ['an object', () => ofType('application/x-www-form-urlencoded', 'contacts=%7B%7D')],
    ['entities of XML', () => ofType('text/xml', decodeURIComponent(XML_BOMB))],
    ['no type', () => ofType('', 'contacts=[]')],
    ['a type that is none', () => ofType('((((', 'contacts=[]')],
    ['a packed body', () => ofType('application/json', Buffer.from([0x1f, 0x8b, 8, 0]), 'content-encoding: gzip\r\n')],
    ['bytes', () => ofType('application/octet-stream', Buffer.from([0xff, 0xfe, 0]))],
    ['a body of 33 MB', () => ofType('application/x-www-form-urlencoded', Buffer.alloc(33 * 1024 * 1024, 0x61))],
  ];

  it.each(CASES)(
    '%s is answered in the form of the contract, and another request after it',
    async (_what, request) => {
      const before = await state();
      const bytes = request();
      expect(outcomeOf(await client().ask(bytes), bytes.toString('latin1', 0, 200))).toBe('1');
      expect(await state()).toBe(before);
      const plain = get(query());
      expect(outcomeOf(await client().ask(plain), plain)).toBe('0');
    },
    30_000,
  );

  it('HEAD runs nothing', async () => {
    const answer = await client().ask(
      line(`HEAD ${PATH}?service=set_user_mode&ext=101&mode=3&token=${token} HTTP/1.1`),
    );
    expect(answer).toMatchObject({ status: 200, body: '' });
    expect((await api.store.pool.query(`select 1 from directory_user where user_mode = 'away'`)).rows).toEqual([]);
  });

  it('what a contact holds that cannot be kept is left out, and the others are taken', async () => {
    const contacts = [
      { name: 'a\0b', nummobile: '33\0', email: 'a@b\ud800', uc_app_name: 'H\0', uc_external_id: '1\0' },
      {
        name: 'n',
        nummobile: '333',
        uc_app_name: 'H',
        uc_external_id: '2',
        ext_info: [{ caption: '\0', value: '\ud800' }],
      },
      { name: 'n', nummobile: '333', uc_app_name: 'H', uc_external_id: '3', ext_info: JSON.parse('[{"__proto__":1}]') },
      ...['__proto__', 'constructor'].map((name) => ({ name, email: 'x@y', uc_app_name: 'H', uc_external_id: name })),
    ];
    const body = `contacts=${encodeURIComponent(JSON.stringify(contacts))}`;
    const answer = await client().ask(form(`service=phonebook_import_sync&verbose_output=1&token=${token}`, body));
    expect(outcomeOf(answer, body)).toBe('0');
    expect(answer!.body).toContain('<processed>5</processed>\n<skipped>0</skipped>');
  });

  it('elsewhere what is no HTTP is answered as the API does', async () => {
    const answer = await client().ask('GET /api/v1/users no version\r\n\r\n');
    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('API_BAD_REQUEST') });
    const long = await client().ask(`GET /api/v1/users?x=${'a'.repeat(100_000)} HTTP/1.1\r\n${HOST}\r\n`);
    expect(long).toMatchObject({ status: 413, body: expect.stringContaining('API_TOO_LARGE') });
    const broken = await client().ask(line('GET /api/v1/users/%zz HTTP/1.1'));
    expect(broken).toMatchObject({ status: 400, body: expect.stringContaining('API_BAD_REQUEST') });
  });
});
