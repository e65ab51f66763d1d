/** Message summaries to and from peers (RFC 3842) on the real softswitch; peers are played by test carriers. */
import { randomUUID } from 'node:crypto';
import {
  createOwner,
  createTrunk,
  deleteTrunk,
  getOwner,
  getTrunk,
  listPresence,
  setMailboxCounts,
  type TrunkFields,
  type TrunkRow,
  trunkSeal,
  trustedScope,
  UnknownReference,
  updateTrunk,
  uuidv7,
  voicemailBoxes,
} from '@callwright/store';
import type { Telephony } from '@callwright/telephony';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Carrier, type CarrierOptions } from '../phone/carrier.ts';
import { header, methodOf, type SipMessage, statusOf } from '../phone/message.ts';
import type { Phone } from '../phone/phone.ts';
import { openStage, type Stage } from './stage.ts';
import { PEER_TRUNK } from './trunk-fields.ts';
import { until } from './until.ts';

const DID = '+390298765432';
const SUMMARY = 'application/simple-message-summary';
const ACCOUNT = { username: 'acme', password: 'sesame' };

let stage: Stage;
let telephony: Telephony;
const carriers: Carrier[] = [];
const users: Record<string, string> = {};

const query = <T extends object>(text: string, values: unknown[] = []): Promise<T[]> =>
  stage.database.store.pool.query(text, values).then(({ rows }) => rows as T[]);
const boot = (): Promise<Telephony> => stage.boot({ allowedSip: ['sip:127.0.0.1'] });

beforeAll(async () => {
  // transactions that nobody answers end after 6 s
  stage = await openStage({ t1Ms: 100 });
  telephony = await boot();
  const { companyId } = stage.demo;
  for (const { id, extension } of await query<{ id: string; extension: string }>(
    'select id, extension from directory_user where company_id = $1',
    [companyId],
  ))
    users[extension] = id;
  await query(
    `with n as (insert into phone_number (id, owner_id, company_id, number, dialled, kind) values ($1, $2, $2, 900, $3, 'did') returning id)
     insert into routing_rule (id, company_id, phone_number_id, destination_type, destination_id) select $4, $2, n.id, 'user', $5 from n`,
    [uuidv7(), companyId, DID, uuidv7(), users['102']],
  );
});
afterAll(() => stage.close());
beforeEach(async () => {
  await query('delete from trunk');
  await query('delete from sip_subscription');
  await query('delete from registration');
  await query('delete from voicemail_box');
  await Promise.all(carriers.splice(0).map((one) => one.close()));
});

/** A peer and its trunk, whose address telephony knows by now. */
async function peer(
  fields: Partial<TrunkFields> = {},
  { ownerId = stage.demo.companyId, ...options }: Partial<CarrierOptions> & { readonly ownerId?: string } = {},
): Promise<{ readonly carrier: Carrier; readonly phone: Phone; readonly trunk: TrunkRow }> {
  const carrier = await Carrier.open({ serverPort: stage.sip.sipPort, ...options });
  carriers.push(carrier);
  const trunk = await createTrunk(stage.database.store.db, ownerId, {
    id: uuidv7(),
    ownerId,
    secretEnc: options.account ? stage.keyring.seal(trunkSeal(ownerId), options.account.password) : null,
    fields: { ...PEER_TRUNK, port: carrier.port, name: `to ${carrier.port}`, trusted: true, ...fields },
  });
  await until('an address of the trunk', async () => {
    const [row] = await query<{ known: number }>(
      'select cardinality(addresses) as known from trunk_state where trunk_id = $1',
      [trunk!.id],
    );
    return fields.mode === 'register' || (row && row.known > 0) ? true : undefined;
  });
  return { carrier, phone: carrier.phone, trunk: trunk! };
}

interface Notify {
  readonly uri?: string;
  readonly to?: string;
  readonly type?: string;
  readonly callId?: string;
  readonly cseq?: number;
}

async function notify(phone: Phone, user: string, body: string, more: Notify = {}): Promise<number> {
  const uri = more.uri ?? `sip:${user}@${phone.server}`;
  const headers = [
    ['From', `<sip:voicemail@peer.test>;tag=${randomUUID().slice(0, 8)}`],
    ['To', `<sip:${more.to ?? user}@${phone.server}>`],
    ['Call-ID', more.callId ?? randomUUID()],
    ['CSeq', `${more.cseq ?? 1} NOTIFY`],
    ['Event', 'message-summary'],
    ['Subscription-State', 'active'],
    ['Content-Type', more.type ?? SUMMARY],
  ] as const;
  return statusOf(await phone.transact('NOTIFY', uri, headers, body));
}

