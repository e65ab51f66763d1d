/** The runner on the real Temporal server, with a scripted machine and a fake media instance. */
import { CALL_SIGNALS, CALL_STATE_QUERY, type CallStateAnswer } from '@callwright/contract';
import type { CallStart } from '@callwright/engine';
import type { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callsBundle } from '../src/bundle.ts';
import { createCallsWorker } from '../src/worker.ts';
import { type FakeMedia, fakeMedia, hangupBody } from './fake-media.ts';
import type { ScriptStep } from './scripted-machine.ts';
import { openWorld, scriptedStart, startCall, until, type World } from './world.ts';

let world: World;
let media: FakeMedia;
let worker: Worker;
let running: Promise<void>;
let lease: 'alive' | 'lost' = 'alive';
const poolMessages: string[] = [];

beforeAll(async () => {
  world = await openWorld({
    lease: async () => ({ state: lease }),
    poolMessage: async ({ message }) => void poolMessages.push(message.type),
  });
  const bundle = await callsBundle({ workflowsPath: new URL('./scripted-workflows.ts', import.meta.url).pathname });
  media = await fakeMedia({ temporal: world.temporal, client: world.client, instance: `m-${world.id}.1` });
  worker = await createCallsWorker({
    temporal: world.temporal,
    bundle: bundle.code,
    maxCachedWorkflows: 50,
    taskQueue: world.taskQueue,
  });
  running = worker.run();
});

afterAll(async () => {
  worker?.shutdown();
  await media?.stop();
  await running;
  await world?.close();
});

async function begin(script: readonly ScriptStep[], workflowType?: string) {
  const start = scriptedStart(media.instance, script);
  const leg = start.inbound.leg;
  media.open(start.companyId, start.callId, leg);
  const handle = await startCall(world, start, workflowType);
  const kinds = () => operations(start).map((o) => o.input.command.kind);
  return { start, leg, handle, kinds };
}
const operations = (start: CallStart) => media.started.filter((o) => o.input.callId === start.callId);
const storesOf = (start: CallStart) => world.stores.filter((s) => s.callId === start.callId);

/** Every record number of the call, from rides and stores. */
function recordNumbers(start: CallStart): number[] {
  const ridden = operations(start).flatMap((o) => o.input.records);
  return [...ridden, ...storesOf(start).flatMap((s) => s.records)].map((r) => r.n).sort((a, b) => a - b);
}

/** What the scripted machine was told, in order. */
async function told(handle: Awaited<ReturnType<typeof begin>>['handle']): Promise<string[]> {
  const answer = await handle.query<CallStateAnswer>(CALL_STATE_QUERY);
  return (answer.state.machine as { log: string[] }).log;
}

