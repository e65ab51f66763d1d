/** Outbound legs: registered phones are rung, forked, answered, bridged; what they refuse has its cause. */
import { setTimeout as sleep } from 'node:timers/promises';
import { phonebooks, trustedScope, uuidv7, writeContacts } from '@callwright/store';
import type { Telephony } from '@callwright/telephony';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PhoneCall } from '../phone/call.ts';
import { header } from '../phone/message.ts';
import type { Phone } from '../phone/phone.ts';
import { toneLevel } from './listen.ts';
import { openStage, type Puppet, type Stage, tone } from './stage.ts';

let stage: Stage;
let telephony: Telephony;
const open: Phone[] = [];

beforeAll(async () => {
  stage = await openStage();
  telephony = await stage.boot();
});
afterAll(() => stage.close());
afterEach(async () => {
  for (const phone of open.splice(0)) {
    await phone.register(0).catch(() => {});
    await phone.close();
  }
});

async function registered(extension: string, policy: Phone['policy']): Promise<Phone> {
  const phone = await stage.phone(extension, { incoming: policy });
  open.push(phone);
  expect(await phone.register()).toBe(200);
  return phone;
}

async function caller(): Promise<{ call: PhoneCall; puppet: Puppet; leg: string }> {
  const phone = await stage.phone(null, { name: '4711' });
  open.push(phone);
  const call = await phone.call('202');
  const puppet = await stage.callOf(call);
  const leg = (await puppet.view()).start.inbound!.leg;
  await puppet.order({ kind: 'leg.answer', leg }, telephony.instance);
  await call.until('answered');
  return { call, puppet, leg };
}

function dialOrder(puppet: Puppet, n: number, more: Record<string, unknown> = {}) {
  return {
    kind: 'leg.dial' as const,
    leg: `${puppet.callId}/leg/${n}`,
    target: { type: 'user', userId: '' },
    callerId: { number: '4711', name: 'Zoé "Z"\r\nVia: x' },
    called: { type: 'user', id: null, entityNumber: null, number: '101', name: 'Alice' },
    ringTimeoutMs: 5000,
    autoAnswer: false,
    ...more,
  };
}

const userId = async (extension: string): Promise<string> =>
  (
    await stage.database.store.db
      .selectFrom('directory_user')
      .select('id')
      .where('extension', '=', extension)
      .executeTakeFirstOrThrow()
  ).id;

