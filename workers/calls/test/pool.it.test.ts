/** The pool's runner on the real Temporal server, with the engine's pool machine; calls are scripted ones. */
import { randomUUID } from 'node:crypto';
import {
  POOL_SIGNALS,
  POOL_STATE_QUERY,
  type PoolInput,
  type PoolStateAnswer,
  poolWorkflowId,
  type StorePoolInput,
} from '@callwright/contract';
import type { PoolMessage } from '@callwright/engine';
import { readPool, storeOccupations, storeStanding } from '@callwright/store';
import { type TestDatabase, testDatabase } from '@callwright/test-support';
import type { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callsBundle } from '../src/bundle.ts';
import { createCallsWorker } from '../src/worker.ts';
import { openWorld, until, type World } from './world.ts';

let database: TestDatabase;
let world: World;
let worker: Worker;
let running: Promise<void>;
const stored: StorePoolInput[] = [];
const over = new Set<string>();
/** Companies whose pool writes real rows. */
const withRows = new Set<string>();

beforeAll(async () => {
  database = await testDatabase();
  world = await openWorld({
    storePool: async (input) => {
      stored.push(input);
      if (!withRows.has(input.companyId)) return;
      await storeOccupations(database.store.db, input.companyId, input.occupations, input.number);
      await storeStanding(database.store.db, input.companyId, input.requests ?? [], input.number);
    },
    callsAlive: async ({ callIds }) => ({ ended: callIds.filter((id) => over.has(id)) }),
  });
  const bundle = await callsBundle({ workflowsPath: new URL('./scripted-workflows.ts', import.meta.url).pathname });
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
  await running;
  await world?.close();
  await database?.drop();
});

/** A pool, and call workflows that only listen. */
async function openPool(workflowType = 'poolWorkflow', rebuilt: PoolInput['rebuilt'] = undefined) {
  const companyId = randomUUID();
  const pool = await world.client.client.workflow.start(workflowType, {
    workflowId: poolWorkflowId(companyId),
    taskQueue: world.taskQueue,
    args: [{ companyId, rebuilt }],
  });
  const listener = async () => {
    const callId = randomUUID();
    const handle = await world.client.client.workflow.start('listeningWorkflow', {
      workflowId: `call:${companyId}:${callId}`,
      taskQueue: world.taskQueue,
      args: [],
    });
    const heard = () => handle.query<{ type: string; grant?: string; userId?: string }[]>('heard');
    return { callId, handle, heard };
  };
  const request = (
    callId: string,
    candidates: string[],
    more: Partial<Extract<PoolMessage, { type: 'pool.request' }>> = {},
  ): PoolMessage => ({
    type: 'pool.request',
    id: randomUUID(),
    callId,
    request: `${callId}/r`,
    candidates,
    want: 'all',
    order: 'given',
    rotation: null,
    seed: 1,
    allowBusy: false,
    ...more,
  });
  const send = (message: PoolMessage) => pool.signal(POOL_SIGNALS.message, message);
  const changes = () => stored.filter((change) => change.companyId === companyId);
  const state = async () => (await pool.query<PoolStateAnswer>(POOL_STATE_QUERY)).state;
  return { companyId, pool, listener, request, send, changes, state };
}

async function eventually(test: () => Promise<boolean>, ms = 10_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await test())) {
    if (Date.now() > end) throw new Error('waited in vain');
    await new Promise((resume) => setTimeout(resume, 20));
  }
}

