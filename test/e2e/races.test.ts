/**
 * Both sides act within the same 20 ms, over SIP: transfers, pick-ups, joins, retrievals and hang-ups at once. Whoever wins, no leg and
 * no workflow is left over, and each call gives one true CDR. `engine/src/call/simultaneous.test.ts` goes through the orders; here
 * are the worst of them with real phones, each in a company of its own.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, it } from 'vitest';
import type { PhoneCall } from '../phone/call.ts';
import type { Phone } from '../phone/phone.ts';
import { callIdOf, talk } from './talk.ts';
import { World } from './world.ts';

/** How much later each act comes, ms: in each of these orders once. */
const OFFSETS = [
  [0, 4, 8],
  [18, 9, 0],
] as const;
/** Whoever wins has won by then. */
const SETTLED_MS = 600;

// the installation comes up before any of them begins to count its time
beforeAll(async () => {
  await World.demo();
});

interface Scene {
  readonly world: World;
  readonly alice: Phone;
  readonly bob: Phone;
  readonly carol: Phone;
  readonly dave: Phone;
  readonly uri: (number: string) => string;
}
type Act = () => Promise<unknown>;

/** Plays a scene with its acts at once, in every order; then everybody hangs up, and nothing untrue is left. */
function race(what: string, scene: (scene: Scene) => Promise<readonly Act[]>): void {
  it.concurrent(what, { timeout: 240_000 }, async () => {
    const world = await World.company(['101', '102', '103', '104']);
    await world.must('POST', '/park-slots', { extension: '701', returnMs: 60_000 });
    const [alice, bob, carol, dave] = [
      await world.phoneOf('101'),
      await world.phoneOf('102'),
      await world.phoneOf('103'),
      await world.phoneOf('104'),
    ];
    const uri = (number: string): string => `sip:${number}@127.0.0.1:${world.sipPort}`;
    for (const offsets of OFFSETS) {
      for (const phone of [alice, bob, carol, dave]) phone.policy = { answerAfterMs: 20 };
      const acts = await scene({ world, alice, bob, carol, dave, uri });
      await Promise.all(acts.map((act, i) => sleep(offsets[i]!).then(act)));
      await sleep(SETTLED_MS);
      await world.hangUpAll();
      // who is still held by the call before would be busy
      await world.idle(30_000);
    }
    const placed = [alice, bob, carol, dave].flatMap((phone) => phone.placedCalls);
    await world.stop();
    await expectTrueAccounts(world, placed);
  });
}

/** One CDR for each call that a phone placed, answered when the phone was; every leg in it has ended within the call. */
async function expectTrueAccounts(world: World, placed: readonly PhoneCall[]): Promise<void> {
  const calls = await world.calls('?limit=100');
  const untrue = calls.filter(
    ({ state, cdr }) => state !== 'ended' || !cdr?.legs.every(({ endedAt }) => endedAt! <= cdr.endedAt),
  );
  const accounts = placed.map(({ callId, statuses }) => ({
    answered: statuses.includes(200),
    found: calls
      .filter(({ cdr }) => cdr?.legs[0]?.sipCallId === callId)
      .map(({ disposition }) => disposition === 'answered'),
  }));
  const wrong = accounts.filter(({ answered, found }) => found.length !== 1 || found[0] !== answered);
  if (untrue.length + wrong.length > 0) throw new Error(JSON.stringify({ untrue, wrong }, null, 1));
}

/** Dials a code; whether it gets through is part of the race. */
const dials =
  (phone: Phone, number: string): Act =>
  async () => {
    const call = await phone.call(number);
    await Promise.race([call.until('answered'), call.until('ended')]).catch(() => {});
  };

/** Bob talks with alice, who called him, and with carol, whom he called: what an attended transfer starts from. */
async function consulting({ alice, bob, carol }: Scene) {
  const first = await talk(alice, bob, '102');
  const second = await talk(bob, carol, '103');
  return { first, second };
}

describe('an attended transfer, and at once', () => {
  race('the caller hangs up', async (scene) => {
    const { first, second } = await consulting(scene);
    return [() => first.incoming.refer(scene.uri('103'), second.call), () => first.call.hangUp()];
  });
  race('the third hangs up', async (scene) => {
    const { first, second } = await consulting(scene);
    return [() => first.incoming.refer(scene.uri('103'), second.call), () => second.incoming.hangUp()];
  });
  race('the transferor hangs up both', async (scene) => {
    const { first, second } = await consulting(scene);
    return [
      () => first.incoming.refer(scene.uri('103'), second.call),
      () => first.incoming.hangUp(),
      () => second.call.hangUp(),
    ];
  });
  race('the same from the other call, and both far ends hang up', async (scene) => {
    const { first, second } = await consulting(scene);
    return [
      () => first.incoming.refer(scene.uri('103'), second.call),
      () => second.call.refer(scene.uri('101'), first.incoming),
      () => Promise.all([first.call.hangUp(), second.incoming.hangUp()]),
    ];
  });
});

describe('a ringing call, and at once', () => {
  const ringing = async ({ alice, dave }: Scene) => {
    alice.policy = { ring: true };
    const rung = alice.nextIncoming();
    const call = await dave.call('101');
    const incoming = await rung;
    await call.until('ringing');
    return { call, incoming };
  };
  race('two pick it up, and it is answered', async (scene) => {
    const { incoming } = await ringing(scene);
    return [dials(scene.bob, '*8101'), dials(scene.carol, '*8101'), async () => scene.alice.answer(incoming)];
  });
  race('it is picked up, and its caller hangs up', async (scene) => {
    const { call } = await ringing(scene);
    return [dials(scene.bob, '*8101'), () => call.hangUp()];
  });
  race('it is answered, and its caller hangs up', async (scene) => {
    const { call, incoming } = await ringing(scene);
    return [async () => scene.alice.answer(incoming), () => call.hangUp()];
  });
});

describe('a conversation, and at once', () => {
  race('both hang up', async ({ alice, bob }) => {
    const { call, incoming } = await talk(alice, bob, '102');
    return [() => call.hangUp(), () => incoming.hangUp()];
  });
  race('each transfers the other', async ({ alice, bob, uri }) => {
    const { call, incoming } = await talk(alice, bob, '102');
    return [() => call.refer(uri('103')), () => incoming.refer(uri('104'))];
  });
  race('two fetch the party parked, who gives up', async (scene) => {
    const { call, incoming } = await talk(scene.alice, scene.bob, '102');
    await incoming.refer(scene.uri('701'));
    await incoming.until('ended');
    return [dials(scene.carol, '701'), dials(scene.dave, '701'), () => call.hangUp()];
  });
  race('two calls are joined with each other, and one ends', async ({ world, alice, bob, carol, dave }) => {
    const pairs = [await talk(alice, bob, '102'), await talk(carol, dave, '104')];
    const [one, two] = [await callIdOf(world, pairs[0]!.call), await callIdOf(world, pairs[1]!.call)];
    const join =
      (id: string, callId: string): Act =>
      () =>
        world.api('POST', `/calls/${id}/join`, { callId });
    return [join(one, two), join(two, one), () => pairs[1]!.incoming.hangUp()];
  });
});
