/** What SIP demands of a dialog: REFER, session timers, reliable provisional responses, a missing ACK. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Telephony } from '@callwright/telephony';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PhoneCall } from '../phone/call.ts';
import { header, methodOf, type SipMessage } from '../phone/message.ts';
import type { PhoneOptions } from '../phone/options.ts';
import type { Phone } from '../phone/phone.ts';
import { openStage, type Puppet, type Stage } from './stage.ts';

/** 64 times this is what the SIP server waits for an ACK. */
const T1_MS = 40;
/** Session interval of these tests: refreshed after half of it, over after two thirds. */
const SESSION_SECONDS = 4;

let stage: Stage;
let telephony: Telephony;
const open: Phone[] = [];

beforeAll(async () => {
  stage = await openStage({ t1Ms: T1_MS });
  telephony = await stage.boot({
    sessionSeconds: SESSION_SECONDS,
    minSessionSeconds: SESSION_SECONDS,
    prackMs: 64 * T1_MS,
  });
});
afterAll(() => stage.close());
afterEach(async () => {
  for (const phone of open.splice(0)) {
    phone.acknowledges = true;
    if (phone.registered) await phone.register(0);
    await phone.close();
  }
});

interface Side {
  readonly phone: Phone;
  readonly call: PhoneCall;
  readonly puppet: Puppet;
  readonly leg: string;
}

async function phoneOf(extension: string | null, options: Partial<PhoneOptions> = {}): Promise<Phone> {
  const phone = await stage.phone(extension, options);
  open.push(phone);
  return phone;
}

async function calling(options: Partial<PhoneOptions> = {}, extension: string | null = null): Promise<Side> {
  const phone = await phoneOf(extension, options);
  const call = await phone.call('202');
  const puppet = await stage.callOf(call);
  return { phone, call, puppet, leg: (await puppet.view()).start.inbound!.leg };
}

async function answered(options: Partial<PhoneOptions> = {}, extension: string | null = null): Promise<Side> {
  const side = await calling(options, extension);
  await side.puppet.order({ kind: 'leg.answer', leg: side.leg }, telephony.instance);
  await side.call.until('answered');
  await side.puppet.event(side.leg, 'answered');
  return side;
}

/** An outbound leg of a new call to a phone of user 101. */
async function dialling(
  options: Partial<PhoneOptions>,
  prepare: (phone: Phone) => void = () => {},
): Promise<{ phone: Phone; puppet: Puppet; leg: string }> {
  const phone = await phoneOf('101', options);
  prepare(phone);
  expect(await phone.register()).toBe(200);
  const { puppet } = await answered();
  const leg = `${puppet.callId}/leg/1`;
  const { id } = await stage.database.store.db
    .selectFrom('directory_user')
    .select('id')
    .where('extension', '=', '101')
    .executeTakeFirstOrThrow();
  await puppet.order(
    {
      kind: 'leg.dial',
      leg,
      target: { type: 'user', userId: id },
      callerId: { number: '4711', name: '' },
      called: { type: 'user', id: null, entityNumber: null, number: '101', name: 'Alice' },
      ringTimeoutMs: 5000,
      autoAnswer: false,
    },
    telephony.instance,
  );
  return { phone, puppet, leg };
}

const rowState = async (leg: string): Promise<string | undefined> =>
  (await stage.database.store.db.selectFrom('leg').select('state').where('id', '=', leg).executeTakeFirst())?.state;

const hangup = async ({ puppet, leg }: Pick<Side, 'puppet' | 'leg'>) => (await puppet.event(leg, 'hangup')).body;
const refreshes = (call: PhoneCall): SipMessage[] =>
  call.requests.filter((request) => ['INVITE', 'UPDATE'].includes(methodOf(request)));