describe('a pool', () => {
  it('grants a free user to one of two calls, and to the other when he comes back', async () => {
    const { listener, request, send, changes, pool } = await openPool();
    const [first, second] = [await listener(), await listener()];
    const message = request(first.callId, ['ada']);
    await send(message);
    await send(message);
    await send(request(second.callId, ['ada']));
    await eventually(async () => (await first.heard()).length > 0 && (await second.heard()).length > 0);
    const [grant] = await first.heard();
    expect(grant).toMatchObject({ type: 'pool.grant', userId: 'ada' });
    expect(await second.heard()).toMatchObject([{ type: 'pool.none' }]);
    await send({ type: 'pool.confirm', id: 'c', callId: first.callId, grant: grant!.grant! });
    await send({ type: 'pool.return', id: 'r', callId: first.callId, grant: grant!.grant! });
    await eventually(async () => (await second.heard()).some((reply) => reply.type === 'pool.grant'));
    // stored side by side, hence in any order; their numbers have no gap
    const numbers = () => changes().map(({ number }) => number);
    await until(() => numbers().length >= 2 && Math.max(...numbers()) === numbers().length);
    expect(numbers().toSorted((a, b) => a - b)).toEqual(numbers().map((_, i) => i + 1));
    await pool.terminate();
  });

  it('takes a grant back that nobody confirms within ten seconds', async () => {
    const { listener, request, send, state, pool } = await openPool();
    const call = await listener();
    await send(request(call.callId, ['ada']));
    await eventually(async () => (await call.heard()).some((reply) => reply.type === 'pool.revoked'), 20_000);
    expect((await state()).users).toEqual({});
    await pool.terminate();
  });

  it('frees at once what it granted to a call that does not run', async () => {
    const { request, send, state, changes, pool } = await openPool();
    await send(request(randomUUID(), ['ada', 'bob']));
    await until(() => changes().length >= 2);
    expect(await state()).toMatchObject({ users: {}, requests: [] });
    await pool.terminate();
  });

  it('is rebuilt from its rows and goes on with their numbers', async () => {
    const dead = randomUUID();
    over.add(dead);
    const rebuilt = { number: 41, occupations: [{ userId: 'ada', grants: [{ grant: 'old', callId: dead }] }] };
    const { listener, request, send, changes, pool } = await openPool('poolWorkflow', rebuilt);
    const call = await listener();
    await send(request(call.callId, ['ada']));
    await eventually(async () => (await call.heard()).length > 0);
    expect(await call.heard()).toMatchObject([{ type: 'pool.none' }]);
    await send({ type: 'pool.return', id: 'r', callId: dead, grant: 'old' });
    await eventually(async () => (await call.heard()).some((reply) => reply.type === 'pool.grant'));
    await until(() => changes().length > 0);
    expect(changes()[0]!.number).toBe(42);
    await pool.terminate();
  });

  it('that is terminated and started again knows from its rows who waits, in order of age', async () => {
    const { companyId, listener, request, send, changes, pool } = await openPool();
    withRows.add(companyId);
    const [ada, bob] = [randomUUID(), randomUUID()];
    const calls = await Promise.all([listener(), listener(), listener()]);
    const heard = (index: number, type: string) => async () =>
      (await calls[index]!.heard()).some((reply) => reply.type === type);
    const [first, second, third] = calls.map(({ callId }) => callId) as [string, string, string];
    await send(request(first, [ada], { want: 'one' }));
    await eventually(heard(0, 'pool.grant'));
    const grant = (await calls[0]!.heard())[0]!.grant!;
    await send({ type: 'pool.confirm', id: 'c', callId: first, grant });
    // the last to come stands first in the alphabet, and one has given up again
    await send(request(second, [ada], { request: 'z' }));
    await send(request(third, [ada], { request: 'a' }));
    await send(request(third, [ada, bob], { request: 'gone', unlessBusy: ada }));
    await send({ type: 'pool.withdraw', id: 'w', callId: third, request: 'gone' });
    await eventually(heard(1, 'pool.none'));
    await eventually(heard(2, 'pool.none'));
    const rows = () => readPool(database.store.db, companyId);
    await eventually(async () => {
      const { requests } = await rows();
      return ['a', 'z'].every((name) => requests.some((one) => one.request === name));
    });
    await pool.terminate();
    const rebuilt = await rows();
    expect(rebuilt.number).toBe(Math.max(...changes().map(({ number }) => number)));
    expect(rebuilt.requests.map((one) => one.request).filter((name) => name.length === 1)).toEqual(['z', 'a']);
    const again = await world.client.client.workflow.start('poolWorkflow', {
      workflowId: poolWorkflowId(companyId),
      taskQueue: world.taskQueue,
      args: [{ companyId, rebuilt }],
    });
    await again.signal(POOL_SIGNALS.message, { type: 'pool.return', id: 'r', callId: first, grant });
    await eventually(heard(1, 'pool.grant'));
    const next = (await calls[1]!.heard()).find((reply) => reply.type === 'pool.grant')!.grant!;
    await again.signal(POOL_SIGNALS.message, { type: 'pool.confirm', id: 'c2', callId: second, grant: next });
    await again.signal(POOL_SIGNALS.message, { type: 'pool.withdraw', id: 'w2', callId: second, request: 'z' });
    await again.signal(POOL_SIGNALS.message, { type: 'pool.return', id: 'r2', callId: second, grant: next });
    await eventually(heard(2, 'pool.grant'));
    await eventually(async () => !(await rows()).requests.some((one) => one.request === 'z'));
    await again.terminate();
  });

  it('continues as new under load without losing a message or a grant', async () => {
    const { listener, request, send, changes, state, companyId } = await openPool('shortPoolWorkflow');
    const calls = await Promise.all(Array.from({ length: 3 }, listener));
    const users = ['u1', 'u2', 'u3', 'u4'];
    for (let i = 0; i < 12; i += 1) {
      const call = calls[i % 3]!;
      await send(
        request(call.callId, users, {
          request: `${call.callId}/${i}`,
          want: 'one',
          order: 'round-robin',
          rotation: 'g',
        }),
      );
      await eventually(
        async () =>
          (await call.heard()).filter((reply) => reply.type === 'pool.grant').length === Math.floor(i / 3) + 1,
        20_000,
      );
      // withdrawn before it is returned, else the next candidate would be granted
      const grant = (await call.heard()).filter((reply) => reply.type === 'pool.grant').at(-1)!.grant!;
      await send({ type: 'pool.confirm', id: `c${i}`, callId: call.callId, grant });
      await send({ type: 'pool.withdraw', id: `w${i}`, callId: call.callId, request: `${call.callId}/${i}` });
      await send({ type: 'pool.return', id: `r${i}`, callId: call.callId, grant });
    }
    await eventually(
      async () => Object.keys((await state()).users).length === 0 && (await state()).requests.length === 0,
    );
    const order = (await Promise.all(calls.map((call) => call.heard()))).map((heard) =>
      heard.filter((r) => r.type === 'pool.grant').map((r) => r.userId),
    );
    expect([0, 1, 2, 3].flatMap((i) => order.map((users) => users[i]))).toEqual(
      Array.from({ length: 12 }, (_, i) => users[i % 4]),
    );
    const numbers = changes()
      .map((change) => change.number)
      .sort((a, b) => a - b);
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
    const handle = world.client.client.workflow.getHandle(poolWorkflowId(companyId));
    expect((await handle.describe()).historyLength).toBeLessThan(200);
    await handle.terminate();
  }, 90_000);
});
