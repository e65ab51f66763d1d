/** Routing of whole calls: rules, outside numbers by a trunk, refusals that are announced, help, feature codes, calls from outside. */
import { createSocket } from 'node:dgram';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { skipWithout } from '../clients/available.ts';
import { runSippPeer } from '../clients/sipp.ts';
import { header } from '../phone/message.ts';
import type { Phone } from '../phone/phone.ts';
import { expectTalking } from './talk.ts';
import { World } from './world.ts';

let world: World;
let ids: Record<string, string>;
let company: string;
let carrier: Phone;
let alice: Phone;
let bob: Phone;
const CARRIER_ADDRESS = '127.0.0.2';
const MOBILE = '0612345678';
const DID = '+33155500100';

beforeAll(async () => {
  world = await World.start({ env: { CALLWRIGHT_ALLOW_URLS: `sip:${CARRIER_ADDRESS}` } });
  const { items } = await world.must<{ items: { id: string; extension: string }[] }>('GET', '/users');
  ids = Object.fromEntries(items.map(({ id, extension }) => [extension, id]));
  carrier = await world.stranger({ address: CARRIER_ADDRESS, name: 'carrier' });
  [alice, bob] = [await world.phoneOf('101'), await world.phoneOf('102')];
  const { items: owners } = await world.must<{ items: { id: string; kind: string }[] }>('GET', '/owners');
  company = owners.find(({ kind }) => kind === 'company')!.id;
  const peer = {
    mode: 'peer',
    host: CARRIER_ADDRESS,
    port: carrier.port,
    optionsSeconds: 0,
    sources: [CARRIER_ADDRESS],
  };
  await world.must('POST', '/trunks', { ownerId: company, name: 'carrier', ...peer, defaultNumber: '+33155500000' });
});
afterEach(async () => {
  for (const path of ['/routing-rules', '/call-restrictions', '/number-prefixes', '/caller-lists']) {
    const { items } = await world.must<{ items: { id: string }[] }>('GET', `${path}${of(path)}`);
    for (const { id } of items) await world.must('DELETE', `${path}/${id}`);
  }
  await world.must('PUT', '/spend-caps', { microsPerMonth: null });
  const none = { defaultDestination: null, trunks: [], emergencyTrunks: [], rejectAnonymous: false };
  await world.must('PUT', '/routing-settings', none);
});
afterAll(() => world?.stop());

const of = (path: string) => (path === '/routing-rules' ? '' : `?owner=${company}`);

interface Explained {
  readonly reason: string;
  readonly rule: { readonly name: string } | null;
  readonly refused: { readonly code: string } | null;
}
const explain = (dialled: string) =>
  world.must<Explained>('GET', `/routing/explain?dialled=${encodeURIComponent(dialled)}&user=${ids['101']}`);

/** Facts of the newest call, by type. */
async function factsOf(sipCallId: string): Promise<Record<string, Record<string, unknown>>> {
  await world.cdrOf(sipCallId);
  const [newest] = await world.calls('?limit=1');
  return Object.fromEntries((await world.records(newest!.id)).map(({ type, body }) => [type, body]));
}

/** Alice dials and is refused; the facts of her call. */
async function refused(dialled: string, status: number) {
  const before = carrier.incomingCalls.length;
  const call = await alice.call(dialled);
  await call.until('ringing');
  await call.until('ended', 20_000);
  expect(call.finalStatus).toBe(status);
  expect(carrier.incomingCalls).toHaveLength(before);
  return factsOf(call.callId);
}

