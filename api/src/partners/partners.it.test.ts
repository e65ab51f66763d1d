/** Modules over our API, and the contracts on their documented paths, against the store and Temporal. */
import { PARTNERS } from '@callwright/partners';
import { recordingHeard, trustedScope, uuidv7 } from '@callwright/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../test-api.ts';

let api: TestApi;
let token: string;
let moduleId: string;
const [contract] = PARTNERS;
const path = contract!.mounts[0]!.path;

beforeAll(async () => {
  api = await startTestApi();
  const body = { contract: contract!.name, name: 'CRM', settings: { extendedLevel: true } };
  const made = await api.ask('POST', '/partner-modules', { body });
  expect(made.status).toBe(201);
  moduleId = made.body.id;
  token = (await api.ask('GET', `/partner-modules/${moduleId}/token`)).body.token;
}, 60_000);
afterAll(() => api?.close());

const get = async (params: Readonly<Record<string, string>>, with_ = token): Promise<string> => {
  const query = new URLSearchParams({ token: with_, ...params });
  const answer = await api.app.inject({ method: 'GET', url: `${path}?${query}` });
  expect(answer.statusCode).toBe(200);
  return answer.body;
};
const error = (body: string) => /<error>(.*)<\/error>/.exec(body)?.[1];

describe('modules', () => {
  it('are listed without their token, which is 32 hex characters', async () => {
    const { body } = await api.ask('GET', '/partner-modules');
    expect(body.items).toMatchObject([{ id: moduleId, contract: contract!.name, enabled: true }]);
    expect(JSON.stringify(body)).not.toContain(token);
    expect(token).toMatch(/^[0-9a-f]{32}$/);
  });

  it('keep settings that are not named; wrong ones and unknown contracts are refused', async () => {
    const patch = (body: object) => api.ask('PATCH', `/partner-modules/${moduleId}`, { body });
    expect((await patch({ settings: { application: 'HBO' } })).body.settings).toMatchObject({
      application: 'HBO',
      extendedLevel: true,
    });
    expect((await patch({ settings: { extendedLevel: 'maybe' } })).body.code).toBe('API_BAD_SETTINGS');
    expect((await patch({ settings: { unknown: 1 } })).body.code).toBe('API_BAD_SETTINGS');
    await patch({ settings: { application: '' } });
    const wrong = await api.ask('POST', '/partner-modules', { body: { contract: 'constructor', name: 'x' } });
    expect(wrong.body.code).toBe('API_UNKNOWN_CONTRACT');
  });

  it('are nobody else’s, nor are their tokens', async () => {
    const { key } = api.other;
    for (const [method, at] of [
      ['GET', ''],
      ['PATCH', ''],
      ['DELETE', ''],
      ['GET', '/token'],
      ['POST', '/token'],
    ] as const) {
      const body = method === 'PATCH' ? { body: { name: 'x' } } : {};
      expect((await api.ask(method, `/partner-modules/${moduleId}${at}`, { key, ...body })).status, method + at).toBe(
        404,
      );
    }
  });

  it('contracts are shown with rows and a schema', async () => {
    const { body } = await api.ask('GET', '/partner-contracts');
    expect(body.items[0]).toMatchObject({ name: contract!.name, settings: { type: 'object' } });
    expect(body.items[0].rows.length).toBeGreaterThan(50);
  });
});

