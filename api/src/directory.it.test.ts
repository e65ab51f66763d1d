import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi, toneWav } from './test-api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

async function newUser(extension: string): Promise<string> {
  return (await api.ask('POST', '/users', { body: { extension } })).body.id;
}

describe('users', () => {
  test('make, change, find by extension, delete; the extension is free again', async () => {
    const made = await api.ask('POST', '/users', { body: { extension: '140', givenName: 'Zoé', language: 'fr' } });
    expect(made.body).toMatchObject({
      extension: '140',
      givenName: 'Zoé',
      language: 'fr',
      registered: false,
      callWaiting: false,
    });
    const { id } = made.body;
    const changed = await api.ask('PATCH', `/users/${id}`, { body: { extension: '141', email: 'zoe@demo.example' } });
    expect(changed.body).toMatchObject({ extension: '141', email: 'zoe@demo.example', givenName: 'Zoé' });
    expect((await api.ask('GET', '/users?extension=140')).body.items).toEqual([]);
    expect((await api.ask('DELETE', `/users/${id}`)).status).toBe(204);
    expect((await api.ask('GET', `/users/${id}`)).status).toBe(404);
    expect((await api.ask('DELETE', `/users/${id}`)).status).toBe(404);
    const next = await api.ask('POST', '/users', { body: { extension: '141' } });
    expect(next.status).toBe(201);
    // numbers are never reused
    expect(next.body.number).toBeGreaterThan(made.body.number);
  });

  test('one dial plan: users, groups and numbers never answer to the same digits', async () => {
    expect((await api.ask('POST', '/users', { body: { extension: '200' } })).body.code).toBe('API_NUMBER_TAKEN');
    expect((await api.ask('POST', '/ring-groups', { body: { name: 'x', extension: '101' } })).body.code).toBe(
      'API_NUMBER_TAKEN',
    );
    expect((await api.ask('POST', '/numbers', { body: { dialled: '110', kind: 'service' } })).body.code).toBe(
      'API_NUMBER_TAKEN',
    );
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, () => api.ask('POST', '/users', { body: { extension: '145' } })),
      ...Array.from({ length: 5 }, (_, i) =>
        api.ask('POST', '/ring-groups', { body: { name: `race-${i}`, extension: '145' } }),
      ),
      ...Array.from({ length: 5 }, () => api.ask('POST', '/numbers', { body: { dialled: '145', kind: 'service' } })),
    ]);
    expect(answers.filter((a) => a.status === 201)).toHaveLength(1);
    expect(answers.filter((a) => a.body.code === 'API_NUMBER_TAKEN')).toHaveLength(14);
  });

  test('lists are pages that neither lose nor repeat', async () => {
    await Promise.all(Array.from({ length: 7 }, (_, i) => newUser(`16${i}`)));
    const seen: number[] = [];
    let cursor = '';
    do {
      const page = await api.ask('GET', `/users?limit=3${cursor}`);
      expect(page.body.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.body.items.map((u: { number: number }) => u.number));
      cursor = page.body.next === null ? '' : `&cursor=${page.body.next}`;
    } while (cursor !== '');
    const all = (await api.ask('GET', '/users?limit=500')).body.items.map((u: { number: number }) => u.number);
    expect(seen).toEqual(all);
  });
});

