/** Two companies with the same extensions and service numbers on one installation: neither reaches, lists or overhears the other. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type FlowDocument, flow, node } from '@callwright/engine';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sine, toneShare } from '../phone/audio.ts';
import type { Credentials } from '../phone/digest.ts';
import type { Phone } from '../phone/phone.ts';
import { World } from './world.ts';

const ACME_TONE_HZ = 1800;
const acmeDesk: FlowDocument = flow('front-desk', {
  title: 'Acme desk',
  language: 'en',
  nodes: {
    start: node('start', { answer: true }, { next: 'tone' }),
    tone: node(
      'play',
      { prompts: [{ parts: [{ type: 'tone', frequenciesHz: [ACME_TONE_HZ], onMs: 3000 }] }] },
      { next: 'end' },
    ),
    end: node('hang-up', {}),
  },
});

interface Company {
  readonly key: string;
  readonly logins: Readonly<Record<string, Credentials>>;
}

let world: World;
let acme: Company;
let acmeId: string;

/** A company with users of the given extensions, and its own key. */
async function makeCompany(name: string, extensions: readonly string[]): Promise<Company> {
  const owner = await world.must<{ id: string }>('POST', '/owners', { kind: 'company', name });
  acmeId = owner.id;
  const { key } = await world.must<{ key: string }>('POST', '/api-keys', { ownerId: owner.id, name: 'own' });
  const logins: Record<string, Credentials> = {};
  for (const extension of extensions) {
    const user = await world.must<{ id: string }>('POST', '/users', { extension, givenName: name }, key);
    const device = await world.must<{ id: string }>('POST', `/users/${user.id}/devices`, { name: 'phone' }, key);
    const secret = await world.must<Credentials>('GET', `/devices/${device.id}/secret`, undefined, key);
    logins[extension] = { username: secret.username, password: secret.password };
  }
  return { key, logins };
}

async function acmePhone(extension: string): Promise<Phone> {
  const phone = await world.stranger({ credentials: acme.logins[extension]! });
  expect(await phone.register()).toBe(200);
  return phone;
}

beforeAll(async () => {
  world = await World.demo();
  acme = await makeCompany('Acme', ['101', '102', '155']);
  const { items } = await world.must<{ items: { id: string; name: string }[] }>('GET', '/flows', undefined, acme.key);
  const desk =
    items.find(({ name }) => name === 'front-desk') ??
    (await world.must<{ id: string }>('POST', '/flows', { file: { document: acmeDesk } }, acme.key));
  const draft = await world.must<{ draftVersion: number }>('GET', `/flows/${desk.id}`, undefined, acme.key);
  await world.must(
    'PUT',
    `/flows/${desk.id}/draft`,
    { version: draft.draftVersion, file: { document: acmeDesk } },
    acme.key,
  );
  await world.must('POST', `/flows/${desk.id}/publish`, {}, acme.key);
  const number = { dialled: '200', kind: 'service', destination: { type: 'flow', id: desk.id } };
  await world.must('POST', '/numbers', number, acme.key);
});
afterEach(() => world?.closePhones());
afterAll(() => world?.stop());

