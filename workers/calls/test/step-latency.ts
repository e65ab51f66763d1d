/**
 * Measures the durable step: an operation ends in the media process → the next one's code runs there. Run it by itself:
 * `node test/step-latency.ts [calls at once] [pause between steps of one call, ms] [seconds]`. Prints p50, p95, p99 and the
 * measuring loop's own lag.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { catalogue, pinTogether } from '@callwright/flows';
import { openInstallation, percentile } from './installation.ts';
import { until } from './world.ts';

const [calls = 8, pauseMs = 200, seconds = 15] = process.argv.slice(2).map(Number);
const { closure } = pinTogether({ menu: catalogue['tone-menu']! })[0]!;
const installation = await openInstallation();
await installation.publish('tone-menu', closure);
const workers = await Promise.all([installation.startCalls(), installation.startCalls()]);
const { media } = installation;
const lag = monitorEventLoopDelay({ resolution: 1 });
lag.enable();
const steps: number[] = [];
const starts: number[] = [];
const end = Date.now() + seconds * 1000;
const began = Date.now();

await Promise.all(
  Array.from({ length: calls }, async (_, i) => {
    await new Promise((resume) => setTimeout(resume, (i * pauseMs) / calls));
    const at = performance.now();
    const call = await installation.inbound(closure);
    await until(() => media.listens(call.leg), 30_000);
    starts.push(performance.now() - at);
    while (Date.now() < end) {
      await new Promise((resume) => setTimeout(resume, pauseMs));
      const next = media.nextListen(call.leg);
      const pressed = performance.now();
      media.press(call.leg, '1');
      steps.push((await next) - pressed);
    }
    media.press(call.leg, '*');
    await call.ended();
  }),
);
const row = (values: readonly number[]) =>
  [0.5, 0.95, 0.99].map((share) => percentile(values, share).toFixed(1)).join(' / ');
const perSecond = (steps.length / ((Date.now() - began) / 1000)).toFixed(1);
console.log(
  `${calls} calls, ${perSecond} steps/s: step p50/p95/p99 ${row(steps)} ms; call start → listens ${row(starts)} ms`,
);
console.log(`own lag p99 ${(lag.percentile(99) / 1e6).toFixed(1)} ms`);
await Promise.all(workers.map((worker) => worker.stop()));
await installation.close();
