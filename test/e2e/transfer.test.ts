/** Transfers that a user's phone asks for by REFER: blind to an extension, attended with Replaces (the leg moves between two calls). */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cdr } from '@callwright/engine';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sine, toneShare } from '../phone/audio.ts';
import type { PhoneCall } from '../phone/call.ts';
import { header, type SipMessage } from '../phone/message.ts';
import type { Phone } from '../phone/phone.ts';
import { World } from './world.ts';

let world: World;
let toneMenu: string;

beforeAll(async () => {
  world = await World.company();
  toneMenu = await world.numberOf('tone-menu');
});
afterEach(() => world?.closePhones());
afterAll(() => world?.stop());

const phones = async (): Promise<{ alice: Phone; bob: Phone; carols: Phone }> => ({
  alice: await world.phoneOf('101'),
  bob: await world.phoneOf('102'),
  carols: await world.phoneOf('103'),
});

/** A call between two phones, answered on both sides. */
async function talk(from: Phone, to: Phone, number: string): Promise<{ call: PhoneCall; incoming: PhoneCall }> {
  const rung = to.nextIncoming();
  const call = await from.call(number);
  const incoming = await (await rung).until('answered');
  await call.until('answered');
  return { call, incoming };
}

const uri = (number: string): string => `sip:${number}@127.0.0.1:${world.sipPort}`;

/** Each hears the other, and nobody else. */
async function expectTalking(a: PhoneCall, b: PhoneCall): Promise<void> {
  a.rtp.say(sine(600, 1000), true);
  b.rtp.say(sine(900, 1000), true);
  await sleep(1300);
  const now = performance.now();
  expect(toneShare(b.rtp.heardBetween(now - 700, now), 600)).toBeGreaterThan(0.9);
  expect(toneShare(a.rtp.heardBetween(now - 700, now), 900)).toBeGreaterThan(0.9);
}

/** Status lines that the transferor was told, in order, and the state of its subscription after them. */
function told(phone: Phone): { statuses: string[]; state: string } {
  const sipfrags = phone.notifies.filter((message) => header(message, 'event').startsWith('refer'));
  const last: SipMessage | undefined = sipfrags.at(-1);
  return {
    statuses: sipfrags.map(({ body }) => body.trim().split('\r\n')[0]!),
    state: last ? header(last, 'subscription-state') : '',
  };
}

const legOf = (cdr: Cdr, call: PhoneCall) => cdr.legs.find((leg) => leg.sipCallId === call.callId);

describe('a blind transfer', () => {
  it('by the called user: the caller goes on with the third, the CDR says so', async () => {
    const { alice, bob, carols } = await phones();
    const { call, incoming } = await talk(alice, bob, '102');
    await expectTalking(call, incoming);
    const rung = carols.nextIncoming();
    expect(await incoming.refer(uri('103'))).toBe(202);
    const third = await (await rung).until('answered');
    await incoming.until('ended');
    expect(incoming.endedBy).toBe('them');
    await expectTalking(call, third);
    expect(told(bob)).toEqual({
      statuses: ['SIP/2.0 100 Trying', 'SIP/2.0 200 OK'],
      state: expect.stringMatching(/^terminated/),
    });
    await call.hangUp();
    await third.until('ended');
    const cdr = await world.cdrOf(call.callId);
    expect(cdr).toMatchObject({ disposition: 'answered', cause: 'normal', endedBy: 'calling' });
    expect(cdr.connected).toMatchObject({ type: 'user', number: '103' });
    expect(cdr.legs).toHaveLength(3);
    expect(legOf(cdr, incoming)).toMatchObject({ cause: 'transferred', endedBy: 'local' });
    expect(legOf(cdr, third)).toMatchObject({ cause: 'normal', endedBy: 'local' });
  });

  it('by the calling user: the called one goes on with the third', async () => {
    const { alice, bob, carols } = await phones();
    const { call, incoming } = await talk(alice, bob, '102');
    const rung = carols.nextIncoming();
    expect(await call.refer(uri('103'))).toBe(202);
    const third = await (await rung).until('answered');
    await call.until('ended');
    await expectTalking(incoming, third);
    expect(told(alice).statuses.at(-1)).toBe('SIP/2.0 200 OK');
    await third.hangUp();
    await incoming.until('ended');
    const cdr = await world.cdrOf(call.callId);
    expect(legOf(cdr, call)).toMatchObject({ cause: 'transferred' });
    expect(cdr.connected).toMatchObject({ number: '103' });
  });

  it('to a flow: the caller hears it', async () => {
    const { alice, bob } = await phones();
    const { call, incoming } = await talk(alice, bob, '102');
    expect(await incoming.refer(uri(toneMenu))).toBe(202);
    await incoming.until('ended');
    await sleep(1200);
    const pressed = await call.press('5');
    await sleep(900);
    expect(toneShare(call.rtp.heardBetween(pressed + 200, pressed + 800), 900)).toBeGreaterThan(0.9);
    await call.hangUp();
    expect((await world.cdrOf(call.callId)).disposition).toBe('answered');
  });

  it('to nobody ends the call truly; a stranger may not transfer anybody', async () => {
    const { alice, bob } = await phones();
    const { call, incoming } = await talk(alice, bob, '102');
    expect(await incoming.refer(uri('987'))).toBe(202);
    await Promise.all([call.until('ended'), incoming.until('ended')]);
    const cdr = await world.cdrOf(call.callId);
    expect(legOf(cdr, incoming)).toMatchObject({ cause: 'transferred' });
    const stranger = await world.stranger();
    const own = await (await stranger.call(toneMenu)).until('answered');
    expect(await own.refer(uri('102'))).toBe(403);
    expect(own.state).toBe('answered');
    await own.hangUp();
  });
});

