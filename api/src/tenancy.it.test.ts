import { type RouteContract, routes } from '@callwright/api-contract';
import { PARTNERS } from '@callwright/partners';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtInFlows } from './flows/built-in.ts';
import { startTestApi, type TestApi, toneWav } from './test-api.ts';

let api: TestApi;
/** Ids of the demo company's entities, by the route's tag. */
let ids: Record<string, string>;
let ownRevision: string;

beforeAll(async () => {
  api = await startTestApi();
  const { body: users } = await api.ask('GET', '/users');
  const { body: devices } = await api.ask('GET', `/users/${users.items[0].id}/devices`);
  const make = async (path: string, body: object): Promise<string> => (await api.ask('POST', path, { body })).body.id;
  const phonebook = await make('/phonebooks', { name: 'customers' });
  const first = async (path: string): Promise<string> => (await api.ask('GET', path)).body.items[0].id;
  ids = {
    users: users.items[0].id,
    devices: devices.items[0].id,
    'ring-groups': await first('/ring-groups'),
    calendars: await first('/calendars'),
    numbers: await first('/numbers'),
    sites: await make('/sites', { name: 'Paris', country: 'FR', main: true }),
    departments: await make('/departments', { name: 'Sales' }),
    'voicemail-boxes': await make('/voicemail-boxes', { name: 'Reception', accessNumber: '790' }),
    'meeting-rooms': await make('/meeting-rooms', { name: 'Board', extension: '791' }),
    webhooks: await make('/webhooks', { name: 'CRM', url: 'https://crm.example/hook' }),
    'recording-policies': await make('/recording-policies', { name: 'All calls' }),
    'park-slots': await make('/park-slots', { extension: '792' }),
    phonebooks: phonebook,
    contacts: await make('/contacts', { phonebookId: phonebook, familyName: 'Secret' }),
    'caller-lists': await make('/caller-lists', { ownerId: api.demo.companyId, name: 'Nuisance', kind: 'block' }),
    trunks: await make('/trunks', {
      ownerId: api.demo.companyId,
      name: 'Out',
      mode: 'peer',
      host: 'carrier.test',
      secret: 'sesame',
    }),
    'routing-rules': await make('/routing-rules', {
      destination: { type: 'hang-up', id: 'busy' },
      calledPattern: '8*',
    }),
    queues: await make('/queues', { name: 'Support', extension: '793' }),
    'feature-codes': await make('/feature-codes', { code: '*77', action: 'redial' }),
    'number-prefixes': await make('/number-prefixes', { ownerId: api.demo.companyId, prefix: '+33' }),
    'partner-modules': await make('/partner-modules', { contract: PARTNERS[0]!.name, name: 'CRM' }),
    'call-restrictions': await make('/call-restrictions', { ownerId: api.demo.companyId, effect: 'deny' }),
    flows: await first('/flows'),
    calls: await insertCall(),
    owners: api.demo.companyId,
    accounts: await first('/accounts'),
    'api-keys': await first('/api-keys'),
  };
  ownRevision = await publishOwn();
  ids.messages = await insertMessage(ids['voicemail-boxes']!);
  // what the other company may name, so that only the call itself can be the reason of a refusal
  const theirs = await api.ask('POST', '/users', { key: api.other.key, body: { extension: '199' } });
  BODIES.redirectCall = { destination: { type: 'user', id: theirs.body.id } };
  BODIES.superviseCall = { mode: 'listen', userId: theirs.body.id };
  BODIES.joinCalls = { callId: await insertCall(api.other.companyId) };
  await api.app.inject({
    method: 'PUT',
    url: '/api/v1/prompts/greeting/audio',
    headers: { authorization: `Bearer ${api.demo.admin.apiKey}`, 'content-type': 'audio/wav' },
    payload: toneWav(),
  });
});
afterAll(() => api.close());

/** A revision that no other company has: the flows everybody has are the same under the same hash. */
async function publishOwn(): Promise<string> {
  const { document } = (await api.ask('GET', `/flows/${ids.flows}`)).body.draft;
  const file = { document: { ...document, name: 'own', title: 'Nobody else has it' } };
  const { id } = (await api.ask('POST', '/flows', { body: { file } })).body;
  return (await api.ask('POST', `/flows/${id}/publish`, { body: {} })).body.revision.hash;
}

async function insertCall(companyId = api.demo.companyId): Promise<string> {
  const id = crypto.randomUUID();
  await api.store.pool.query(
    `insert into call (id, number, company_id, direction, state, start, revision_hash, calling, called)
     values ($1, nextval('call_number_seq'), $2, 'inbound', 'started', '{}', $3, $4, $4)`,
    [
      id,
      companyId,
      'a'.repeat(64),
      JSON.stringify({ type: 'user', id: null, entityNumber: null, number: '101', name: '' }),
    ],
  );
  return id;
}

