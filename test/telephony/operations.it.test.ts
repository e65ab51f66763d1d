/** How operations are accounted for: numbers, acknowledgements, resending, records, whose leg it is (design §4, order). */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LegEnvelope } from '@callwright/contract';
import type { CallRecord } from '@callwright/engine';
import type { Telephony } from '@callwright/telephony';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectMusic, expectTalking } from '../e2e/talk.ts';
import type { PhoneCall } from '../phone/call.ts';
import { collectOrder, openStage, type Puppet, type Stage, tone } from './stage.ts';

let stage: Stage;
let telephony: Telephony;

beforeAll(async () => {
  stage = await openStage();
  telephony = await stage.boot();
});
afterAll(() => stage.close());

async function answered(): Promise<{ call: PhoneCall; puppet: Puppet; leg: string }> {
  const phone = await stage.phone(null);
  const call = await phone.call('202');
  const puppet = await stage.callOf(call);
  const leg = (await puppet.view()).start.inbound!.leg;
  await puppet.order({ kind: 'leg.answer', leg }, telephony.instance);
  await call.until('answered');
  await puppet.event(leg, 'answered');
  return { call, puppet, leg };
}

const record = (n: number, body: CallRecord['body'] = { text: `line ${n}` }): CallRecord => ({
  n,
  at: 1_700_000_000_000 + n,
  stream: 'fact',
  type: 'log',
  body,
});

async function resend(puppet: Puppet, leg: string, after: number): Promise<{ known: boolean; events: LegEnvelope[] }> {
  const op = await puppet.begin({ kind: 'leg.resend' as never, leg }, telephony.instance, { leg, after } as never);
  return (await puppet.result(op)) as never;
}

describe('results', () => {
  it('are signalled too when nobody acknowledges them within a second', async () => {
    const { call, puppet, leg } = await answered();
    const op = await puppet.begin(
      { kind: 'media.play', leg, prompts: [tone(440, 50)], clearDigits: true },
      telephony.instance,
    );
    const { envelope } = await puppet.result(op);
    const signalled = await puppet.until('the signalled result', (seen) =>
      seen.events.find((event) => event.body.type === 'result' && event.body.op === op),
    );
    expect(signalled).toEqual(envelope);
    await call.hangUp();
  });

  it('are not signalled once they are acknowledged', async () => {
    const { call, puppet, leg } = await answered();
    const first = await puppet.order(
      { kind: 'media.play', leg, prompts: [tone(440, 50)], clearDigits: true },
      telephony.instance,
    );
    const op = await puppet.begin(collectOrder(leg, { firstDigitTimeoutMs: 1500 }), telephony.instance, {
      processed: { [leg]: first.envelope!.n },
    });
    await puppet.result(op);
    const results = (await puppet.view()).events.flatMap((event) => (event.body.type === 'result' ? [event.n] : []));
    expect(results).not.toContain(first.envelope!.n);
    await call.hangUp();
  });

  it('that were lost are sent again, but for what was acknowledged', async () => {
    const { call, puppet, leg } = await answered();
    const play = { kind: 'media.play', leg, prompts: [tone(440, 30)], clearDigits: true } as const;
    const { envelope } = await puppet.order(play, telephony.instance);
    const all = await resend(puppet, leg, 0);
    expect(all.known).toBe(true);
    expect(all.events.map((event) => event.n)).toEqual(Array.from({ length: envelope!.n }, (_value, i) => i + 1));
    await puppet.order(play, telephony.instance, { processed: { [leg]: 2 } });
    expect((await resend(puppet, leg, 0)).events[0]!.n).toBe(3);
    expect((await resend(puppet, 'another/leg', 0)).known).toBe(false);
    await call.hangUp();
  });
});

describe('records', () => {
  it('that ride along are stored once each, personal values sealed, and the answer names the last', async () => {
    const { call, puppet, leg } = await answered();
    const play = { kind: 'media.play', leg, prompts: [tone(440, 200)], clearDigits: true } as const;
    const records = [record(1), record(2, { text: 'with a secret', pii: { value: '4711' } })];
    expect((await puppet.order(play, telephony.instance, { records })).storedRecord).toBe(2);
    expect((await puppet.order(play, telephony.instance, { records: [...records, record(3)] })).storedRecord).toBe(3);
    const rows = await stage.database.store.db
      .selectFrom('call_record')
      .selectAll()
      .where('call_id', '=', puppet.callId)
      .orderBy('n')
      .execute();
    expect(rows.map((row) => row.n)).toEqual([1, 2, 3]);
    expect(rows[1]!.body).toEqual({ text: 'with a secret' });
    expect(rows[1]!.pii_enc).toBeInstanceOf(Buffer);
    expect(JSON.stringify(rows)).not.toContain('4711');
    await call.hangUp();
  });
});

