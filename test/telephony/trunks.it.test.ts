/** Trunks on the real softswitch: registering, being asked, calls out with fail-over, calls in; carriers are played by test phones. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createTrunk,
  getTrunk,
  type TrunkFields,
  type TrunkRow,
  trunkSeal,
  updateTrunk,
  uuidv7,
} from '@callwright/store';
import type { Telephony } from '@callwright/telephony';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Carrier, type CarrierOptions } from '../phone/carrier.ts';
import { header } from '../phone/message.ts';
import { TcpFront } from '../phone/tcp-front.ts';
import { openStage, type Puppet, type Stage } from './stage.ts';
import { PEER_TRUNK } from './trunk-fields.ts';
import { until } from './until.ts';

const ACCOUNT = { username: 'acme', password: 'sesame "1"' };

let stage: Stage;
let telephony: Telephony;
const carriers: Carrier[] = [];

beforeAll(async () => {
  stage = await openStage();
  telephony = await stage.boot({ allowedSip: ['sip:127.0.0.1'] });
});
afterAll(() => stage.close());
afterEach(async () => {
  await stage.database.store.pool.query('delete from trunk');
  await Promise.all(carriers.splice(0).map((carrier) => carrier.close()));
});

async function carrier(options: Partial<CarrierOptions> = {}): Promise<Carrier> {
  const opened = await Carrier.open({ serverPort: stage.sip.sipPort, ...options });
  carriers.push(opened);
  return opened;
}

async function trunkTo(to: Carrier, fields: Partial<TrunkFields> = {}, password?: string): Promise<TrunkRow> {
  const { companyId } = stage.demo;
  const made = await createTrunk(stage.database.store.db, companyId, {
    id: uuidv7(),
    ownerId: companyId,
    secretEnc: password === undefined ? null : stage.keyring.seal(trunkSeal(companyId), password),
    fields: { ...PEER_TRUNK, port: to.port, name: `to ${to.port}`, ...fields },
  });
  return made!;
}

const inState = ({ id }: TrunkRow, ...states: string[]): Promise<TrunkRow> =>
  until(`state ${states.join(' or ')}`, async () => {
    const row = await getTrunk(stage.database.store.db, stage.demo.companyId, id);
    return row && states.includes(row.state) ? row : undefined;
  });

/** A call that a test commands, begun by a caller who is answered. */
async function someCall(): Promise<Puppet> {
  const caller = await stage.phone(null, { name: '4711' });
  return stage.callOf(await caller.call('202'));
}

async function dial(
  puppet: Puppet,
  trunks: readonly TrunkRow[],
  { number = '+390212345678', callerId = { number: '101', name: 'Ann' }, leg = 1 } = {},
): Promise<string> {
  const id = `${puppet.callId}/leg/${leg}`;
  await puppet.begin(
    {
      kind: 'leg.dial',
      leg: id,
      target: { type: 'trunk', trunkIds: trunks.map((trunk) => trunk.id), number },
      callerId,
      called: { type: 'number', id: null, entityNumber: null, number, name: '' },
      ringTimeoutMs: 20_000,
      autoAnswer: false,
    },
    telephony.instance,
  );
  return id;
}