async function insertMessage(boxId: string): Promise<string> {
  const id = crypto.randomUUID();
  const { companyId } = api.demo;
  await api.store.pool.query(
    `insert into recording (id, company_id, op, call_id, leg_id, kind, state, instance, purpose)
     values ($1, $2, 'op', $1, 'leg', 'voicemail', 'stored', 'main.1', '{}')`,
    [id, companyId],
  );
  await api.store.pool.query(
    `insert into voicemail_message (id, company_id, box_id, caller, duration_ms) values ($1, $2, $3, '{"number":"101","name":""}', 1000)`,
    [id, companyId, boxId],
  );
  return id;
}

/** A body that passes the route's form, so that only tenancy can refuse it. */
const BODIES: Record<string, unknown> = {
  putMyCallerList: { kind: 'block', entries: [] },
  putLdapConnection: { hostname: 'ldap.theirs.example' },
  putUserLdapConnection: { hostname: 'ldap.theirs.example' },
  createPartnerModule: { contract: PARTNERS[0]!.name, name: 'CRM' },
  updateOwner: { name: 'Taken over' },
  putOwnerTheme: { name: 'Taken over' },
  putOwnerHosts: { hosts: ['taken.test'] },
  updateAccount: { name: 'Taken over' },
  updateTrunk: { host: 'taken.test', secret: 'taken' },
  updateUser: { givenName: 'Taken over' },
  createDevice: {},
  updateRingGroup: { name: 'taken-over' },
  updateCalendar: { name: 'taken-over' },
  updateNumber: { label: 'taken over' },
  putPrompt: { text: 'Taken over', language: 'en' },
  saveDraft: { version: 1, file: builtInFlows()[0]!.file },
  publishFlow: {},
  createDraftCall: {},
  nameRevision: { comment: 'taken over' },
  putFlowTest: { script: [], path: [] },
  rollbackFlow: { number: 1 },
  hangUpCall: {},
  holdCall: {},
  muteCall: { muted: true },
  leaveRoomOfCall: {},
  addToCall: { destination: { type: 'number', id: '101' } },
  recordCall: { act: 'start' },
  lockMeetingRoom: { locked: true },
  putCallKeys: { items: [] },
  putParkedNote: { note: 'taken over' },
  cancelScheduledCall: {},
  retrieveCall: {},
  answerCall: { leg: 'leg' },
  deflectCall: { leg: 'leg', destination: { type: 'hang-up', id: 'hang-up' } },
  putUserCalling: {},
  putChatPresence: { chat: { status: 'away' } },
  putMyChatPresence: { chat: null },
  putMyCalling: {},
  updateMyBox: { pin: null },
  createMyDevice: { name: '', model: null },
  changePassword: { current: 'x', password: 'correct horse battery' },
  createReferral: { userId: '00000000-0000-4000-8000-000000000000', number: '101' },
  continueCall: {},
  overrideNode: { node: 'menu', config: {} },
  skipNode: { node: 'menu' },
  sayToCall: { say: { type: 'text', text: 'taken over' } },
  updateDevice: { name: 'taken over' },
  createWebhook: { name: 'taken over', url: 'https://crm.example/hook' },
  updateWebhook: { name: 'taken over' },
  updateSite: { name: 'taken over' },
  updateDepartment: { name: 'taken over' },
  updateVoicemailBox: { name: 'taken over' },
  putGreetings: {},
  updateMessage: { state: 'old' },
  updateMyMessage: { state: 'old' },
  putMailServer: { host: 'taken.test', port: 25, security: 'none', username: null, sender: 'taken@over.test' },
  erase: { subject: { type: 'number', number: '+33123456789' } },
  putRecogniser: { provider: 'transcriptions-api', url: 'https://taken.test/v1', model: 'm' },
  updateRecordingPolicy: { name: 'taken over' },
  createRecordingPolicy: { name: 'taken over' },
  updateMeetingRoom: { name: 'taken over' },
  updateParkSlot: { name: 'taken over' },
  updateQueue: { name: 'taken over' },
  createQueue: { name: 'taken over' },
  putQueueMembers: { items: [] },
  commandMyAgent: { do: 'resume' },
  putPauseReasons: { items: ['taken over'] },
  commandAgent: { do: 'resume' },
  prioritiseCall: { priority: 5 },
  updatePhonebook: { name: 'taken over' },
  updateContact: { notes: 'taken over' },
  updateRoutingRule: { name: 'taken over' },
  updateFeatureCode: { enabled: false },
  updateNumberPrefix: { label: 'taken over' },
  updateCallRestriction: { name: 'taken over' },
  updateCallerList: { name: 'taken over' },
  putCallerListEntries: { entries: [{ pattern: '+33*' }] },
};
/** Query parameters without which a route refuses the form. */
const QUERIES: Readonly<Record<string, string>> = {
  diffFlow: 'from=1&to=draft',
  previewSpeech: 'text=hello&language=en',
  listUses: 'type=prompt&key=greeting',
  deleteCallerListEntry: 'pattern=331',
  listHolidays: 'country=FR&year=2026',
  lookUpContacts: 'number=331',
  listExternalIds: 'type=user',
  deleteExternalId: 'type=user&scheme=s&value=v',
  lookUpMyContacts: 'number=331',
  explainRoute: 'dialled=101',
};