describe('a leg', () => {
  it('obeys its own company only', async () => {
    const { call, puppet, leg } = await answered();
    const foreign = await puppet.order({ kind: 'leg.hangup', leg, cause: 'normal' }, telephony.instance, {
      companyId: '00000000-0000-7000-8000-000000000000',
    });
    expect(foreign).toMatchObject({ envelope: null, result: { status: 'gone' } });
    await sleep(100);
    expect(call.state).toBe('answered');
    await call.hangUp();
  });

  it('that has ended answers what comes late, and is unknown after its release', async () => {
    const { call, puppet, leg } = await answered();
    await call.hangUp();
    const { n } = await puppet.event(leg, 'hangup');
    const late = await puppet.order(
      { kind: 'media.play', leg, prompts: [tone(440, 50)], clearDigits: true },
      telephony.instance,
    );
    expect(late.result).toEqual({ status: 'interrupted' });
    await puppet.order({ kind: 'leg.release', leg, upTo: n }, telephony.instance);
    const gone = await puppet.order(
      { kind: 'media.play', leg, prompts: [tone(440, 50)], clearDigits: true },
      telephony.instance,
    );
    expect(gone).toMatchObject({ envelope: null, result: { status: 'gone' } });
  });

  it('whose call has ended without it is hung up', async () => {
    const { call, puppet, leg } = await answered();
    await puppet.handle.signal('end');
    await puppet.handle.result();
    // its next event finds nobody
    expect(await call.reinvite('sendonly')).toBe(200);
    await call.until('ended');
    expect(call.endedBy).toBe('them');
    await sleep(300);
    expect(telephony.legs.get(leg)).toBeUndefined();
  });
});

describe('operations that overtake each other on the way', () => {
  async function two(extension: string) {
    const first = await answered();
    const callee = await stage.phone(extension, { incoming: { answerAfterMs: 0 } });
    await callee.register();
    const { rows } = await stage.database.store.pool.query('select id from directory_user where extension = $1', [
      extension,
    ]);
    const other = `${first.puppet.callId}/leg/1`;
    const rung = callee.nextIncoming();
    await first.puppet.order(
      {
        kind: 'leg.dial',
        leg: other,
        target: { type: 'user', userId: rows[0].id },
        callerId: { number: '4711', name: '' },
        called: { type: 'user', id: null, entityNumber: null, number: extension, name: '' },
        ringTimeoutMs: 10_000,
        autoAnswer: false,
      },
      telephony.instance,
    );
    const incoming = await (await rung).until('answered');
    await first.puppet.event(other, 'answered');
    return { ...first, other, incoming };
  }

  it('music waits for the parting that was ordered before it', async () => {
    const { call, incoming, puppet, leg, other } = await two('101');
    await puppet.order({ kind: 'media.bridge', leg, other }, telephony.instance);
    await expectTalking(call, incoming);
    const parting = `${puppet.callId}/op/900`;
    const after = [{ op: parting, kind: 'media.unbridge' as const }];
    const music = await puppet.begin({ kind: 'media.background', leg, sound: 'music' }, telephony.instance, { after });
    await sleep(500);
    // well within the patience; whoever talks hears no music
    expect((await puppet.view()).results[music]).toBeUndefined();
    await puppet.begin({ kind: 'media.unbridge', leg, other }, telephony.instance, {}, parting);
    expect((await puppet.result(music)).result.status).toBe('done');
    await expectMusic(call, 900);
    await call.hangUp();
  });

  it('a ringing tone that comes after the bridge that was to end it is not played', async () => {
    const { call, incoming, puppet, leg, other } = await two('102');
    const tone = `${puppet.callId}/op/900`;
    await puppet.order({ kind: 'media.bridge', leg, other }, telephony.instance, {
      after: [{ op: tone, kind: 'media.background' }],
    });
    await puppet.begin({ kind: 'media.background', leg, sound: 'ringback' }, telephony.instance, {}, tone);
    expect((await puppet.result(tone)).result.status).toBe('interrupted');
    await expectTalking(call, incoming);
    await call.hangUp();
  });
});