const says = (waiting: 'yes' | 'no', counts: string, account = ''): string =>
  `Messages-Waiting: ${waiting}\r\n${account && `Message-Account: sip:${account}@peer.test\r\n`}Voice-Message: ${counts}\r\n`;

const told = (phone: Phone, text: RegExp): Promise<SipMessage> =>
  until(`a NOTIFY with ${text}`, () => phone.notifies.find(({ body }) => text.test(body)));

async function messagesOf(extension: string) {
  const filter = { after: 0, limit: 1, extension };
  return (await listPresence(stage.database.store.db, trustedScope(stage.demo.companyId), filter)).items[0]!.messages;
}

async function box(fields: object): Promise<string> {
  const [made] = await query<{ id: string }>(
    `insert into voicemail_box (id, company_id, number, name, user_id) values ($1, $2, $3, 'box', $4) returning id`,
    [uuidv7(), stage.demo.companyId, Math.floor(Math.random() * 1e9), 'userId' in fields ? fields.userId : null],
  );
  await voicemailBoxes.update(stage.database.store.db, trustedScope(stage.demo.companyId), made!.id, fields);
  return made!.id;
}

const count = (boxId: string, fresh: number, old: number): Promise<boolean> =>
  setMailboxCounts(stage.database.store.db, stage.demo.companyId, boxId, { fresh, old });

describe('what a peer says of a user’s messages', () => {
  it('is shown by his phones, over a new boot too, until the peer takes it back', async () => {
    const { phone } = await peer();
    const subscribed = await stage.phone('101');
    expect(statusOf(await subscribed.subscribe('101', 'message-summary'))).toBe(200);
    await told(subscribed, /Messages-Waiting: no/);
    expect(await notify(phone, '101', says('yes', '2/8 (1/2)'))).toBe(200);
    await told(subscribed, /Messages-Waiting: yes\r\n[\s\S]*Voice-Message: 2\/8 \(1\/2\)/);
    expect(await messagesOf('101')).toEqual({ waiting: true, fresh: 2, old: 8, freshUrgent: 1, oldUrgent: 2 });
    await telephony.stop();
    telephony = await boot();
    const later = await stage.phone('101');
    await later.register();
    await later.subscribe('101', 'message-summary');
    await told(later, /Voice-Message: 2\/8 \(1\/2\)/);
    await until('that the trunk is known again', async () =>
      (await notify(phone, '101', says('no', '0/8'))) === 200 ? true : undefined,
    );
    await told(later, /Messages-Waiting: no\r\n[\s\S]*Voice-Message: 0\/8/);
    await told(subscribed, /Voice-Message: 0\/8/);
  });

  it('is added to his own box, on phones that never subscribe, and goes with the trunk', async () => {
    const [first, second] = [await peer(), await peer()];
    const boxId = await box({ userId: users['102'] });
    await count(boxId, 1, 1);
    const phone = await stage.phone('102');
    await phone.register();
    await told(phone, /Voice-Message: 1\/1 /);
    // the number of the user, as the peer's calls would name it
    expect(await notify(first.phone, DID, says('yes', '2/0 (1/0)'))).toBe(200);
    await told(phone, /Voice-Message: 3\/1 \(1\/0\)/);
    expect(await notify(second.phone, 'voicemail', says('yes', '4/0', '102'))).toBe(200);
    await told(phone, /Voice-Message: 7\/1 \(1\/0\)/);
    await count(boxId, 0, 2);
    await told(phone, /Messages-Waiting: yes\r\n[\s\S]*Voice-Message: 6\/2 /);
    await deleteTrunk(stage.database.store.db, stage.demo.companyId, first.trunk.id);
    await told(phone, /Voice-Message: 4\/2 \(0\/0\)/);
    await updateTrunk(stage.database.store.db, stage.demo.companyId, second.trunk.id, { fields: { enabled: false } });
    await told(phone, /Messages-Waiting: no\r\n[\s\S]*Voice-Message: 0\/2 /);
  });

  it('comes over a registered account too, and one that was overtaken changes nothing', async () => {
    const { carrier, phone } = await peer(
      { mode: 'register', auth_user: 'acme', trusted: false },
      { account: ACCOUNT },
    );
    await until('a registration', () => (carrier.registers.length > 0 ? true : undefined));
    const callId = randomUUID();
    const by = (cseq: number) => ({ uri: carrier.contact, callId, cseq });
    expect(await notify(phone, '101', says('yes', '5/0'), by(2))).toBe(200);
    expect(await notify(phone, '101', says('no', '0/0'), by(1))).toBe(200);
    expect((await messagesOf('101')).fresh).toBe(5);
    expect(await notify(phone, '101', says('yes', '6/0'), by(3))).toBe(200);
    expect((await messagesOf('101')).fresh).toBe(6);
    // the Contact alone names nobody
    expect(await notify(phone, 'somebody', says('yes', '1/0'), { uri: carrier.contact })).toBe(404);
  });

  it('is the last of many that come at once', async () => {
    const { phone } = await peer();
    const counts = Array.from({ length: 20 }, (_one, i) => i + 1);
    const answers = await Promise.all(counts.map((fresh) => notify(phone, '101', says('yes', `${fresh}/0`))));
    expect(new Set(answers)).toEqual(new Set([200]));
    expect((await messagesOf('101')).fresh).toBe(20);
  });

  it('is refused of strangers and peers that are not trusted, for nobody, and in what we do not read', async () => {
    const { phone } = await peer();
    const distrusted = await peer({ trusted: false });
    const stranger = await stage.phone(null);
    const good = says('yes', '1/0');
    expect(await notify(stranger, '101', good)).toBe(481);
    expect(await notify(distrusted.phone, '101', good)).toBe(403);
    expect(await notify(phone, '999', good)).toBe(404);
    expect(await notify(phone, '101', 'hello')).toBe(400);
    expect(await notify(phone, '101', '')).toBe(400);
    expect(await notify(phone, '101', good, { type: 'text/plain' })).toBe(415);
    expect(await notify(phone, '101', good + 'X: y\r\n'.repeat(1000))).toBe(413);
    expect(await query('select 1 from peer_message_summary')).toEqual([]);
  });

  it('is about the peer’s own company alone', async () => {
    const { db } = stage.database.store;
    const company = await getOwner(db, stage.demo.companyId, stage.demo.companyId);
    const above = company!.parent_id!;
    const other = uuidv7();
    await createOwner(db, above, above, { id: other, kind: 'company', name: other, settings: {} });
    const { phone } = await peer({}, { ownerId: other });
    for (const name of ['101', DID]) expect(await notify(phone, name, says('yes', '1/0'))).toBe(404);
    // one from above speaks for the numbers of all, and of nobody's extensions
    const shared = await peer({ shared: true }, { ownerId: above });
    expect(await notify(shared.phone, '101', says('yes', '1/0'))).toBe(404);
    expect(await notify(shared.phone, DID, says('yes', '1/0'))).toBe(200);
    expect((await messagesOf('102')).fresh).toBe(1);
    const foreign = await createTrunk(db, other, {
      id: uuidv7(),
      ownerId: other,
      secretEnc: null,
      fields: { ...PEER_TRUNK, name: 'foreign' },
    });
    await expect(box({ notifyTrunkId: foreign!.id })).rejects.toThrow(UnknownReference);
  });
});