describe('a contract on its path', () => {
  it('is opened by the token of an enabled module only', async () => {
    const users = { service: 'get_entities', entity_type: '0' };
    expect(error(await get(users, 'f'.repeat(32)))).toBe('invalid token');
    expect(error(await get(users, ''))).toBe('invalid token');
    expect(await get(users)).toContain('<extension>101</extension>');
    await api.ask('PATCH', `/partner-modules/${moduleId}`, { body: { enabled: false } });
    expect(error(await get(users))).toBe('invalid token');
    await api.ask('PATCH', `/partner-modules/${moduleId}`, { body: { enabled: true } });
    const before = token;
    token = (await api.ask('POST', `/partner-modules/${moduleId}/token`)).body.token;
    expect(error(await get(users, before))).toBe('invalid token');
    expect(await get(users)).toContain('<extension>101</extension>');
  });

  it('sets a mode', async () => {
    expect(await get({ service: 'set_user_mode', ext: '101', mode: '2' })).toContain('<request_id>');
    const { body } = await api.ask('GET', '/users');
    expect(body.items.find(({ extension }: { extension: string }) => extension === '101').mode).toBe('dnd');
    await get({ service: 'set_user_mode', ext: '101', mode: '1' });
  });

  it.each(['0', '1', '2', '3', '7', '8', '10', '11', '13'])('lists entities of type %s', async (entity_type) => {
    const body = await get({ service: 'get_entities', entity_type, owner_id: '1' });
    expect(body).toMatch(/^<\?xml version="1.0" encoding="UTF-8" \?>\n<result>\n<outcome>0<\/outcome>\n<[a-z]+>/);
  });

  it('answers histories and calls in progress', async () => {
    for (const service of ['get_call_report', 'get_current_calls'])
      expect(await get({ service, start_date: '2024-01-01' })).toContain('<outcome>0</outcome>');
    expect(await get({ service: 'get_user_call_report', ext: '101' })).toContain('<outcome>0</outcome>');
    const parties = ['calling', 'called', 'connected'].flatMap((role) => [
      [`${role}_type`, '2'],
      [`${role}_id`, '1'],
      [`${role}_number`, '0733'],
    ]);
    const flags = { internal: '0', gateway_in: '1', gateway_out: '0', outcome: '1', limit: '5', offset: '2' };
    const all = { service: 'get_call_report', extid: 'x', call_id: '7', ...flags, ...Object.fromEntries(parties) };
    expect(await get(all)).toContain('<outcome>0</outcome>');
    expect(error(await get({ ...all, called_type: '99' }))).toBe('invalid parameter: called_type');
  });

  it('lists queues among the groups, with their agents', async () => {
    const { body: users } = await api.ask('GET', '/users');
    const agent = (users.items as { id: string; extension: string }[]).find(({ extension }) => extension === '101')!;
    const { body: queue } = await api.ask('POST', '/queues', { body: { name: 'Hotline', extension: '780' } });
    await api.ask('PUT', `/queues/${queue.id}/members`, { body: { items: [{ userId: agent.id }] } });
    const groups = await get({
      service: 'get_entities',
      entity_type: '1',
      entity_id: String(1_000_000 + queue.number),
    });
    expect(groups).toContain('<name>Hotline</name>');
    expect(groups).toContain('<ring_mode>7</ring_mode>');
    expect(groups).toContain('<extension>101</extension>');
  });

  it('says of company voicemails whether there are recordings that nobody has heard', async () => {
    const name = `Reception ${uuidv7()}`;
    const box = await api.ask('POST', '/voicemail-boxes', { body: { name } });
    const state = async () => {
      const body = await get({ service: 'get_entities', entity_type: '8', entity_id: String(box.body.number) });
      return /<rectobelisten>(.)</.exec(body)?.[1];
    };
    await api.store.pool.query(`update recording set heard_at = now() where company_id = $1`, [api.demo.companyId]);
    expect(await state()).toBe('0');
    const id = uuidv7();
    await api.store.pool.query(
      `insert into recording (id, company_id, op, call_id, leg_id, kind, state, instance, purpose)
       values ($1, $2, $3, $1, 'leg', 'call', 'stored', 'm.1', '{}')`,
      [id, api.demo.companyId, id],
    );
    expect(await state()).toBe('1');
    expect((await api.ask('GET', `/voicemail-boxes/${box.body.id}/counts`)).body).toEqual({
      newMessages: 0,
      oldMessages: 0,
      newRecordings: 1,
    });
    // there is no file to hear
    expect((await api.ask('GET', `/recordings/${id}/audio`)).status).toBe(404);
    expect(await state()).toBe('1');
    await recordingHeard(api.store.db, trustedScope(api.demo.companyId), id);
    expect(await state()).toBe('0');
    expect((await api.ask('GET', `/recordings/${id}`)).body.heardAt).not.toBe(null);
  });

  it('keeps contacts: add, find, change, delete; another company has none of them', async () => {
    const added = await get({
      service: 'add_phonebook',
      name: 'Walter',
      surname: 'White',
      mobile: '+39 333-1',
      company: 'A & B',
    });
    const id = /<contact_id>(\d+)</.exec(added)![1]!;
    expect(await get({ service: 'get_phonebook', search: 'walter' })).toContain('<company>A &amp; B</company>');
    expect(await get({ service: 'get_phonebook', search: 'walter' })).toContain('<mobile>+393331</mobile>');
    expect(await get({ service: 'update_phonebook', contact_id: id, surname: 'Black' })).toContain('<outcome>0');
    expect(await get({ service: 'get_phonebook', search: 'black' })).toContain('<name>Walter</name>');
    const body = { contract: contract!.name, name: 'theirs' };
    const theirs = await api.ask('POST', '/partner-modules', { key: api.other.key, body });
    const key = api.other.key;
    const other = (await api.ask('GET', `/partner-modules/${theirs.body.id}/token`, { key })).body.token;
    expect(await get({ service: 'get_phonebook', search: 'black' }, other)).not.toContain('Walter');
    expect(error(await get({ service: 'delete_phonebook', contact_id: id }, other))).toBe('contact not found');
    expect(await get({ service: 'delete_phonebook', contact_id: id })).toContain('<outcome>0');
    expect(error(await get({ service: 'delete_phonebook', contact_id: id }))).toBe('contact not found');
  });

  it('synchronises 10,000 contacts twice: the second time only updates', async () => {
    const contacts = Array.from({ length: 10_000 }, (_, i) => ({
      name: `Name ${i}`,
      nummobile: `333${String(i).padStart(7, '0')}`,
      uc_app_name: 'HBO',
      uc_external_id: `contact-${i}`,
    }));
    const sync = async () => {
      const form = new FormData();
      form.append('contacts', JSON.stringify(contacts));
      const request = new Request('http://x/', { method: 'POST', body: form });
      const answer = await api.app.inject({
        method: 'POST',
        url: `${path}?service=phonebook_import_sync&token=${token}&verbose_output=1`,
        headers: { 'content-type': request.headers.get('content-type')! },
        payload: Buffer.from(await request.arrayBuffer()),
      });
      return answer.body;
    };
    const count = (body: string, act: string) => body.split(`<act>${act}</act>`).length - 1;
    const first = await sync();
    expect(first).toContain('<processed>10000</processed>\n<skipped>0</skipped>\n<warnings>0</warnings>');
    expect([count(first, 'insert'), count(first, 'update')]).toEqual([10_000, 0]);
    const again = await sync();
    expect([count(again, 'insert'), count(again, 'update')]).toEqual([0, 10_000]);
  }, 120_000);

  it('keeps a requested call with its command before it starts', async () => {
    // no media instance lives here: nothing is placed, and the caller is told
    expect(error(await get({ service: 'call_request', ext: '101', number: '102' }))).toBe('connection not found');
    expect(error(await get({ service: 'call_terminate', call_id: '1' }))).toBe('call not found');
  });
});