describe('devices', () => {
  test('a device has a log-in of its own, whose password is sealed, shown on demand and audited', async () => {
    const user = await newUser('170');
    const device = await api.ask('POST', `/users/${user}/devices`, { body: { name: 'Desk' } });
    expect(device.body.sip).toMatchObject({ realm: 'callwright', disabled: false });
    expect(device.body.sip.username).not.toBe('170');
    const shown = await api.ask('GET', `/devices/${device.body.id}/secret`);
    const { username, realm, password } = shown.body;
    const { rows } = await api.store.pool.query('select * from sip_login where username = $1', [username]);
    const ha1 = createHash('md5').update(`${username}:${realm}:${password}`).digest('hex');
    for (const sealed of [rows[0].secret_enc, rows[0].ha1_md5_enc, rows[0].ha1_sha256_enc]) {
      expect(sealed.toString('latin1')).not.toContain(password);
      expect(sealed.toString('latin1')).not.toContain(ha1);
    }
    const audit = (await api.ask('GET', '/audit')).body.items[0];
    expect(audit).toMatchObject({ action: 'device.secret-shown', entity: { type: 'device', id: device.body.id } });
    expect(JSON.stringify((await api.ask('GET', `/users/${user}/devices`)).body)).not.toContain(password);
  });

  test('a new password unregisters the phones that used the old one', async () => {
    const user = await newUser('171');
    const { body } = await api.ask('POST', `/users/${user}/devices`, { body: { username: 'desk-171' } });
    const before = (await api.ask('GET', `/devices/${body.id}/secret`)).body.password;
    await api.store.pool.query(
      `insert into registration (sip_login_id, contact, received, instance, call_id, cseq, expires_at)
       select id, 'sip:x@127.0.0.1', 'udp/127.0.0.1:5060', 'm.1', 'c', 1, now() + interval '1 hour' from sip_login where username = 'desk-171'`,
    );
    expect((await api.ask('GET', `/users/${user}`)).body.registered).toBe(true);
    expect((await api.ask('GET', `/users/${user}/registrations`)).body.items).toHaveLength(1);
    const after = await api.ask('POST', `/devices/${body.id}/secret`);
    expect(after.body.password).not.toBe(before);
    expect((await api.ask('GET', `/users/${user}`)).body.registered).toBe(false);
  });

  test('log-in names are unique on the platform', async () => {
    const user = await newUser('172');
    const taken = await api.ask('POST', `/users/${user}/devices`, { body: { username: 'alice' } });
    expect([taken.status, taken.body.code]).toEqual([409, 'API_NAME_TAKEN']);
    const theirs = await api.ask('POST', '/users', { key: api.other.key, body: { extension: '172' } });
    const other = await api.ask('POST', `/users/${theirs.body.id}/devices`, {
      key: api.other.key,
      body: { username: 'alice' },
    });
    expect(other.body.code).toBe('API_NAME_TAKEN');
  });

  test('deleting a user stops its log-ins', async () => {
    const user = await newUser('173');
    await api.ask('POST', `/users/${user}/devices`, { body: { username: 'desk-173' } });
    await api.ask('DELETE', `/users/${user}`);
    const { rows } = await api.store.pool.query(`select disabled_at from sip_login where username = 'desk-173'`);
    expect(rows[0].disabled_at).not.toBeNull();
  });
});

