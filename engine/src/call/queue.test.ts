/** Waiting in a queue: coming in, what is heard, being answered, leaving and coming back, and what the pool's restart leaves of it. */
import { describe, expect, it } from 'vitest';
import { TestCall, type TestCallOptions } from '../../testing/test-call.ts';
import { createWorld, type World, type WorldOptions, type WorldQueue } from '../../testing/world.ts';
import { flow, node, say } from '../flow/author.ts';
import type { AgentMessage, Fact, Prompt } from '../protocol/index.ts';

const users = { anna: { extension: '101' }, bert: { extension: '102' }, carl: { extension: '103' } };
const prompt = (text: string): Prompt => ({ items: [{ type: 'text', text }], bargeIn: true });

const LEAVE = { empty: 'nobody', full: 'busy', timeout: 'late', callback: 'back', failed: 'failed' } as const;
const support = flow('support', {
  title: 'Support',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'queue' }),
    queue: node('queue', { queue: 'support' }, { answered: 'after', exit: 'menu', ...LEAVE }),
    menu: node(
      'menu',
      { prompts: [say({ en: 'one moment' })], choices: [{ key: '1', outcome: 'again' }], tries: 3 },
      { again: 'queue', 'no-input': 'failed', 'no-match': 'failed' },
    ),
    after: node('play', { prompts: [say({ en: 'thank you' })] }, { next: 'end' }),
    nobody: node('play', { prompts: [say({ en: 'nobody here' })] }, { next: 'end' }),
    busy: node('play', { prompts: [say({ en: 'too many' })] }, { next: 'end' }),
    late: node('play', { prompts: [say({ en: 'too late' })] }, { next: 'end' }),
    back: node('play', { prompts: [say({ en: 'call you back' })] }, { next: 'end' }),
    failed: node('hang-up', { cause: 'failed' }),
    end: node('hang-up', {}),
  },
});

let told = 0;
function agent(world: World, userId: string, change: AgentMessage['change']): void {
  told += 1;
  world.tellPool({ type: 'pool.agent', id: `agent-${told}`, userId, change });
}
const logIn = (world: World, ...agents: string[]): void => {
  for (const userId of agents) agent(world, userId, { do: 'log-in', queueId: 'support' });
};

function company(queue: Partial<WorldQueue> = {}, more: WorldOptions = {}): World {
  return createWorld({ users, queues: { support: { agents: ['anna', 'bert'], ...queue } }, ...more });
}
const caller = (world: World, options: Partial<TestCallOptions> = {}) => TestCall.start(support, { world, ...options });
type Call = ReturnType<typeof caller>;
const queueFacts = ({ facts }: Call) => facts.filter((one) => one.type.startsWith('queue.'));
const left = (call: Call) =>
  queueFacts(call).flatMap((one) => (one.type === 'queue.left' ? [one.why] : ([] as string[])));
const places = (call: Call) =>
  call.facts.flatMap((one: Fact) => (one.type === 'queue.entered' ? [one.position] : ([] as number[])));

