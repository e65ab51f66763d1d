/** What must be true once every call has ended: one true CDR each, gap-free records, nothing open anywhere. */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cdr } from '@callwright/engine';
import { openStore } from '@callwright/store';
import { Client, Connection } from '@temporalio/client';
import { expect } from 'vitest';
import type { World } from '../e2e/world.ts';

/** A call as its rows tell it after its end. */
export interface EndedCall {
  readonly id: string;
  readonly state: string;
  readonly disposition: string | null;
  readonly cdr: Cdr | null;
}

/** Runs one query on the installation's own database. */
export async function query<T>(world: World, text: string, values: readonly unknown[] = []): Promise<T[]> {
  const { dataDir, ports } = world.installation;
  const password = (await readFile(join(dataDir, 'postgres.password'), 'utf8')).trim();
  const store = openStore({ url: `postgres://callwright:${password}@127.0.0.1:${ports.postgres}/callwright` });
  try {
    return (await store.pool.query(text, [...values])).rows as T[];
  } finally {
    await store.close();
  }
}

/** Workflows of calls that are still open. */
export async function openCallWorkflows(world: World): Promise<string[]> {
  const connection = await Connection.connect({ address: `127.0.0.1:${world.installation.ports.temporal}` });
  try {
    const client = new Client({ connection });
    const open: string[] = [];
    for await (const { workflowId } of client.workflow.list({ query: "ExecutionStatus = 'Running'" })) {
      if (workflowId.startsWith('call:')) open.push(workflowId);
    }
    return open;
  } finally {
    await connection.close();
  }
}

/** Channels that the media server still holds, as `show channels count` tells. */
export async function openChannels(world: World): Promise<number> {
  const secret = (await readFile(join(world.installation.dataDir, 'freeswitch.secret'), 'utf8')).trim();
  const socket = connect(world.installation.ports.esl!, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  try {
    socket.write(`auth ${secret}\n\napi show channels count\n\n`);
    for (let waited = 0; waited < 5000; waited += 20) {
      const total = /(\d+) total/.exec(text)?.[1];
      if (total) return Number(total);
      await sleep(20);
    }
    throw new Error(`the media server does not tell its channels: ${text}`);
  } finally {
    socket.destroy();
  }
}

/** Every call row that is not one of `before`. */
export const callRows = (world: World): Promise<EndedCall[]> =>
  query<EndedCall>(world, 'select id, state, disposition, cdr from call order by created_at');

/**
 * Waits until nothing is open: rows of calls and legs, workflows, channels. Of one company where others may still be calling: then
 * without channels, which nobody owns.
 */
export async function nothingLeft(world: World, timeoutMs = 30_000, company: string | null = null): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const left = await whatIsLeft(world, company);
    if (left.calls.length + left.legs.length + left.workflows.length + left.channels === 0) return;
    if (Date.now() > deadline) expect(left).toEqual({ calls: [], legs: [], workflows: [], channels: 0 });
    await sleep(250);
  }
}

async function whatIsLeft(world: World, company: string | null) {
  const calls = await query<{ id: string; state: string }>(
    world,
    "select id, state from call where state not in ('ended', 'refused', 'cancelled') and company_id = coalesce($1, company_id)",
    [company],
  );
  const legs = await query<{ id: string; state: string }>(
    world,
    "select id, call_id, state, instance, cause from leg where state not in ('ended', 'released') and company_id = coalesce($1, company_id)",
    [company],
  );
  const workflows = (await openCallWorkflows(world)).filter((id) => company === null || id.includes(company));
  return { calls, legs, workflows, channels: company === null ? await openChannels(world) : 0 };
}

/** Each SIP dialog of `sipCallIds` stands in exactly one CDR, and the records of every call are numbered without a gap. */
export async function expectTrueRecords(
  world: World,
  sipCallIds: readonly string[],
): Promise<ReadonlyMap<string, Cdr>> {
  const found = new Map<string, Cdr[]>();
  for (const { cdr } of await callRows(world)) {
    for (const { sipCallId } of cdr?.legs ?? []) {
      if (sipCallId) found.set(sipCallId, [...(found.get(sipCallId) ?? []), cdr!]);
    }
  }
  expect(sipCallIds.filter((id) => !found.has(id))).toEqual([]);
  await expectGapFree(world);
  const told = await query<{ call_id: string; n: string }>(
    world,
    "select call_id, count(*) as n from call_record where type = 'call.ended' group by call_id having count(*) <> 1",
  );
  expect(told).toEqual([]);
  return new Map(sipCallIds.map((id) => [id, found.get(id)![0]!]));
}

async function expectGapFree(world: World): Promise<void> {
  const gaps = await query(
    world,
    'select call_id, min(n), max(n), count(*) from call_record group by call_id having max(n) - min(n) + 1 <> count(*) or min(n) > 1',
  );
  expect(gaps).toEqual([]);
}
