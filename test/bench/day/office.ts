/** The office of the day bench: its users with their phones, two queues, callers from outside, and what each kind of call does. */
import { setTimeout as sleep } from 'node:timers/promises';
import { addUsers, type TestUser } from '../../chaos/population.ts';
import type { World } from '../../e2e/world.ts';
import type { PhoneCall } from '../../phone/call.ts';
import { header } from '../../phone/message.ts';
import { Phone } from '../../phone/phone.ts';

const USERS = 50;
const FIRST_EXTENSION = 3000;
const AGENTS_OF_A_QUEUE = 10;
const QUEUES = ['Sales', 'Support'];
const FIRST_QUEUE_NUMBER = 4000;
/** Fewer than may call from one address at a time. */
const OUTSIDERS = 40;
const FIRST_OUTSIDE_NUMBER = 612_340_000;
/** Phones that listen only: what is measured is the product, not the generator. */
const QUIET = { keepAudio: false, continuous: false } as const;

const STEP_MS = 30_000;
const ANSWER_MS = 150;
const TALK_MS = [1000, 3000] as const;
const PATIENCE_MS = 600;

export interface Desk extends TestUser {
  /** In a call of the generator, or meant for one. */
  occupied: boolean;
}

export interface Queue {
  readonly id: string;
  readonly name: string;
  readonly number: string;
  readonly agents: readonly TestUser[];
}

/** Somebody outside, with a number of his own. */
export interface Outsider {
  readonly phone: Phone;
  readonly number: string;
  occupied: boolean;
}

export interface Office {
  readonly users: readonly TestUser[];
  /** Those who call each other. */
  readonly desks: Desk[];
  readonly outsiders: Outsider[];
  readonly queues: readonly Queue[];
  /** Number of a queue that nobody serves. */
  readonly night: string;
}

/** What the generator saw of a call; times by its own clock, ms. */
export interface SeenCall {
  readonly kind: CallKind;
  readonly callId: string;
  /** Extension of the caller; null: from outside. */
  readonly from: string | null;
  /** Extension of who was called, or answered. */
  readonly to: string | null;
  readonly disposition: string;
  readonly durationMs: number;
  readonly talkMs: number;
  readonly queueMs: number;
}

export type CallKind = 'answered' | 'given up' | 'busy' | 'refused' | 'queue' | 'queue given up';

/** How the calls of a day fall, in hundredths. */
const MIX: readonly (readonly [CallKind, number])[] = [
  ['answered', 45],
  ['given up', 10],
  ['busy', 8],
  ['refused', 7],
  ['queue', 26],
  ['queue given up', 4],
];

/** Kind of the `i`th call: the mix, spread evenly. */
export function kindOf(i: number): CallKind {
  let place = (i * 37) % 100;
  for (const [kind, share] of MIX) {
    if (place < share) return kind;
    place -= share;
  }
  return 'answered';
}

/** Makes it all; its agents are logged in and ready. */
export async function openOffice(world: World): Promise<Office> {
  const users = await addUsers(world, USERS, FIRST_EXTENSION, { answerAfterMs: ANSWER_MS });
  const queues: Queue[] = [];
  for (const [index, name] of QUEUES.entries()) {
    const agents = users.slice(index * AGENTS_OF_A_QUEUE, (index + 1) * AGENTS_OF_A_QUEUE);
    queues.push(await addQueue(world, name, String(FIRST_QUEUE_NUMBER + index), agents));
  }
  const night = await addQueue(world, 'Night', String(FIRST_QUEUE_NUMBER + QUEUES.length), []);
  const desks = users.slice(QUEUES.length * AGENTS_OF_A_QUEUE).map((user) => ({ ...user, occupied: false }));
  const outsiders: Outsider[] = [];
  for (let i = 0; i < OUTSIDERS; i++) {
    const number = String(FIRST_OUTSIDE_NUMBER + i);
    const phone = await new Phone({ serverPort: world.sipPort, name: number, rtp: QUIET }).open();
    outsiders.push({ phone, number, occupied: false });
  }
  return { users, desks, outsiders, queues, night: night.number };
}

async function addQueue(world: World, name: string, number: string, agents: readonly TestUser[]): Promise<Queue> {
  const { id } = await world.must<{ id: string }>('POST', '/queues', {
    name: `Bench ${name}`,
    extension: number,
    strategy: 'longest-idle',
    wrapUpMs: 0,
  });
  await world.must('PUT', `/queues/${id}/members`, { items: agents.map((user) => ({ userId: user.id })) });
  await world.must('POST', '/numbers', {
    dialled: `9${number}`,
    kind: 'service',
    public: true,
    destination: { type: 'queue', id },
  });
  for (const agent of agents) await world.must('POST', `/users/${agent.id}/agent`, { do: 'log-in', queueId: id });
  const deadline = Date.now() + STEP_MS;
  for (;;) {
    const live = await world.must<{ agents: { state: string }[] }>('GET', `/queues/${id}/live`);
    if (live.agents.filter(({ state }) => state === 'ready').length === agents.length) break;
    if (Date.now() > deadline) throw new Error(`not every agent of ${name} is ready`);
    await sleep(100);
  }
  return { id, name, number: `9${number}`, agents };
}