describe('SIP', () => {
  it('rings the colleague of the caller’s own company, though both have the extension', async () => {
    const [bob, acmeBob] = [await world.phoneOf('102'), await acmePhone('102')];
    const [alice, acmeAlice] = [await world.phoneOf('101'), await acmePhone('101')];
    const first = await (await alice.call('102')).until('answered');
    const second = await (await acmeAlice.call('102')).until('answered');
    expect([bob.incomingCalls.length, acmeBob.incomingCalls.length]).toEqual([1, 1]);
    first.rtp.say(sine(600, 1000), true);
    second.rtp.say(sine(900, 1000), true);
    await sleep(1200);
    const now = performance.now();
    const [heard, acmeHeard] = [bob, acmeBob].map((phone) => phone.incomingCalls[0]!.rtp.heardBetween(now - 800, now));
    expect([toneShare(heard!, 600), toneShare(acmeHeard!, 900)].map((share) => share > 0.9)).toEqual([true, true]);
    expect([toneShare(heard!, 900), toneShare(acmeHeard!, 600)].map((share) => share < 0.1)).toEqual([true, true]);
    await Promise.all([first.hangUp(), second.hangUp()]);
  });

  it('reaches the service number of the caller’s own company', async () => {
    const call = await (await (await acmePhone('101')).call('200')).until('answered');
    await sleep(1200);
    const now = performance.now();
    expect(toneShare(call.rtp.heardBetween(now - 600, now), ACME_TONE_HZ)).toBeGreaterThan(0.9);
    await call.hangUp();
  });

  it('does not know the extensions and numbers of the other company', async () => {
    const [alice, acmeAlice] = [await world.phoneOf('101'), await acmePhone('101')];
    await acmePhone('155');
    for (const [phone, number] of [
      [alice, '155'],
      [acmeAlice, '201'],
      [acmeAlice, '202'],
    ] as const) {
      const call = await phone.call(number);
      await call.until('ended');
      expect(call.finalStatus).toBe(404);
    }
  });

  it('takes no log-in of one company under the name of the other’s', async () => {
    const forged = await world.stranger({ credentials: { ...acme.logins['101']!, username: 'alice' } });
    expect(await forged.register()).toBe(401);
    const call = await forged.call('102');
    await call.until('ended');
    expect([401, 403, 407]).toContain(call.finalStatus);
  });

  it('lets an unknown caller reach public numbers only', async () => {
    const stranger = await world.stranger();
    for (const number of ['101', '102', '155', '999', '+33123456789']) {
      const call = await stranger.call(number);
      await call.until('ended');
      expect([403, 404, 407]).toContain(call.finalStatus);
    }
    const call = await (await stranger.call('202')).until('answered');
    await call.hangUp();
  });
});

describe('API and events', () => {
  it('lists and shows only what is the company’s own', async () => {
    const call = await (await (await world.phoneOf('101')).call('202')).until('answered');
    await call.hangUp();
    await world.cdrOf(call.callId);
    const demo = (await world.calls('?limit=1'))[0]!;
    const own = await world.must<{ items: { id: string }[] }>('GET', '/calls?limit=100', undefined, acme.key);
    expect(own.items.map(({ id }) => id)).not.toContain(demo.id);
    for (const path of [`/calls/${demo.id}`, `/calls/${demo.id}/records`]) {
      expect((await world.api('GET', path, undefined, acme.key)).status).toBe(404);
    }
    expect((await world.api('POST', `/calls/${demo.id}/hangup`, {}, acme.key)).status).toBe(404);
    const users = await world.must<{ items: { givenName: string }[] }>('GET', '/users', undefined, acme.key);
    expect(new Set(users.items.map(({ givenName }) => givenName))).toEqual(new Set(['Acme']));
  });

  it('cannot join a call of the other company into its own', async () => {
    const alice = await (await (await world.phoneOf('101')).call('202')).until('answered');
    const acmeAlice = await (await (await acmePhone('101')).call('200')).until('answered');
    const demo = (await world.calls('?state=started&limit=1'))[0]!;
    const own = (await world.must<{ items: { id: string }[] }>('GET', '/calls?state=started', undefined, acme.key))
      .items[0]!;
    const answer = await world.api('POST', `/calls/${own.id}/join`, { callId: demo.id }, acme.key);
    expect([404, 422]).toContain(answer.status);
    await sleep(500);
    expect([alice.state, acmeAlice.state]).toEqual(['answered', 'answered']);
    await Promise.all([alice.hangUp(), acmeAlice.hangUp()]);
  });

  it('hears no event of the other company', async () => {
    const heard: string[] = [];
    const stop = new AbortController();
    const stream = await fetch(`${world.installation.url}/api/v1/events`, {
      headers: { authorization: `Bearer ${acme.key}` },
      signal: stop.signal,
    });
    const reading = (async () => {
      for await (const chunk of stream.body!) heard.push(Buffer.from(chunk).toString());
    })().catch(() => {});
    const call = await (await (await world.phoneOf('101')).call('202')).until('answered');
    await call.hangUp();
    const own = await (await (await acmePhone('101')).call('200')).until('answered');
    await own.hangUp();
    await sleep(1500);
    stop.abort();
    await reading;
    const text = heard.join('');
    expect(text).toContain('call.ended');
    expect(text).toContain(acmeDesk.title === '' ? '' : '200');
    const demo = (await world.calls('?limit=1'))[0]!;
    expect(text).not.toContain(demo.id);
    expect(acmeId).not.toBe('');
  });
});