describe('leg.refer', () => {
  /** A phone that accepts a REFER and tells how it went. */
  function obedient(side: Side, statuses: readonly string[]): void {
    side.phone.onRequest = (method, request, call) => {
      if (method !== 'REFER') return false;
      side.phone.reply(request, 202, 'Accepted', call);
      void (async () => {
        for (const [index, status] of statuses.entries()) {
          const last = index === statuses.length - 1;
          const state = last ? 'terminated;reason=noresource' : 'active;expires=60';
          const headers = [
            ['Event', 'refer'],
            ['Subscription-State', state],
            ['Content-Type', 'message/sipfrag;version=2.0'],
          ] as const;
          await side.phone.request(call, 'NOTIFY', { headers, body: `SIP/2.0 ${status}\r\n` });
        }
      })();
      return true;
    };
  }
  const refer = (side: Side, target: object = { type: 'number', number: '200' }) =>
    side.puppet.order({ kind: 'leg.refer', leg: side.leg, target }, telephony.instance);

  it('is done when the far end says that it got through; the leg stays until it hangs up', async () => {
    const side = await answered();
    obedient(side, ['100 Trying', '180 Ringing', '200 OK']);
    expect((await refer(side)).result).toEqual({ status: 'done' });
    const request = side.call.requests.find((one) => methodOf(one) === 'REFER')!;
    expect(header(request, 'refer-to')).toBe('<sip:200@127.0.0.1>');
    expect(header(request, 'referred-by')).toMatch(/^<sip:/);
    expect(side.call.state).toBe('answered');
    await side.call.hangUp();
    expect(await hangup(side)).toMatchObject({ cause: 'normal', by: 'remote' });
  });

  it('fails with what the far end met', async () => {
    const side = await answered();
    obedient(side, ['100 Trying', '486 Busy Here']);
    expect((await refer(side)).result).toMatchObject({ status: 'failed', code: 'TEL_REFER', message: /486/ });
    expect(side.call.state).toBe('answered');
    // and may be tried again
    obedient(side, ['200 OK']);
    expect((await refer(side)).result).toEqual({ status: 'done' });
  });

  it('fails when the far end refuses it', async () => {
    const side = await answered();
    side.phone.onRequest = (method, request, call) => {
      if (method === 'REFER') side.phone.reply(request, 603, 'Decline', call);
      return method === 'REFER';
    };
    expect((await refer(side)).result).toMatchObject({ status: 'failed', code: 'TEL_REFER', message: /603/ });
  });

  it('is done when the far end takes it and hangs up without a word', async () => {
    const side = await answered();
    side.phone.onRequest = (method, request, call) => {
      if (method !== 'REFER') return false;
      side.phone.reply(request, 202, 'Accepted', call);
      setTimeout(() => void call.hangUp(), 50);
      return true;
    };
    expect(['done', 'interrupted']).toContain((await refer(side)).result.status);
    expect(await hangup(side)).toMatchObject({ cause: 'normal', by: 'remote' });
  });

  it('sends nobody to an address that is not allowed', async () => {
    const side = await answered();
    const target = { type: 'sip', uri: 'sip:x@127.0.0.1:5099' };
    expect((await refer(side, target)).result).toMatchObject({ status: 'failed', code: 'TEL_REFER' });
    expect(side.call.requests).toEqual([]);
  });
});

describe('a REFER that the call does not follow', () => {
  it('is told so, and the leg stays as it is', async () => {
    const side = await answered({}, '102');
    expect(await side.call.refer(`sip:101@127.0.0.1:${stage.sip.sipPort}`)).toBe(202);
    await side.puppet.event(side.leg, 'refer');
    await expect.poll(() => side.phone.notifies.length, { timeout: 13_000 }).toBe(2);
    const [first, last] = side.phone.notifies;
    expect([first!.body, last!.body].map((body) => body.trim())).toEqual(['SIP/2.0 100 Trying', 'SIP/2.0 603 Decline']);
    expect(header(last!, 'subscription-state')).toMatch(/^terminated/);
    expect(side.call.state).toBe('answered');
  });
});

describe('a REFER in the place of a dialog that has just ended', () => {
  it.each(['hung up by us', 'hung up by its far end', 'released'])(
    'is refused, though its row does not say so yet: %s',
    async (how) => {
      const [first, second] = [await answered({}, '102'), await answered({}, '102')];
      const target = `sip:101@127.0.0.1:${stage.sip.sipPort}`;
      let freeRow = (): void => {};
      const rowHeld = new Promise<void>((resolve) => {
        freeRow = resolve;
      });
      let tellLocked = (): void => {};
      const locked = new Promise<void>((resolve) => {
        tellLocked = resolve;
      });
      const lock = stage.database.store.db.transaction().execute(async (transaction) => {
        await transaction.selectFrom('leg').select('state').where('id', '=', second.leg).forUpdate().execute();
        tellLocked();
        await rowHeld;
      });
      await locked;
      try {
        if (how === 'hung up by its far end') await second.call.hangUp();
        else await second.puppet.order({ kind: 'leg.hangup', leg: second.leg, cause: 'normal' }, telephony.instance);
        await second.call.until('ended');
        if (how === 'released') {
          await second.puppet.order({ kind: 'leg.release', leg: second.leg, upTo: 0 }, telephony.instance);
          expect(telephony.legs.get(second.leg)).toBeUndefined();
        }
        expect(await first.call.refer(target, second.call)).toBe(481);
        expect(await rowState(second.leg)).toBe('answered');
      } finally {
        freeRow();
        await lock;
      }
      await expect.poll(() => rowState(second.leg), { timeout: 10_000 }).toMatch(/ended|released/);
      expect(await first.call.refer(target, second.call)).toBe(481);
      expect(first.call.state).toBe('answered');
    },
  );
});