describe('calls to the outside', () => {
  it('go by the trunk with the number in E.164; redial calls the same again', async () => {
    for (const dialled of ['06 12 34 56 78'.replaceAll(' ', ''), '*66']) {
      const rung = carrier.nextIncoming();
      const call = await alice.call(dialled);
      const incoming = await (await rung).until('answered');
      expect(incoming.invite!.startLine).toContain('sip:+33612345678@');
      await call.until('answered');
      await expectTalking(call, incoming);
      await call.hangUp();
      const cdr = await world.cdrOf(call.callId);
      expect(cdr).toMatchObject({ direction: 'outbound', disposition: 'answered', called: { number: dialled } });
    }
    expect(await explain(MOBILE)).toMatchObject({ reason: 'outside', rule: null, refused: null });
  });

  it('are refused with an announcement where a restriction or a spent cap forbids them', async () => {
    await world.must('POST', '/call-restrictions', { ownerId: company, effect: 'deny', kinds: ['mobile'] });
    expect(await refused(MOBILE, 403)).toMatchObject({
      'call.routed': { reason: 'outside' },
      'call.refused': { code: 'ADM_RESTRICTED', check: 'restrictions', by: 'company', number: MOBILE },
      'call.ended': { cdr: { disposition: 'rejected', called: { number: MOBILE, e164: '+33612345678' } } },
    });
    expect((await explain(MOBILE)).refused).toMatchObject({ code: 'ADM_RESTRICTED' });
    await world.must('POST', '/number-prefixes', { ownerId: company, prefix: '+331', microsPerMinute: 20_000 });
    await world.must('PUT', '/spend-caps', { microsPerMonth: 0 });
    expect(await refused('0155500111', 403)).toMatchObject({ 'call.refused': { code: 'ADM_SPEND_CAP' } });
    expect(await refused('987654', 404)).toMatchObject({ 'call.routed': { reason: 'no-match', rule: null } });
  });

  it('for help always go out, with the address of the caller’s site', async () => {
    await world.must('POST', '/call-restrictions', { ownerId: company, effect: 'deny' });
    const site = {
      name: 'Paris',
      country: 'FR',
      street: '1 rue de la Paix',
      city: 'Paris',
      postalCode: '75002',
      main: true,
    };
    await world.must('POST', '/sites', { ...site, emergencyNumber: '+33155500112' });
    const rung = carrier.nextIncoming();
    const call = await alice.call('112');
    const incoming = await (await rung).until('answered');
    expect(header(incoming.invite!, 'priority')).toBe('emergency');
    expect(header(incoming.invite!, 'x-emergency-address')).toContain('1 rue de la Paix, 75002 Paris');
    expect(header(incoming.invite!, 'from')).toContain('+33155500112');
    await call.until('answered');
    await call.hangUp();
    expect(await factsOf(call.callId)).toMatchObject({
      'call.routed': { reason: 'emergency' },
      'emergency.called': { number: '112', userId: ids['101'], site: { name: 'Paris' } },
    });
  });
});

describe('in the course of a call', () => {
  it('a forward to what the forwarder may not call is refused aloud, on his account', async () => {
    await world.must('POST', '/call-restrictions', { ownerId: company, userId: ids['102'], effect: 'deny' });
    const always = { destination: { type: 'number', id: MOBILE } };
    await world.must('PUT', `/users/${ids['102']}/calling`, { forwarding: { always } });
    const before = carrier.incomingCalls.length;
    const call = await alice.call('102');
    await call.until('ringing');
    await call.until('ended', 20_000);
    expect(call.finalStatus).toBe(403);
    expect(carrier.incomingCalls).toHaveLength(before);
    expect(await factsOf(call.callId)).toMatchObject({
      'party.forwarded': { from: { id: ids['102'] } },
      'call.refused': { code: 'ADM_RESTRICTED', by: 'user' },
    });
    await world.must('PUT', `/users/${ids['102']}/calling`, {});
  });

  it('ends when its account has reached its cap: the far end is let go, the caller hears why', async () => {
    await world.must('POST', '/number-prefixes', { ownerId: company, prefix: '+336', microsPerMinute: 60_000_000 });
    await world.must('PUT', '/spend-caps', { microsPerMonth: 3_000_000 });
    const rung = carrier.nextIncoming();
    const call = await alice.call(MOBILE);
    const incoming = await (await rung).until('answered');
    await call.until('answered');
    await incoming.until('ended', 20_000);
    await call.until('ended', 20_000);
    const facts = await factsOf(call.callId);
    expect(facts).toMatchObject({ 'leg.limited': { by: 'spend-cap' }, 'call.ended': { cdr: { cause: 'normal' } } });
    const { legs } = (facts['call.ended']!.cdr ?? {}) as {
      legs: { answeredAt: number; endedAt: number; cause: string }[];
    };
    expect(legs[1]!.cause).toBe('timeout');
    expect(legs[1]!.endedAt - legs[1]!.answeredAt).toBeGreaterThan(2500);
    // heard while the far end was gone already
    expect(legs[0]!.endedAt - legs[1]!.endedAt).toBeGreaterThan(1000);
    // what is spent is spent
    expect(await refused(MOBILE, 403)).toMatchObject({ 'call.refused': { code: 'ADM_SPEND_CAP', by: 'company' } });
  });
});

describe('a suspended company', () => {
  it('is told so, inward and outward, and reaches help', async () => {
    const suspend = (suspended: boolean) => world.must('PATCH', `/owners/${company}`, { suspended });
    await suspend(true);
    try {
      const call = await alice.call('102');
      await call.until('ringing');
      const inward = await carrier.call(DID);
      await inward.until('ringing');
      const rung = carrier.nextIncoming();
      const help = await alice.call('112');
      await (await rung).until('answered');
      await help.until('answered');
      await help.hangUp();
      expect(await alice.register()).toBe(200);
      await Promise.all([call, inward].map((one) => one.until('ended', 20_000)));
      expect([call.finalStatus, inward.finalStatus]).toEqual([403, 403]);
      expect(bob.incomingCalls.filter(({ state }) => state !== 'ended')).toEqual([]);
    } finally {
      await suspend(false);
    }
  });
});

