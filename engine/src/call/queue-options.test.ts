/** Options of a queue beside its strategy: what agents hear, who may stay, who is preferred, who is served at a time. */
import { expect, it } from 'vitest';
import { desk } from '../../testing/flows.ts';
import { TestCall } from '../../testing/test-call.ts';
import { createWorld, type World, type WorldQueue } from '../../testing/world.ts';
import { flow, node } from '../flow/author.ts';
import type { AgentMessage, Prompt } from '../protocol/index.ts';

const users = { anna: { extension: '101' }, bert: { extension: '102' } };
const prompt = (text: string): Prompt => ({ items: [{ type: 'text', text }], bargeIn: true });
const ELSE = { exit: 'end', full: 'end', timeout: 'end', callback: 'end', failed: 'end' } as const;
const hotline = flow('hotline', {
  title: 'Hotline',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'queue' }),
    queue: node('queue', { queue: 'support' }, { answered: 'end', empty: 'nobody', ...ELSE }),
    nobody: node('hang-up', { cause: 'busy' }),
    end: node('hang-up', {}),
  },
});

let told = 0;
const tell = (world: World, userId: string, change: AgentMessage['change']): void => {
  told += 1;
  world.tellPool({ type: 'pool.agent', id: `agent-${told}`, userId, change });
};
const logIn = (world: World, ...agents: string[]) => {
  for (const userId of agents) tell(world, userId, { do: 'log-in', queueId: 'support' });
};
const company = (queue: Partial<WorldQueue> = {}) =>
  createWorld({ users, queues: { support: { agents: ['anna', 'bert'], ...queue } } });
type Call = ReturnType<typeof caller>;
const dialled = ({ world, callId }: Call) => world.calls.get(callId)!.commands.filter((one) => one.kind === 'leg.dial');
const caller = (world: World) => TestCall.start(hotline, { world });

it('the agent hears the queue’s message and how long the caller has waited before he has him', () => {
  const world = company({ agentPrompt: prompt('a call of the hotline'), sayWaited: true });
  const call = caller(world).waits(200_000);
  logIn(world, 'anna');
  call.userAnswers('anna').waits(100);
  const anna = world.telephony.legOfUser('anna')!;
  expect(anna.bridged).toBe(null);
  call.waits(10_000).talksTo('anna');
  expect(anna.heard.join(' ')).toMatch(/a call of the hotline.*has waited for.*3.*minutes/);
  call.hangsUp().ends();
});

it('an agent who does not accept by key loses the call to the next, and counts as one who missed it', () => {
  const world = company({ agentConfirm: true });
  logIn(world, 'anna');
  const call = caller(world).reaches('anna').userAnswers('anna').waits(60_000);
  expect(call.facts.filter((one) => one.type === 'queue.missed').length).toBeGreaterThan(0);
  tell(world, 'anna', { do: 'log-out', queueId: 'support' });
  call.waits(30_000);
  logIn(world, 'bert');
  call.reaches('bert').userAnswers('bert').waits(500);
  world.telephony.press(world.telephony.legOfUser('bert')!, '1');
  call.talksTo('bert').hangsUp().ends();
  expect(world.pool().users).toEqual({});
});

it('callers wait for a staff that is gone as long as the queue is patient', () => {
  const world = company({ stay: 'logged-in', stayMs: 20_000 });
  logIn(world, 'anna');
  const first = caller(world).userAnswers('anna').talksTo('anna');
  const call = caller(world).waits(1000);
  tell(world, 'anna', { do: 'log-out', queueId: 'support' });
  call.waits(15_000);
  logIn(world, 'bert');
  call.reaches('bert').waits(1000);
  tell(world, 'bert', { do: 'log-out', queueId: 'support' });
  call.userRejects('bert').waits(5000);
  expect(call.ended).toBe(false);
  call.waits(30_000);
  expect(call.ends().cause).toBe('busy');
  first.hangsUp().ends();
});

it('a staff that never was there is noticed on coming in', () => {
  const world = company({ stay: 'ready' });
  expect(caller(world).waits(2000).ends().cause).toBe('busy');
});

it('the first in line hears no announcements where the queue says so', () => {
  const world = company({
    quietFirst: true,
    sayPosition: true,
    periodicPrompt: prompt('stay with us'),
    announceEveryMs: 10_000,
  });
  const [first, second] = [caller(world), caller(world)];
  first.waits(35_000);
  second.waits(35_000);
  const heard = ({ callId }: typeof first) =>
    [...world.telephony.legs.values()].find((leg) => leg.owner === callId)!.heard.join(' ');
  expect(heard(second)).toContain('stay with us');
  expect(heard(first)).not.toContain('stay with us');
  expect(heard(first)).not.toContain('next in line');
  first.hangsUp().ends();
  second.waits(15_000);
  const before = heard(second).length;
  second.waits(60_000);
  expect(heard(second).slice(before)).not.toContain('stay with us');
  second.hangsUp().ends();
});

it('one at a time: the second in line is not offered while the first rings', () => {
  const world = company({ rules: { oneAtATime: true } });
  const [first, second] = [caller(world), caller(world)];
  logIn(world, 'anna', 'bert');
  first.waits(2000);
  const rung = () => ['anna', 'bert'].filter((id) => world.telephony.legOfUser(id) !== null);
  expect(rung()).toHaveLength(1);
  first.userAnswers(rung()[0]!).waits(1000);
  second.waits(1000);
  expect(rung()).toHaveLength(2);
  first.hangsUp().ends();
  second.hangsUp().ends();
});

it('a tier nobody serves is not waited for where the queue says so', () => {
  const agents = [{ userId: 'anna' }, { userId: 'bert', tier: 1 }];
  const waits = (skipEmptyTiers: boolean) => {
    const world = company({ agents, rules: { tierWaitMs: 60_000, skipEmptyTiers } });
    logIn(world, 'bert');
    const call = caller(world).waits(5000);
    const rings = world.telephony.legOfUser('bert') !== null;
    call.hangsUp().ends();
    return rings;
  };
  expect([waits(false), waits(true)]).toEqual([false, true]);
});

it('phones of a queue and a group show its prefix and ring its way', () => {
  const world = company({ namePrefix: 'Hotline', alert: 'bell-2' });
  logIn(world, 'anna');
  const call = caller(world).reaches('anna');
  expect(dialled(call)).toMatchObject([{ callerId: { name: 'Hotline' }, alert: 'bell-2' }]);
  call.hangsUp().ends();
  const more = { namePrefix: 'Sales', alert: 'bell-3', comfort: 'music' as const };
  const group = TestCall.start(desk, { users, groups: { sales: { members: ['anna'], more } } });
  group.hears('welcome').presses('2').reaches('anna').hears('[music]');
  expect(dialled(group)).toMatchObject([{ callerId: { name: 'Sales' }, alert: 'bell-3' }]);
  group.hangsUp().ends();
});
