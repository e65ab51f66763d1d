/** History of real calls: what is in it adds up, users see whom they missed, and a receiver is told of every fact once, in order. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WEBHOOK_EVENTS } from '@callwright/api-contract';
import { flow, node } from '@callwright/engine';
import { isSignedBy } from '@callwright/io';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PhoneCall } from '../phone/call.ts';
import { Carrier } from '../phone/carrier.ts';
import type { Phone } from '../phone/phone.ts';
import {
  CALLER,
  type Call,
  CONTACT,
  DIALLED,
  EXTERNAL_ID,
  type Line,
  REPORT_FIELDS,
  type Seen,
  USER,
} from './report-fields.ts';
import { callIdOf, command, expectTalking, talk } from './talk.ts';
import { World } from './world.ts';

const DID = '+33155500100';

let world: World;
let ids: Record<string, string>;
let alice: Phone;
let bob: Phone;
let server: Server;
const told: { readonly text: string; readonly signature: string }[] = [];
let secret: string;
let carrier: Carrier | undefined;

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
  world = await World.start({ env: { CALLWRIGHT_ALLOW_URLS: `${origin},sip:127.0.0.1` } });
  const { items } = await world.must<{ items: { id: string; extension: string }[] }>('GET', '/users');
  ids = Object.fromEntries(items.map(({ id, extension }) => [extension, id]));
  [alice, bob] = [await world.phoneOf('101'), await world.phoneOf('102')];
  const { id } = await world.must<{ id: string }>('POST', '/webhooks', { name: 'crm', url: `${origin}/` });
  secret = (await world.must<{ secret: string }>('POST', `/webhooks/${id}/secrets`, {})).secret;
});
afterAll(async () => {
  await carrier?.close();
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

const make = (path: string, body: object) => world.must<{ id: string }>('POST', path, body);
const only = async <T>(path: string, holds: (one: T) => boolean): Promise<T> => {
  const { items } = await world.must<{ items: T[] }>('GET', path);
  const found = items.find(holds);
  if (!found) throw new Error(`${path} does not have it`);
  return found;
};
const callOf = async (call: PhoneCall): Promise<Call> => {
  const { number } = await world.cdrOf(call.callId);
  const { id } = await only<Call>('/history', (one) => one.number === number);
  return world.must<Call>('GET', `/history/${id}`);
};

/** The entities of the reports: what they are called is in `report-fields.ts`. */
async function furnish(): Promise<
  Record<'trunk' | 'queue' | 'group' | 'slot' | 'box' | 'room' | 'department', string>
> {
  const account = { username: 'acme', password: 'sesame' };
  carrier = await Carrier.open({
    serverPort: world.sipPort,
    incoming: { answerAfterMs: 50 },
    account,
    name: CALLER,
    inviteTo: DID,
  });
  const company = await only<{ id: string; kind: string }>('/owners', ({ kind }) => kind === 'company');
  const trunk = await make('/trunks', {
    ownerId: company.id,
    name: 'line',
    kind: 'isdn',
    host: '127.0.0.1',
    port: carrier.port,
    mode: 'register',
    authUser: account.username,
    secret: account.password,
    defaultNumber: '+33155500000',
    maxCalls: 4,
  });
  await world.must('PATCH', `/users/${ids['102']}`, USER);
  const book = await make('/phonebooks', { name: 'customers' });
  await make('/contacts', { phonebookId: book.id, ...CONTACT, numbers: [{ kind: 'office', number: CALLER }] });
  const queue = await make('/queues', { name: 'Support', extension: '785' });
  await world.must('PUT', `/queues/${queue.id}/members`, { items: [{ userId: ids['102'] }] });
  await make('/numbers', { dialled: DID, kind: 'did', destination: { type: 'queue', id: queue.id } });
  const group = await make('/ring-groups', {
    name: 'Sales',
    extension: '690',
    strategy: 'sequence',
    visible: false,
    memberLogin: true,
    pickupDisabled: true,
    members: [{ userId: ids['102'] }],
  });
  await vi.waitFor(
    async () => expect(await world.must('GET', `/trunks/${trunk.id}`)).toMatchObject({ state: 'registered' }),
    { timeout: 30_000, interval: 100 },
  );
  return {
    trunk: trunk.id,
    queue: queue.id,
    group: group.id,
    slot: (await make('/park-slots', { extension: '795' })).id,
    box: (await make('/voicemail-boxes', { name: 'Reception', accessNumber: '796' })).id,
    room: (await make('/meeting-rooms', { name: 'Board', extension: '797' })).id,
    department: (await make('/departments', { name: 'Physics' })).id,
  };
}

