/**
 * kill -9 of calls, io and api workers, each of them, while every feature of the telephone system is half way: in a queue, in a message,
 * in a recording, parked, in a room, in a transfer, before a call back and a call at a time. Each comes to its end as if nothing had
 * happened, and whoever is told of it by webhook or mail is told once.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Role } from '@callwright/start';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MailReceiver, receiveMail } from '../clients/mail-receiver.ts';
import { World } from '../e2e/world.ts';
import { callRows, nothingLeft, query } from './aftermath.ts';
import { FEATURES, type Finish } from './features.ts';
import { dataDirOption, eventually } from './population.ts';

/** Two of calls and io run: one takes over from the other, and is killed in its turn. */
const KILLS: readonly (readonly [Role, number])[] = [
  ['calls', 0],
  ['io', 0],
  ['api', 0],
  ['calls', 1],
  ['io', 1],
];
const BETWEEN_KILLS_MS = 1500;

interface Told {
  readonly id: string;
  readonly type: string;
  readonly callId?: string;
  readonly n?: number;
}

let world: World;
let receiver: Server;
let mail: MailReceiver;
const told: Told[] = [];
const finishes = new Map<string, Finish>();

beforeAll(async () => {
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      told.push(JSON.parse(Buffer.concat(chunks).toString()) as Told);
      response.end();
    });
  }).listen(0, '127.0.0.1');
  mail = await receiveMail();
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const env = { CALLWRIGHT_MAX_CALLS: '300', CALLWRIGHT_ALLOW_URLS: `${url} smtp://127.0.0.1:${mail.port}` };
  world = await World.start({ ...dataDirOption('features'), env });
  await world.must('POST', '/webhooks', { name: 'all', url });
  const { items } = await world.must<{ items: { id: string; kind: string }[] }>('GET', '/owners');
  const company = items.find(({ kind }) => kind === 'company')!.id;
  const server = { host: '127.0.0.1', port: mail.port, security: 'none', username: null, sender: 'pbx@mail.example' };
  await world.must('PUT', `/owners/${company}/mail-server`, server);
  for (const { name, begin } of FEATURES) finishes.set(name, await begin(world));
  await killEach();
}, 300_000);
afterAll(async () => {
  await world?.stop();
  receiver?.closeAllConnections();
  receiver?.close();
  await mail?.close();
});

async function killEach(): Promise<void> {
  for (const [role, index] of KILLS) {
    const before = world.installation.pids(role);
    world.installation.kill(role, Math.min(index, before.length - 1));
    await sleep(BETWEEN_KILLS_MS);
  }
  await eventually('everything to be up again', 60_000, async () => {
    const up = (['calls', 'io', 'api'] as const).every((role) => world.installation.pids(role).length > 0);
    return up && (await world.api('GET', '/users').catch(() => null))?.status === 200;
  });
}

// what a first try has ended cannot be ended again
describe('after kill -9 of each worker', { retry: 0, timeout: 180_000 }, () => {
  it.each(FEATURES.map(({ name }) => name))('%s', async (name) => {
    await finishes.get(name)!();
  });

  it('nothing is left over, and each call has one account', async () => {
    await world.hangUpAll();
    await nothingLeft(world, 60_000);
    const untrue = (await callRows(world)).filter(({ state, cdr }) => state === 'ended' && cdr === null);
    expect(untrue).toEqual([]);
    const ends = await query<{ n: string }>(
      world,
      "select call_id, count(*) as n from call_record where type = 'call.ended' group by call_id having count(*) <> 1",
    );
    expect(ends).toEqual([]);
  });

  it('the receiver was told of every fact of every call, none lost, none twice under another id', async () => {
    const facts = await query<{ call_id: string; n: number }>(
      world,
      "select call_id, n from call_record where stream = 'fact' order by call_id, n",
    );
    const wanted = facts.map(({ call_id, n }) => `${call_id}/${n}`);
    const heard = () =>
      new Map(told.filter(({ callId }) => callId).map((event) => [event.id, `${event.callId}/${event.n}`]));
    await eventually('everything to be told', 60_000, () => heard().size >= wanted.length);
    expect([...heard().values()].toSorted()).toEqual(wanted.toSorted());
  });

  it('one mail was sent', async () => {
    await eventually('the mail', 60_000, () => mail.received.length > 0);
    expect(mail.received.filter((text) => /^To:.*box-/im.test(text))).toHaveLength(1);
  });
});
