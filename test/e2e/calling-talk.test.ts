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

describe('in formats that are only passed on', () => {
  const describeAs = (audio: string, more: readonly string[]) => (port: number) =>
    [
      'v=0',
      `o=- ${port} 1 IN IP4 127.0.0.1`,
      's=-',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      `m=audio ${port} RTP/AVP ${audio}`,
      'a=rtpmap:101 telephone-event/8000',
      ...more,
      '',
    ].join('\r\n');
  const video = ['m=video 9 RTP/AVP 99', 'a=rtpmap:99 H264/90000', 'a=fmtp:99 profile-level-id=42e01f'];

  it('two phones that have G.729 alone talk; a machine refuses them', async () => {
    const [alice, bob] = [await world.phoneOf('101'), await world.phoneOf('102')];
    for (const phone of [alice, bob]) phone.describe = describeAs('18 101', ['a=rtpmap:18 G729/8000']);
    const { call, incoming } = await talk(alice, bob, '102');
    expect(call.remoteSdp).toMatch(/m=audio [1-9]\d* RTP\/AVP 18 101\r/);
    await expect
      .poll(
        async () => {
          await call.press('5');
          return incoming.rtp.receivedKeys.length;
        },
        { timeout: 10_000 },
      )
      .toBeGreaterThan(0);
    await call.hangUp();
    await incoming.until('ended');
    expect((await world.cdrOf(call.callId)).disposition).toBe('answered');
    const refused = await alice.call(await world.numberOf('front-desk'));
    await refused.until('ended');
    expect(refused.finalStatus).toBe(488);
  });

  it('two phones with H.264 have video, beside a codec of ours', async () => {
    const [alice, bob] = [await world.phoneOf('101'), await world.phoneOf('102')];
    for (const phone of [alice, bob]) phone.describe = describeAs('0 101', video);
    const { call, incoming } = await talk(alice, bob, '102');
    expect(call.remoteSdp).toMatch(/m=audio [1-9]\d* RTP\/AVP 0 101\r/);
    expect(call.remoteSdp).toMatch(/m=video [1-9]\d* RTP\/AVP 99\r/);
    await expectTalking(call, incoming);
    await call.hangUp();
  });
});

describe('parking by key', () => {
  it('whoever parks is told the slot, and the call is fetched there', async () => {
    const slot = `7${Math.floor(Math.random() * 900 + 100)}`;
    await world.must('POST', '/park-slots', { extension: slot, returnMs: 60_000 });
    const [alice, bob, carol] = [await world.phoneOf('101'), await world.phoneOf('102'), await world.phoneOf('103')];
    const { call, incoming } = await talk(alice, bob, '102');
    await expectTalking(call, incoming);
    const id = await callIdOf(world, call);
    await incoming.press('*4');
    await expectMusic(call, 900);
    await incoming.until('ended', 20_000);
    await expect.poll(() => factTypes(world, id), { timeout: 15_000 }).toContain('call.parked');
    const parked = (await world.records(id)).find(({ type }) => type === 'call.parked');
    const fetched = await (await carol.call(String(parked?.body.number))).until('answered');
    await expectTalking(call, fetched);
    await call.hangUp();
    await fetched.until('ended');
    await world.idle();
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
