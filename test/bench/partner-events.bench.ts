/**
 * Partners under load: requests a second beside a bare Fastify route in the same run, and events of real calls from the change of the
 * call to the request at the receiver, with hundreds of modules subscribed. For each contract that has a `bench/load.ts`.
 *
 * `npm run bench -- partner-events [--modules 200] [--events-per-second 50] [--seconds 30]`. Ends with 1 when an event was lost, doubled
 * or out of its order; times only judge a quiet machine.
 */
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { PARTNERS, type PartnerLoad } from '@callwright/partners';
import { Pool } from 'undici';
import { query } from '../chaos/aftermath.ts';
import { World } from '../e2e/world.ts';
import type { Phone } from '../phone/phone.ts';
import { type Receiver, startReceiver } from './partners/receiver.ts';
import { report, summarise } from './statistics.ts';

const PAIRS = 16;
const TALK_MS = 500;
const AT_A_TIME = 16;
const LOAD_MS = 4000;
const FIRST_EXTENSION = 300;
/** Modules that are told everything: so many that the events asked for come of two calls a second, which two cores bear with their phones. */
const TOLD_EVERYTHING = 3;
/** Events of one call: three to each side's module, seven to each that is told everything. */
const EVENTS_OF_A_CALL = 2 * 3 + TOLD_EVERYTHING * 7;

const { values } = parseArgs({
  options: {
    modules: { type: 'string', default: '200' },
    'events-per-second': { type: 'string', default: '50' },
    seconds: { type: 'string', default: '30' },
  },
});
const [modules, eventsPerSecond, seconds] = [values.modules, values['events-per-second'], values.seconds].map(
  Number,
) as [number, number, number];
if (!(modules > 2 * PAIRS && eventsPerSecond > 0 && seconds > 0)) throw new Error(`more than ${2 * PAIRS} modules`);

const extensionOf = (place: number): string => String(FIRST_EXTENSION + place);

/** Answered requests a second, and the time of each in ms. */
async function requestsPerSecond(origin: string, path: string) {
  const pool = new Pool(origin, { connections: AT_A_TIME });
  const times: number[] = [];
  const began = performance.now();
  const one = async (): Promise<void> => {
    while (performance.now() - began < LOAD_MS) {
      const from = performance.now();
      const { statusCode, body } = await pool.request({ method: 'GET', path });
      await body.dump();
      if (statusCode !== 200) throw new Error(`answered ${statusCode}`);
      times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, one));
  const perSecond = Math.round((times.length * 1000) / (performance.now() - began));
  await pool.close();
  return { perSecond, ms: summarise(times) };
}

/** Calls between pairs of users at a pace; how many were answered. */
async function playCalls(phones: readonly Phone[], perSecond: number): Promise<number> {
  const began = performance.now();
  const playing: Promise<boolean>[] = [];
  for (let i = 0; performance.now() - began < seconds * 1000; i += 1) {
    await sleep(Math.max(0, began + (i * 1000) / perSecond - performance.now()));
    const pair = i % PAIRS;
    playing.push(
      talk(phones[2 * pair]!, extensionOf(2 * pair + 1)).then(
        () => true,
        () => false,
      ),
    );
  }
  return (await Promise.all(playing)).filter(Boolean).length;
}

async function talk(phone: Phone, to: string): Promise<void> {
  const call = await phone.call(to);
  try {
    await call.until('answered', 10_000);
    await sleep(TALK_MS);
  } finally {
    await call.hangUp();
  }
}

interface Sent {
  readonly module: string;
  /** Epoch ms: of the change of the call, and of its notice in the outbox. */
  readonly at: number;
  readonly noticeAt: number;
  readonly attempts: number;
}

/** What was to be told, in the order of each module. */
const outbox = (world: World): Promise<Sent[]> =>
  query<Sent>(
    world,
    `select m.name as module, extract(epoch from r.at)::float8 * 1000 as at,
       extract(epoch from n.created_at)::float8 * 1000 as "noticeAt", n.attempts
     from partner_notice n join partner_module m on m.id = n.module_id
     join call_record r on r.call_id = n.call_id and r.n = n.fact order by n.number`,
  );

