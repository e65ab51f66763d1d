/**
 * kill -9 of what holds the legs: telephony, the media server, the SIP server. Those legs are lost and nothing else: far ends are
 * told where they can be reached, every call ends with a true CDR, users are free again, new calls are taken.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Role } from '@callwright/start';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { World } from '../e2e/world.ts';
import type { PhoneCall } from '../phone/call.ts';
import { expectTrueRecords, nothingLeft, query } from './aftermath.ts';
import { limitsHold, print } from './figures.ts';
import { publish, ticks } from './flows.ts';
import {
  addDirectNumbers,
  addGroups,
  addUsers,
  callMany,
  dataDirOption,
  eventually,
  scaled,
  type TestUser,
} from './population.ts';

const TONE_MENU = '202';
const RING_MS = 120_000;
const COUNT = { menu: scaled(16), ticks: scaled(8), bridged: scaled(10), ring: scaled(8) };
/** The requirements are 15 s and 5 s, asserted where the machine is quiet (`npm run bench`); a crowded one only must not leave it out. */
const ENDED_MS = limitsHold ? 15_000 : 40_000;
const NEW_CALL_MS = limitsHold ? 5000 : 20_000;

let world: World;
let rung: TestUser[];
let talking: TestUser[];
let groupNumbers: string[];
let userNumbers: string[];

beforeAll(async () => {
  world = await World.start(dataDirOption('media'));
  await publish(world, ticks(20), '301');
  rung = await addUsers(world, COUNT.ring, 500, { ring: true });
  talking = await addUsers(world, COUNT.bridged, 600, { answerAfterMs: 100 });
  groupNumbers = await addGroups(world, rung, 320, RING_MS);
  userNumbers = await addDirectNumbers(world, talking, 360);
});
// what a failed try leaves would keep the users busy in the next one
afterEach(() => world?.hangUpAll());
afterAll(() => world?.stop());

interface Held {
  readonly calls: readonly PhoneCall[];
  /** What rang or talked at the users' phones. */
  readonly farEnds: readonly PhoneCall[];
}

async function placeCalls(): Promise<Held> {
  const callers = await world.stranger();
  const before = new Set([...rung, ...talking].flatMap(({ phone }) => phone.incomingCalls));
  const bridged = await callMany(COUNT.bridged, (i) => callers.call(userNumbers[i]!));
  const ringing = await callMany(COUNT.ring, (i) => callers.call(groupNumbers[i]!));
  const menus = await callMany(COUNT.menu, () => callers.call(TONE_MENU));
  const tickers = await callMany(COUNT.ticks, () => callers.call('301'));
  const farEnds = () =>
    [...rung, ...talking].flatMap(({ phone }) => phone.incomingCalls.filter((call) => !before.has(call)));
  await eventually('every phone to ring', 20_000, () => farEnds().length === COUNT.bridged + COUNT.ring);
  return { calls: [...bridged, ...ringing, ...menus, ...tickers], farEnds: farEnds() };
}

describe.each([
  { role: 'telephony', reachable: true },
  { role: 'media', reachable: true },
  { role: 'sip', reachable: false },
] as const)('kill -9 of $role', ({ role, reachable }) => {
  it('ends what it held with true records and takes new calls', { timeout: 120_000 }, async () => {
    const { calls, farEnds } = await placeCalls();
    await sleep(1000);
    const killedAt = performance.now();
    const killedAtMs = Date.now();
    world.installation.kill(role as Role);
    const [takenMs, endedMs] = await Promise.all([firstNewCall(killedAt), lastEnd(killedAt, calls)]);
    const told = [...calls, ...farEnds].filter(({ endedBy }) => endedBy === 'them');
    const lastTold = Math.max(0, ...told.map(({ times }) => times.ended! - killedAt));
    print(
      `${role}: ${calls.length} calls; far ends told ${told.length} of ${calls.length + farEnds.length} within ${lastTold.toFixed(0)} ms, ` +
        `calls ended after ${endedMs.toFixed(0)} ms, first new call after ${takenMs.toFixed(0)} ms`,
    );
    if (reachable) {
      expect([...calls, ...farEnds].filter(({ state }) => state !== 'ended')).toEqual([]);
      expect(lastTold).toBeLessThanOrEqual(ENDED_MS);
    }
    expect(endedMs).toBeLessThanOrEqual(ENDED_MS);
    expect(takenMs).toBeLessThanOrEqual(NEW_CALL_MS);
    await expectTrueEnds(calls, killedAtMs);
    await expectUsersFree();
    // what could not be told ends on its own
    await Promise.all([...calls, ...farEnds].map((call) => call.hangUp()));
    await nothingLeft(world);
  });
});

/** Each call's CDR says media-lost, at the time of the kill. */
async function expectTrueEnds(calls: readonly PhoneCall[], killedAtMs: number): Promise<void> {
  const cdrs = await expectTrueRecords(
    world,
    calls.map(({ callId }) => callId),
  );
  const wrong = [...cdrs.values()].filter(
    ({ disposition, cause, endedAt, legs }) =>
      disposition !== 'media-lost' ||
      cause !== 'media-lost' ||
      endedAt < killedAtMs - 1000 ||
      endedAt > killedAtMs + ENDED_MS ||
      legs.some((leg) => leg.cause !== 'media-lost' || leg.endedAt === null),
  );
  expect(wrong).toEqual([]);
}

/** Time from the kill to the answer of the first call placed after it, by callers who try again as people do. */
async function firstNewCall(killedAt: number): Promise<number> {
  for (;;) {
    const caller = await world.stranger();
    const call = await caller.call(TONE_MENU);
    const answered = await call.until('answered', 2000).then(
      () => true,
      () => false,
    );
    if (answered) {
      const takenMs = call.times.answered! - killedAt;
      await call.hangUp();
      return takenMs;
    }
    await call.hangUp().catch(() => {});
    if (performance.now() - killedAt > 30_000) throw new Error('no new call was taken within 30 s');
    await sleep(200);
  }
}

/** Time from the kill until every call's row says ended. */
async function lastEnd(killedAt: number, calls: readonly PhoneCall[]): Promise<number> {
  const ids = calls.map(({ callId }) => callId);
  for (;;) {
    const open = await query<{ id: string }>(
      world,
      "select call.id from call join leg on leg.call_id = call.id where leg.sip_call_id = any($1) and call.state <> 'ended'",
      [ids],
    );
    const passed = performance.now() - killedAt;
    if (open.length === 0) return passed;
    if (passed > 3 * ENDED_MS) throw new Error(`${open.length} calls are open ${passed.toFixed(0)} ms after the kill`);
    await sleep(100);
  }
}

/** The same users can be rung again, each exactly once. */
async function expectUsersFree(): Promise<void> {
  const callers = await world.stranger();
  const before = [...rung, ...talking].map(({ phone }) => phone.incomingCalls.length);
  const again = await Promise.all([
    ...userNumbers.map((number) => callers.call(number)),
    ...groupNumbers.map((number) => callers.call(number)),
  ]);
  await Promise.all(again.map((call) => call.until('answered', 10_000)));
  const incoming = () => [...rung, ...talking].map(({ phone }, i) => phone.incomingCalls.length - before[i]!);
  for (let waited = 0; waited < 15_000 && incoming().includes(0); waited += 100) await sleep(100);
  expect(incoming()).toEqual(before.map(() => 1));
  await Promise.all(again.map((call) => call.hangUp()));
  expect(again.map(({ byeStatus }) => byeStatus)).toEqual(again.map(() => 200));
}