const pause = (ms: number): Promise<void> => new Promise((resume) => setTimeout(resume, ms));

/** By the trunk into the queue; rings a second, is recorded and held a second. */
async function callIn(queue: string, trunk: string): Promise<Pick<Seen, 'inbound' | 'live' | 'trunk'>> {
  await make(`/users/${ids['102']}/agent`, { do: 'log-in', queueId: queue });
  bob.policy = { ring: true };
  const rung = bob.nextIncoming(20_000);
  const call = await carrier!.phone.call(carrier!.contact);
  const incoming = await rung;
  await pause(1100);
  bob.answer(incoming);
  await call.until('answered');
  await expectTalking(call, incoming);
  const id = await callIdOf(world, call);
  expect(await command(world, id, 'record', { act: 'start', leg: null, announce: false })).toBe('done');
  expect(await incoming.reinvite('sendonly')).toBe(200);
  await pause(1100);
  expect(await incoming.reinvite('sendrecv')).toBe(200);
  await expectTalking(call, incoming);
  const live = await only<Seen['live']>('/live-calls', (one) => one.id === id);
  const seen = await world.must<Seen['trunk']>('GET', `/trunks/${trunk}`);
  await incoming.hangUp();
  await call.until('ended');
  bob.policy = { answerAfterMs: 50 };
  return { inbound: await callOf(call), live, trunk: seen };
}

async function callByProgram(group: string): Promise<Call> {
  const destination = { type: 'ring-group', id: group };
  const rung = [alice.nextIncoming(20_000), bob.nextIncoming(20_000)];
  const { id } = await make('/calls/connect', {
    first: { to: { type: 'user', userId: ids['101'] } },
    second: { to: { type: 'destination', destination } },
    externalId: EXTERNAL_ID,
  });
  const [atAlice, atBob] = await Promise.all(rung);
  await expectTalking(atAlice!, atBob!);
  await atAlice!.hangUp();
  await vi.waitFor(async () => expect((await world.api('GET', `/history/${id}`)).status).toBe(200), {
    timeout: 15_000,
    interval: 100,
  });
  return world.must<Call>('GET', `/history/${id}`);
}

async function callOut(): Promise<Call> {
  const call = await (await alice.call(DIALLED)).until('answered', 20_000);
  await call.hangUp();
  return callOf(call);
}

/** Bob hands alice, who called him, over to carol, whom he called. */
async function callHandedOver(carol: Phone): Promise<Seen['joined']> {
  const first = await talk(alice, bob, '102');
  const second = await talk(bob, carol, '103');
  await expectTalking(second.call, second.incoming);
  expect(await first.incoming.refer(`sip:103@127.0.0.1:${world.sipPort}`, second.call)).toBe(202);
  await first.incoming.until('ended', 20_000);
  await second.call.until('ended', 20_000);
  await first.call.hangUp();
  await second.incoming.until('ended');
  return [await callOf(first.call), await callOf(second.call)];
}

async function callParked(): Promise<Seen['parked']> {
  const { call, incoming } = await talk(alice, bob, '102');
  expect(await incoming.refer(`sip:795@127.0.0.1:${world.sipPort}`)).toBe(202);
  await incoming.until('ended');
  const parked = () => only<{ slotId: string }>('/parked-calls', () => true);
  const { slotId } = await vi.waitFor(parked, { timeout: 15_000, interval: 100 });
  await world.must('PUT', `/park-slots/${slotId}/note`, { note: 'Wants a refund' });
  const seen = await parked();
  await call.hangUp();
  await world.cdrOf(call.callId);
  expect((await world.must<{ items: unknown[] }>('GET', '/parked-calls')).items).toEqual([]);
  expect((await world.api('PUT', `/park-slots/${slotId}/note`, { note: '' })).status).toBe(404);
  return seen as unknown as Seen['parked'];
}