describe('a registering trunk', () => {
  it.each(['MD5', 'SHA-256'] as const)(
    'registers with %s, says so, and leaves when it is switched off',
    async (algorithm) => {
      const registrar = await carrier({ account: ACCOUNT, algorithm });
      const trunk = await trunkTo(registrar, { mode: 'register', auth_user: 'acme' }, ACCOUNT.password);
      const row = await inState(trunk, 'registered');
      expect(row.expires_at!.getTime() - Date.now()).toBeGreaterThan(100_000);
      expect(header(registrar.registers[0]!, 'from')).toContain('<sip:acme@127.0.0.1>');
      await updateTrunk(stage.database.store.db, stage.demo.companyId, trunk.id, { fields: { enabled: false } });
      await inState(trunk, 'disabled');
      expect(header(registrar.registers.at(-1)!, 'expires')).toBe('0');
      expect(header(registrar.registers.at(-1)!, 'call-id')).toBe(header(registrar.registers[0]!, 'call-id'));
    },
  );

  it('renews its binding before it ends', async () => {
    const registrar = await carrier();
    registrar.registerSeconds = 2;
    await trunkTo(registrar, { mode: 'register', auth_user: 'acme' }, 'x');
    await until('three registrations', () => (registrar.registers.length >= 3 ? true : undefined));
  });

  it('is called by the route that its registrar asks for', async () => {
    const registrar = await carrier();
    registrar.serviceRoute = `<sip:edge@127.0.0.1:${registrar.port};lr>, <sip:core.test;lr>`;
    const trunk = await trunkTo(registrar, { mode: 'register', from_user: 'acme' });
    await inState(trunk, 'registered');
    const puppet = await someCall();
    await puppet.event(await dial(puppet, [trunk]), 'answered');
    expect(header(registrar.invites[0]!, 'route')).toBe(registrar.serviceRoute);
  });

  it('says why it is refused, or that nobody is there, and tries again', async () => {
    const [refusing, silent] = [await carrier({ account: ACCOUNT }), await carrier()];
    silent.silent = true;
    const wrong = await trunkTo(refusing, { mode: 'register', auth_user: 'acme' }, 'wrong');
    const lost = await trunkTo(silent, { mode: 'register', auth_user: 'acme' }, 'x');
    expect(await inState(wrong, 'refused')).toMatchObject({ sip_status: 403 });
    expect(await inState(lost, 'unreachable')).toMatchObject({ sip_status: null });
    silent.silent = false;
    await inState(lost, 'registered');
  });

  it('is held by one instance, and by the next when that one is gone', async () => {
    const registrar = await carrier();
    const second = await stage.boot({ instanceName: 'other', allowedSip: ['sip:127.0.0.1'] });
    const trunk = await trunkTo(registrar, { mode: 'register', auth_user: 'acme' }, 'x');
    await inState(trunk, 'registered');
    const holder = async () =>
      (await stage.database.store.pool.query('select instance from trunk_state where trunk_id = $1', [trunk.id]))
        .rows[0].instance as string;
    const first = await holder();
    await sleep(1500);
    expect(registrar.registers).toHaveLength(1);
    await stage.database.store.pool.query(`update media_instance set state = 'lost' where instance = $1`, [
      second.instance,
    ]);
    await second.ended;
    if (first === second.instance)
      await until('a new holder', async () => ((await holder()) === telephony.instance ? true : undefined));
    expect(await holder()).toBe(telephony.instance);
    await inState(trunk, 'registered');
  });
});

describe('a trunk over TCP', () => {
  it('registers, is called and calls, on one connection', async () => {
    const front = await new TcpFront(stage.sip.sipPort).open();
    try {
      const far = await carrier({
        serverPort: front.udpPort,
        name: 'far',
        contactHost: `127.0.0.1:${front.port};transport=tcp`,
      });
      front.behind = far.port;
      const trunk = await trunkTo(far, { mode: 'register', port: front.port, transport: 'tcp', from_user: 'acme' });
      await inState(trunk, 'registered');
      expect(far.contact).toContain(';transport=tcp');
      const puppet = await someCall();
      const leg = await dial(puppet, [trunk]);
      await puppet.event(leg, 'answered');
      expect(header(far.invites[0]!, 'via')).toMatch(/^SIP\/2\.0\/TCP /);
      await puppet.order({ kind: 'leg.hangup', leg, cause: 'normal' }, telephony.instance);
      await far.phone.incomingCalls[0]!.until('ended');
      const call = await far.phone.call(far.contact);
      expect((await (await stage.callOf(call)).view()).start.called.number).not.toBe('');
      await call.hangUp();
      expect(front.accepted).toBe(1);
    } finally {
      front.close();
    }
  });
});

