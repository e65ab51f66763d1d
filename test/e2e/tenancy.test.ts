/** Two companies with the same extensions and service numbers on one installation: neither reaches, lists or overhears the other. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type FlowDocument, flow, node } from '@callwright/engine';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sine, toneShare } from '../phone/audio.ts';
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

let world: World;
let acme: World;
/** A public number of the first company. */
let toneMenu: string;

const acmePhone = (extension: string): Promise<Phone> => acme.phoneOf(extension);

beforeAll(async () => {
  [world, acme] = [await World.company(['101', '102']), await World.company(['101', '102', '155'])];
  toneMenu = await world.numberOf('tone-menu');
  const { items } = await acme.must<{ items: { id: string; name: string }[] }>('GET', '/flows?name=front-desk');
  const { id } = items[0]!;
  const { draftVersion: version } = await acme.must<{ draftVersion: number }>('GET', `/flows/${id}`);
  await acme.must('PUT', `/flows/${id}/draft`, { version, file: { document: acmeDesk } });
  await acme.must('POST', `/flows/${id}/publish`, {});
  await acme.must('POST', '/numbers', { dialled: '200', kind: 'service', destination: { type: 'flow', id } });
});
afterEach(() => Promise.all([world?.closePhones(), acme?.closePhones()]));
afterAll(() => Promise.all([world?.stop(), acme?.stop()]));

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
      [acmeAlice, '103'],
      [acmeAlice, toneMenu],
    ] as const) {
      const call = await phone.call(number);
      await call.until('ended');
      expect(call.finalStatus).toBe(404);
    }
  });

  it('takes no log-in of one company under the name of the other’s', async () => {
    const forged = await world.stranger({ credentials: { ...(await acme.credentials('101')), username: 'alice' } });
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
    const call = await (await stranger.call(toneMenu)).until('answered');
    await call.hangUp();
  });
});

describe('API and events', () => {
  it('lists and shows only what is the company’s own', async () => {
    const call = await (await (await world.phoneOf('101')).call(toneMenu)).until('answered');
    await call.hangUp();
    await world.cdrOf(call.callId);
    const demo = (await world.calls('?limit=1'))[0]!;
    const own = await world.must<{ items: { id: string }[] }>('GET', '/calls?limit=100', undefined, acme.key);
    expect(own.items.map(({ id }) => id)).not.toContain(demo.id);
    for (const path of [`/calls/${demo.id}`, `/calls/${demo.id}/records`]) {
      expect((await world.api('GET', path, undefined, acme.key)).status).toBe(404);
    }
    expect((await world.api('POST', `/calls/${demo.id}/hangup`, {}, acme.key)).status).toBe(404);
    const users = await acme.must<{ items: { extension: string }[] }>('GET', '/users');
    expect(users.items.map(({ extension }) => extension).toSorted()).toEqual(['101', '102', '155']);
  });

  it('cannot join a call of the other company into its own', async () => {
    const alice = await (await (await world.phoneOf('101')).call(toneMenu)).until('answered');
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
    const call = await (await (await world.phoneOf('101')).call(toneMenu)).until('answered');
    await call.hangUp();
    const own = await (await (await acmePhone('101')).call('200')).until('answered');
    await own.hangUp();
    await sleep(1500);
    stop.abort();
    await reading;
    const text = heard.join('');
    expect(text).toContain('call.ended');
    const demo = (await world.calls('?limit=1'))[0]!;
    expect(text).not.toContain(demo.id);
  });
});
