/**
 * End of a key → first RTP packet of the next prompt, across a durable step, beside the same flow run in memory, in one run and in
 * turns, at 1 and 40 durable steps a second; and INVITE → 200, the first calls after the start apart. The generator's own lag stands
 * beside every figure.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openCallWorkflows } from '../chaos/aftermath.ts';
import { World } from '../e2e/world.ts';
import type { PhoneCall } from '../phone/call.ts';
import { Phone } from '../phone/phone.ts';
import { clockLag } from '../phone/rtp.ts';
import { place, pressKeys, TONE_MENU } from './callers.ts';
import { startInMemory } from './in-memory/twin.ts';
import { report, type Summary, summarise } from './statistics.ts';

const ROUNDS = 3;
const ROUND_MS = 12_000;
const PRESS_EVERY_MS = 2000;
/** Calls that find processes which have never taken one. */
const FIRST_CALLS = 10;
const SETUPS = 100;

interface Side {
  readonly name: 'durable' | 'in-memory';
  readonly phone: Phone;
  readonly latencies: number[];
  readonly setups: number[];
  calls: readonly PhoneCall[];
}

const world = await World.start({ env: { CALLWRIGHT_MAX_CALLS: '500' } });
const twin = await startInMemory(world);
const side = async (name: Side['name'], serverPort: number): Promise<Side> => ({
  name,
  phone: await new Phone({ serverPort, rtp: { keepAudio: true, continuous: true } }).open(),
  latencies: [],
  setups: [],
  calls: [],
});
const sides = [await side('durable', world.sipPort), await side('in-memory', twin.sipPort)];

/** Hangs up and waits until nothing of the calls is left to do: their end is work that the next calls would meet. */
async function hangUpAll(calls: readonly PhoneCall[]): Promise<void> {
  await Promise.all(calls.map((call) => call.hangUp()));
  while ((await openCallWorkflows(world)).length > 0) await sleep(100);
}

const first = [];
for (const one of sides) {
  const placed = await place(one.phone, TONE_MENU, FIRST_CALLS, 5);
  first.push(summarise(placed.setupMs));
  await hangUpAll(placed.calls);
}
report('INVITE → 200, first calls after the start', { durable: first[0], inMemory: first[1] });

for (const stepsPerSecond of [1, 40]) {
  const count = Math.ceil((stepsPerSecond * PRESS_EVERY_MS) / 1000);
  for (const one of sides) {
    const placed = await place(one.phone, TONE_MENU, count, 5);
    if (placed.failed > 0) throw new Error(`${placed.failed} calls failed (${one.name})`);
    one.calls = placed.calls;
    one.setups.push(...placed.setupMs);
    one.latencies.length = 0;
  }
  clockLag.take();
  for (let round = 0; round < ROUNDS; round++) {
    for (const one of sides) one.latencies.push(...(await pressKeys(one.calls, PRESS_EVERY_MS, ROUND_MS)));
  }
  const generatorLag = summarise(clockLag.take());
  const [durable, inMemory] = sides.map(({ latencies }) => summarise(latencies)) as [Summary, Summary];
  report('key → first packet', {
    stepsPerSecond,
    durable,
    inMemory,
    differenceP50: Math.round((durable.p50 - inMemory.p50) * 10) / 10,
    ratioP50: Math.round((durable.p50 / inMemory.p50) * 100) / 100,
    generatorLag,
    goal: 'durable p50 ≤ 50, p99 ≤ 120, difference p50 ≤ 30 (ms)',
  });
  for (const one of sides) await hangUpAll(one.calls);
}
for (const one of sides) {
  const placed = await place(one.phone, TONE_MENU, SETUPS, 5);
  one.setups.push(...placed.setupMs);
  await hangUpAll(placed.calls);
}
const [durable, inMemory] = sides.map(({ setups }) => summarise(setups));
report('INVITE → 200', { durable, inMemory, goal: 'durable p50 ≤ 50, p99 ≤ 150 (ms)' });

for (const { phone } of sides) await phone.close();
await twin.stop();
await world.stop();