function latencies(sent: readonly Sent[], receiver: Receiver) {
  const places = new Map<string, number>();
  const [whole, stored, told]: [number[], number[], number[]] = [[], [], []];
  for (const { module, at, noticeAt } of sent) {
    const place = places.get(module) ?? 0;
    places.set(module, place + 1);
    const arrived = receiver.told.get(module)?.[place];
    if (!arrived) continue;
    whole.push(arrived.at - at);
    stored.push(noticeAt - at);
    told.push(arrived.at - noticeAt);
  }
  return { whole: summarise(whole), changeToOutbox: summarise(stored), outboxToReceiver: summarise(told) };
}

async function settled(world: World, receiver: Receiver): Promise<readonly Sent[]> {
  for (;;) {
    await world.idle(120_000);
    const sent = await outbox(world);
    const open = await query<{ n: number }>(
      world,
      `select count(*)::int as n from partner_notice where state in ('waiting','sending')`,
    );
    if (open[0]!.n === 0 && sent.length === receiver.count()) return sent;
    if (open[0]!.n === 0) {
      await sleep(1000);
      return outbox(world);
    }
    await sleep(200);
  }
}

async function bench(name: string, load: PartnerLoad): Promise<boolean> {
  const receiver = await startReceiver();
  const bare = fork(join(import.meta.dirname, 'partners/bare-route.ts'), { silent: true });
  const barePort = await new Promise<string>((done) => bare.stdout!.once('data', (text) => done(String(text).trim())));
  const world = await World.start({
    env: { CALLWRIGHT_ALLOW_URLS: `${receiver.origin}/`, CALLWRIGHT_MAX_CALLS: '500', CALLWRIGHT_API_RATE: '10000000' },
  });
  try {
    let token = '';
    for (let i = 0; i < modules; i += 1) {
      const settings = load.settings(`${receiver.origin}/told/m${i}`, [extensionOf(i)], i < TOLD_EVERYTHING);
      const { id } = await world.must<{ id: string }>('POST', '/partner-modules', {
        contract: name,
        name: `m${i}`,
        settings,
      });
      if (i === 0) token = (await world.must<{ token: string }>('GET', `/partner-modules/${id}/token`)).token;
    }
    const phones: Phone[] = [];
    for (let place = 0; place < 2 * PAIRS; place += 1) {
      await world.addUser(extensionOf(place));
      phones.push(await world.phoneOf(extensionOf(place)));
    }
    const asked = await requestsPerSecond(`http://127.0.0.1:${barePort}`, '/bare');
    report('requests', { of: 'bare route', ...asked });
    for (const [of, path] of Object.entries(load.requests(token, extensionOf(0)))) {
      const own = await requestsPerSecond(world.installation.url, path);
      report('requests', { of, ...own, ofBare: Math.round((own.perSecond / asked.perSecond) * 1000) / 1000 });
    }
    await talk(phones[0]!, extensionOf(1));
    await settled(world, receiver);
    const before = await outbox(world).then((all) => all.length);
    const perSecond = eventsPerSecond / EVENTS_OF_A_CALL;
    const answered = await playCalls(phones, perSecond);
    const sent = await settled(world, receiver);
    const events = sent.length - before;
    report('events', {
      modules,
      callsPerSecond: Math.round((answered / seconds) * 10) / 10,
      // times are those of the machine's other work, too
      load: Math.round(loadavg()[0]!),
      eventsPerSecond: Math.round(events / seconds),
      ...latencies(sent, receiver),
      lost: sent.length - receiver.count(),
      repeated: sent.filter(({ attempts }) => attempts > 1).length,
      goal: 'whole p50 ≤ 50, p99 ≤ 250 (ms)',
    });
    return sent.length === receiver.count();
  } finally {
    bare.disconnect();
    await world.stop();
    await receiver.close();
  }
}

for (const { name } of PARTNERS) {
  const file = join(import.meta.dirname, '../../api/partners', name, 'bench/load.ts');
  if (!existsSync(file)) continue;
  const { load } = (await import(file)) as { load: PartnerLoad };
  if (!(await bench(name, load))) process.exitCode = 1;
}
