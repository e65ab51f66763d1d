/** Several contacts of a user: preference, flows that replace one another (RFC 5626), ways through NATs that are kept open. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Telephony } from '@callwright/telephony';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EdgeProxy } from '../phone/edge-proxy.ts';
import { header } from '../phone/message.ts';
import type { PhoneOptions } from '../phone/options.ts';
import type { Phone } from '../phone/phone.ts';
import { openStage, type Puppet, type Stage } from './stage.ts';

let stage: Stage;
let telephony: Telephony;
const phones: Phone[] = [];

beforeAll(async () => {
  stage = await openStage();
  telephony = await stage.boot({ natSeconds: 1 });
});
afterEach(async () => {
  for (const phone of phones.splice(0)) await phone.close();
  await stage.database.store.pool.query('delete from registration');
});
afterAll(() => stage.close());

async function registered(options: Partial<PhoneOptions> = {}): Promise<Phone> {
  const phone = await stage.phone('101', options);
  phones.push(phone);
  expect(await phone.register()).toBe(200);
  return phone;
}

async function ring(): Promise<{ puppet: Puppet; leg: string }> {
  const puppet = await stage.callOf(await (await stage.phone(null)).call('202'));
  const { rows } = await stage.database.store.pool.query<{ id: string }>(
    `select id from directory_user where company_id = $1 and extension = '101'`,
    [stage.demo.companyId],
  );
  const leg = `${puppet.callId}/leg/1`;
  await puppet.begin(
    {
      kind: 'leg.dial',
      leg,
      target: { type: 'user', userId: rows[0]!.id },
      callerId: { number: '4711', name: '' },
      called: { type: 'user', id: rows[0]!.id, entityNumber: null, number: '101', name: '' },
      ringTimeoutMs: 20_000,
      autoAnswer: false,
    },
    telephony.instance,
  );
  return { puppet, leg };
}

const bindings = async () =>
  (await stage.database.store.pool.query('select contact, q, natted from registration order by contact')).rows;

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within 15 s: ${what}`);
    await sleep(25);
  }
}

describe('a phone behind an edge proxy', () => {
  it('is reached by the path of its registration, by calls, texts and lamps', async () => {
    const edge = await new EdgeProxy(stage.sip.sipPort).open();
    try {
      const alice = await registered({ incoming: { answerAfterMs: 20 }, serverPort: edge.port });
      const { rows } = await stage.database.store.pool.query('select path from registration');
      expect(rows).toEqual([{ path: edge.place }]);
      const { puppet, leg } = await ring();
      await puppet.event(leg, 'answered');
      expect(header(alice.incomingCalls[0]!.invite!, 'route')).toBe('');
      expect(edge.fromServer.map((one) => header(one, 'route'))).toContain(edge.place);
      await puppet.order({ kind: 'leg.hangup', leg, cause: 'normal' }, telephony.instance);
      // the dialog stays on it, too
      await alice.incomingCalls[0]!.until('ended');
      const bob = await stage.phone('102');
      phones.push(bob);
      expect(await bob.message('101', 'by the path')).toBe(202);
      await until('the text', () => alice.texts.length > 0);
      expect(alice.texts[0]!.body).toBe('by the path');
    } finally {
      edge.close();
    }
  });
});

describe('contacts of a user', () => {
  it('of the highest preference ring first, the next when those have refused', async () => {
    const desk = await registered({ incoming: { refuse: 486 } });
    const soft = await registered({ incoming: { refuse: 480 }, contactParams: ';q=1.0' });
    const mobile = await registered({ incoming: { answerAfterMs: 50 }, contactParams: ';q=0.3' });
    const { puppet, leg } = await ring();
    await puppet.event(leg, 'answered');
    expect([desk, soft, mobile].map((phone) => phone.incomingCalls.length)).toEqual([1, 1, 1]);
    expect((await bindings()).map(({ q }) => q).sort()).toEqual([0.3, 1, 1]);
  });

  it('of lower preference are left alone when one answers, or declines for all', async () => {
    await registered({ incoming: { refuse: 603 } });
    const mobile = await registered({ incoming: { answerAfterMs: 50 }, contactParams: ';q=0.3' });
    const { puppet, leg } = await ring();
    expect((await puppet.event(leg, 'hangup')).body).toMatchObject({ cause: 'rejected', sipStatus: 603 });
    expect(mobile.incomingCalls).toEqual([]);
  });

  it('end with the best of what all have said', async () => {
    await registered({ incoming: { refuse: 486 } });
    await registered({ incoming: { refuse: 480 }, contactParams: ';q=0.3' });
    const { puppet, leg } = await ring();
    expect((await puppet.event(leg, 'hangup')).body).toMatchObject({ cause: 'busy', sipStatus: 486 });
  });

  it('of one flow replace one another, of two flows stand side by side', async () => {
    const flow = (regId: number) => `;reg-id=${regId};+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"`;
    await registered({ contactParams: flow(1) });
    const again = await registered({ contactParams: flow(1) });
    expect((await bindings()).map(({ contact }) => contact)).toEqual([expect.stringContaining(`:${again.port}`)]);
    await registered({ contactParams: flow(2) });
    expect(await bindings()).toHaveLength(2);
  });
});

describe('a phone behind a NAT', () => {
  it('is asked again and again, and forgotten when it stays silent', async () => {
    const phone = await registered({ contactHost: '10.9.8.7:5060' });
    let asked = 0;
    let silent = false;
    phone.onOutside = (method) => {
      if (method === 'OPTIONS') asked++;
      return silent;
    };
    await until('three OPTIONS', () => asked >= 3);
    expect(await bindings()).toMatchObject([{ natted: true }]);
    await stage.database.store.pool.query('update registration set silent = 4');
    silent = true;
    await until('no binding', async () => (await bindings()).length === 0);
    const direct = await registered();
    expect(await bindings()).toMatchObject([{ natted: false, contact: expect.stringContaining(`:${direct.port}`) }]);
  });
});
