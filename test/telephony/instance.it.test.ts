/** Media instances: limits, starts that fail, loss, successors, moving legs (design §4). */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallLogic, Telephony } from '@callwright/telephony';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PhoneCall } from '../phone/call.ts';
import { header } from '../phone/message.ts';
import { openStage, type Puppet, type Stage, tone } from './stage.ts';

let stage: Stage;
let telephony: Telephony | null = null;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
afterEach(async () => {
  await telephony?.stop();
  telephony = null;
});

const headerOf = (call: PhoneCall, name: string): string =>
  call.finalResponse ? (header(call.finalResponse, name) ?? '') : '';

async function answered(
  on: Telephony,
): Promise<{ call: Awaited<ReturnType<Awaited<ReturnType<Stage['phone']>>['call']>>; puppet: Puppet; leg: string }> {
  const phone = await stage.phone(null);
  const call = await phone.call('202');
  const puppet = await stage.callOf(call);
  const leg = (await puppet.view()).start.inbound!.leg;
  await puppet.order({ kind: 'leg.answer', leg }, on.instance);
  await call.until('answered');
  return { call, puppet, leg };
}

const legRow = (id: string) =>
  stage.database.store.db.selectFrom('leg').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

const rowsOfInstance = (instance: string) =>
  stage.database.store.db
    .selectFrom('media_instance')
    .selectAll()
    .where('instance', '=', instance)
    .executeTakeFirstOrThrow();