describe('a caller', () => {
  it('who is to be preferred comes before those who have waited longer', () => {
    const world = company({}, { vips: ['+33611223344'] });
    const [first, second] = [caller(world), caller(world)];
    const vip = caller(world, { caller: '+33611223344' });
    for (const one of [first, second, vip]) one.waits(1000);
    expect([first, second, vip].map(places)).toEqual([[1], [2], [1]]);
    logIn(world, 'anna');
    vip.reaches('anna').userAnswers('anna').talksTo('anna');
    for (const one of [first, second, vip]) one.hangsUp().ends();
  });

  it('hears music, is joined with the agent who answers, and comes back to the flow', () => {
    const world = company();
    logIn(world, 'anna');
    const call = caller(world).hears('[music]').reaches('anna').waits(3000);
    call.userAnswers('anna').talksTo('anna').waits(20_000).userHangsUp('anna').hears('thank you');
    expect(call.ends()).toMatchObject({ disposition: 'answered', connected: { id: 'anna' } });
    expect(queueFacts(call).map((one) => one.type)).toEqual(['queue.offered', 'queue.entered', 'queue.answered']);
    expect(world.pool().requests).toEqual([]);
    expect(world.pool().users).toEqual({});
    expect(world.pool().agents?.anna?.total.calls).toBe(1);
  });

  it('waits for an agent who logs in, with his place said meanwhile', () => {
    const world = company({
      entryPrompt: prompt('welcome to support'),
      sayPosition: true,
      periodicPrompt: prompt('stay with us'),
      announceEveryMs: 20_000,
    });
    const first = caller(world).hears('welcome to support').hears('next in line').hears('[music]');
    const second = caller(world).hears('number').hears('2').hears('[music]').hears('stay with us').hears('[music]');
    expect([...places(first), ...places(second)]).toEqual([1, 2]);
    logIn(world, 'anna');
    first.userAnswers('anna').talksTo('anna');
    second.hears('next in line');
    logIn(world, 'bert');
    second.userAnswers('bert').talksTo('bert');
    expect(queueFacts(second).at(-1)).toMatchObject({ type: 'queue.answered', userId: 'bert' });
  });

  it('is stopped in the middle of an announcement when an agent answers', () => {
    const long = prompt('a very long speech');
    const world = company({ entryPrompt: { ...long, items: Array.from({ length: 40 }, () => long.items[0]!) } });
    logIn(world, 'anna');
    const call = caller(world).hears('long speech').userAnswers('anna').talksTo('anna');
    expect(call.call.commands.filter((one) => one.kind === 'media.stop')).toHaveLength(1);
    expect(call.heard).not.toContain('[music]');
  });

  it('goes on waiting when an agent does not answer, who is offered no more for a while', () => {
    const world = company({ rules: { restMs: 60_000 } });
    logIn(world, 'anna', 'bert');
    const call = caller(world).reaches('anna').userRejects('anna').reaches('bert').userAnswers('bert').talksTo('bert');
    expect(queueFacts(call).map((one) => one.type)).toContain('queue.missed');
    expect(world.pool().agents?.anna?.restUntil).toBeGreaterThan(world.now());
  });

  it('who hangs up leaves nothing behind', () => {
    const world = company({ exitKey: '0', sayPosition: true });
    const call = caller(world).hears('next').waits(5000).hangsUp();
    call.ends();
    world.pass(1000);
    expect(left(call)).toEqual(['abandoned']);
    expect(world.pool().requests).toEqual([]);
    const [fact] = queueFacts(call).filter((one) => one.type === 'queue.left');
    expect(fact).toMatchObject({ waitedMs: expect.closeTo(5000, -4) });
  });
});

describe('rules of joining and leaving', () => {
  it('lets nobody in while nobody is logged in', () => {
    const world = company({ join: 'logged-in' });
    const call = caller(world).hears('nobody here');
    call.ends();
    expect(left(call)).toEqual(['empty']);
    expect(world.pool().requests).toEqual([]);
  });

  it('lets nobody in while all are paused, where somebody ready is asked for', () => {
    const world = company({ join: 'ready' });
    logIn(world, 'anna');
    agent(world, 'anna', { do: 'pause', reason: 'lunch' });
    caller(world).hears('nobody here').ends();
    agent(world, 'anna', { do: 'resume' });
    caller(world).userAnswers('anna').talksTo('anna');
  });

  it('sends on who waits when the last agent logs out', () => {
    const world = company({ stay: 'logged-in', agents: ['anna', 'bert'], rules: { restMs: 600_000 } });
    logIn(world, 'anna');
    const call = caller(world).userRejects('anna').waits(1000);
    agent(world, 'anna', { do: 'log-out', queueId: 'support' });
    call.hears('nobody here').ends();
    expect(left(call)).toEqual(['empty']);
  });

  it('takes no more callers than may wait', () => {
    const world = company({ maxWaiting: 1 });
    caller(world).hears('[music]');
    const second = caller(world).hears('too many');
    second.ends();
    expect(left(second)).toEqual(['full']);
    expect(world.pool().requests).toHaveLength(1);
  });

  it('ends the wait at its limit, the ring of an agent with it', () => {
    const world = company({ maxWaitMs: 10_000 });
    logIn(world, 'anna');
    const call = caller(world).reaches('anna').hears('too late');
    call.ends();
    world.pass(1000);
    expect(left(call)).toEqual(['timeout']);
    expect(world.pool().users).toEqual({});
  });

  it('says so when there is no such queue', () => {
    const world = createWorld({ users });
    const call = caller(world);
    expect(call.ends().cause).toBe('failed');
    expect(call.path).toContain('queue=failed');
  });
});

