/** How users are reached: forwarding by condition, a phone that deflects, a loop, screening. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { header } from '../phone/message.ts';
import type { Phone } from '../phone/phone.ts';
import { expectTalking } from './talk.ts';
import { World } from './world.ts';

let world: World;
let ids: Record<string, string>;
beforeAll(async () => {
  world = await World.company(['101', '102', '103']);
  const { items } = await world.must<{ items: { id: string; extension: string }[] }>('GET', '/users');
  ids = Object.fromEntries(items.map(({ id, extension }) => [extension, id]));
});
afterEach(async () => {
  await world?.closePhones();
  for (const id of Object.values(ids ?? {})) await world.must('PUT', `/users/${id}/calling`, {});
});
afterAll(() => world?.stop());

const reach = (extension: string, settings: unknown) => world.must('PUT', `/users/${ids[extension]}/calling`, settings);
const to = (extension: string, more: object = {}) => ({ destination: { type: 'user', id: ids[extension] }, ...more });

/** `caller` dials 101 and is expected to talk with whoever answers on `phone`. */
async function reached(caller: Phone, phone: Phone) {
  const rung = phone.nextIncoming();
  const call = await caller.call('101');
  const incoming = await (await rung).until('answered');
  await call.until('answered');
  await expectTalking(call, incoming);
  await call.hangUp();
  await incoming.until('ended');
  return { incoming, cdr: await world.cdrOf(call.callId) };
}

describe('forwarding', () => {
  it('always: the next phone is told who forwarded, the account pays', async () => {
    await reach('101', { forwarding: { always: to('102') } });
    const [alice, bob, carol] = [await world.phoneOf('101'), await world.phoneOf('102'), await world.phoneOf('103')];
    const { incoming, cdr } = await reached(carol, bob);
    expect(header(incoming.invite!, 'diversion')).toMatch(/sip:101@.*reason=unconditional/);
    expect(header(incoming.invite!, 'history-info')).toMatch(/sip:101@.*index=1, .*sip:102@.*index=1\.1/);
    expect(alice.incomingCalls).toEqual([]);
    expect(cdr).toMatchObject({ called: { number: '101' }, connected: { number: '102' } });
    expect(cdr.legs.find((leg) => leg.coordinates.number === '102')?.charged).toMatchObject({ number: '101' });
  });

  it('on busy, and on no answer after the rule’s own time', async () => {
    await reach('101', { forwarding: { busy: to('102'), noAnswer: to('102', { afterMs: 1000 }) } });
    const [alice, bob, carol] = [await world.phoneOf('101'), await world.phoneOf('102'), await world.phoneOf('103')];
    alice.policy = { refuse: 486 };
    await reached(carol, bob);
    alice.policy = { ring: true };
    const { cdr } = await reached(carol, bob);
    expect(alice.incomingCalls).toHaveLength(2);
    expect(cdr.legs.find((leg) => leg.coordinates.number === '101')).toMatchObject({ cause: 'no-answer' });
  });

  it('by the phone itself (302), and when the user has no phone', async () => {
    const [alice, bob, carol] = [await world.phoneOf('101'), await world.phoneOf('102'), await world.phoneOf('103')];
    const contact = ['Contact', `<sip:102@127.0.0.1:${world.sipPort}>`] as const;
    alice.policy = { refuse: 302, headers: [contact] };
    const { incoming } = await reached(carol, bob);
    expect(header(incoming.invite!, 'diversion')).toContain('reason=deflection');
    await alice.register(0);
    await reach('101', { forwarding: { unreachable: to('102') } });
    await reached(carol, bob);
  });

  it('in a circle ends instead of going round', async () => {
    await reach('101', { forwarding: { always: to('102') } });
    await reach('102', { forwarding: { always: to('101') } });
    const carol = await world.phoneOf('103');
    const call = await carol.call('101');
    // he hears that nobody can be reached that way
    await call.until('ended', 20_000);
    expect(call.finalStatus).toBe(480);
  });
});

describe('screening', () => {
  it('the user hears who calls and accepts by a key; the caller hears ringing until then', async () => {
    await reach('101', { screening: true });
    const [alice, carol] = [await world.phoneOf('101'), await world.phoneOf('103')];
    const rung = alice.nextIncoming();
    const call = await carol.call('101');
    const incoming = await (await rung).until('answered');
    await call.until('ringing');
    await sleep(500);
    expect(call.state).toBe('ringing');
    await incoming.press('1');
    await call.until('answered');
    await expectTalking(call, incoming);
    await call.hangUp();
  });
});

describe('follow-me', () => {
  it('rings a colleague beside the user after a delay; the first who takes the call has it', async () => {
    await reach('101', { followMe: { targets: [{ userId: ids['102'], delayMs: 1500, confirm: true }] } });
    const [alice, bob, carol] = [await world.phoneOf('101'), await world.phoneOf('102'), await world.phoneOf('103')];
    alice.policy = { ring: true };
    const rung = alice.nextIncoming();
    const follower = bob.nextIncoming();
    const call = await carol.call('101');
    const ringing = await rung;
    expect(bob.incomingCalls).toEqual([]);
    const incoming = await (await follower).until('answered');
    await sleep(500);
    expect(call.state).toBe('ringing');
    await incoming.press('1');
    await call.until('answered');
    await expectTalking(call, incoming);
    await ringing.until('ended');
    await call.hangUp();
    await incoming.until('ended');
  });
});