describe('a media instance', () => {
  it('takes a new epoch at every boot and holds its lease', async () => {
    telephony = await stage.boot();
    const first = telephony.instance;
    expect(await rowsOfInstance(first)).toMatchObject({ state: 'alive', max_calls: 50 });
    await telephony.stop();
    expect(await rowsOfInstance(first)).toMatchObject({ state: 'lost', lost_reason: 'stopped' });
    telephony = await stage.boot();
    const [name, epoch] = first.split('.');
    expect(telephony.instance).toBe(`${name}.${Number(epoch) + 1}`);
    const before = (await rowsOfInstance(telephony.instance)).renewed_at.getTime();
    await sleep(2300);
    expect((await rowsOfInstance(telephony.instance)).renewed_at.getTime()).toBeGreaterThan(before);
  });

  it('answers 503 with Retry-After past its limit, and takes calls again when one ends', async () => {
    telephony = await stage.boot({ maxCalls: 1 });
    const { call } = await answered(telephony);
    const phone = await stage.phone(null);
    const refused = await phone.call('202');
    await refused.until('ended');
    expect(refused.finalStatus).toBe(503);
    expect(Number(headerOf(refused, 'retry-after'))).toBeGreaterThan(0);
    await call.hangUp();
    await sleep(200);
    const taken = await phone.call('202');
    await stage.callOf(taken);
    await phone.cancel(taken);
  });

  it('caps what one source without a log-in may hold, but not log-ins', async () => {
    telephony = await stage.boot({ maxCallsPerSource: 1, capLoopback: true });
    await answered(telephony);
    const stranger = await stage.phone(null);
    const refused = await stranger.call('202');
    await refused.until('ended');
    expect(refused.finalStatus).toBe(503);
    const alice = await stage.phone('101');
    const taken = await alice.call('202');
    await stage.callOf(taken);
    await alice.cancel(taken);
  });

  it('refuses a call whose workflow cannot be started, and its row is never started again', async () => {
    const logic: CallLogic = { ...stage.logic, start: () => new Promise(() => {}) };
    telephony = await stage.boot({ logic });
    const phone = await stage.phone(null);
    const began = Date.now();
    const call = await phone.call('202');
    await call.until('ended');
    expect(call.finalStatus).toBe(503);
    expect(headerOf(call, 'retry-after')).not.toBe('');
    expect(Date.now() - began).toBeGreaterThan(1900);
    const row = await stage.database.store.db
      .selectFrom('call')
      .select('state')
      .orderBy('number', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow();
    await sleep(100);
    expect(row.state).toBe('refused');
    expect(telephony.legs.liveCalls).toBe(0);
  });

  it('that finds itself marked lost ends its legs, reports them and takes no more calls', async () => {
    telephony = await stage.boot();
    const { call, puppet, leg } = await answered(telephony);
    await stage.database.store.pool.query(`update media_instance set state = 'lost' where instance = $1`, [
      telephony.instance,
    ]);
    expect(await telephony.ended).toBe('marked-lost');
    await call.until('ended');
    expect((await puppet.event(leg, 'hangup')).body).toMatchObject({ cause: 'media-lost', by: 'network' });
    const phone = await stage.phone(null);
    const refused = await phone.call('202');
    await refused.until('ended');
    expect(refused.finalStatus).toBe(503);
  });

  it('whose predecessor died tells its calls and ends their far ends', async () => {
    telephony = await stage.boot();
    const { call, puppet, leg } = await answered(telephony);
    const ringingPhone = await stage.phone(null);
    const ringing = await ringingPhone.call('202');
    const ringingPuppet = await stage.callOf(ringing);
    // a successor boots while the old process still holds its sockets: for it the old one is dead
    const successor = await stage.boot();
    expect(await puppet.until('the loss', (seen) => seen.lost[0])).toBe(telephony.instance);
    expect(await ringingPuppet.until('the loss', (seen) => seen.lost[0])).toBe(telephony.instance);
    await call.until('ended');
    await ringing.until('ended');
    expect(ringing.finalStatus).toBe(503);
    await sleep(200);
    const row = await stage.database.store.db
      .selectFrom('leg')
      .selectAll()
      .where('id', '=', leg)
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({ state: 'ended', cause: 'media-lost' });
    await telephony.stop();
    telephony = successor;
    // a call may still be handed to the connection that goes down: it is refused, and the next one taken
    const taken = () => answered(successor).then(Boolean, () => false);
    await expect.poll(taken, { timeout: 60_000 }).toBe(true);
  }, 90_000);
});

describe('a leg that moves', () => {
  it('belongs to the receiver from the commit on, with everything above the offered number', async () => {
    telephony = await stage.boot();
    const giver = await answered(telephony);
    const receiver = await answered(telephony);
    const { n: lastNumber } = await giver.puppet.event(giver.leg, 'answered');
    expect(await giver.call.reinvite('sendonly')).toBe(200);
    const held = await giver.puppet.event(giver.leg, 'held');
    const take = { kind: 'leg.take' as const, leg: giver.leg, giver: giver.puppet.callId, lastNumber };
    const taken = await receiver.puppet.order(take, telephony.instance);
    expect(taken.result).toEqual({ status: 'done' });
    expect((await receiver.puppet.event(giver.leg, 'held')).n).toBe(held.n);
    await giver.puppet.until('leg.moved', (seen) => seen.messages.find((message) => message.type === 'leg.moved'));
    const gone = await giver.puppet.order(
      { kind: 'media.play', leg: giver.leg, prompts: [tone(440, 50)], clearDigits: true },
      telephony.instance,
    );
    expect(gone.result).toEqual({ status: 'gone' });
    const played = await receiver.puppet.order(
      { kind: 'media.play', leg: giver.leg, prompts: [tone(440, 50)], clearDigits: true },
      telephony.instance,
    );
    expect(played.result).toEqual({ status: 'done' });
    await giver.call.hangUp();
    await receiver.puppet.event(giver.leg, 'hangup');
  });

  it('is hung up when the receiver ends before it hears of the commit', async () => {
    telephony = await stage.boot();
    const { legs } = telephony;
    const [giver, receiver] = [await answered(telephony), await answered(telephony)];
    const { n: lastNumber } = await giver.puppet.event(giver.leg, 'answered');
    const take = { kind: 'leg.take' as const, leg: giver.leg, giver: giver.puppet.callId, lastNumber };
    // the row is locked: the commit comes when the receiver is no more
    const client = await stage.database.store.pool.connect();
    try {
      await client.query('begin');
      await client.query('select 1 from leg where id = $1 for update', [giver.leg]);
      await receiver.puppet.begin(take, telephony.instance);
      await sleep(200);
      await receiver.puppet.handle.terminate();
      await client.query('commit');
    } finally {
      client.release();
    }
    await giver.call.until('ended');
    expect(giver.call.endedBy).toBe('them');
    await giver.puppet.until('leg.moved', (seen) => seen.messages.find((message) => message.type === 'leg.moved'));
    await expect
      .poll(() => legRow(giver.leg))
      .toMatchObject({
        call_id: receiver.puppet.callId,
        state: 'ended',
        cause: 'failed',
      });
    await expect.poll(() => legs.get(giver.leg)).toBeUndefined();
    await receiver.call.hangUp();
  });

  it('is taken once: a second receiver loses, and so does one that comes after the withdrawal', async () => {
    telephony = await stage.boot();
    const giver = await answered(telephony);
    const [one, two] = [await answered(telephony), await answered(telephony)];
    const { n: lastNumber } = await giver.puppet.event(giver.leg, 'answered');
    const take = { kind: 'leg.take' as const, leg: giver.leg, giver: giver.puppet.callId, lastNumber };
    const outcomes = await Promise.all([
      one.puppet.order(take, telephony.instance),
      two.puppet.order(take, telephony.instance),
    ]);
    expect(outcomes.map((output) => output.result.status).sort()).toEqual([
      'done',
      expect.stringMatching(/^(failed|gone)$/),
    ]);

    const other = await answered(telephony);
    const offer = {
      kind: 'leg.take' as const,
      leg: other.leg,
      giver: other.puppet.callId,
      lastNumber: (await other.puppet.event(other.leg, 'answered')).n,
    };
    expect((await other.puppet.order(offer, telephony.instance)).result).toEqual({ status: 'done' });
    const late = await one.puppet.order(offer, telephony.instance);
    expect(late).toMatchObject({ envelope: null, result: { status: 'failed', code: 'TEL_MOVE_LOST' } });
    expect(telephony.legs.get(other.leg)?.callId).toBe(other.puppet.callId);
  });
});
