/** Queues on a whole installation: who is offered, the exit key and the way back, wrap-up, nobody logged in. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { callIdOf, expectMusic, expectTalking, factTypes } from './talk.ts';
import { World } from './world.ts';

let world: World;
let ids: Record<string, string>;
let queues = 0;

beforeAll(async () => {
  world = await World.company(['101', '102', '103']);
  const { items } = await world.must<{ items: { id: string; extension: string }[] }>('GET', '/users');
  ids = Object.fromEntries(items.map(({ id, extension }) => [extension, id]));
});
afterEach(() => world?.closePhones());
afterAll(() => world?.stop());

interface Live {
  readonly waiting: readonly { readonly callId: string; readonly away: boolean }[];
  readonly agents: readonly { readonly extension: string; readonly state: string }[];
}

/** A queue with these agents; its extension and id. */
async function queueOf(extensions: readonly string[], fields: object = {}) {
  queues += 1;
  const extension = `78${queues}`;
  const { id } = await world.must<{ id: string }>('POST', '/queues', { name: `queue ${queues}`, extension, ...fields });
  await world.must('PUT', `/queues/${id}/members`, { items: extensions.map((one) => ({ userId: ids[one] })) });
  return { id, extension };
}

const agent = (extension: string, body: object) => world.must('POST', `/users/${ids[extension]}/agent`, body);

async function live(id: string, what: string, holds: (now: Live) => boolean): Promise<void> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const now = await world.must<Live>('GET', `/queues/${id}/live`);
    if (holds(now)) return;
    if (Date.now() > deadline) throw new Error(`not in time: ${what}; ${JSON.stringify(now)}`);
    await sleep(100);
  }
}

const isState = (extension: string, state: string) => (now: Live) =>
  now.agents.some((one) => one.extension === extension && one.state === state);

async function logIn(id: string, ...extensions: string[]): Promise<void> {
  for (const extension of extensions) {
    await agent(extension, { do: 'log-in', queueId: id });
    await live(id, `${extension} is ready`, isState(extension, 'ready'));
  }
}

it('linear: music, then the first listed; an agent who refuses rests and the next one is offered; then wrap-up', async () => {
  const queue = await queueOf(['101', '102'], { strategy: 'linear', wrapUpMs: 600_000, restMs: 600_000 });
  const [alice, bob, carol] = [await world.phoneOf('101'), await world.phoneOf('102'), await world.phoneOf('103')];
  const call = await (await carol.call(queue.extension)).until('answered');
  await expectMusic(call, 600);
  await live(queue.id, 'carol waits', ({ waiting }) => waiting.length === 1);
  alice.policy = { refuse: 486 };
  const rung = bob.nextIncoming();
  await logIn(queue.id, '102').catch(() => undefined);
  const incoming = await (await rung).until('answered');
  await expectTalking(call, incoming);
  await live(queue.id, 'bob is busy', isState('102', 'busy'));
  const callId = await callIdOf(world, call);
  await incoming.hangUp();
  await call.until('ended');
  await live(queue.id, 'bob wraps up', isState('102', 'wrap-up'));
  expect(await factTypes(world, callId)).toEqual(expect.arrayContaining(['queue.entered', 'queue.answered']));
  expect(await world.cdrOf(call.callId)).toMatchObject({ disposition: 'answered', connected: { number: '102' } });
  // wrap-up keeps bob free; alice refuses and rests; then bob says that he is ready
  await logIn(queue.id, '101');
  const second = await (await carol.call(queue.extension)).until('answered');
  await live(queue.id, 'alice rests', isState('101', 'resting'));
  const again = bob.nextIncoming();
  await agent('102', { do: 'ready' });
  await (await again).until('answered');
  await second.hangUp();
}, 90_000);

it('ring-all: every agent rings, the first who answers has the caller', async () => {
  const queue = await queueOf(['101', '102'], { strategy: 'ring-all' });
  const [alice, bob, carol] = [await world.phoneOf('101'), await world.phoneOf('102'), await world.phoneOf('103')];
  await agent('101', { do: 'ready' });
  await agent('102', { do: 'ready' });
  await logIn(queue.id, '101', '102');
  bob.policy = { ring: true };
  alice.policy = { ring: true };
  const both = [alice.nextIncoming(), bob.nextIncoming()];
  const call = await (await carol.call(queue.extension)).until('answered');
  const [atAlice, atBob] = await Promise.all(both);
  alice.answer(atAlice!);
  await expectTalking(call, atAlice!);
  await atBob!.until('ended');
  await call.hangUp();
  await atAlice!.until('ended');
  expect(await world.cdrOf(call.callId)).toMatchObject({ connected: { number: '101' }, endedBy: 'calling' });
}, 60_000);

it('nobody logged in: the caller is not let in', async () => {
  const queue = await queueOf(['101'], { join: 'logged-in' });
  const carol = await world.phoneOf('103');
  const call = await carol.call(queue.extension);
  await call.until('ended');
  const cdr = await world.cdrOf(call.callId);
  expect(cdr).toMatchObject({ cause: 'unavailable', path: ['start', 'queue', 'nobody'] });
}, 60_000);
