/**
 * Measures what a killed calls worker costs: `node test/takeover-cost.ts [calls] [keys pressed before]`. All calls sit in a menu, their
 * worker is killed, another takes them over while a key is pressed in each. Prints CPU per call started and per call taken over.
 */
import { readFileSync } from 'node:fs';
import { catalogue, pinTogether } from '@callwright/flows';
import { openInstallation, percentile, type WorkerProcess } from './installation.ts';
import { until } from './world.ts';

const [calls = 100, keys = 3] = process.argv.slice(2).map(Number);
const { closure } = pinTogether({ menu: catalogue['tone-menu']! })[0]!;
const installation = await openInstallation();
await installation.publish('tone-menu', closure);
const { media } = installation;

/** CPU time of a process, ms (Linux; ticks of 10 ms). */
function cpuMs(worker: WorkerProcess): number {
  const fields = readFileSync(`/proc/${worker.process.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

let worker = await installation.startCalls();
const idle = cpuMs(worker);
const legs: string[] = [];
for (let i = 0; i < calls; i += 1) legs.push((await installation.inbound(closure)).leg);
await until(() => legs.every((leg) => media.listens(leg)), 120_000);
const started = cpuMs(worker);
const pressAll = () =>
  Promise.all(
    legs.map(async (leg) => {
      const at = performance.now();
      const next = media.nextListen(leg);
      media.press(leg, '1');
      return (await next) - at;
    }),
  );
for (let i = 0; i < keys; i += 1) await pressAll();
const pressed = cpuMs(worker);
await worker.kill();
worker = await installation.startCalls();
const fresh = cpuMs(worker);
const pauses = await pressAll();
const taken = cpuMs(worker);
const again = await pressAll();
const each = (ms: number, n: number) => `${(ms / n).toFixed(1)} ms`;
console.log(`CPU per call started ${each(started - idle, calls)}, per step ${each(pressed - started, calls * keys)}`);
console.log(`CPU per call taken over (with one step) ${each(taken - fresh, calls)}`);
console.log(
  `steps of all at once: taking over p50/p95 ${percentile(pauses, 0.5).toFixed(0)} / ${percentile(pauses, 0.95).toFixed(0)} ms, then ${percentile(again, 0.5).toFixed(0)} / ${percentile(again, 0.95).toFixed(0)} ms`,
);
console.log(
  `memory ${(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${worker.process.pid}/status`, 'utf8'))![1]) / 1024).toFixed(0)} MB`,
);
await installation.close();