describe('a call', () => {
  it('goes through its operations in order, stores each record once and closes its row last', async () => {
    const call = await begin([
      { do: 'answer' },
      { do: 'play' },
      { do: 'collect' },
      { do: 'timer', ms: 50 },
      { do: 'lookup' },
    ]);
    await until(() => call.kinds().includes('media.collect') && media.waits(call.leg));
    media.press(call.leg, '1');
    const outcome = await call.handle.result();
    expect(call.kinds()).toEqual(['leg.answer', 'media.play', 'media.collect', 'leg.hangup', 'leg.release']);
    const numbers = recordNumbers(call.start);
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
    expect(outcome).toEqual({ callId: call.start.callId, lastRecord: numbers.at(-1) });
    const finals = storesOf(call.start).filter((s) => s.final);
    expect(finals).toHaveLength(1);
    expect(storesOf(call.start).at(-1)).toBe(finals[0]);
  });

  it('acknowledges with each operation what it has processed', async () => {
    const call = await begin([{ do: 'answer' }, { do: 'play' }, { do: 'play' }]);
    await call.handle.result();
    const acknowledged = operations(call.start).map((o) => o.input.processed[call.leg]);
    expect(acknowledged.slice(0, 3)).toEqual([0, 1, 2]);
    const release = operations(call.start).at(-1)!.input;
    expect(release.command).toMatchObject({ kind: 'leg.release', upTo: release.processed[call.leg] });
  });

  it('takes repeated and shuffled leg events once and in order', async () => {
    const call = await begin([{ do: 'answer' }, { do: 'keys', count: 5 }, { do: 'wait' }]);
    await until(() => media.log(call.leg).length === 1);
    const events = [];
    for (const digit of '12345') events.push(await media.say(call.leg, { type: 'key', digit }, 'keep'));
    for (const i of [4, 1, 1, 0, 3]) await media.signal(call.leg, [events[i]!]);
    await media.signal(call.leg, [events[2]!, events[4]!, events[2]!]);
    await media.say(call.leg, hangupBody('remote'));
    await call.handle.result();
    expect((await told(call.handle)).filter((line) => line.includes('key'))).toEqual([
      '2:key 1',
      '3:key 2',
      '4:key 3',
      '5:key 4',
      '6:key 5',
    ]);
    expect(media.resends.filter((r) => r.callId === call.start.callId)).toEqual([]);
  });

  it('asks for what never came, after a second', async () => {
    const call = await begin([{ do: 'answer' }, { do: 'keys', count: 3 }]);
    await until(() => media.log(call.leg).length === 1);
    await media.say(call.leg, { type: 'key', digit: '1' }, 'keep');
    await media.say(call.leg, { type: 'key', digit: '2' }, 'keep');
    const before = Date.now();
    await media.say(call.leg, { type: 'key', digit: '3' });
    await call.handle.result();
    expect(Date.now() - before).toBeGreaterThan(900);
    expect(media.resends.filter((r) => r.callId === call.start.callId)).toMatchObject([{ leg: call.leg, after: 1 }]);
    expect((await told(call.handle)).filter((line) => line.includes('key'))).toHaveLength(3);
  });

  it('takes a result that came by signal as well as by the operation once', async () => {
    const call = await begin([{ do: 'answer' }, { do: 'collect' }, { do: 'wait' }]);
    await until(() => call.kinds().includes('media.collect') && media.waits(call.leg));
    media.press(call.leg, '7');
    await until(() => media.log(call.leg).length === 2);
    await media.signal(call.leg, [...media.log(call.leg)]);
    await media.say(call.leg, hangupBody('remote'));
    await call.handle.result();
    expect((await told(call.handle)).filter((line) => line === '2:result')).toHaveLength(1);
  });

  it('survives its operation’s time-out: schedules again under the same id while the lease is good', async () => {
    const late = `late-${world.id}.1`;
    const start = scriptedStart(late, [{ do: 'answer' }]);
    const handle = await startCall(world, start);
    await new Promise((resume) => setTimeout(resume, 3500));
    const returned = await fakeMedia({ temporal: world.temporal, client: world.client, instance: late });
    returned.open(start.companyId, start.callId, start.inbound.leg);
    await handle.result();
    await returned.stop();
    expect(returned.started.map((o) => o.input.command.kind)).toEqual(['leg.answer', 'leg.hangup', 'leg.release']);
    expect(new Set(returned.started.map((o) => o.input.command.op)).size).toBe(3);
  });

  it('learns from the lease that its instance is lost, and ends with all its records', async () => {
    const start = scriptedStart(`dead-${world.id}.1`, [{ do: 'answer' }]);
    lease = 'lost';
    try {
      const handle = await startCall(world, start);
      await handle.result();
      expect(await told(handle)).toEqual(['instance.lost']);
    } finally {
      lease = 'alive';
    }
    expect(storesOf(start).at(-1)!.final).toBe(true);
    expect(recordNumbers(start)).toContain(2);
  });

  it('is told once of a lost instance, across a gap, and answers later operations itself', async () => {
    const call = await begin([{ do: 'answer' }, { do: 'wait' }]);
    await until(() => media.log(call.leg).length === 1);
    await media.say(call.leg, { type: 'key', digit: '1' }, 'keep');
    await media.say(call.leg, { type: 'held' });
    await call.handle.signal(CALL_SIGNALS.instanceLost, { instance: media.instance });
    await call.handle.signal(CALL_SIGNALS.instanceLost, { instance: media.instance });
    await call.handle.result();
    expect(await told(call.handle)).toEqual(['1:result', '3:held', 'instance.lost']);
  });

  it('answers for a call that has ended, and starts a pool that does not run', async () => {
    const call = await begin([{ do: 'ask-leg', callId: '6f2ab0c8-53c4-4d2a-8a3e-1df1f2f6a001' }, { do: 'pool' }]);
    await until(() => poolMessages.length > 0);
    await call.handle.signal(CALL_SIGNALS.control, {
      id: 'c',
      by: { type: 'user', id: 'u' },
      action: { kind: 'hangup', leg: null },
    });
    await call.handle.result();
    expect(await told(call.handle)).toContain('message leg.refuse');
    expect(poolMessages).toContain('pool.withdraw');
  });

  it('takes a control command once, however often it is sent', async () => {
    const call = await begin([{ do: 'answer' }, { do: 'wait' }, { do: 'wait' }]);
    const control = { id: 'same', by: { type: 'user', id: 'u' }, action: { kind: 'continue' } };
    for (let i = 0; i < 3; i += 1) await call.handle.signal(CALL_SIGNALS.control, control);
    await media.say(call.leg, hangupBody('remote'));
    await call.handle.result();
    expect((await told(call.handle)).filter((line) => line === 'control')).toHaveLength(1);
  });

  it('that is cancelled still asks for what never came', async () => {
    const call = await begin([{ do: 'answer' }, { do: 'wait' }]);
    await until(() => media.log(call.leg).length === 1);
    await media.say(call.leg, { type: 'key', digit: '1' }, 'keep');
    await call.handle.cancel();
    await call.handle.result();
    expect(media.resends.filter((r) => r.callId === call.start.callId)).toMatchObject([{ leg: call.leg, after: 1 }]);
    expect(call.kinds()).toEqual(['leg.answer', 'leg.hangup', 'leg.release']);
  });

  it('hangs up when its workflow is cancelled', async () => {
    const call = await begin([{ do: 'answer' }, { do: 'wait' }]);
    await until(() => media.log(call.leg).length === 1);
    await call.handle.cancel();
    await call.handle.result();
    expect(call.kinds()).toEqual(['leg.answer', 'leg.hangup', 'leg.release']);
  });
});

