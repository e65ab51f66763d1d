/** Inbound calls: from INVITE to BYE through telephony, the softswitch, PostgreSQL and Temporal. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Telephony } from '@callwright/telephony';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toneShare } from '../phone/audio.ts';
import type { PhoneCall } from '../phone/call.ts';
import { collectOrder, openStage, type Stage, tone } from './stage.ts';

let stage: Stage;
let telephony: Telephony;

beforeAll(async () => {
  stage = await openStage();
  telephony = await stage.boot();
});
afterAll(() => stage.close());

const legRow = (id: string) =>
  stage.database.store.db.selectFrom('leg').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

describe('an inbound call', () => {
  it('is answered, prompts, takes a digit and hangs up', async () => {
    const phone = await stage.phone(null, { name: '4711' });
    const call = await phone.call('202');
    const puppet = await stage.callOf(call);
    const { start } = await puppet.view();
    const leg = start.inbound!.leg;
    expect(start).toMatchObject({
      direction: 'inbound',
      called: { number: '202' },
      inbound: { instance: telephony.instance, coordinates: { number: '4711' } },
    });
    expect(await legRow(leg)).toMatchObject({ state: 'proceeding', call_id: puppet.callId, direction: 'inbound' });

    expect((await puppet.order({ kind: 'leg.answer', leg }, telephony.instance)).result).toEqual({ status: 'done' });
    await call.until('answered');
    expect((await puppet.event(leg, 'answered')).body).toMatchObject({ sipCallId: call.callId });
    expect(await legRow(leg)).toMatchObject({
      dialog_id: expect.stringContaining(call.callId),
      channel_uuid: expect.any(String),
    });

    const op = await puppet.begin(collectOrder(leg), telephony.instance);
    await sleep(150);
    await call.press('5');
    expect((await puppet.result(op)).result).toEqual({
      status: 'collected',
      mode: 'keys',
      value: '5',
      confidence: 1,
      ended: 'max',
      tries: 1,
    });

    await puppet.order({ kind: 'leg.hangup', leg, cause: 'normal' }, telephony.instance);
    await call.until('ended');
    expect(call.endedBy).toBe('them');
    const hangup = await puppet.event(leg, 'hangup');
    expect(hangup.body).toEqual({ type: 'hangup', cause: 'normal', sipStatus: null, by: 'local' });
    const released = await puppet.order({ kind: 'leg.release', leg, upTo: hangup.n }, telephony.instance);
    expect(released.result).toEqual({ status: 'done' });
    expect(telephony.legs.get(leg)).toBeUndefined();
    expect(await legRow(leg)).toMatchObject({ state: 'released', cause: 'normal' });
    const numbers = (await puppet.view()).events.map((event) => event.n);
    const results = Object.values((await puppet.view()).results).flatMap((output) => output.envelope?.n ?? []);
    expect([...new Set([...numbers, ...results])].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('hears the prompt and has digits typed ahead waiting for the next collect', async () => {
    const { call, puppet, leg } = await answered();
    const first = await puppet.begin(
      { kind: 'media.play', leg, prompts: [tone(440, 400, false)], clearDigits: false },
      telephony.instance,
    );
    await sleep(100);
    await call.press('12');
    expect((await puppet.result(first)).result).toEqual({ status: 'done' });
    const second = await puppet.order(collectOrder(leg, { prompts: [tone(880, 3000)] }), telephony.instance);
    expect(second.result).toMatchObject({ status: 'collected', value: '1' });
    const third = await puppet.order(collectOrder(leg, { prompts: [tone(880, 3000)] }), telephony.instance);
    expect(third.result).toMatchObject({ status: 'collected', value: '2' });
    await call.hangUp();
  });

  it('takes keys by INFO as well', async () => {
    const { call, puppet, leg } = await answered();
    const op = await puppet.begin(
      collectOrder(leg, { maxDigits: 3, terminators: '#', prompts: [] }),
      telephony.instance,
    );
    await sleep(100);
    expect(await call.info('7')).toBe(200);
    expect(await call.info('#')).toBe(200);
    expect((await puppet.result(op)).result).toMatchObject({ status: 'collected', value: '7', ended: 'terminator' });
    await call.hangUp();
  });

  it('counts tries, tells no input from no match', async () => {
    const { call, puppet, leg } = await answered();
    const silent = await puppet.order(
      collectOrder(leg, { prompts: [], firstDigitTimeoutMs: 150, tries: 2, noInputPrompts: [tone(300, 50)] }),
      telephony.instance,
    );
    expect(silent.result).toEqual({ status: 'not-collected', reason: 'no-input', value: '', tries: 2 });
    const op = await puppet.begin(collectOrder(leg, { prompts: [], accept: ['1', '2'] }), telephony.instance);
    await sleep(80);
    await call.press('9');
    expect((await puppet.result(op)).result).toEqual({
      status: 'not-collected',
      reason: 'no-match',
      value: '9',
      tries: 1,
    });
    await call.hangUp();
  });

  it('reports the caller’s hang-up, and what it cut as interrupted', async () => {
    const { call, puppet, leg } = await answered();
    const op = await puppet.begin(
      { kind: 'media.play', leg, prompts: [tone(440, 20_000)], clearDigits: true },
      telephony.instance,
    );
    await sleep(150);
    await call.hangUp();
    expect((await puppet.event(leg, 'hangup')).body).toEqual({
      type: 'hangup',
      cause: 'normal',
      sipStatus: null,
      by: 'remote',
    });
    expect((await puppet.result(op)).result).toEqual({ status: 'interrupted' });
  });

  it('stops an operation on request and goes on with the next', async () => {
    const { call, puppet, leg } = await answered();
    const op = await puppet.begin(
      { kind: 'media.play', leg, prompts: [tone(440, 20_000)], clearDigits: true },
      telephony.instance,
    );
    await sleep(100);
    await puppet.order({ kind: 'media.stop', leg, target: op }, telephony.instance);
    expect((await puppet.result(op)).result).toEqual({ status: 'interrupted' });
    expect(
      (await puppet.order({ kind: 'media.play', leg, prompts: [tone(440, 60)], clearDigits: true }, telephony.instance))
        .result,
    ).toEqual({ status: 'done' });
    await call.hangUp();
  });

  it('plays an operation once, however often it is asked for', async () => {
    const { call, puppet, leg } = await answered();
    const order = { kind: 'media.play', leg, prompts: [tone(440, 300)], clearDigits: true } as const;
    const op = await puppet.begin(order, telephony.instance);
    await puppet.begin(order, telephony.instance, {}, op);
    const first = await puppet.result(op);
    await puppet.begin(order, telephony.instance, {}, op);
    await sleep(100);
    expect((await puppet.result(op)).envelope).toEqual(first.envelope);
    await call.hangUp();
  });

  it('that is cancelled ends with that cause', async () => {
    const phone = await stage.phone(null);
    const call = await phone.call('202');
    const puppet = await stage.callOf(call);
    const leg = (await puppet.view()).start.inbound!.leg;
    await puppet.order({ kind: 'leg.ring', leg, earlyMedia: false }, telephony.instance);
    await call.until('ringing');
    await phone.cancel(call);
    expect((await puppet.event(leg, 'hangup')).body).toEqual({
      type: 'hangup',
      cause: 'cancelled',
      sipStatus: 487,
      by: 'remote',
    });
  });

  it('is refused with the status the call wants', async () => {
    const phone = await stage.phone(null);
    const call = await phone.call('202');
    const puppet = await stage.callOf(call);
    const leg = (await puppet.view()).start.inbound!.leg;
    await puppet.order({ kind: 'leg.hangup', leg, cause: 'busy' }, telephony.instance);
    await call.until('ended');
    expect(call.finalStatus).toBe(486);
  });

  it('reports hold and resume', async () => {
    const { call, puppet, leg } = await answered();
    expect(await call.reinvite('sendonly')).toBe(200);
    await puppet.event(leg, 'held');
    expect(await call.reinvite('sendrecv')).toBe(200);
    await puppet.event(leg, 'resumed');
    await call.hangUp();
  });

  it('reports a transfer that a user asks for by REFER, blind and attended; a stranger may not', async () => {
    const host = `127.0.0.1:${stage.sip.sipPort}`;
    const stranger = await answered();
    expect(await stranger.call.refer(`sip:102@${host}`)).toBe(403);

    const { call, puppet, leg } = await answered('101');
    expect(await call.refer(`sip:102@${host}`)).toBe(202);
    expect((await puppet.event(leg, 'refer')).body).toEqual({
      type: 'refer',
      target: '102',
      replacesLeg: null,
      replacesCall: null,
    });

    const other = await answered('102');
    const attended = await answered('101');
    expect(await attended.call.refer(`sip:102@${host}`, other.call)).toBe(202);
    expect((await attended.puppet.event(attended.leg, 'refer')).body).toMatchObject({
      replacesLeg: other.leg,
      replacesCall: other.puppet.callId,
    });
    for (const unknown of ['nobody@nowhere', other.call.callId]) {
      const replaces = encodeURIComponent(`${unknown};to-tag=1;from-tag=2`);
      expect(await attended.call.refer(`sip:102@${host}?Replaces=${replaces}`)).toBe(481);
    }
    for (const one of [call, other.call, attended.call, stranger.call]) await one.hangUp();
  });
});

describe('a prompt instead of the ringing tone', () => {
  it('is heard before the answer, again and again, until something else is', async () => {
    const phone = await stage.phone(null);
    const call = await phone.call('202');
    const puppet = await stage.callOf(call);
    const leg = (await puppet.view()).start.inbound!.leg;
    await puppet.order({ kind: 'leg.ring', leg, earlyMedia: true }, telephony.instance);
    await call.until('ringing');
    const prompt = tone(700, 400);
    await puppet.order({ kind: 'media.background', leg, sound: 'prompt', prompt }, telephony.instance);
    const lately = (): number => {
      const now = performance.now();
      return toneShare(call.rtp.heardBetween(now - 300, now), 700);
    };
    const from = performance.now();
    // longer than any one of its repetitions, whatever the machine is busy with
    await expect.poll(() => performance.now() - from > 2500 && lately() > 0.5, { timeout: 15_000 }).toBe(true);
    await puppet.order({ kind: 'media.background', leg, sound: 'none' }, telephony.instance);
    // nothing heard has no share of anything
    await expect.poll(() => lately() > 0.1, { timeout: 15_000 }).toBe(false);
    await phone.cancel(call);
  });

  it('that cannot be played is the tone', async () => {
    const phone = await stage.phone(null);
    const call = await phone.call('202');
    const puppet = await stage.callOf(call);
    const leg = (await puppet.view()).start.inbound!.leg;
    await puppet.order({ kind: 'leg.ring', leg, earlyMedia: true }, telephony.instance);
    await call.until('ringing');
    await puppet.order({ kind: 'media.background', leg, sound: 'prompt' }, telephony.instance);
    const ringing = (): number => {
      const now = performance.now();
      return toneShare(call.rtp.heardBetween(now - 300, now), 425);
    };
    await expect.poll(() => ringing() > 0.7, { timeout: 15_000, interval: 50 }).toBe(true);
    await phone.cancel(call);
  });
});

describe('who may call what', () => {
  it('challenges a stranger who dials anything but a public number', async () => {
    const phone = await stage.phone(null);
    for (const number of ['101', '999', '+4930123456']) {
      const call = await phone.call(number);
      await call.until('ended');
      expect(call.finalStatus).toBe(407);
    }
  });

  it('lets a log-in act for its user', async () => {
    const phone = await stage.phone('101');
    const call = await phone.call('102');
    const { start } = await (await stage.callOf(call)).view();
    expect(start).toMatchObject({
      direction: 'internal',
      called: { type: 'user', number: '102', name: 'Bob Taylor' },
      inbound: { coordinates: { type: 'user', number: '101', name: 'Alice Martin' } },
      locale: { language: 'fr' },
    });
    await phone.cancel(call);
  });

  it.each(['the company', 'somebody above it'])('reaches nobody while %s is suspended, and registers', async (who) => {
    const { pool } = stage.database.store;
    const { rows } = await pool.query('select path[1] as top from owner where id = $1', [stage.demo.companyId]);
    const suspended = who === 'the company' ? stage.demo.companyId : rows[0].top;
    expect(suspended === stage.demo.companyId).toBe(who === 'the company');
    const [user, stranger] = [await stage.phone('101'), await stage.phone(null)];
    await pool.query('update owner set suspended_at = now() where id = $1', [suspended]);
    try {
      // a phone must be registered to call for help
      expect(await user.register()).toBe(200);
      for (const number of ['102', '202']) {
        const call = await user.call(number);
        const { start } = await (await stage.callOf(call)).view();
        expect(start).toMatchObject({
          called: { type: 'announcement', id: 'suspended' },
          routing: { refused: { code: 'ADM_SUSPENDED' } },
        });
        await user.cancel(call);
      }
      const help = await user.call('112');
      const { start } = await (await stage.callOf(help)).view();
      expect(start.routing).toMatchObject({ routed: { reason: 'emergency' }, refused: null });
      await user.cancel(help);
      const call = await stranger.call('202');
      await call.until('ended');
      expect(call.finalStatus).toBe(407);
    } finally {
      await pool.query('update owner set suspended_at = null where id = $1', [suspended]);
      await pool.query('delete from guard');
    }
    expect(await user.register(0)).toBe(200);
  });

  it('leaves no row open of a call that the store takes too late', async () => {
    const { pool } = stage.database.store;
    const phone = await stage.phone(null);
    const holding = await pool.connect();
    await holding.query('begin');
    await holding.query('lock table call in exclusive mode');
    let call: PhoneCall;
    try {
      call = await phone.call('202');
      await call.until('ended', 15_000);
      expect(call.finalStatus).toBe(503);
    } finally {
      await holding.query('commit');
      holding.release();
    }
    const row = async () => {
      const { rows } = await pool.query(
        'select leg.state, leg.cause, call.state as of_call from leg join call on call.id = call_id where sip_call_id = $1',
        [call.callId],
      );
      return rows[0];
    };
    const refused = { state: 'ended', cause: 'congestion', of_call: 'refused' };
    await expect.poll(row, { timeout: 15_000 }).toEqual(refused);
  });

  it('places no call of a suspended user', async () => {
    const { pool } = stage.database.store;
    const suspend = (at: Date | null) =>
      pool.query(`update directory_user set suspended_at = $1 where extension = '101'`, [at]);
    const phone = await stage.phone('101');
    await suspend(new Date());
    const call = await phone.call('102');
    const { start } = await (await stage.callOf(call)).view();
    expect(start).toMatchObject({
      called: { type: 'announcement' },
      routing: { refused: { code: expect.any(String) } },
    });
    await phone.cancel(call);
    await suspend(null);
  });

  it('leads a log-in that dials an unknown number to the announcement that says so', async () => {
    const phone = await stage.phone('101');
    const call = await phone.call('987654');
    const { start } = await (await stage.callOf(call)).view();
    expect(start).toMatchObject({
      called: { type: 'announcement', id: 'unknown-number', number: '987654' },
      routing: { routed: { reason: 'no-match', rule: null, destination: null }, refused: null },
    });
    await phone.cancel(call);
  });

  it('leads an outside number to the flow that dials it, and says so before anybody has a trunk', async () => {
    const phone = await stage.phone('101');
    const call = await phone.call('0612345678');
    const { start } = await (await stage.callOf(call)).view();
    expect(start).toMatchObject({
      direction: 'outbound',
      called: { type: 'number', number: '0612345678', e164: '+33612345678' },
      variables: { outside: '-/+33612345678' },
      routing: { routed: { reason: 'outside', destination: { type: 'number', id: '+33612345678' } } },
    });
    await phone.cancel(call);
  });

  it('refuses a wrong password, and shuts the guesser out', async () => {
    const user = stage.demo.users[1]!;
    const phone = await stage.phone(null, { credentials: { username: user.sipUser, password: 'wrong' } });
    for (let i = 0; i < 11; i++) expect(await phone.register()).toBe(401);
    expect(await phone.register()).toBe(403);
    const honest = await stage.phone('102');
    expect(await honest.register()).toBe(403);
    await stage.database.store.pool.query('delete from guard');
    expect(await honest.register()).toBe(200);
  });
});

async function answered(extension: string | null = null) {
  const phone = await stage.phone(extension);
  const call = await phone.call('202');
  const puppet = await stage.callOf(call);
  const leg = (await puppet.view()).start.inbound!.leg;
  await puppet.order({ kind: 'leg.answer', leg }, telephony.instance);
  await call.until('answered');
  return { phone, call, puppet, leg };
}
