/**
 * How much one machine carries: calls a second at the knee; calls held with clean audio, their CPU and memory; and what happens past
 * the limit: 503 with Retry-After, while the calls in progress keep their quality.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { flow, node } from '@callwright/engine';
import { publish } from '../chaos/flows.ts';
import { World } from '../e2e/world.ts';
import type { PhoneCall } from '../phone/call.ts';
import { header } from '../phone/message.ts';
import { Phone } from '../phone/phone.ts';
import { clockLag } from '../phone/rtp.ts';
import { place, TONE_MENU } from './callers.ts';
import { report, summarise } from './statistics.ts';
import { coresBetween, readUsage } from './usage.ts';

const HELD = 300;
const HOLD_MS = 20_000;
const RATES = [5, 10, 15, 20, 25, 30];
const RATE_MS = 8000;
const LONG_PROMPT = '300';

/** Plays for three minutes. */
const longPrompt = flow('bench-long-prompt', {
  title: 'Bench: long prompt',
  language: 'en',
  nodes: {
    start: node('start', { answer: true }, { next: 'play' }),
    play: node(
      'play',
      { prompts: [{ parts: [{ type: 'tone', frequenciesHz: [440], onMs: 60_000, repeat: 3 }] }] },
      { next: 'end' },
    ),
    end: node('hang-up', {}),
  },
});

const world = await World.start({
  env: { CALLWRIGHT_MAX_CALLS: String(HELD), CALLWRIGHT_MAX_CALLS_PER_SECOND: '200' },
});
await publish(world, longPrompt, LONG_PROMPT);
// phones that listen only: what is measured is the product, not the generator
const phone = await new Phone({ serverPort: world.sipPort, rtp: { keepAudio: false, continuous: false } }).open();

/** Times between packets of each call in a window. */
function spacings(calls: readonly PhoneCall[], fromMs: number, toMs: number): number[] {
  return calls.flatMap(({ rtp }) => {
    const times = rtp.arrivals.map(({ atMs }) => atMs).filter((atMs) => atMs >= fromMs && atMs <= toMs);
    return times.slice(1).map((atMs, i) => atMs - times[i]!);
  });
}

for (const perSecond of RATES) {
  const { calls, setupMs, failed } = await place(phone, TONE_MENU, perSecond * (RATE_MS / 1000), perSecond);
  await Promise.all(calls.map((call) => call.hangUp()));
  report('calls a second', { perSecond, failed, setupMs: summarise(setupMs) });
  await world.idle(60_000);
  if (failed > 0 || summarise(setupMs).p95 > 1000) break;
}

const empty = readUsage(world.installation);
const { calls, failed } = await place(phone, LONG_PROMPT, HELD, 15);
await sleep(2000);
clockLag.take();
const [before, from] = [readUsage(world.installation), performance.now()];
await sleep(HOLD_MS / 2);
const refused = await Promise.all(
  Array.from({ length: 20 }, async () => {
    const call = await phone.call(LONG_PROMPT);
    await call.until('ended', 5000).catch(() => {});
    const answer = call.finalResponse;
    if (call.state !== 'ended') await call.hangUp();
    return { status: call.finalStatus, retryAfter: answer ? header(answer, 'retry-after') : '' };
  }),
);
await sleep(HOLD_MS / 2);
const [after, to] = [readUsage(world.installation), performance.now()];
const cores = coresBetween(before, after);
const total = (values: Readonly<Record<string, number>>) =>
  Object.values(values).reduce((sum, value) => sum + value, 0);
report('calls held', {
  held: calls.filter(({ state }) => state === 'answered').length,
  failed,
  packetSpacingMs: summarise(spacings(calls, from, to)),
  generatorLagMs: summarise(clockLag.take()),
  cores,
  coresPerCall: total(cores) / calls.length,
  rssMiB: after.rssMiB,
  rssMiBPerCall: (total(after.rssMiB) - total(empty.rssMiB)) / calls.length,
  goal: 'held ≥ 300 on 2 cores, spacing p99 ≤ 25 ms',
});
report('past the limit', {
  refusedWith503: refused.filter(({ status, retryAfter }) => status === 503 && Number(retryAfter) > 0).length,
  of: refused.length,
});
await phone.close();
await world.stop();