describe('groups, calendars, numbers', () => {
  test('members keep their order and must be users of the company', async () => {
    const [a, b] = [await newUser('180'), await newUser('181')];
    const made = await api.ask('POST', '/ring-groups', {
      body: { name: 'support', members: [{ userId: b }, { userId: a }], strategy: 'sequence' },
    });
    expect(made.body).toMatchObject({
      strategy: 'sequence',
      members: [{ userId: b }, { userId: a }],
      memberRingMs: 20_000,
    });
    const changed = await api.ask('PATCH', `/ring-groups/${made.body.id}`, {
      body: { members: [{ userId: a }, { userId: b }], extension: '189' },
    });
    expect(changed.body).toMatchObject({
      members: [{ userId: a }, { userId: b }],
      extension: '189',
      strategy: 'sequence',
    });
    expect(
      (await api.ask('PATCH', `/ring-groups/${made.body.id}`, { body: { members: [{ userId: crypto.randomUUID() }] } }))
        .body.code,
    ).toBe('API_UNKNOWN_MEMBER');
    expect((await api.ask('POST', '/ring-groups', { body: { name: 'support' } })).body.code).toBe('API_NAME_TAKEN');
    await api.ask('DELETE', `/users/${a}`);
    expect((await api.ask('GET', `/ring-groups/${made.body.id}`)).body.members).toMatchObject([{ userId: b }]);
    expect((await api.ask('DELETE', `/ring-groups/${made.body.id}`)).status).toBe(204);
  });

  test('calendars', async () => {
    const hours = { timeZone: 'Europe/Rome', weekly: [{ days: [1], fromMinute: 540, toMinute: 1020 }], dates: [] };
    const made = await api.ask('POST', '/calendars', { body: { name: 'shop', hours } });
    expect(made.body.hours).toEqual(hours);
    const wrong = { ...hours, weekly: [{ days: [8], fromMinute: 0, toMinute: 1500 }] };
    const refused = await api.ask('PATCH', `/calendars/${made.body.id}`, { body: { hours: wrong } });
    expect(refused.body.errors.length).toBeGreaterThanOrEqual(2);
  });

  test('a number leads to what the company has, and can lead elsewhere or nowhere', async () => {
    const user = await newUser('190');
    const made = await api.ask('POST', '/numbers', {
      body: { dialled: '+390612345678', kind: 'did', public: true, destination: { type: 'user', id: user } },
    });
    expect(made.body.destination).toEqual({ type: 'user', id: user });
    const theirs = await api.ask('POST', '/numbers', {
      key: api.other.key,
      body: { dialled: '+390612345678', kind: 'did' },
    });
    expect(theirs.body.code).toBe('API_NUMBER_TAKEN');
    for (const destination of [
      { type: 'user', id: crypto.randomUUID() },
      { type: 'teapot', id: 'x' },
      { type: 'user', id: 'not-a-uuid' },
      { type: '__proto__', id: 'x' },
    ]) {
      expect((await api.ask('PATCH', `/numbers/${made.body.id}`, { body: { destination } })).body.code).toBe(
        'API_UNKNOWN_DESTINATION',
      );
    }
    expect(
      (await api.ask('PATCH', `/numbers/${made.body.id}`, { body: { destination: null } })).body.destination,
    ).toBeNull();
  });
});

describe('prompts', () => {
  const upload = (name: string, payload: Buffer, key = api.demo.admin.apiKey) =>
    api.app.inject({
      method: 'PUT',
      url: `/api/v1/prompts/${name}/audio`,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'audio/wav' },
      payload,
    });

  test('a WAV of any rate is kept as 8 kHz mono 16 bit', async () => {
    const answer = await upload('welcome', toneWav(44_100));
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ name: 'welcome', text: null });
    expect(Math.abs(answer.json().durationMs - 1000)).toBeLessThan(20);
    const audio = await api.ask('GET', '/prompts/welcome/audio');
    expect(audio.headers['content-type']).toBe('audio/wav');
    const wav: Buffer = audio.body;
    expect([wav.readUInt16LE(22), wav.readUInt32LE(24), wav.readUInt16LE(34)]).toEqual([1, 8000, 16]);
    expect(createHash('sha256').update(wav).digest('hex')).toBe(answer.json().hash);
  });

  test('spoken text, replacement, deletion', async () => {
    const spoken = await api.ask('PUT', '/prompts/hello', { body: { text: 'Hello', language: 'en' } });
    expect(spoken.body).toMatchObject({ name: 'hello', text: 'Hello', language: 'en' });
    const replaced = (await upload('hello', toneWav(16_000))).json();
    expect([replaced.id, replaced.text]).toEqual([spoken.body.id, null]);
    expect((await api.ask('DELETE', '/prompts/hello')).status).toBe(204);
    expect((await api.ask('GET', '/prompts/hello')).status).toBe(404);
  });

  test('what is no audio is refused with the reason', async () => {
    for (const bytes of [Buffer.from('hello'), toneWav().subarray(0, 44), Buffer.alloc(0)]) {
      const answer = await upload('bad', bytes);
      expect([answer.statusCode, answer.json().code]).toEqual([422, 'API_AUDIO_INVALID']);
    }
    expect((await upload('big', Buffer.alloc(21 * 1024 * 1024))).statusCode).toBe(413);
    expect((await upload('..%2Fescape', toneWav())).statusCode).toBe(400);
  });
});