describe('an attended transfer', () => {
  it('joins both far ends and lets the transferor go; each call has its CDR', async () => {
    const { alice, bob, carols } = await phones();
    const first = await talk(alice, bob, '102');
    expect(await first.incoming.reinvite('sendonly')).toBe(200);
    const second = await talk(bob, carols, '103');
    await expectTalking(second.call, second.incoming);
    expect(await first.incoming.refer(uri('103'), second.call)).toBe(202);
    await Promise.all([first.incoming.until('ended'), second.call.until('ended')]);
    await expectTalking(first.call, second.incoming);
    expect([first.call.state, second.incoming.state]).toEqual(['answered', 'answered']);
    expect(carols.incomingCalls).toHaveLength(1);
    expect(told(bob).statuses.at(-1)).toBe('SIP/2.0 200 OK');
    await second.incoming.hangUp();
    await first.call.until('ended');
    const [kept, given] = [await world.cdrOf(first.call.callId), await world.cdrOf(second.call.callId)];
    expect(kept).toMatchObject({ disposition: 'answered', cause: 'normal' });
    expect(kept.connected).toMatchObject({ number: '103' });
    expect(legOf(kept, first.incoming)).toMatchObject({ cause: 'transferred' });
    expect(kept.legs.some((leg) => leg.coordinates.number === '103' && leg.cause === 'normal')).toBe(true);
    expect(given).toMatchObject({ disposition: 'answered', cause: 'transferred' });
    expect(legOf(given, second.call)?.endedAt).toEqual(expect.any(Number));
    await world.idle();
  });

  it('in the place of a dialog that is not the company’s, or whose tags are guessed, is refused', async () => {
    const { alice, bob, carols } = await phones();
    const first = await talk(alice, bob, '102');
    const second = await talk(bob, carols, '103');
    const guessed = encodeURIComponent(`${second.call.callId};to-tag=1;from-tag=2`);
    for (const replaces of [encodeURIComponent('nobody@nowhere;to-tag=1;from-tag=2'), guessed]) {
      expect(await first.incoming.refer(`${uri('103')}?Replaces=${replaces}`)).toBe(481);
    }
    await expectTalking(first.call, first.incoming);
    await first.call.hangUp();
    await second.call.hangUp();
  });

  it('whose second call has ended meanwhile leaves the first as it is', async () => {
    const { alice, bob, carols } = await phones();
    const first = await talk(alice, bob, '102');
    const second = await talk(bob, carols, '103');
    await second.incoming.hangUp();
    await second.call.until('ended');
    expect(await first.incoming.refer(uri('103'), second.call)).toBe(481);
    await expectTalking(first.call, first.incoming);
    await first.call.hangUp();
    expect(await world.cdrOf(first.call.callId)).toMatchObject({ cause: 'normal' });
  });
});