describe('what a box has', () => {
  const notifiesTo = (carrier: Carrier, asked: SipMessage[], status: () => number | null): void => {
    carrier.phone.onOutside = (method, request) => {
      if (method !== 'NOTIFY') return false;
      asked.push(request);
      const answer = status();
      if (answer !== null) carrier.phone.reply(request, answer, 'As told', undefined);
      return true;
    };
  };
  const settled = (boxId: string): Promise<boolean> =>
    until('an acknowledged state', async () => {
      const rows = await query<{ open: boolean }>('select told < version as open from peer_lamp where box_id = $1', [
        boxId,
      ]);
      return rows.every(({ open }) => !open) ? true : undefined;
    });

  it('is told to its peer at each change, once, and that nothing waits when it is the peer’s no more', async () => {
    const { carrier, trunk } = await peer();
    const asked: SipMessage[] = [];
    notifiesTo(carrier, asked, () => 200);
    const boxId = await box({ userId: users['101'], notifyTrunkId: trunk.id, notifyAccount: '7001' });
    await settled(boxId);
    await count(boxId, 2, 1);
    const lit = await until('a lit lamp', () => asked.find(({ body }) => /Voice-Message: 2\/1 /.test(body)));
    expect(methodOf(lit)).toBe('NOTIFY');
    expect(lit.startLine).toContain(`sip:7001@127.0.0.1:${carrier.port}`);
    expect(header(lit, 'event')).toBe('message-summary');
    expect(header(lit, 'content-type')).toBe(SUMMARY);
    expect(lit.body).toMatch(/^Messages-Waiting: yes\r\nMessage-Account: sip:7001@/);
    await settled(boxId);
    // what other peers say of the user is not told on
    const sent = asked.length;
    const other = await peer();
    expect(await notify(other.phone, '101', says('yes', '9/9'))).toBe(200);
    await telephony.stop();
    telephony = await boot();
    await count(boxId, 3, 1);
    await until('the next state', () => asked.find(({ body }) => /Voice-Message: 3\/1 /.test(body)));
    expect(asked).toHaveLength(sent + 1);
    await settled(boxId);
    await voicemailBoxes.remove(stage.database.store.db, trustedScope(stage.demo.companyId), boxId);
    await until('no lamp', () => asked.slice(sent).find(({ body }) => /^Messages-Waiting: no/.test(body)));
    await until('no row', async () =>
      (await query('select 1 from peer_lamp where box_id = $1', [boxId])).length === 0 ? true : undefined,
    );
  });

  it('is told again until the peer takes it, over a new boot too, the last state alone', async () => {
    const { carrier, trunk } = await peer();
    const asked: SipMessage[] = [];
    let status: number | null = 503;
    notifiesTo(carrier, asked, () => status);
    const boxId = await box({ userId: users['101'], notifyTrunkId: trunk.id });
    await count(boxId, 1, 0);
    await until('a second try', () => {
      const tries = asked.filter(({ body }) => /Voice-Message: 1\/0 /.test(body));
      return new Set(tries.map((one) => header(one, 'call-id'))).size >= 2 ? true : undefined;
    });
    expect(asked[0]!.startLine).toContain('sip:101@');
    status = null;
    await count(boxId, 5, 0);
    await until('the newer state', () => asked.find(({ body }) => /Voice-Message: 5\/0 /.test(body)));
    await telephony.stop();
    // taken by one that died: it is due again once its time is up
    await query(`update peer_lamp set retry_at = now() where box_id = $1`, [boxId]);
    await count(boxId, 6, 0);
    const sent = asked.length;
    status = 200;
    telephony = await boot();
    await settled(boxId);
    const after = asked.slice(sent).filter(({ body }) => !/Voice-Message: 5\/0 /.test(body));
    expect(after.map(({ body }) => /Voice-Message: (\S+)/.exec(body)![1])).toEqual(['6/0']);
  });

  it('is told to a peer that proves to want credentials', async () => {
    const { carrier, trunk } = await peer({ auth_user: 'acme' }, { account: ACCOUNT });
    const asked: SipMessage[] = [];
    carrier.phone.onOutside = (method, request) => {
      if (method !== 'NOTIFY') return false;
      asked.push(request);
      const proven = header(request, 'authorization') !== '';
      carrier.phone.reply(request, proven ? 200 : 401, 'As told', undefined, '', [
        ...(proven
          ? []
          : ([['WWW-Authenticate', 'Digest realm="peer", nonce="n1", algorithm=MD5, qop="auth"']] as const)),
      ]);
      return true;
    };
    const boxId = await box({ notifyTrunkId: trunk.id, notifyAccount: 'sales' });
    await settled(boxId);
    expect(header(asked.at(-1)!, 'authorization')).toContain('username="acme"');
    expect(header(asked.at(-1)!, 'call-id')).toBe(header(asked[0]!, 'call-id'));
  });

  it('is told to a trusted peer that subscribes to it', async () => {
    const { phone } = await peer();
    const distrusted = await peer({ trusted: false });
    const boxId = await box({ userId: users['101'] });
    await count(boxId, 1, 2);
    const answer = await phone.subscribe('101', 'message-summary');
    expect(statusOf(answer)).toBe(200);
    await told(phone, /Voice-Message: 1\/2 /);
    await count(boxId, 0, 3);
    await told(phone, /Messages-Waiting: no\r\n[\s\S]*Voice-Message: 0\/3 /);
    const before = phone.notifies.length;
    expect(statusOf(await phone.subscribe('101', 'message-summary', 0, answer))).toBe(200);
    await until('the last NOTIFY', () =>
      phone.notifies.slice(before).some((one) => header(one, 'subscription-state').startsWith('terminated'))
        ? true
        : undefined,
    );
    expect(statusOf(await phone.subscribe('999', 'message-summary'))).toBe(404);
    expect(statusOf(await phone.subscribe('101', 'presence'))).toBe(401);
    expect(statusOf(await distrusted.phone.subscribe('101', 'message-summary'))).toBe(401);
    expect(await getTrunk(stage.database.store.db, stage.demo.companyId, distrusted.trunk.id)).not.toBeNull();
  });
});
