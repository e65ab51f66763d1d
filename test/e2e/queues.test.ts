/** Queues and ring groups on a whole installation: who is offered, exit key and way back, callback, wrap-up, nobody logged in, accepting. */
import { setTimeout as sleep } from 'node:timers/promises';
import { flow, node } from '@callwright/engine';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { callIdOf, expectMusic, expectTalking, expectTone, factTypes } from './talk.ts';
import { World } from './world.ts';

let world: World;
let ids: Record<string, string>;
let queues = 0;
let numbers = 0;
/** A number of its own at every try: a second one finds what the first has made. */
const freshNumber = (): string => {
  numbers += 1;
  return `77${String(numbers).padStart(2, '0')}`;
};

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
  await agent('102', { do: 'log-in', queueId: queue.id });
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
  await call.until('ended', 20_000);
  const cdr = await world.cdrOf(call.callId);
  expect(cdr).toMatchObject({ cause: 'unavailable', path: ['start', 'queue', 'nobody', 'unavailable'] });
}, 60_000);

/** The agent is there for the queue alone, whatever was before; who waits is offered at once. */
async function onDuty(queueId: string, extension: string): Promise<void> {
  await agent(extension, { do: 'log-out' });
  await agent(extension, { do: 'ready' });
  await agent(extension, { do: 'log-in', queueId });
}

it('the exit key leads to the flow and back to the same place', async () => {
  const queue = await queueOf(['101'], { exitKey: '0' });
  const document = flow(`exit-${crypto.randomUUID().slice(0, 8)}`, {
    title: 'Exit',
    language: 'en',
    nodes: {
      start: node('start', {}, { next: 'queue' }),
      queue: node(
        'queue',
        { queue: queue.id },
        { answered: 'end', exit: 'menu', empty: 'end', full: 'end', timeout: 'end', callback: 'end', failed: 'end' },
      ),
      menu: node(
        'menu',
        {
          prompts: [{ parts: [{ type: 'tone', frequenciesHz: [700], onMs: 60_000 }] }],
          choices: [{ key: '1', outcome: 'again' }],
          tries: 3,
        },
        { again: 'queue', 'no-input': 'end', 'no-match': 'end' },
      ),
      end: node('hang-up', {}),
    },
  });
  const made = await world.must<{ id: string }>('POST', '/flows', { file: { document } });
  await world.must('POST', `/flows/${made.id}/publish`, {});
  const destination = { type: 'flow', id: made.id };
  const dialled = freshNumber();
  await world.must('POST', '/numbers', { dialled, kind: 'service', destination });
  const [alice, bob, carol] = [await world.phoneOf('101'), await world.phoneOf('102'), await world.phoneOf('103')];
  const first = await (await carol.call(dialled)).until('answered');
  await live(queue.id, 'carol waits', ({ waiting }) => waiting.length === 1);
  const second = await (await bob.call(dialled)).until('answered');
  await live(queue.id, 'bob waits', ({ waiting }) => waiting.length === 2);
  await expectMusic(first, 700);
  await first.press('0');
  await live(queue.id, 'carol is away, her place is kept', ({ waiting }) => waiting[0]?.away === true);
  await expectTone(first, 700);
  await first.press('1');
  await live(queue.id, 'carol is back', ({ waiting }) => waiting.length === 2 && !waiting[0]!.away);
  const rung = alice.nextIncoming();
  await onDuty(queue.id, '101');
  const incoming = await (await rung).until('answered');
  await expectTalking(first, incoming);
  await second.hangUp();
  await incoming.hangUp();
  await first.until('ended');
}, 90_000);

it('a callback keeps the place: the agent is rung, then the caller', async () => {
  const queue = await queueOf(['101'], { callbackKey: '2' });
  const [alice, carol] = [await world.phoneOf('101'), await world.phoneOf('103')];
  const call = await (await carol.call(queue.extension)).until('answered');
  await live(queue.id, 'carol waits', ({ waiting }) => waiting.length === 1);
  const callId = await callIdOf(world, call);
  await expectMusic(call, 600);
  await call.press('2');
  await call.until('ended');
  await live(queue.id, 'the place is kept', ({ waiting }) => waiting[0]?.callId === callId && !waiting[0].away);
  const [atAlice, atCarol] = [alice.nextIncoming(20_000), carol.nextIncoming(30_000)];
  await onDuty(queue.id, '101');
  const agentCall = await (await atAlice).until('answered');
  const back = await (await atCarol).until('answered');
  await expectTalking(agentCall, back);
  await back.hangUp();
  await agentCall.until('ended');
  expect(await world.cdrOf(agentCall.callId)).toMatchObject({ disposition: 'answered', connected: { number: '103' } });
}, 90_000);

describe('ring groups', () => {
  const member = (extension: string, more: object = {}) => ({ userId: ids[extension], ...more });

  it('enterprise: delays; who must accept gets the caller by key only, the others are told that it was answered', async () => {
    const members = [member('101', { confirm: true }), member('102', { delayMs: 500 })];
    const extension = freshNumber();
    const group = { name: `sales ${extension}`, extension, strategy: 'enterprise', members };
    await world.must('POST', '/ring-groups', group);
    const [alice, bob, carol] = [await world.phoneOf('101'), await world.phoneOf('102'), await world.phoneOf('103')];
    bob.policy = { ring: true };
    const [atAlice, atBob] = [alice.nextIncoming(), bob.nextIncoming()];
    const call = await carol.call(extension);
    const accepting = await (await atAlice).until('answered');
    const ringing = await (await atBob).until('ringing');
    expect(call.state).toBe('ringing');
    await sleep(500);
    await accepting.press('1');
    await call.until('answered');
    await expectTalking(call, accepting);
    await ringing.until('ended');
    expect(ringing.byeReason).toContain('Call completed elsewhere');
    await call.hangUp();
    await accepting.until('ended');
  }, 60_000);

  it('first-available: one phone only; a closed group goes to its fallback', async () => {
    const calendar = await world.must<{ id: string }>('POST', '/calendars', {
      name: `never ${crypto.randomUUID().slice(0, 8)}`,
      hours: { timeZone: 'Europe/Paris', weekly: [], dates: [] },
    });
    const members = [member('101'), member('102')];
    const extension = freshNumber();
    const group = { name: `desk ${extension}`, extension, strategy: 'first-available', members };
    const { id } = await world.must<{ id: string }>('POST', '/ring-groups', group);
    const [alice, bob, carol] = [await world.phoneOf('101'), await world.phoneOf('102'), await world.phoneOf('103')];
    const rung = alice.nextIncoming();
    const call = await (await carol.call(extension)).until('answered');
    await expectTalking(call, await (await rung).until('answered'));
    expect(bob.incomingCalls).toEqual([]);
    await call.hangUp();
    await world.idle();
    const fallback = { type: 'user', id: ids['102'] };
    await world.must('PATCH', `/ring-groups/${id}`, { calendarId: calendar.id, fallback });
    const atBob = bob.nextIncoming();
    const late = await (await carol.call(extension)).until('answered');
    await expectTalking(late, await (await atBob).until('answered'));
    expect(alice.incomingCalls).toHaveLength(1);
    await late.hangUp();
  }, 60_000);
});