const between = ([least, most]: readonly [number, number]): number => least + Math.random() * (most - least);

/** Takes from the front whoever is not occupied, so that whoever was free longest is next. */
function take<T extends { occupied: boolean }>(all: T[], count: number): T[] | null {
  const free = all.filter(({ occupied }) => !occupied).slice(0, count);
  if (free.length < count) return null;
  for (const one of free) {
    one.occupied = true;
    all.push(...all.splice(all.indexOf(one), 1));
  }
  return free;
}

/** Plays one call; null when nobody is free for it. Rejects when it does not go as it must. */
export function play(office: Office, kind: CallKind, turn: number): Promise<SeenCall> | null {
  const inside = kind !== 'queue' && kind !== 'queue given up';
  const taken = inside ? take(office.desks, 2) : take(office.outsiders, 1);
  if (!taken) return null;
  const [first, second] = taken as [Desk & Outsider, Desk];
  const playing = inside
    ? playDirect(kind, first, second)
    : kind === 'queue'
      ? playQueue(first, office.queues[turn % office.queues.length]!)
      : playNight(first, office.night);
  return playing
    .catch(async (error: Error) => {
      await letGo(taken.map(({ phone }) => phone));
      throw error;
    })
    .finally(() => {
      for (const one of taken) one.occupied = false;
    });
}

/** What has gone wrong leaves no call behind that others would meet. */
async function letGo(phones: readonly Phone[]): Promise<void> {
  const open = phones.flatMap((phone) => [...phone.calls.values()].filter(({ state }) => state !== 'ended'));
  await Promise.all(open.map((call) => call.hangUp().catch(() => {})));
}

const POLICIES = {
  answered: { answerAfterMs: ANSWER_MS },
  'given up': { ring: true },
  busy: { refuse: 486 },
  refused: { refuse: 603 },
} as const;
const DISPOSITIONS = { answered: 'answered', 'given up': 'cancelled', busy: 'busy', refused: 'rejected' } as const;

async function playDirect(kind: keyof typeof POLICIES, caller: Desk, callee: Desk): Promise<SeenCall> {
  callee.phone.policy = POLICIES[kind];
  const rung = callee.phone.nextIncoming(STEP_MS);
  const call = await caller.phone.call(callee.extension, QUIET);
  const incoming = await rung;
  if (kind === 'answered') {
    await call.until('answered', STEP_MS);
    await incoming.until('answered', STEP_MS);
    await sleep(between(TALK_MS));
    await call.hangUp();
  } else if (kind === 'given up') {
    await call.until('ringing', STEP_MS);
    await sleep(PATIENCE_MS);
    await call.hangUp();
  }
  await call.until('ended', STEP_MS);
  await incoming.until('ended', STEP_MS);
  return {
    ...seen(kind, call, caller.extension, callee.extension),
    disposition: DISPOSITIONS[kind],
    talkMs: kind === 'answered' ? talked(call, incoming) : 0,
  };
}

async function playQueue(caller: Outsider, queue: Queue): Promise<SeenCall> {
  const call = await caller.phone.call(queue.number, QUIET);
  await call.until('answered', STEP_MS);
  const { agent, incoming } = await takenBy(queue, caller, call);
  await sleep(between(TALK_MS));
  await call.hangUp();
  await incoming.until('ended', STEP_MS);
  return {
    ...seen('queue', call, null, agent.extension),
    disposition: 'answered',
    talkMs: talked(call, incoming),
    // both are answered at once where an agent is free: whose answer is heard first is chance
    queueMs: Math.max(0, incoming.times.answered! - call.times.answered!),
  };
}

/** Nobody serves it: the caller hears music and has enough of it. */
async function playNight(caller: Outsider, number: string): Promise<SeenCall> {
  const call = await (await caller.phone.call(number, QUIET)).until('answered', STEP_MS);
  await sleep(between(TALK_MS));
  await call.hangUp();
  const queueMs = call.times.ended! - call.times.answered!;
  return { ...seen('queue given up', call, null, null), disposition: 'answered', queueMs };
}

const seen = (kind: CallKind, call: PhoneCall, from: string | null, to: string | null) => ({
  kind,
  callId: call.callId,
  from,
  to,
  durationMs: call.times.ended! - call.times.invited,
  talkMs: 0,
  queueMs: 0,
});

/** From the answer of the second until the first hung up. */
const talked = (call: PhoneCall, incoming: PhoneCall): number =>
  call.times.ended! - Math.max(call.times.answered!, incoming.times.answered!);

/** Who answered: known by the caller's number, which no other call has at the time. */
async function takenBy(
  queue: Queue,
  caller: Outsider,
  call: PhoneCall,
): Promise<{ agent: TestUser; incoming: PhoneCall }> {
  const deadline = Date.now() + STEP_MS;
  for (;;) {
    for (const agent of queue.agents) {
      const incoming = agent.phone.incomingCalls.findLast(
        (one) =>
          one.state === 'answered' &&
          one.times.invited > call.times.invited &&
          header(one.invite!, 'from').includes(caller.number),
      );
      if (incoming) return { agent, incoming };
    }
    if (Date.now() > deadline) throw new Error(`no agent of ${queue.name} took a call`);
    await sleep(20);
  }
}