describe('session timers', () => {
  it('are refreshed by us where the far end knows none', async () => {
    const { call } = await answered();
    expect(header(call.finalResponse!, 'session-expires')).toBe(`${SESSION_SECONDS};refresher=uas`);
    await sleep(SESSION_SECONDS * 1000 + 800);
    expect(refreshes(call).length).toBe(2);
    expect(refreshes(call)[0]!.body).toContain('m=audio');
    expect(header(refreshes(call)[0]!, 'session-expires')).toBe(`${SESSION_SECONDS};refresher=uac`);
    expect(call.state).toBe('answered');
  });

  it('end a leg whose far end was to refresh and did not; one that does stays', async () => {
    const inviteHeaders = [
      ['Supported', 'timer'],
      ['Session-Expires', `${SESSION_SECONDS};refresher=uac`],
    ] as const;
    const [silent, loyal] = [await answered({ inviteHeaders }), await answered({ inviteHeaders })];
    expect(header(silent.call.finalResponse!, 'require')).toBe('timer');
    for (let n = 0; n < 3; n++) {
      await sleep(1500);
      const headers = [
        ['Session-Expires', `${SESSION_SECONDS};refresher=uac`],
        ['Supported', 'timer'],
      ] as const;
      expect(await loyal.phone.request(loyal.call, 'UPDATE', { headers })).toBe(200);
    }
    expect(await hangup(silent)).toEqual({ type: 'hangup', cause: 'timeout', sipStatus: null, by: 'network' });
    await silent.call.until('ended');
    expect(silent.call.endedBy).toBe('them');
    expect([silent.call, loyal.call].map((call) => refreshes(call).length)).toEqual([0, 0]);
    expect(loyal.call.state).toBe('answered');
  });

  it('end a leg whose far end does not know the dialog any more', async () => {
    const side = await answered();
    side.phone.onRequest = (method, request, call) => {
      if (method !== 'INVITE') return false;
      side.phone.reply(request, 481, 'Call/Transaction Does Not Exist', call);
      return true;
    };
    expect(await hangup(side)).toEqual({ type: 'hangup', cause: 'timeout', sipStatus: 481, by: 'network' });
  });

  it.each([
    ['us', 'uac', 2],
    ['the far end', 'uas', 0],
  ])('of an outbound leg are refreshed by %s as its answer says', async (_who, refresher, count) => {
    const answerHeaders = [['Session-Expires', `${SESSION_SECONDS};refresher=${refresher}`]] as const;
    const side = await dialling({ incoming: { answerAfterMs: 20 }, answerHeaders });
    await side.puppet.event(side.leg, 'answered');
    const [call] = side.phone.incomingCalls;
    if (count === 0) expect(await hangup(side)).toMatchObject({ cause: 'timeout', by: 'network' });
    else await sleep(SESSION_SECONDS * 1000 + 800);
    expect(refreshes(call!).length).toBe(count);
    expect(call!.state).toBe(count === 0 ? 'ended' : 'answered');
  });

  it.each(['once', 'always'])(
    'that the far end refuses %s as too short are offered again as it wants them',
    async (how) => {
      const incoming = { refuse: 422, reason: 'Session Interval Too Small', headers: [['Min-SE', '600']] } as const;
      const side = await dialling({ incoming, answerHeaders: [['Session-Expires', '600;refresher=uas']] }, (phone) => {
        if (how === 'once') void phone.nextIncoming().then(() => (phone.policy = { answerAfterMs: 10 }));
      });
      if (how === 'once') await side.puppet.event(side.leg, 'answered');
      else expect(await hangup(side)).toMatchObject({ sipStatus: 422, by: 'remote' });
      const [first, second, ...more] = side.phone.incomingCalls.map(({ invite }) => invite!);
      expect(header(first!, 'session-expires')).toBe(String(SESSION_SECONDS));
      expect([header(second!, 'session-expires'), header(second!, 'min-se')]).toEqual(['600', '600']);
      expect(more).toEqual([]);
    },
  );

  it('of an INVITE that are too short for us are refused with what we take', async () => {
    const phone = await phoneOf(null, { inviteHeaders: [['Session-Expires', '2']] });
    const call = await phone.call('202');
    await call.until('ended');
    expect([call.finalStatus, header(call.finalResponse!, 'min-se')]).toEqual([422, String(SESSION_SECONDS)]);
  });
});