describe('the exit key', () => {
  const queue = { exitKey: '0', callbackKey: '2' } as const;

  it('leads to the flow and back to the same place', () => {
    const world = company(queue);
    const first = caller(world).hears('[music]').waits(2000);
    const second = caller(world).hears('[music]').waits(1000);
    first.presses('0').hears('one moment');
    logIn(world, 'anna');
    // who is away is not offered, the next one is
    second.reaches('anna').userRejects('anna');
    first.presses('1').hears('[music]');
    expect(places(first)).toEqual([1, 1]);
    logIn(world, 'bert');
    first.userAnswers('bert').talksTo('bert');
    expect(left(first)).toEqual(['exit']);
  });

  it('passes over other keys', () => {
    const world = company(queue);
    const call = caller(world).hears('[music]').presses('7').waits(1000).presses('9').waits(1000).presses('0');
    call.hears('one moment');
  });

  it('gives the place up with the call', () => {
    const world = company(queue);
    const call = caller(world).hears('[music]').presses('0').hears('one moment').hangsUp();
    call.ends();
    world.pass(1000);
    expect(world.pool().requests).toEqual([]);
  });

  it('of the callback leaves by its own outcome', () => {
    const world = company(queue);
    const call = caller(world).hears('[music]').presses('2').hears('call you back');
    call.ends();
    expect(left(call)).toEqual(['callback']);
  });
});

it('another priority overtakes who came before', () => {
  const world = company();
  const first = caller(world).hears('[music]').waits(1000);
  const second = caller(world).hears('[music]').controls({ kind: 'prioritise', priority: 5 });
  logIn(world, 'anna');
  second.userAnswers('anna').talksTo('anna');
  expect(first.ended).toBe(false);
  expect(second.facts).toContainEqual(expect.objectContaining({ type: 'control.done', ok: true }));
});

it('a restarted pool keeps order and waited time', () => {
  const world = company();
  const calls = Array.from({ length: 20 }, () => {
    world.pass(500);
    return caller(world).hears('[music]');
  });
  world.restartPool();
  world.pass(60_000);
  logIn(world, 'anna');
  for (const call of calls) {
    call.userAnswers('anna').talksTo('anna').waits(100).userHangsUp('anna');
    const answered = call.facts.find((one) => one.type === 'queue.answered');
    expect(answered).toMatchObject({ waitedMs: expect.any(Number) });
    expect((answered as { waitedMs: number }).waitedMs).toBeGreaterThan(60_000);
  }
});

