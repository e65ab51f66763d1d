/** What two parties who talk can do: hold with music, by phone and by command. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { callIdOf, command, expectMusic, expectTalking, factTypes, talk } from './talk.ts';
import { World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await World.company(['101', '102', '103']);
});
afterEach(() => world?.closePhones());
afterAll(() => world?.stop());

describe('hold', () => {
  it('by the phone: the other party hears music until it retrieves; by command likewise', async () => {
    const [alice, bob] = [await world.phoneOf('101'), await world.phoneOf('102')];
    const { call, incoming } = await talk(alice, bob, '102');
    await expectTalking(call, incoming);
    expect(await incoming.reinvite('sendonly')).toBe(200);
    await expectMusic(call, 900);
    expect(await incoming.reinvite('sendrecv')).toBe(200);
    await expectTalking(call, incoming);
    const id = await callIdOf(world, call);
    expect(await command(world, id, 'hold', {})).toBe('done');
    await expectMusic(call, 900);
    expect(await command(world, id, 'retrieve', {})).toBe('done');
    await expectTalking(call, incoming);
    await call.hangUp();
    await incoming.until('ended');
    const cdr = await world.cdrOf(call.callId);
    expect(cdr).toMatchObject({ disposition: 'answered', endedBy: 'calling' });
    expect(cdr.holdMs).toBeGreaterThan(0);
    expect((await factTypes(world, id)).filter((type) => type === 'party.held' || type === 'party.resumed')).toEqual([
      'party.held',
      'party.resumed',
      'party.held',
      'party.resumed',
    ]);
  });
});

describe('transfer by key', () => {
  it('blind: the other party hears music, then talks to the target', async () => {
    const [alice, bob, carol] = [await world.phoneOf('101'), await world.phoneOf('102'), await world.phoneOf('103')];
    const { call, incoming } = await talk(alice, bob, '102');
    await expectTalking(call, incoming);
    await incoming.press('##');
    await expectMusic(call, 900);
    const rung = carol.nextIncoming();
    await incoming.press('103#');
    const third = await (await rung).until('answered');
    await incoming.until('ended');
    await expectTalking(call, third);
    await call.hangUp();
    expect((await world.cdrOf(call.callId)).connected).toMatchObject({ number: '103' });
  });

  it('attended: a word with the target, then hanging up joins the two', async () => {
    const [alice, bob, carol] = [await world.phoneOf('101'), await world.phoneOf('102'), await world.phoneOf('103')];
    const { call, incoming } = await talk(alice, bob, '102');
    await expectTalking(call, incoming);
    await incoming.press('*1');
    await expectMusic(call, 900);
    const rung = carol.nextIncoming();
    await incoming.press('103#');
    const third = await (await rung).until('answered');
    await expectTalking(incoming, third);
    await incoming.hangUp();
    await expectTalking(call, third);
    await third.hangUp();
    await call.until('ended');
    expect(await world.cdrOf(call.callId)).toMatchObject({ disposition: 'answered', connected: { number: '103' } });
  });
});
