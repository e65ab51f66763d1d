/**
 * A day of an office: 50 users, two queues, 5,000 calls, as fast as two cores bear with the phones beside them (33 minutes). Every call goes as it must, memory stays flat, a webhook's receiver
 * is told of the end of each call once, and the CDRs add up to what the generator saw: per call, per user, per disposition.
 *
 * `npm run bench -- day [--calls 5000] [--per-second 2.5]`. Ends with 1 when something differs.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openCallWorkflows } from '../chaos/aftermath.ts';
import { World } from '../e2e/world.ts';
import { compare } from './day/accounts.ts';
import { MemoryLog } from './day/memory.ts';
import { kindOf, type Office, openOffice, play, type SeenCall } from './day/office.ts';
import { report } from './statistics.ts';

const SAMPLE_MS = 5000;
const SETTLE_MS = 60_000;
const FREE_DESK_MS = 20;

const { values } = parseArgs({
  options: { calls: { type: 'string', default: '5000' }, 'per-second': { type: 'string', default: '2.5' } },
});
const [count, perSecond] = [Number(values.calls), Number(values['per-second'])];
if (!(count > 0 && perSecond > 0)) throw new Error('--calls and --per-second are positive numbers');

/** How often the receiver was told of the end of each call. */
const told = new Map<string, number>();
const receiver = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { id } = JSON.parse(Buffer.concat(chunks).toString()) as { id: string };
    told.set(id, (told.get(id) ?? 0) + 1);
    response.end();
  });
}).listen(0, '127.0.0.1');
await new Promise((resolve) => receiver.once('listening', resolve));
const origin = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;

const world = await World.start({
  env: { CALLWRIGHT_ALLOW_URLS: origin, CALLWRIGHT_MAX_CALLS: '500', CALLWRIGHT_API_RATE: '100000' },
});
const office = await openOffice(world);
await world.must('POST', '/webhooks', { name: 'bench', url: `${origin}/`, events: ['call.ended'] });

/** Plays the day at its pace; a call for which nobody is free waits for its turn. */
async function playDay(place: Office, memory: MemoryLog): Promise<{ seen: SeenCall[]; errors: string[] }> {
  const seen: SeenCall[] = [];
  const errors: string[] = [];
  const playing: Promise<unknown>[] = [];
  const beganAt = performance.now();
  const sampler = setInterval(() => void memory.sample(seen.length).catch(() => {}), SAMPLE_MS);
  for (let i = 0; i < count; i++) {
    await sleep(Math.max(0, beganAt + (i * 1000) / perSecond - performance.now()));
    let call = play(place, kindOf(i), i);
    while (!call) {
      await sleep(FREE_DESK_MS);
      call = play(place, kindOf(i), i);
    }
    playing.push(
      call.then(
        (one) => seen.push(one),
        (error: Error) => errors.push(`${kindOf(i)}: ${error.message}`),
      ),
    );
  }
  await Promise.all(playing);
  clearInterval(sampler);
  return { seen, errors };
}

async function until(holds: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + SETTLE_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) return false;
    await sleep(200);
  }
  return true;
}

const memory = new MemoryLog(world);
await memory.sample(0);
const beganAt = performance.now();
const { seen, errors } = await playDay(office, memory);
const seconds = (performance.now() - beganAt) / 1000;
const idle = await world.idle(SETTLE_MS).then(
  () => true,
  () => false,
);
await until(async () => told.size >= seen.length);
const quiet = idle && (await until(async () => (await openCallWorkflows(world)).length === 0));
await memory.sample(seen.length);

const accounts = await compare(world, seen, office.users);
const doubled = [...told.values()].filter((times) => times > 1).length;
report('day', {
  errors: errors.length,
  seconds: Math.round(seconds),
  perSecond: Math.round((seen.length / seconds) * 10) / 10,
  ...accounts,
  differences: accounts.differences.length,
  webhook: { told: told.size, doubled },
  leftOver: !quiet,
});
report('memory', { growth: memory.growth(), goal: 'everything is flat' });
for (const what of [...errors, ...accounts.differences].slice(0, 50)) process.stderr.write(`${what}\n`);
const wrong = errors.length + accounts.differences.length + doubled + Math.abs(told.size - seen.length);
if (wrong > 0 || !quiet) process.exitCode = 1;
await Promise.all([...office.outsiders.map(({ phone }) => phone.close())]);
await world.stop();
receiver.closeAllConnections();
receiver.close();
