/**
 * A leg is moved between the calls of two users again and again while calls workers are killed at random: whoever holds it, its far end
 * notices nothing but who talks, no leg is left over, each call gives one true account. `npm run bench -- moves` moves a thousand times.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { callIdOf, expectTalking } from '../e2e/talk.ts';
import { World } from '../e2e/world.ts';
import type { PhoneCall } from '../phone/call.ts';
import { callRows, nothingLeft, query } from './aftermath.ts';
import { print, report } from './figures.ts';
import { held, publish } from './flows.ts';
import { addUsers, callMany, dataDirOption, eventually, type TestUser } from './population.ts';

const MOVES = Number(process.env.CALLWRIGHT_CHAOS_MOVES || 24);
const LEGS = Number(process.env.CALLWRIGHT_CHAOS_LEGS || 4);
/** Moves between two kills at most: by progress, not by the clock, so that a slow machine gets on, too. */
const MOVES_PER_KILL = 8;
const PATIENCE_MS = 120_000;
/** A move whose worker dies in the middle is withdrawn after 5 s, and asked for again. */
const MOST_TRIES = 50;

let world: World;
let users: TestUser[];
beforeAll(async () => {
  world = await World.start(dataDirOption('moves'));
  await publish(world, held, '303');
  users = await addUsers(world, 2 * LEGS, 600, { answerAfterMs: 10 });
});
afterAll(() => world?.stop());

/** A far end whose leg is moved, and the calls that have held it, the last one last. */
interface Moved {
  readonly far: PhoneCall;
  readonly holders: string[];
  readonly tookMs: number[];
  /** What was answered instead of `done`. */
  readonly refusals: string[];
}

/** The code with which a call answers a command. */
async function codeOf(callId: string, controlId: string): Promise<string> {
  let code = '';
  await eventually(`command ${controlId} to be answered`, PATIENCE_MS, async () => {
    const done = (await world.records(callId)).find(
      ({ type, body }) => type === 'control.done' && body.id === controlId,
    );
    code = String(done?.body.code ?? '');
    return done !== undefined;
  });
  return code;
}

const stateOf = async (id: string) => (await world.must<{ state: string }>('GET', `/calls/${id}`)).state;

/** Calls that found their user busy: the end of his last call had to wait for a new worker before the pool heard of it. */
const busy: string[] = [];

/** A call of a user who waits for somebody; its id. */
async function waiting(user: TestUser): Promise<string> {
  const rung = user.phone.nextIncoming(PATIENCE_MS).then((call) => ({ call }));
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const order = { to: { type: 'extension', extension: user.extension }, flow: held.name };
    const { id } = await world.must<{ id: string }>('POST', '/calls', order);
    const over = new AbortController();
    const first = await Promise.race([rung, ended(id, over.signal)]);
    over.abort();
    if (first) {
      await first.call.until('answered', PATIENCE_MS);
      return id;
    }
    busy.push(id);
  }
  throw new Error(`${user.extension} is busy for ever`);
}

async function ended(id: string, signal: AbortSignal): Promise<null> {
  while (!signal.aborted && (await stateOf(id)) !== 'ended') await sleep(500);
  return null;
}

/** Takes the leg over into a new call of a user, and lets the call end that had it. */
async function moveTo(user: TestUser, moved: Moved): Promise<void> {
  const id = await waiting(user);
  const from = performance.now();
  const holder = moved.holders.at(-1)!;
  for (let tries = 1; ; tries++) {
    const control = await world.must<{ id: string }>('POST', `/calls/${id}/join`, { callId: holder });
    const code = await codeOf(id, control.id);
    if (code === 'done') break;
    moved.refusals.push(code);
    if (tries === MOST_TRIES) throw new Error(`not moved after ${tries} tries: ${moved.refusals.join(' ')}`);
    await sleep(200);
  }
  moved.tookMs.push(performance.now() - from);
  moved.holders.push(id);
  await eventually('the call that gave the leg to end', PATIENCE_MS, async () => (await stateOf(holder)) === 'ended');
}

/** Counts moves, and kills a calls worker after some of them, in the middle of others; how many it has killed. */
function killer() {
  let until = 2;
  let killed = 0;
  return {
    moved: (): void => {
      until -= 1;
      if (until > 0) return;
      until = 1 + Math.floor(Math.random() * MOVES_PER_KILL);
      const { length } = world.installation.pids('calls');
      if (length === 0) return;
      world.installation.kill('calls', Math.floor(Math.random() * length));
      killed += 1;
    },
    killed: (): number => killed,
  };
}

it(`${MOVES} times under kills: nothing is lost, nothing left over, every account is true`, {
  timeout: 3_600_000,
}, async () => {
  const callers = await world.stranger();
  const far = await callMany(LEGS, () => callers.call('303'));
  const ids = await Promise.all(far.map((call) => callIdOf(world, call)));
  const all = far.map((call, leg): Moved => ({ far: call, holders: [ids[leg]!], tookMs: [], refusals: [] }));
  const kills = killer();
  await Promise.all(
    all.map(async (moved, leg) => {
      for (let n = leg; n < MOVES; n += LEGS) {
        await moveTo(users[2 * leg + (moved.holders.length % 2)]!, moved);
        kills.moved();
      }
    }),
  );
  expect(kills.killed()).toBeGreaterThan(1);
  report(
    `${MOVES} moves of ${LEGS} legs, ${kills.killed()} workers killed`,
    all.flatMap(({ tookMs }) => tookMs),
  );
  const refusals: Record<string, number> = {};
  for (const code of all.flatMap((moved) => moved.refusals)) refusals[code] = (refusals[code] ?? 0) + 1;
  print(`asked again: ${JSON.stringify(refusals)}; found busy: ${busy.length}`);

  for (const [leg, { far: call, holders }] of all.entries()) {
    const last = users[2 * leg + ((holders.length + 1) % 2)]!.phone.incomingCalls.at(-1)!;
    expect([call.state, last.state]).toEqual(['answered', 'answered']);
    await expectTalking(call, last);
    await call.hangUp();
  }
  await nothingLeft(world, PATIENCE_MS);
  await expectTrueAccounts(all);
});

/** One account for each call that held a leg; the leg stands in all of them and ended in the last; the others gave it away. */
async function expectTrueAccounts(all: readonly Moved[]): Promise<void> {
  const cdrs = new Map((await callRows(world)).map(({ id, cdr }) => [id, cdr]));
  expect(cdrs.size).toBe(all.reduce((sum, { holders }) => sum + holders.length, busy.length));
  expect(new Set(busy.map((id) => cdrs.get(id)?.disposition))).toEqual(new Set(busy.length > 0 ? ['busy'] : []));
  for (const { far, holders } of all) {
    for (const [n, id] of holders.entries()) {
      const cdr = cdrs.get(id)!;
      const leg = cdr.legs.find(({ sipCallId }) => sipCallId === far.callId);
      const isLast = n === holders.length - 1;
      expect({ id, disposition: cdr.disposition, leg: leg?.cause }).toEqual({
        id,
        disposition: 'answered',
        leg: isLast ? 'normal' : 'transferred',
      });
    }
  }
  const ends = await query(
    world,
    "select call_id from call_record where type = 'call.ended' group by call_id having count(*) <> 1",
  );
  expect(ends).toEqual([]);
}