describe('reports', () => {
  let made: Awaited<ReturnType<typeof furnish>>;
  let carol: Phone;
  beforeAll(async () => {
    await world.addUser('103');
    carol = await world.phoneOf('103');
    made = await furnish();
  });

  it('every field that reports and lists of the partner contracts print is there, with its true value', async () => {
    const get = <T>(path: string) => world.must<T>('GET', path);
    const seen: Partial<{ -readonly [K in keyof Seen]: Seen[K] }> = await callIn(made.queue, made.trunk);
    seen.placed = await callByProgram(made.group);
    seen.outbound = await callOut();
    seen.joined = await callHandedOver(carol);
    seen.parked = await callParked();
    const lines = await linesOf('102');
    seen.line = lines.find(({ callId }) => callId === seen.inbound!.id)!;
    seen.groupLine = lines.find(({ callId }) => callId === seen.placed!.id)!;
    seen.user = await get(`/users/${ids['102']}`);
    seen.presence = await only('/presence?extension=102', () => true);
    seen.group = await get(`/ring-groups/${made.group}`);
    seen.device = await only(`/users/${ids['102']}/devices`, () => true);
    const flow = await only<Seen['flow']>('/flows', ({ name }) => name === 'front-desk');
    seen.flow = flow;
    seen.document = (await get<{ draft: { document: Seen['document'] } }>(`/flows/${flow.id}`)).draft.document;
    seen.box = await get(`/voicemail-boxes/${made.box}`);
    seen.boxMessages = (await get<{ items: unknown[] }>(`/voicemail-boxes/${made.box}/messages`)).items;
    seen.slot = await get(`/park-slots/${made.slot}`);
    seen.room = await get(`/meeting-rooms/${made.room}`);
    seen.department = await only<Seen['department']>('/departments', ({ id }) => id === made.department);
    for (const [row, field, value, expected] of REPORT_FIELDS)
      expect.soft(value(seen as Seen), `${row} ${field}`).toEqual(expected);
  }, 120_000);
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

it('a flow tells the webhook that it names: what it wants, once, signed', async () => {
  const name = `notice-${crypto.randomUUID().slice(0, 8)}`;
  const fields = [
    { name: 'from', value: 'caller.number' },
    { name: 'who', value: 'entry' },
  ];
  const document = flow(name, {
    title: 'Notice',
    language: 'en',
    variables: { entry: { type: 'string', initial: 'nobody' } },
    nodes: {
      start: node('start', {}, { next: 'notify' }),
      notify: node('notify', { to: 'crm', event: 'asked-for', fields }, { next: 'end', failed: 'failed' }),
      end: node('hang-up', {}),
      failed: node('hang-up', { cause: 'failed' }),
    },
  });
  const made = await make('/flows', { file: { document } });
  await make(`/flows/${made.id}/publish`, {});
  const dialled = `2${Math.floor(10_000 + Math.random() * 90_000)}`;
  await make('/numbers', { dialled, kind: 'service', destination: { type: 'flow', id: made.id } });
  const call = await alice.call(dialled);
  await call.until('ended');
  expect((await world.cdrOf(call.callId)).path).toContain('end');
  const notices = () =>
    told.filter(({ text }) => text.includes('"asked-for"') && text.includes(`"type":"flow.notify"`));
  await vi.waitFor(() => expect(notices().length).toBeGreaterThan(0), { timeout: 20_000, interval: 100 });
  const [{ text, signature }] = notices() as [(typeof told)[0]];
  const event = JSON.parse(text);
  expect(event.data).toEqual({ event: 'asked-for', values: { from: '101', who: 'nobody' } });
  expect(WEBHOOK_EVENTS['flow.notify']?.safeParse(event).error).toBeUndefined();
  expect(isSignedBy(signature, text, secret, Date.now())).toBe(true);
  expect(new Set(notices().map((one) => JSON.parse(one.text).id)).size).toBe(notices().length);
});