function addressOf(contract: RouteContract): string {
  const id = ids[contract.path.split('/')[1]!] ?? ids[contract.tag] ?? crypto.randomUUID();
  return contract.path
    .replace(':id', id)
    .replace(':name', 'greeting')
    .replace(':kind', 'default')
    .replace(':number', '1')
    .replace(':hash', ownRevision)
    .replace(':message', ids.messages!);
}

/** Rows of the demo company, to see that nothing changed. */
async function snapshot(): Promise<string> {
  const tables = [
    'directory_user',
    'device',
    'sip_login',
    'ring_group',
    'calendar',
    'phone_number',
    'flow',
    'prompt',
    'call_control',
    'site',
    'department',
    'voicemail_box',
    'voicemail_message',
    'recording',
    'meeting_room',
    'park_slot',
    'phonebook',
    'contact',
    'routing_rule',
    'feature_code',
  ];
  const rows = await Promise.all(
    tables.map((t) =>
      api.store.pool.query(`select * from ${t} where company_id = $1 order by id`, [api.demo.companyId]),
    ),
  );
  const owned = await Promise.all(
    ['trunk', 'number_prefix', 'call_restriction', 'spend_cap'].map((t) =>
      api.store.pool.query(`select * from ${t} where owner_id = $1 order by id`, [api.demo.companyId]),
    ),
  );
  return JSON.stringify([...rows, ...owned].map((r) => r.rows));
}

const withId: RouteContract[] = Object.values(routes).filter((c) => c.path.includes(':'));

test('no route reaches an entity of another company by its id', async () => {
  const before = await snapshot();
  const reached: string[] = [];
  for (const contract of withId) {
    const wav = contract.body === 'wav';
    const path = `${addressOf(contract)}?${QUERIES[contract.id] ?? ''}`;
    const answer = await api.ask(contract.method, path, {
      key: api.other.key,
      ...(wav ? {} : { body: BODIES[contract.id] }),
    });
    // a prompt is named, not numbered: writing makes the other company's own
    const own = contract.id === 'putPrompt';
    const refused = own ? answer.status === 200 : wav ? answer.status === 415 : answer.body?.code === 'API_NOT_FOUND';
    if (!refused) reached.push(`${contract.id}: ${answer.status} ${JSON.stringify(answer.body)}`);
    if (own) await api.ask('DELETE', '/prompts/greeting', { key: api.other.key });
  }
  expect(reached).toEqual([]);
  expect(await snapshot()).toBe(before);
  expect((await api.ask('GET', '/prompts/greeting')).body.text).toBeNull();
});

test('no route acts on another company when it is named', async () => {
  const before = await snapshot();
  const answers: string[] = [];
  for (const contract of Object.values(routes) as RouteContract[]) {
    if (!contract.company) continue;
    const path = `${addressOf(contract)}?company=${api.demo.companyId}&${QUERIES[contract.id] ?? ''}`;
    const body =
      contract.body === null || contract.body === 'wav' ? undefined : (BODIES[contract.id] ?? MAKE[contract.id]);
    const csv = contract.body === 'csv';
    const answer = await api.ask(contract.method, path, {
      key: api.other.key,
      body: csv ? 'extension,dialled,name,phonebook\n155,155,x,y' : body,
      ...(csv ? { headers: { 'content-type': 'text/csv' } } : {}),
    });
    if (answer.body?.code !== 'API_COMPANY_UNKNOWN' && answer.status !== 415)
      answers.push(`${contract.id}: ${answer.status} ${answer.body?.code}`);
  }
  expect(answers).toEqual([]);
  expect(await snapshot()).toBe(before);
});

const hours = { timeZone: 'UTC', weekly: [], dates: [] };
const BOTH = { first: { to: { type: 'number', number: '101' } }, second: { to: { type: 'number', number: '102' } } };