describe('a peer', () => {
  it('is asked by OPTIONS; any answer counts, silence and 503 do not', async () => {
    const peer = await carrier();
    peer.optionsStatus = 405;
    const trunk = await trunkTo(peer, { options_seconds: 1 });
    await inState(trunk, 'reachable');
    peer.optionsStatus = 503;
    expect(await inState(trunk, 'unreachable')).toMatchObject({ sip_status: 503 });
    peer.optionsStatus = 200;
    await inState(trunk, 'reachable');
    expect(peer.optionsAsked).toBeGreaterThan(3);
  });

  it('at an internal address that nobody has allowed is not even asked', async () => {
    const peer = await carrier({ address: '127.0.0.2' });
    const trunk = await trunkTo(peer, { host: '127.0.0.2', options_seconds: 1 });
    await inState(trunk, 'unreachable');
    expect(peer.optionsAsked).toBe(0);
  });
});

describe('a call out', () => {
  it('answers the challenge, shows who calls, names its trunk, and gives its line back', async () => {
    const peer = await carrier({ account: ACCOUNT, algorithm: 'SHA-256', incoming: { answerAfterMs: 50 } });
    const trunk = await trunkTo(
      peer,
      { auth_user: 'acme', trusted: true, number_form: 'international' },
      ACCOUNT.password,
    );
    const puppet = await someCall();
    const leg = await dial(puppet, [trunk]);
    const answer = await puppet.event(leg, 'answered');
    expect(answer.body.trunk).toEqual({ id: trunk.id, number: trunk.number, name: trunk.name });
    const [first, second] = peer.invites;
    expect(header(second!, 'call-id')).toBe(header(first!, 'call-id'));
    expect(second!.startLine).toContain('sip:00390212345678@127.0.0.1');
    // an extension means nothing outside
    expect(header(second!, 'from')).toContain('<sip:00390299999@');
    expect(header(second!, 'p-asserted-identity')).toContain('00390299999');
    const busy = async () => (await getTrunk(stage.database.store.db, stage.demo.companyId, trunk.id))!.busy_lines;
    expect(await busy()).toBe(1);
    await puppet.order({ kind: 'leg.hangup', leg, cause: 'normal' }, telephony.instance);
    await until('a free line', async () => ((await busy()) === 0 ? true : undefined));
  });

  it('goes on to the next trunk after 5xx and after silence', async () => {
    const [broken, silent, good] = [
      await carrier({ incoming: { refuse: 500 } }),
      await carrier(),
      await carrier({ incoming: { answerAfterMs: 50 } }),
    ];
    silent.silent = true;
    const trunks = [await trunkTo(broken), await trunkTo(silent), await trunkTo(good)];
    const puppet = await someCall();
    const leg = await dial(puppet, trunks);
    expect((await puppet.event(leg, 'answered')).body.trunk?.id).toBe(trunks[2]!.id);
    expect([broken.invites.length > 0, silent.invites.length > 0]).toEqual([true, true]);
  });

  it.each([
    [486, 'busy'],
    [603, 'rejected'],
  ] as const)('does not go on after %i', async (status, cause) => {
    const [first, other] = [await carrier({ incoming: { refuse: status } }), await carrier()];
    const puppet = await someCall();
    const leg = await dial(puppet, [await trunkTo(first), await trunkTo(other)]);
    expect((await puppet.event(leg, 'hangup')).body).toMatchObject({ cause, sipStatus: status });
    expect(other.invites).toEqual([]);
  });

  it('ends with congestion when no trunk takes it: 503 everywhere, no line, somebody else’s trunk', async () => {
    const [full, away] = [await carrier(), await carrier({ incoming: { refuse: 503 } })];
    const trunks = [await trunkTo(full, { max_calls: 0 }), await trunkTo(away)];
    const puppet = await someCall();
    const leg = await dial(puppet, trunks);
    expect((await puppet.event(leg, 'hangup')).body).toMatchObject({ cause: 'congestion', sipStatus: 503 });
    expect(full.invites).toEqual([]);
    const stranger = await dial(puppet, [{ ...trunks[0]!, id: uuidv7() }], { leg: 2 });
    expect((await puppet.event(stranger, 'hangup')).body).toMatchObject({ cause: 'congestion' });
  });

  it('of many at once takes no more lines than the trunk has', async () => {
    const peer = await carrier({ incoming: { answerAfterMs: 50 } });
    const trunk = await trunkTo(peer, { max_calls: 2 });
    const puppet = await someCall();
    const legs = await Promise.all([1, 2, 3, 4, 5].map((leg) => dial(puppet, [trunk], { leg })));
    await until('five ends or answers', async () => {
      const { events } = await puppet.view();
      const settled = legs.filter((leg) =>
        events.some((event) => event.leg === leg && ['answered', 'hangup'].includes(event.body.type)),
      );
      return settled.length === 5 ? true : undefined;
    });
    expect(peer.phone.incomingCalls).toHaveLength(2);
  });

  it('takes no more calls a second than the trunk allows', async () => {
    const peer = await carrier({ incoming: { answerAfterMs: 50 } });
    const trunk = await trunkTo(peer, { calls_per_second: 0.02 });
    const puppet = await someCall();
    await puppet.event(await dial(puppet, [trunk]), 'answered');
    const second = await dial(puppet, [trunk], { leg: 2 });
    expect((await puppet.event(second, 'hangup')).body).toMatchObject({ cause: 'congestion' });
  });
});

