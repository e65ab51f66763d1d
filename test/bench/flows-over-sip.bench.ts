/**
 * Simulation is production: random flows called by real phones and simulated with the same keys. Fails when a way differs.
 * `npm run bench -- flows-over-sip [--flows 200] [--seed N]`.
 */
import { parseArgs } from 'node:util';
import { compareOverSip, randomCalls } from '../e2e/flows-over-sip.ts';
import { World } from '../e2e/world.ts';
import { report } from './statistics.ts';

const { values } = parseArgs({ options: { flows: { type: 'string' }, seed: { type: 'string' } } });
const count = Number(values.flows ?? 200);
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000_000));
const AT_ONCE = 6;

const world = await World.start();
try {
  const started = performance.now();
  const random = randomCalls(seed, count, 'random');
  const differences = await compareOverSip(world, await world.stranger(), random, AT_ONCE);
  const seconds = Math.round((performance.now() - started) / 1000);
  report('flows over SIP', { flows: count, seed, seconds, different: differences.length });
  for (const difference of differences) report('different', { ...difference });
  if (differences.length > 0) process.exitCode = 1;
} finally {
  await world.stop();
}
