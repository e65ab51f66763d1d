/**
 * Simulation is production: what a flow does with real phones it does with the same inputs in the engine alone, and the records of the real
 * call replay to the same way.
 */
import type { RevisionClosure } from '@callwright/engine';
import { TestCall } from '@callwright/engine/testing';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { PhoneCall } from '../phone/call.ts';
import { compareOverSip, randomCalls } from './flows-over-sip.ts';
import { World, wayIn } from './world.ts';

/** `npm run bench -- flows-over-sip` takes 200. */
const RANDOM_FLOWS = 20;

let world: World;

beforeAll(async () => {
  world = await World.company(['101', '102', '103']);
});
afterEach(() => world?.closePhones());
afterAll(() => world?.stop());

interface Published {
  readonly id: string;
  readonly revision: number;
  readonly closure: RevisionClosure;
}

/** A flow of the catalogue, reached at a number. */
async function reach(name: string, dialled: string): Promise<Published> {
  const { items } = await world.must<{ items: { id: string; published: { number: number } }[] }>(
    'GET',
    `/flows?name=${name}`,
  );
  const [{ id, published } = { id: '', published: { number: 0 } }] = items;
  await world.must('POST', '/routing-rules', { calledPattern: dialled, destination: { type: 'flow', id } });
  const path = `/flows/${id}/revisions/${published.number}`;
  const { closure } = await world.must<{ closure: RevisionClosure }>('GET', path);
  return { id, revision: published.number, closure };
}

/** Our id of the call of a dialog, by the records of its start. */
async function idOf(call: PhoneCall): Promise<string> {
  let id = '';
  const find = async () => {
    id = (await world.callIds()).get(call.callId) ?? '';
    return id;
  };
  await expect.poll(find, { timeout: 20_000 }).not.toBe('');
  return id;
}

/** Waits until the call stands at a node. */
const stands = (id: string, node: string) =>
  expect
    .poll(
      async () => (await world.records(id)).some(({ type, body }) => type === 'node.entered' && body.node === node),
      {
        timeout: 20_000,
      },
    )
    .toBe(true);

/** The way of the real call, which its records must replay to. */
async function wayOf(id: string, flow: Published): Promise<string[]> {
  await world.idle();
  const steps = wayIn(await world.records(id));
  const { items } = await world.must<{
    items: { call: { id: string }; verdict: string; after: { path: { node: string; outcome: string }[] } }[];
  }>('POST', `/flows/${flow.id}/replay`, { against: flow.revision });
  const replayed = items.find(({ call }) => call.id === id);
  expect(replayed).toMatchObject({ verdict: 'same' });
  expect(replayed!.after.path.map(({ node, outcome }) => `${node}=${outcome}`)).toEqual(steps);
  return steps;
}

it('takes keys the same way', async () => {
  const flow = await reach('tone-menu', '811');
  const call = await (await (await world.phoneOf('103')).call('811')).until('answered');
  const id = await idOf(call);
  const simulated = TestCall.start(flow.closure).waits(500);
  for (const [node, key] of [
    ['ready', '3'],
    ['three', '#'],
    ['ready', '5'],
    ['five', '*'],
  ] as const) {
    await stands(id, node);
    await call.press(key);
    simulated.presses(key);
  }
  await call.until('ended', 20_000);
  simulated.ends();
  expect(await wayOf(id, flow)).toEqual(simulated.path);
});

it('rings, is refused and goes on the same way', async () => {
  const flow = await reach('welcome', '812');
  const first = await world.phoneOf('101');
  const caller = await world.phoneOf('103');
  const call = await (await caller.call('812')).until('answered');
  const id = await idOf(call);
  await stands(id, 'greeting');
  await call.press('1');
  const ringing = await first.nextIncoming(20_000);
  await ringing.hangUp();
  await call.until('ended', 30_000);
  // nobody is registered as 102
  const simulated = TestCall.start(flow.closure, {
    users: { 101: { extension: '101' }, 102: { extension: '102', registered: false } },
  });
  simulated.hears('Welcome').presses('1').userRejects('101').ends();
  expect(await wayOf(id, flow)).toEqual(simulated.path);
  expect(simulated.path).toContain('call-first=rejected');
});

it('ends by itself, and by the caller, the same way', async () => {
  const flow = await reach('speaking-clock', '813');
  const phone = await world.phoneOf('103');
  const whole = await (await phone.call('813')).until('answered');
  const id = await idOf(whole);
  await whole.until('ended', 20_000);
  const heard = TestCall.start(flow.closure);
  heard.ends();
  expect(await wayOf(id, flow)).toEqual(heard.path);
  const cut = await (await phone.call('813')).until('answered');
  const cutId = await idOf(cut);
  await stands(cutId, 'tell');
  await cut.hangUp();
  const simulated = TestCall.start(flow.closure).waits(500).hangsUp();
  simulated.ends();
  expect(await wayOf(cutId, flow)).toEqual(simulated.path);
});

it('takes every random flow the same way, whatever keys are pressed', async () => {
  const seed = Math.floor(Math.random() * 1_000_000_000);
  const random = randomCalls(seed, RANDOM_FLOWS, `random-${crypto.randomUUID().slice(0, 8)}`);
  const differences = await compareOverSip(world, await world.stranger(), random, 6);
  expect(differences, `seed ${seed}`).toEqual([]);
});