describe('a callback', () => {
  const back = flow('back', {
    title: 'Callback',
    language: 'en',
    nodes: {
      start: node('start', {}, { next: 'queue' }),
      queue: node(
        'queue',
        { queue: 'support' },
        { answered: 'end', exit: 'end', empty: 'end', full: 'end', timeout: 'end', callback: 'ask', failed: 'end' },
      ),
      ask: node('callback', { number: '103' }, { requested: 'bye', refused: 'end' }),
      bye: node('play', { prompts: [say({ en: 'we call you' })] }, { next: 'end' }),
      end: node('hang-up', {}),
    },
  });
  const asked = (world: World) =>
    TestCall.start(back, { world }).hears('[music]').waits(5000).presses('2').hears('we call you').waits(5000);
  const key = { callbackKey: '2' } as const;

  it('keeps the place: the agent is rung first, then the caller, and they talk', () => {
    const world = company(key);
    const first = asked(world);
    const second = caller(world).hears('[music]').waits(60_000);
    expect(first.ended).toBe(false);
    logIn(world, 'anna');
    first.userAnswers('anna').reaches('carl').userAnswers('carl').waits(5000);
    const talking = world.telephony.legOfUser('anna');
    expect(talking?.bridged).toBe(world.telephony.legOfUser('carl')?.id);
    expect(second.ended).toBe(false);
    first.userHangsUp('carl');
    const cdr = first.ends();
    expect(cdr).toMatchObject({ disposition: 'answered', connected: { id: 'carl' } });
    second.userAnswers('anna').talksTo('anna');
    expect(first.facts).toContainEqual(expect.objectContaining({ type: 'queue.answered', userId: 'anna' }));
  });

  it('passes over an agent who does not answer, survives the loss of the caller’s instance and a new pool', () => {
    const world = company({ ...key, rules: { restMs: 600_000 } });
    const call = TestCall.start(back, { world, instance: 'media.0' })
      .hears('[music]')
      .presses('2')
      .hears('we call you');
    world.loseInstance('media.0');
    world.pass(1000);
    world.restartPool();
    expect(call.ended).toBe(false);
    logIn(world, 'anna', 'bert');
    call.userRejects('anna').userAnswers('bert').reaches('carl').userRejects('carl');
    expect(call.ends().cause).toBe('rejected');
    world.pass(1000);
    expect([world.pool().requests, world.pool().users]).toEqual([[], {}]);
  });

  it('is given up by a command and after half a day', () => {
    const world = company(key);
    asked(world).controls({ kind: 'hangup', leg: null }).ends();
    const late = asked(world).waits(43_300_000);
    expect(late.ended).toBe(true);
    expect(late.facts).toContainEqual(expect.objectContaining({ type: 'queue.callback', step: 'given-up' }));
    world.pass(1000);
    expect(world.pool().requests).toEqual([]);
  });

  it('tries a caller who was not reached again, in his place, as often as the queue says', () => {
    const world = company({ ...key, callbackTries: 2, callbackRetryMs: 60_000 });
    const call = asked(world);
    const steps = () => call.facts.flatMap((one) => (one.type === 'queue.callback' ? [one.step] : []));
    logIn(world, 'anna');
    call.userAnswers('anna').reaches('carl').userRejects('carl', 'busy').waits(500);
    expect([call.ended, world.telephony.legOfUser('anna'), steps()]).toEqual([false, null, ['requested', 'unreached']]);
    call.waits(30_000);
    expect(world.telephony.legOfUser('anna')).toBe(null);
    call.userAnswers('anna').userAnswers('carl').waits(100);
    expect(world.telephony.legOfUser('anna')?.bridged).toBe(world.telephony.legOfUser('carl')?.id);
    call.userHangsUp('carl').ends();
    const other = asked(world);
    for (let tries = 0; tries < 2; tries += 1) other.userAnswers('anna').reaches('carl').userRejects('carl', 'busy');
    expect(other.ends().cause).toBe('busy');
    world.pass(1000);
    expect([world.pool().requests, world.pool().users]).toEqual([[], {}]);
  });

  it('an agent who leaves before the caller answers does not lose him', () => {
    const world = company({ ...key, callbackTries: 3, callbackRetryMs: 10_000 });
    const call = asked(world);
    logIn(world, 'anna');
    call.userAnswers('anna').reaches('carl').userHangsUp('anna').waits(500);
    expect([call.ended, world.telephony.legOfUser('carl')]).toEqual([false, null]);
    call.userAnswers('anna').userAnswers('carl').waits(100).userHangsUp('anna').ends();
    const dropped = asked(world);
    dropped.userAnswers('anna').reaches('carl').controls({ kind: 'hangup', leg: null });
    dropped.ends();
    world.pass(1000);
    expect([world.pool().requests, world.pool().users]).toEqual([[], {}]);
  });

  it('the agent accepts by a key where the queue says so; who does not is passed over', () => {
    const world = company({ ...key, callbackConfirm: true, rules: { restMs: 600_000 } });
    const call = asked(world);
    logIn(world, 'anna', 'bert');
    call.userAnswers('anna').waits(60_000);
    expect(world.telephony.legOfUser('carl')).toBe(null);
    call.userAnswers('bert');
    const bert = world.telephony.legOfUser('bert')!;
    expect(bert.heard.join(' ')).toContain('Callback to');
    world.telephony.press(bert, '1');
    call.userAnswers('carl').waits(100);
    expect(bert.bridged).toBe(world.telephony.legOfUser('carl')?.id);
    call.userHangsUp('carl').ends();
  });

  it('is refused where no place is kept', () => {
    const direct = flow('no-place', {
      title: 'No place',
      language: 'en',
      nodes: {
        start: node('start', {}, { next: 'ask' }),
        ask: node('callback', {}, { requested: 'end', refused: 'end' }),
        end: node('hang-up', {}),
      },
    });
    expect(TestCall.start(direct, { users }).ends() && true).toBe(true);
  });
});