describe('an outbound leg', () => {
  it('shows a caller without a name as the address books of the called user know him, and a name that is there as it is', async () => {
    const { db } = stage.database.store;
    const scope = trustedScope(stage.demo.companyId);
    const number = `+39073${Math.floor(1_000_000 + Math.random() * 9_000_000)}`;
    const book = await phonebooks.create(db, scope, uuidv7(), {
      name: `Customers ${number}`,
      kind: 'company',
      departmentId: null,
      userId: null,
      editable: false,
    });
    const fields = {
      ...{ givenName: 'Gustavo', familyName: 'Fring', organisation: '', email: null, address: '', notes: '' },
      ...{ favourite: false, numbers: [{ kind: 'mobile' as const, number }], data: {} },
    };
    await writeContacts(db, scope, book.id, 'IT', [{ id: null, fields, external: null }]);
    const alice = await registered('101', { ring: true });
    const { call, puppet } = await caller();
    const target = { type: 'user', userId: await userId('101') };
    const shown: string[] = [];
    for (const [n, callerId] of [
      { number, name: '' },
      { number, name: 'Sales' },
      { number: '+39073000', name: '' },
    ].entries()) {
      const incoming = alice.nextIncoming();
      await puppet.begin(dialOrder(puppet, n + 1, { target, callerId }), telephony.instance);
      shown.push(
        header((await incoming).invite!, 'from')
          .split('<')[0]!
          .trim(),
      );
      const leg = `${puppet.callId}/leg/${n + 1}`;
      await puppet.order({ kind: 'leg.hangup', leg, cause: 'cancelled' }, telephony.instance);
    }
    expect(shown).toEqual(['"Gustavo Fring"', '"Sales"', '']);
    await call.hangUp();
  });

  it('tells phones whether a colleague calls, or somebody from outside', async () => {
    const alice = await registered('101', { ring: true });
    const alerts = async (from: Phone): Promise<string> => {
      const incoming = alice.nextIncoming();
      const call = await from.call('202');
      const puppet = await stage.callOf(call);
      await puppet.begin(
        dialOrder(puppet, 1, { target: { type: 'user', userId: await userId('101') } }),
        telephony.instance,
      );
      const alert = header((await incoming).invite!, 'alert-info');
      await call.hangUp();
      await puppet.order({ kind: 'leg.hangup', leg: `${puppet.callId}/leg/1`, cause: 'cancelled' }, telephony.instance);
      return alert;
    };
    const [stranger, colleague] = [await stage.phone(null, { name: '4711' }), await stage.phone('102')];
    open.push(stranger, colleague);
    expect(await alerts(stranger)).toBe('<urn:alert:source:external>;info=alert-external');
    expect(await alerts(colleague)).toBe('<urn:alert:source:internal>;info=alert-internal');
  });

  it('rings a registered user, is answered and bridged both ways', async () => {
    const alice = await registered('101', { answerAfterMs: 150 });
    const { call, puppet, leg } = await caller();
    await puppet.order({ kind: 'media.background', leg, sound: 'ringback' }, telephony.instance);
    const dial = dialOrder(puppet, 1, { target: { type: 'user', userId: await userId('101') } });
    expect((await puppet.order(dial, telephony.instance)).result).toEqual({ status: 'done' });
    const incoming = await nextCall(alice);
    await puppet.event(dial.leg, 'ringing');
    expect((await puppet.event(dial.leg, 'answered')).body).toMatchObject({
      codec: expect.stringMatching(/^PCM[AU]/),
      sipCallId: incoming.callId,
    });
    const row = await stage.database.store.db
      .selectFrom('leg')
      .selectAll()
      .where('id', '=', dial.leg)
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({ state: 'answered', direction: 'outbound', sip_call_id: incoming.callId });
    expect(row.transaction_id).toBeTruthy();

    const bridged = await puppet.order({ kind: 'media.bridge', leg, other: dial.leg }, telephony.instance);
    expect(bridged.result).toEqual({ status: 'done' });
    call.rtp.say(sine(440), true);
    incoming.rtp.say(sine(880), true);
    await sleep(700);
    expect(toneLevel(incoming.rtp.heard().slice(-2400), 440)).toBeGreaterThan(0.5);
    expect(toneLevel(call.rtp.heard().slice(-2400), 880)).toBeGreaterThan(0.5);

    expect((await puppet.order({ kind: 'media.unbridge', leg, other: dial.leg }, telephony.instance)).result).toEqual({
      status: 'done',
    });
    await sleep(100);
    const play = await puppet.order(
      { kind: 'media.play', leg, prompts: [tone(600, 200)], clearDigits: true },
      telephony.instance,
    );
    expect(play.result).toEqual({ status: 'done' });
    await incoming.hangUp();
    expect((await puppet.event(dial.leg, 'hangup')).body).toMatchObject({ cause: 'normal', by: 'remote' });
    expect(telephony.legs.get(leg)?.state).toBe('answered');
  });

  it('keeps the caller when the other party of a bridge hangs up', async () => {
    const alice = await registered('101', { answerAfterMs: 20 });
    const { puppet, leg } = await caller();
    const dial = dialOrder(puppet, 1, { target: { type: 'user', userId: await userId('101') } });
    await puppet.order(dial, telephony.instance);
    const incoming = await nextCall(alice);
    await puppet.event(dial.leg, 'answered');
    await puppet.order({ kind: 'media.bridge', leg, other: dial.leg }, telephony.instance);
    await incoming.hangUp();
    await puppet.event(dial.leg, 'hangup');
    await puppet.order({ kind: 'media.unbridge', leg, other: dial.leg }, telephony.instance);
    const play = await puppet.order(
      { kind: 'media.play', leg, prompts: [tone(600, 100)], clearDigits: true },
      telephony.instance,
    );
    expect(play.result).toEqual({ status: 'done' });
  });

  it.each([
    [486, 'busy'],
    [603, 'rejected'],
    [480, 'unavailable'],
    [503, 'congestion'],
  ])('that is refused with %i ends as %s', async (status, cause) => {
    await registered('101', { refuse: status });
    const { puppet } = await caller();
    const dial = dialOrder(puppet, 1, { target: { type: 'user', userId: await userId('101') } });
    await puppet.order(dial, telephony.instance);
    expect((await puppet.event(dial.leg, 'hangup')).body).toEqual({
      type: 'hangup',
      cause,
      sipStatus: status,
      by: 'remote',
    });
  });

  it('to a user without a phone is unavailable; to the outside too; to an internal address forbidden', async () => {
    const { puppet } = await caller();
    const targets = [
      [{ type: 'user', userId: await userId('102') }, 'unavailable'],
      [{ type: 'number', number: '+4930123456' }, 'unavailable'],
      [{ type: 'sip', uri: 'sip:x@127.0.0.1:5099' }, 'forbidden'],
    ] as const;
    for (const [index, [target, cause]] of targets.entries()) {
      const dial = dialOrder(puppet, index + 1, { target });
      await puppet.order(dial, telephony.instance);
      expect((await puppet.event(dial.leg, 'hangup')).body).toMatchObject({ cause, by: 'local' });
    }
  });

  it('rings every phone of a user; the first to answer wins and the others hear where', async () => {
    const slow = await registered('101', { ring: true });
    const quick = await registered('101', { answerAfterMs: 200 });
    const { puppet } = await caller();
    const dial = dialOrder(puppet, 1, { target: { type: 'user', userId: await userId('101') } });
    await puppet.order(dial, telephony.instance);
    const [lost, won] = await Promise.all([nextCall(slow), nextCall(quick)]);
    await puppet.event(dial.leg, 'answered');
    expect(won.state).toBe('answered');
    await lost.until('ended');
    expect(telephony.legs.get(dial.leg)?.sipCallId).toBe(won.callId);
  });

  it('is cancelled on request, and by its time', async () => {
    const alice = await registered('101', { ring: true });
    const { puppet } = await caller();
    const target = { type: 'user', userId: await userId('101') };
    const first = dialOrder(puppet, 1, { target });
    await puppet.order(first, telephony.instance);
    const ringing = await nextCall(alice);
    await puppet.order({ kind: 'leg.hangup', leg: first.leg, cause: 'answered-elsewhere' }, telephony.instance);
    await ringing.until('ended');
    expect((await puppet.event(first.leg, 'hangup')).body).toMatchObject({ cause: 'answered-elsewhere', by: 'local' });

    const second = dialOrder(puppet, 2, { target, ringTimeoutMs: 1000 });
    await puppet.order(second, telephony.instance);
    expect((await puppet.event(second.leg, 'hangup')).body).toMatchObject({ cause: 'no-answer', sipStatus: 408 });
  });

  it('is never dialled when its hang-up came first', async () => {
    const alice = await registered('101', { ring: true });
    const { puppet } = await caller();
    const dial = dialOrder(puppet, 1, { target: { type: 'user', userId: await userId('101') } });
    expect(
      (await puppet.order({ kind: 'leg.hangup', leg: dial.leg, cause: 'normal' }, telephony.instance)).result,
    ).toEqual({ status: 'gone' });
    expect((await puppet.order(dial, telephony.instance)).result).toEqual({ status: 'gone' });
    await sleep(200);
    expect(alice.incomingCalls).toHaveLength(0);
  });

  it('of another call or company is unknown', async () => {
    const { leg } = await caller();
    const { puppet } = await caller();
    expect((await puppet.order({ kind: 'leg.hangup', leg, cause: 'normal' }, telephony.instance)).result).toEqual({
      status: 'gone',
    });
    expect(telephony.legs.get(leg)?.state).toBe('answered');
  });
});

/** The phone's incoming call, be it here already or on its way. */
async function nextCall(phone: Phone): Promise<PhoneCall> {
  return phone.incomingCalls.at(-1) ?? phone.nextIncoming();
}

function sine(hz: number): Int16Array {
  return Int16Array.from({ length: 8000 }, (_value, i) => Math.round(10_000 * Math.sin((2 * Math.PI * hz * i) / 8000)));
}
