/** History of real calls: what is in it adds up, users see whom they missed, and a receiver is told of every fact once, in order. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WEBHOOK_EVENTS } from '@callwright/api-contract';
import { isSignedBy } from '@callwright/io';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Phone } from '../phone/phone.ts';
import { expectTalking } from './talk.ts';
import { World } from './world.ts';

let world: World;
let ids: Record<string, string>;
let alice: Phone;
let bob: Phone;
let server: Server;
const told: { readonly text: string; readonly signature: string }[] = [];
let secret: string;

interface Line {
  readonly way: string;
  readonly missed: boolean;
  readonly disposition: string;
  readonly callNumber: number;
  readonly party: number;
  readonly who: { readonly number: string };
  readonly remote: { readonly number: string };
  readonly ringMs: number;
  readonly talkMs: number;
}
interface Call {
  readonly id: string;
  readonly number: number;
  readonly disposition: string;
  readonly internal: boolean;
  readonly durationMs: number;
  readonly ringMs: number;
  readonly talkMs: number;
  readonly ivrMs: number;
  readonly queueMs: number;
  readonly legs: readonly Line[];
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      told.push({ text: Buffer.concat(chunks).toString(), signature: String(request.headers['callwright-signature']) });
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  world = await World.start({ env: { CALLWRIGHT_ALLOW_URLS: origin } });
  const { items } = await world.must<{ items: { id: string; extension: string }[] }>('GET', '/users');
  ids = Object.fromEntries(items.map(({ id, extension }) => [extension, id]));
  [alice, bob] = [await world.phoneOf('101'), await world.phoneOf('102')];
  const { id } = await world.must<{ id: string }>('POST', '/webhooks', { name: 'crm', url: `${origin}/` });
  secret = (await world.must<{ secret: string }>('POST', `/webhooks/${id}/secrets`, {})).secret;
});
afterAll(async () => {
  await world?.stop();
  server?.closeAllConnections();
  server?.close();
});

const newest = async (): Promise<Call> => {
  const { items } = await world.must<{ items: Call[] }>('GET', '/history?limit=1');
  return world.must<Call>('GET', `/history/${items[0]!.id}`);
};
const linesOf = async (extension: string): Promise<Line[]> =>
  (await world.must<{ items: Line[] }>('GET', `/users/${ids[extension]}/history`)).items;

it('a call between two users: live while it runs, then in the history of both, all seconds in one place', async () => {
  const rung = bob.nextIncoming();
  const call = await alice.call('102');
  const incoming = await (await rung).until('answered');
  await call.until('answered');
  await expectTalking(call, incoming);
  await vi.waitFor(
    async () => {
      const { items } = await world.must<{ items: unknown[] }>('GET', '/live-calls');
      expect(items).toMatchObject([
        {
          calling: { type: 'user', number: '101' },
          connected: { type: 'user', number: '102' },
          codec: expect.stringMatching(/^PCM/),
          recording: false,
          peerToPeer: false,
        },
      ]);
    },
    { timeout: 15_000, interval: 200 },
  );
  await call.hangUp();
  const cdr = await world.cdrOf(call.callId);
  const kept = await newest();
  expect(kept).toMatchObject({
    disposition: 'answered',
    internal: true,
    direction: 'internal',
    calling: { number: '101' },
    called: { number: '102' },
    connected: { number: '102', id: ids['102'] },
    failingSide: null,
    billableMs: 0,
  });
  expect(kept.talkMs).toBe(cdr.talkMs);
  expect(kept.ringMs + kept.talkMs + kept.ivrMs + kept.queueMs).toBeLessThanOrEqual(kept.durationMs);
  expect(kept.legs.map(({ way, who, remote }) => [way, who.number, remote.number])).toEqual([
    ['out', '101', '102'],
    ['in', '102', '101'],
  ]);
  expect(new Set(kept.legs.map(({ party }) => party)).size).toBe(2);
  expect((await world.must<{ items: unknown[] }>('GET', '/live-calls')).items).toEqual([]);
});

it('a call given up while it rings: missed by the one, cancelled by the other', async () => {
  bob.policy = { ring: true };
  const rung = bob.nextIncoming();
  const call = await alice.call('102');
  await rung;
  await call.until('ringing');
  await call.hangUp();
  await world.cdrOf(call.callId);
  bob.policy = { answerAfterMs: 50 };
  expect(await newest()).toMatchObject({ disposition: 'cancelled', failingSide: 'calling', talkMs: 0 });
  expect((await linesOf('102'))[0]).toMatchObject({ way: 'in', missed: true, remote: { number: '101' } });
  expect((await linesOf('101'))[0]).toMatchObject({ way: 'out', missed: false, talkMs: 0 });
});

it('the receiver was told of every fact of these calls once, in order, signed, in the form of the catalogue', async () => {
  const { items } = await world.must<{ items: { id: string }[] }>('GET', '/history');
  interface Told {
    readonly id: string;
    readonly type: string;
    readonly callId?: string;
    readonly n: number;
  }
  const eventsOf = (callId: string) =>
    told.map(({ text }) => JSON.parse(text) as Told).filter((event) => event.callId === callId);
  for (const { id } of items) {
    await vi.waitFor(() => expect(eventsOf(id).at(-1)?.type).toBe('call.ended'), { timeout: 20_000, interval: 100 });
    const facts = (await world.records(id)).filter(({ stream }) => stream === 'fact');
    expect(eventsOf(id).map(({ n }) => n)).toEqual(facts.map(({ n }) => n));
  }
  expect(new Set(told.map(({ text }) => (JSON.parse(text) as Told).id)).size).toBe(told.length);
  for (const { text, signature } of told) {
    const event = JSON.parse(text) as Told;
    expect(WEBHOOK_EVENTS[event.type]?.safeParse(event).error, event.type).toBeUndefined();
    expect(isSignedBy(signature, text, secret, Date.now())).toBe(true);
  }
  expect(told.some(({ text }) => text.includes('"user.presence"'))).toBe(true);
});