describe('reliable provisional responses (RFC 3262)', () => {
  const inviteHeaders = [['Require', '100rel']] as const;

  it('are sent to a caller who requires them, and the answer waits for the PRACK', async () => {
    const side = await calling({ inviteHeaders });
    await side.puppet.order({ kind: 'leg.ring', leg: side.leg, earlyMedia: true }, telephony.instance);
    await side.puppet.order({ kind: 'leg.answer', leg: side.leg }, telephony.instance);
    await side.call.until('answered');
    expect(side.call.statuses.filter((status) => status > 100)).toContain(183);
    expect(side.call.pracked).toHaveLength(1);
    await side.puppet.event(side.leg, 'answered');
    await side.call.hangUp();
    expect(await hangup(side)).toMatchObject({ cause: 'normal', by: 'remote' });
  });

  it('are repeated until acknowledged; nobody is answered before', async () => {
    const side = await calling({ inviteHeaders });
    side.phone.acknowledges = false;
    await side.puppet.order({ kind: 'leg.ring', leg: side.leg, earlyMedia: true }, telephony.instance);
    await side.puppet.begin({ kind: 'leg.answer', leg: side.leg }, telephony.instance);
    await sleep(10 * T1_MS);
    expect(side.call.statuses.filter((status) => status === 183).length).toBeGreaterThan(1);
    expect(side.call.finalStatus).toBe(0);
    // who never acknowledges is given up by the SIP server
    await side.call.until('ended');
    expect(side.call.finalStatus).toBe(504);
    expect(await hangup(side)).toMatchObject({ cause: 'timeout', sipStatus: 504, by: 'network' });
  });

  it('of a phone we call are acknowledged, and the leg is answered', async () => {
    const side = await dialling({ incoming: { reliably: true } });
    await side.puppet.event(side.leg, 'ringing');
    await side.puppet.event(side.leg, 'answered');
    const [call] = side.phone.incomingCalls;
    expect(header(call!.invite!, 'supported')).toContain('100rel');
    const pracks = call!.requests.filter((request) => methodOf(request) === 'PRACK');
    // each repetition that crosses its PRACK gets one, too
    expect([...new Set(pracks.map((prack) => header(prack, 'rack')))]).toEqual([
      `4711 ${header(call!.invite!, 'cseq')}`,
    ]);
  });
});

describe('a caller who never acknowledges the answer', () => {
  it('is hung up, and the leg ends with its true cause', async () => {
    const side = await calling();
    side.phone.acknowledges = false;
    await side.puppet.order({ kind: 'leg.answer', leg: side.leg }, telephony.instance);
    await side.call.until('answered');
    expect(await hangup(side)).toEqual({ type: 'hangup', cause: 'timeout', sipStatus: 408, by: 'network' });
    await side.call.until('ended');
    expect(side.call.endedBy).toBe('them');
    expect((await side.puppet.view()).events.map(({ body }) => body.type)).not.toContain('answered');
    expect(side.phone.retransmissions).toBeGreaterThan(2);
    expect(telephony.legs.get(side.leg)?.state).toBe('ended');
  });
});

describe('a BYE right after the answer', () => {
  /** Kinds of what telephony said of a leg, in its order. */
  const said = async ({ puppet, leg }: Pick<Side, 'puppet' | 'leg'>) => {
    await puppet.event(leg, 'hangup');
    const { events } = await puppet.view();
    return events.filter((event) => event.leg === leg && event.body.type !== 'ringing').map(({ body }) => body.type);
  };

  it.each([true, false])(
    'of the caller (with its ACK: %s) ends an answered call, not a cancelled one',
    async (acks) => {
      const side = await calling();
      side.phone.acknowledges = acks;
      const hungUp = side.call.until('answered').then((call) => call.hangUp());
      await side.puppet.begin({ kind: 'leg.answer', leg: side.leg }, telephony.instance);
      await hungUp;
      expect(await said(side)).toEqual(['answered', 'hangup']);
      expect(await hangup(side)).toMatchObject({ cause: 'normal', by: 'remote' });
    },
  );

  it('of the called party, too', async () => {
    const side = await dialling({ incoming: { answerAfterMs: 0 } }, (phone) => {
      phone.onRequest = (method, _request, call) => {
        if (method === 'ACK') void call.hangUp();
        return method === 'ACK';
      };
    });
    expect(await said(side)).toEqual(['answered', 'hangup']);
  });
});
