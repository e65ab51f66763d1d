/** Commands from outside to real calls, and companies that are suspended while their phones are there. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sine, toneShare } from '../phone/audio.ts';
import type { PhoneCall } from '../phone/call.ts';
import type { Credentials } from '../phone/digest.ts';
import { World } from './world.ts';

const FIVE_HZ = 900;
const CHANGED_HZ = 1800;

let world: World;
let toneMenuNumber: string;

beforeAll(async () => {
  world = await World.company(['101']);
  toneMenuNumber = await world.numberOf('tone-menu');
});
afterEach(() => world?.closePhones());
afterAll(() => world?.stop());

/** A call to the tone menu, answered, with our id of it. */
async function toneMenu(): Promise<{ call: PhoneCall; id: string }> {
  const call = await (await (await world.stranger()).call(toneMenuNumber)).until('answered');
  await expect.poll(async () => (await world.callIds()).get(call.callId)).toBeTruthy();
  return { call, id: (await world.callIds()).get(call.callId)! };
}

/** Share of a tone in what is heard after key 5. */
async function heardAfterFive(call: PhoneCall, hz: number): Promise<number> {
  const pressed = await call.press('5');
  await sleep(900);
  return toneShare(call.rtp.heardBetween(pressed + 200, pressed + 800), hz);
}

/** Sends the command; the code with which the call answered it. */
async function commanded(id: string, action: string, body: unknown): Promise<unknown> {
  const control = await world.must<{ id: string }>('POST', `/calls/${id}/${action}`, body);
  const done = async () =>
    (await world.records(id)).find(({ type, body: fact }) => type === 'control.done' && fact.id === control.id);
  await expect.poll(done).toBeTruthy();
  const { body: fact } = (await done())!;
  return fact.ok === (fact.code === 'done') ? fact.code : fact;
}

const menuOf = async (hz: number): Promise<Record<string, unknown>> => {
  const { items } = await world.must<{ items: { id: string }[] }>('GET', '/flows?name=tone-menu');
  const draft = await world.must<{ draft: { document: { nodes: { id: string; config: Record<string, unknown> }[] } } }>(
    'GET',
    `/flows/${items[0]!.id}`,
  );
  const { config } = draft.draft.document.nodes.find((node) => node.id === 'five')!;
  return { ...config, prompts: [{ parts: [{ type: 'tone', frequenciesHz: [hz], onMs: 1000 }] }] };
};

describe('override', () => {
  it('changes one node of one running call, and nothing of any other', async () => {
    const [changed, other] = [await toneMenu(), await toneMenu()];
    expect(await heardAfterFive(changed.call, FIVE_HZ)).toBeGreaterThan(0.9);
    const config = await menuOf(CHANGED_HZ);
    expect(await commanded(changed.id, 'override', { node: 'five', config })).toBe('done');
    expect(await heardAfterFive(changed.call, CHANGED_HZ)).toBeGreaterThan(0.9);
    expect(await heardAfterFive(other.call, FIVE_HZ)).toBeGreaterThan(0.9);
    await Promise.all([changed.call.hangUp(), other.call.hangUp()]);
    const later = await toneMenu();
    expect(await heardAfterFive(later.call, FIVE_HZ)).toBeGreaterThan(0.9);
    await later.call.hangUp();
  });

  it('that would not fit is refused by the call, which goes on', async () => {
    const { call, id } = await toneMenu();
    const config = await menuOf(CHANGED_HZ);
    expect(await commanded(id, 'override', { node: 'nowhere', config })).toBe('unknown-node');
    expect(await commanded(id, 'override', { node: 'five', config: { prompts: 7 } })).toBe('bad-config');
    const choices = [{ key: '1', outcome: 'elsewhere' }];
    expect(await commanded(id, 'override', { node: 'five', config: { ...config, choices } })).toBe('outcomes-differ');
    expect(await heardAfterFive(call, FIVE_HZ)).toBeGreaterThan(0.9);
    await call.hangUp();
    await world.cdrOf(call.callId);
    expect((await world.api('POST', `/calls/${id}/override`, { node: 'five', config })).status).toBe(409);
  });
});

describe('redirect and hang-up', () => {
  it('send the caller to a user, then end the call', async () => {
    const alice = await world.phoneOf('101');
    const { items } = await world.must<{ items: { id: string; extension: string }[] }>('GET', '/users');
    const user = items.find(({ extension }) => extension === '101')!;
    const { call, id } = await toneMenu();
    const rung = alice.nextIncoming();
    expect(await commanded(id, 'redirect', { destination: { type: 'user', id: user.id } })).toBe('done');
    const incoming = await (await rung).until('answered');
    incoming.rtp.say(sine(700, 1000), true);
    await sleep(1200);
    const now = performance.now();
    expect(toneShare(call.rtp.heardBetween(now - 600, now), 700)).toBeGreaterThan(0.9);
    await world.must('POST', `/calls/${id}/hangup`, {});
    await Promise.all([call.until('ended'), incoming.until('ended')]);
    expect((await world.cdrOf(call.callId)).endedBy).toBe('platform');
  });
});

describe('a suspended company', () => {
  it('calls nobody and is called by nobody, until it is taken back', async () => {
    const platform = world.installation.adminKey;
    const owner = (fields: object) => world.must<{ id: string }>('POST', '/owners', fields, platform);
    const reseller = await owner({ kind: 'reseller', name: 'Between' });
    const company = await owner({ kind: 'company', name: 'Below', parentId: reseller.id });
    const own = { ownerId: company.id, name: 'own' };
    const { key } = await world.must<{ key: string }>('POST', '/api-keys', own, platform);
    const user = await world.must<{ id: string }>('POST', '/users', { extension: '101', givenName: 'Zoe' }, key);
    const device = await world.must<{ id: string }>('POST', `/users/${user.id}/devices`, { name: 'phone' }, key);
    const { username, password } = await world.must<Credentials>('GET', `/devices/${device.id}/secret`, undefined, key);
    const phone = await world.stranger({ credentials: { username, password } });
    const originate = (path: string, by: string) =>
      world.api<{ code: string }>('POST', path, { to: { type: 'extension', extension: '101' }, flow: 'echo-test' }, by);
    const suspend = (suspended: boolean) => world.must('PATCH', `/owners/${reseller.id}`, { suspended }, platform);
    expect(await phone.register()).toBe(200);

    await suspend(true);
    expect((await originate('/calls', key)).status).toBe(401);
    expect((await originate(`/calls?company=${company.id}`, platform)).body.code).toBe('API_COMPANY_UNKNOWN');
    expect(await phone.register()).toBe(200);
    const refused = await phone.call('101');
    await refused.until('ended', 20_000);
    expect(refused.finalStatus).toBe(403);
    expect(phone.incomingCalls).toEqual([]);

    await suspend(false);
    const rung = phone.nextIncoming();
    expect((await originate('/calls', key)).status).toBe(202);
    await (await (await rung).until('answered')).hangUp();
  });
});