const MAKE: Readonly<Record<string, unknown>> = {
  connectCall: BOTH,
  createScheduledCall: { ...BOTH, at: '2099-01-01T00:00:00Z' },
  createUser: { extension: '150' },
  createRingGroup: { name: 'g' },
  createCalendar: { name: 'c', hours },
  createNumber: { dialled: '250', kind: 'service' },
  createSite: { name: 's', country: 'FR' },
  createDepartment: { name: 'd' },
  createVoicemailBox: { name: 'v' },
  createMeetingRoom: { name: 'm', extension: '251' },
  createParkSlot: { extension: '252' },
  createPhonebook: { name: 'p' },
  putExternalId: { type: 'user', id: crypto.randomUUID(), scheme: 's', value: 'v' },
  createContact: { phonebookId: crypto.randomUUID(), familyName: 'c' },
  createRoutingRule: { destination: { type: 'hang-up', id: 'busy' } },
  orderRoutingRules: { ids: [] },
  putRoutingSettings: { defaultDestination: null, trunks: [], emergencyTrunks: [], rejectAnonymous: true },
  createFeatureCode: { code: '*78', action: 'redial' },
  putSpendCap: { microsPerMonth: 1 },
  createFlow: { file: {} },
  lintFlow: { file: {} },
  tryRequest: { method: 'GET', url: 'https://crm.example/' },
  createCall: { to: { type: 'extension', extension: '101' }, flow: 'front-desk' },
};

test('lists show the asking company only, and the same extensions live side by side', async () => {
  for (const extension of ['101', '102']) {
    const made = await api.ask('POST', '/users', { key: api.other.key, body: { extension, givenName: 'Other' } });
    expect(made.status).toBe(201);
    expect(made.body.number).toBe(Number(extension) - 99);
  }
  const number = await api.ask('POST', '/numbers', { key: api.other.key, body: { dialled: '200', kind: 'service' } });
  expect(number.status).toBe(201);
  const mine = Object.values(ids);
  for (const contract of Object.values(routes) as RouteContract[]) {
    if (contract.method !== 'GET' || contract.path.includes(':') || contract.answer === 'events') continue;
    const path = `${contract.path}?${QUERIES[contract.id] ?? ''}`;
    const text = JSON.stringify((await api.ask('GET', path, { key: api.other.key })).body);
    for (const id of mine) expect(text, `${contract.id} shows ${id}`).not.toContain(id);
  }
});

test('destinations, members and homes of another company are refused', async () => {
  const key = api.other.key;
  const number = await api.ask('POST', '/numbers', {
    key,
    body: { dialled: '299', kind: 'service', destination: { type: 'flow', id: ids.flows } },
  });
  expect(number.body.code).toBe('API_UNKNOWN_DESTINATION');
  const group = await api.ask('POST', '/ring-groups', {
    key,
    body: { name: 'spies', members: [{ userId: ids.users }] },
  });
  expect(group.body.code).toBe('API_UNKNOWN_MEMBER');
  const call = await api.ask('POST', '/calls', {
    key,
    body: { to: { type: 'user', userId: ids.users }, flow: 'front-desk' },
  });
  expect(call.body.code).toBe('API_UNKNOWN_DESTINATION');
  const flow = await api.ask('POST', '/calls', {
    key,
    body: { to: { type: 'extension', extension: '101' }, flow: ids.flows },
  });
  expect(flow.body.code).toBe('API_UNKNOWN_DESTINATION');
  const home = await api.ask('PATCH', `/owners/${api.other.companyId}`, {
    key,
    body: { settings: { homeCompany: api.demo.companyId } },
  });
  expect(home.body.code).toBe('API_NOT_FOUND');
  const child = await api.ask('POST', '/owners', { key, body: { kind: 'company', name: 'Child' } });
  expect(child.body.code).toBe('API_PARENT_REFUSED');
  const apiKey = await api.ask('POST', '/api-keys', { key, body: { name: 'spy', ownerId: api.demo.companyId } });
  expect(apiKey.body.code).toBe('API_NOT_FOUND');
});

test('a reseller sees what is below it and nothing beside or above', async () => {
  const reseller = await api.ask('POST', '/owners', { body: { kind: 'reseller', name: 'R' } });
  const { key } = (await api.ask('POST', '/api-keys', { body: { ownerId: reseller.body.id, name: 'r' } })).body;
  expect((await api.ask('GET', '/users', { key })).body.code).toBe('API_COMPANY_REQUIRED');
  const below = await api.ask('POST', '/owners', { key, body: { kind: 'company', name: 'Below' } });
  expect(below.status).toBe(201);
  expect((await api.ask('GET', `/users?company=${below.body.id}`, { key })).status).toBe(200);
  expect((await api.ask('GET', `/users?company=${api.demo.companyId}`, { key })).status).toBe(404);
  const seen = (await api.ask('GET', '/owners', { key })).body.items.map((o: { id: string }) => o.id);
  expect(seen.sort()).toEqual([reseller.body.id, below.body.id].sort());
  const flows = await api.ask('GET', `/flows?company=${below.body.id}`, { key });
  expect(flows.body.items.map((f: { name: string }) => f.name)).toContain('direct');
  expect(flows.body.items.every((f: { published: unknown }) => f.published !== null)).toBe(true);
});