describe('a call whose machine fails', () => {
  it.each([
    ['at its start', [{ do: 'fail' }] as ScriptStep[]],
    ['later', [{ do: 'answer' }, { do: 'play' }, { do: 'fail' }] as ScriptStep[]],
  ])('%s leaves no leg behind and a true CDR', async (_when, script) => {
    const call = await begin(script);
    await expect(call.handle.result()).rejects.toMatchObject({ cause: { type: 'RUN_MACHINE_FAILED' } });
    expect(call.kinds().slice(-2)).toEqual(['leg.hangup', 'leg.release']);
    const last = storesOf(call.start).at(-1)!;
    expect(last.final).toBe(true);
    expect(last.records.at(-1)!.body).toMatchObject({
      type: 'call.ended',
      cdr: { disposition: 'failed', cause: 'failed', legs: [{ leg: call.leg, endedBy: 'local', cause: 'normal' }] },
    });
    const numbers = recordNumbers(call.start);
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  });
});

describe('a long call', () => {
  it('continues as new with its state, timers, open operations and order', async () => {
    const script: ScriptStep[] = [{ do: 'answer' }];
    for (let i = 0; i < 12; i += 1) script.push({ do: 'play' }, { do: 'timer', ms: 20 });
    script.push({ do: 'collect' }, { do: 'keys', count: 1 });
    const call = await begin(script, 'shortRunWorkflow');
    await until(() => call.kinds().includes('media.collect') && media.waits(call.leg), 20_000);
    media.press(call.leg, '1');
    await until(() => media.log(call.leg).length === 14);
    await media.say(call.leg, { type: 'key', digit: '9' });
    await call.handle.result();
    const runs = new Set<string>();
    for await (const run of world.client.client.workflow.list({ query: `WorkflowId = '${call.handle.workflowId}'` }))
      runs.add(run.runId);
    expect(runs.size).toBeGreaterThan(1);
    const played = operations(call.start).filter((o) => o.input.command.kind === 'media.play' && !o.again);
    expect(played).toHaveLength(12);
    const unique = [...new Set(recordNumbers(call.start))];
    expect(unique).toEqual(unique.map((_, i) => i + 1));
  });
});
