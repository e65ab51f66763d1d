/**
 * kill -9 of calls, io and api workers at random while more than two hundred calls are in every state: nothing is lost, repeated
 * or cut; pauses stay short. The calls are the product's only witnesses: everything is judged by what the phones heard and saw.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World } from '../e2e/world.ts';
import { percentile, sine, toneShare } from '../phone/audio.ts';
import type { PhoneCall } from '../phone/call.ts';
import type { Phone } from '../phone/phone.ts';
import { ASK, asks, CLIMB, climb, publish, ring, TICK, ticks } from './flows.ts';
import { longestGap, stepsHeard, toneOnset, toneStretches } from './listening.ts';

const KILLING_MS = 30_000;
const KILL_EVERY_MS = 1500;
const TONE_MENU = '202';
/** Calls per kind; a bridged pair and a joined pair hold two legs each. */
const COUNT = { climb: 40, menu: 60, ticks: 40, asks: 20, ring: 20, bridged: 20, joined: 24 };

let world: World;
let service: Server;
/** Idempotency keys of requests served, to count the repeats. */
const served: string[] = [];

/** Users of their own for the ringing and the bridged calls, each with a registered phone. */
async function addUsers(
  count: number,
  firstExtension: number,
  answers: boolean,
): Promise<{ extension: string; phone: Phone; id: string }[]> {
  const users = [];
  for (let i = 0; i < count; i++) {
    const extension = String(firstExtension + i);
    const user = await world.must<{ id: string }>('POST', '/users', { extension, givenName: `User ${extension}` });
    const device = await world.must<{ id: string }>('POST', `/users/${user.id}/devices`, { name: 'phone' });
    const secret = await world.must<{ username: string; password: string }>('GET', `/devices/${device.id}/secret`);
    const phone = await world.stranger({
      credentials: secret,
      incoming: answers ? { answerAfterMs: 100 } : { ring: true },
    });
    expect(await phone.register()).toBe(200);
    users.push({ extension, phone, id: user.id });
  }
  return users;
}

/** Places calls at a pace that the machine can set up. */
async function callMany(count: number, place: (index: number) => Promise<PhoneCall>): Promise<PhoneCall[]> {
  const calls: PhoneCall[] = [];
  for (let i = 0; i < count; i++) {
    calls.push(await place(i));
    await sleep(120);
  }
  await Promise.all(calls.map((call) => call.until('answered', 30_000)));
  return calls;
}