describe('a call in', () => {
  const DID = '+390277777';
  beforeAll(async () => {
    const { pool } = stage.database.store;
    await pool.query(
      `with n as (insert into phone_number (id, owner_id, company_id, number, dialled, kind)
         values ($1, $2, $2, 900, $3, 'did') returning id)
       insert into routing_rule (id, company_id, phone_number_id, destination_type, destination_id)
       select $4, $2, n.id, 'flow', (select id::text from flow where company_id = $2 and name = 'front-desk') from n`,
      [uuidv7(), stage.demo.companyId, DID, uuidv7()],
    );
  });

  it('is known by where it comes from; a trusted trunk’s asserted identity is the caller', async () => {
    const peer = await carrier({
      name: '123',
      inviteHeaders: [['P-Asserted-Identity', '"Bob" <sip:+33123456789@carrier.test>']],
    });
    const trunk = await trunkTo(peer, { trusted: true, options_seconds: 1 });
    await inState(trunk, 'reachable');
    const call = await peer.phone.call('390277777');
    const { start } = await (await stage.callOf(call)).view();
    expect(start.inbound!.coordinates).toMatchObject({
      type: 'trunk',
      id: trunk.id,
      entityNumber: trunk.number,
      number: '+33123456789',
      name: 'Bob',
    });
    expect((await getTrunk(stage.database.store.db, stage.demo.companyId, trunk.id))!.busy_lines).toBe(1);
  });

  it('is known by our Contact alone, wherever it comes from, its number read from To', async () => {
    const registrar = await carrier();
    const trunk = await trunkTo(registrar, { mode: 'register', auth_user: 'acme', sources: ['192.0.2.0/24'] }, 'x');
    await inState(trunk, 'registered');
    const elsewhere = await carrier({ name: '+33987654321', inviteTo: DID });
    const call = await elsewhere.phone.call(registrar.contact);
    const { start } = await (await stage.callOf(call)).view();
    expect(start.inbound!.coordinates).toMatchObject({ type: 'trunk', id: trunk.id, number: '+33987654321' });
    const guessed = await elsewhere.phone.call(registrar.contact.replace(/sip:t/, 'sip:u'));
    await guessed.until('ended');
    expect(guessed.finalStatus).toBe(407);
  });

  it('beyond the trunk’s lines is refused', async () => {
    const peer = await carrier({ name: '+33123456789' });
    const trunk = await trunkTo(peer, { max_calls: 0, options_seconds: 1 });
    await inState(trunk, 'reachable');
    const full = await peer.phone.call(DID);
    await full.until('ended');
    expect(full.finalStatus).toBe(503);
  });
});