describe('a peer by a feature code', () => {
  beforeEach((context) => skipWithout(context, 'sipp'));

  it('gets the INVITE of the template: its address, From, asserted identity and number dialled', async () => {
    await world.must('PATCH', `/users/${ids['101']}`, { outboundNumber: '+33155500101' });
    const [port, mediaPort] = [
      10_000 + Math.floor(Math.random() * 10_000),
      40_000 + 2 * Math.floor(Math.random() * 5000),
    ];
    const code = await world.must<{ id: string }>('POST', '/feature-codes', {
      code: '*87',
      action: 'peer',
      options: {
        uri: `sip:{argument}@${CARRIER_ADDRESS}:${port}`,
        from: '{extension}',
        identity: '{number}',
        dnis: '900{argument}',
      },
    });
    const running = runSippPeer({
      dir: mkdtempSync(join(tmpdir(), 'callwright-peer-')),
      address: CARRIER_ADDRESS,
      port,
      mediaPort,
      headers: {
        To: `sip:90055@${CARRIER_ADDRESS}`.replaceAll('.', '[.]'),
        From: 'sip:101@',
        'P-Asserted-Identity': 'sip:[+]33155500101@',
      },
    });
    await settled(port);
    const call = await (await alice.call('*8755')).until('answered', 20_000);
    await call.hangUp();
    expect(await running).toMatchObject({ exitCode: 0, errors: '' });
    const cdr = await world.cdrOf(call.callId);
    expect(cdr).toMatchObject({ disposition: 'answered', called: { type: 'peer', number: '*8755' } });
    await world.must('DELETE', `/feature-codes/${code.id}`);
  });
});

/** Somebody has the UDP port. */
async function settled(port: number): Promise<void> {
  const isTaken = async (): Promise<boolean> => {
    const socket = createSocket('udp4');
    const taken = await new Promise<boolean>((resolve) => {
      socket.once('error', () => resolve(true));
      socket.bind(port, CARRIER_ADDRESS, () => resolve(false));
    });
    if (!taken) await new Promise<void>((done) => socket.close(() => done()));
    return taken;
  };
  await expect.poll(isTaken, { timeout: 15_000, interval: 200 }).toBe(true);
}

describe('rules', () => {
  it('decide in their order, and the trace names the one that did', async () => {
    const rule = { calledPattern: '8XX', callingRole: 'user' };
    const busy = await world.must<{ id: string }>('POST', '/routing-rules', {
      ...rule,
      name: 'nobody',
      destination: { type: 'hang-up', id: 'busy' },
    });
    const toBob = { ...rule, name: 'to Bob', destination: { type: 'user', id: ids['102'] } };
    const second = await world.must<{ id: string }>('POST', '/routing-rules', toBob);
    const first = await alice.call('812');
    await first.until('ended');
    expect(first.finalStatus).toBe(486);
    await world.must('PUT', '/routing-rules', { ids: [second.id, busy.id] });
    expect(await explain('812')).toMatchObject({ reason: 'rule', rule: { name: 'to Bob' } });
    const rung = bob.nextIncoming();
    const call = await alice.call('812');
    await (await rung).until('answered');
    await call.until('answered');
    await call.hangUp();
    expect(await factsOf(call.callId)).toMatchObject({
      'call.routed': { reason: 'rule', rule: { name: 'to Bob', position: 1 }, passed: 0 },
    });
  });
});

describe('calls from a trunk', () => {
  it('go to the default when nothing else fits; who is on a block list is refused', async () => {
    const unknown = await carrier.call(DID);
    await unknown.until('ended', 20_000);
    expect(unknown.finalStatus).toBe(404);
    const defaultDestination = { type: 'user', id: ids['101'] };
    await world.must('PUT', '/routing-settings', {
      defaultDestination,
      trunks: [],
      emergencyTrunks: [],
      rejectAnonymous: false,
    });
    const rung = alice.nextIncoming();
    const call = await carrier.call(DID);
    await (await rung).until('answered');
    await call.until('answered');
    await call.hangUp();
    expect(await factsOf(call.callId)).toMatchObject({ 'call.routed': { reason: 'default' } });
    const list = await world.must<{ id: string }>('POST', '/caller-lists', {
      ownerId: company,
      name: 'nuisance',
      kind: 'block',
    });
    await world.must('PUT', `/caller-lists/${list.id}/entries`, { entries: [{ pattern: '*' }] });
    const blocked = await carrier.call(DID);
    await blocked.until('ended');
    expect(blocked.finalStatus).toBe(603);
  });
});