beforeAll(async () => {
  service = createServer((request, response) => {
    served.push(String(request.headers['idempotency-key']));
    setTimeout(() => response.setHeader('content-type', 'application/json').end('{"ok":true}'), ASK.answerMs);
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  world = await World.start({ env: { CALLWRIGHT_MAX_CALLS: '600', CALLWRIGHT_ALLOW_URLS: address } });
  await publish(world, climb, '300');
  await publish(world, ticks, '301');
  await publish(world, asks(`${address}/slow`), '302');
});
afterAll(async () => {
  await world?.stop();
  service?.close();
});

describe('kill -9 under calls in every state', () => {
  it('loses no call and no key, repeats no prompt and no ring, keeps pauses short', { timeout: 300_000 }, async () => {
    const callers = await world.stranger();
    const ringing = await addUsers(COUNT.ring, 500, false);
    const talking = await addUsers(COUNT.bridged, 600, true);
    for (const [index, user] of ringing.entries()) {
      const group = await world.must<{ name: string }>('POST', '/ring-groups', {
        name: `ring-${index}`,
        strategy: 'all',
        memberRingMs: 120_000,
        totalRingMs: 120_000,
        members: [user.id],
      });
      await publish(world, ring(group.name, 120_000), String(320 + index));
    }
    const bridged: PhoneCall[] = [];
    for (const [index, user] of talking.entries()) {
      const other = ringing[index]!.phone;
      const placed = await other.call(user.extension);
      bridged.push(await placed.until('answered', 20_000));
    }
    const menus = await callMany(COUNT.menu, () => callers.call(TONE_MENU));
    const joined = await callMany(COUNT.joined, () => callers.call(TONE_MENU));
    const tickers = await callMany(COUNT.ticks, () => callers.call('301'));
    const askers = await callMany(COUNT.asks, () => callers.call('302'));
    const climbers = await callMany(COUNT.climb, () => callers.call('300'));
    const all = [...menus, ...joined, ...tickers, ...askers, ...climbers, ...bridged];
    expect(all.length).toBeGreaterThanOrEqual(200);
    const ids = await world.callIds();
    const startedAt = performance.now();
    const until = startedAt + KILLING_MS;
    const pressed: { call: PhoneCall; digit: string; atMs: number }[] = [];

    await Promise.all([
      killAtRandom(until),
      ...menus.map((call, i) => pressKeys(call, i, until, pressed)),
      ...pairs(joined).map(([a, b], i) => joinLater(ids, a, b, i)),
    ]);
    await sleep(6000);

    // nobody was cut off
    const early = all.filter(
      (call) => call.state === 'ended' && !climbers.includes(call) && !tickers.includes(call) && !askers.includes(call),
    );
    expect(early.map((call) => call.byeReason)).toEqual([]);
    // every key was answered by its tone
    const latencies = pressed.map(
      ({ call, digit, atMs }) =>
        (toneOnset(call.rtp, 400 + 100 * Number(digit), atMs) ?? Number.POSITIVE_INFINITY) - atMs,
    );
    report('key → tone', latencies);
    expect(latencies.filter((ms) => !Number.isFinite(ms))).toEqual([]);
    expectShort(latencies, 4000);
    // no prompt began again, none lost a step
    for (const call of climbers) {
      const steps = stepsHeard(call.rtp, CLIMB);
      expect(steps).toEqual(Array.from({ length: CLIMB.steps }, (_, i) => i));
    }
    // timers fired once each, on time
    const delays = tickers.flatMap((call) => timerDelays(call));
    report('timer delay', delays);
    expectShort(delays, 4000);
    const waits = askers.flatMap((call) => requestDelays(call));
    report('request delay', waits);
    expect(Math.max(...waits)).toBeLessThanOrEqual(7000);
    // talk went on without a gap
    for (const call of bridged) expect(longestGap(call.rtp, startedAt, until)).toBeLessThan(500);
    // joined pairs hear each other
    for (const [a, b] of pairs(joined)) {
      expect(heardLately(a, 620)).toBeGreaterThan(0.7);
      expect(heardLately(b, 580)).toBeGreaterThan(0.7);
    }
    await Promise.all(all.map((call) => call.hangUp()));
    await world.idle(60_000);
    // each was rung exactly once, each call left one CDR
    for (const { phone } of ringing) expect(phone.incomingCalls.length).toBe(0);
    for (const { phone } of talking) expect(phone.incomingCalls.length).toBe(1);
  });
});

function* neighbours<T>(items: readonly T[]): Generator<readonly [T, T]> {
  for (let i = 0; i + 1 < items.length; i += 2) yield [items[i]!, items[i + 1]!];
}
const pairs = <T>(items: readonly T[]): (readonly [T, T])[] => [...neighbours(items)];

/** Joins two calls from outside while workers die; then both talk. */
async function joinLater(ids: ReadonlyMap<string, string>, a: PhoneCall, b: PhoneCall, index: number): Promise<void> {
  await sleep(1000 + index * 1800);
  const path = `/calls/${ids.get(a.callId)}/join`;
  for (let tries = 0; ; tries++) {
    // the api may be the one that was killed: an integrator tries again
    const answer = await world.api('POST', path, { callId: ids.get(b.callId) }).catch(() => undefined);
    if (answer && answer.status < 300) break;
    if (tries > 40) throw new Error(`join answered ${answer?.status}`);
    await sleep(250);
  }
  a.rtp.say(sine(580, 1000), true);
  b.rtp.say(sine(620, 1000), true);
}

const heardLately = (call: PhoneCall, frequencyHz: number): number => {
  const now = performance.now();
  return toneShare(call.rtp.heardBetween(now - 800, now), frequencyHz);
};

/** How much later than asked each tick came; a missing tick counts as infinitely late. */
function timerDelays(call: PhoneCall): number[] {
  const ticked = toneStretches(call.rtp, TICK.toneHz);
  const delays = ticked.slice(1).map((stretch, i) => stretch.fromMs - ticked[i]!.toMs - TICK.waitMs);
  return ticked.length === TICK.ticks ? delays : [...delays, Number.POSITIVE_INFINITY];
}

/** How much later than the service's own time each answer was heard. */
function requestDelays(call: PhoneCall): number[] {
  const answered = toneStretches(call.rtp, ASK.toneHz);
  const delays = answered.slice(1).map((stretch, i) => stretch.fromMs - answered[i]!.toMs - ASK.answerMs);
  return answered.length === ASK.asks ? delays : [...delays, Number.POSITIVE_INFINITY];
}

function expectShort(values: readonly number[], mostMs: number): void {
  expect(values.length).toBeGreaterThan(20);
  expect(percentile(values, 0.95)).toBeLessThanOrEqual(1500);
  expect(Math.max(...values)).toBeLessThanOrEqual(mostMs);
}

function report(what: string, values: readonly number[]): void {
  const [p50, p95, most] = [percentile(values, 0.5), percentile(values, 0.95), Math.max(...values)];
  process.stdout.write(
    `${what}: ${values.length} times, p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms, most ${most.toFixed(0)} ms\n`,
  );
}

async function killAtRandom(until: number): Promise<void> {
  const roles = ['calls', 'io', 'calls', 'api'] as const;
  for (let n = 0; performance.now() < until; n++) {
    const role = roles[n % roles.length]!;
    const pids = world.installation.pids(role);
    if (pids.length > 0) world.installation.kill(role, Math.floor(Math.random() * pids.length));
    await sleep(KILL_EVERY_MS * (0.5 + Math.random()));
  }
}

async function pressKeys(
  call: PhoneCall,
  seed: number,
  until: number,
  pressed: { call: PhoneCall; digit: string; atMs: number }[],
): Promise<void> {
  await sleep((seed % 10) * 300);
  let digit = seed % 10;
  while (performance.now() < until) {
    // never the same twice in a row: its tone is then its own
    digit = (digit + 1 + Math.floor(Math.random() * 8)) % 10;
    const atMs = await call.press(String(digit));
    pressed.push({ call, digit: String(digit), atMs });
    await sleep(4000 + Math.random() * 1500);
  }
}
