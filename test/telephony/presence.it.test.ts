/** SUBSCRIBE and NOTIFY on the real softswitch: lamps for users and messages, over calls, registrations and restarts. */
import { addReferral, getReferral, setMailboxCounts, trustedScope, uuidv7 } from '@callwright/store';
import type { Telephony } from '@callwright/telephony';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerChallenge } from '../phone/digest.ts';
import { header, type SipMessage, statusOf } from '../phone/message.ts';
import type { HeaderLines, Phone } from '../phone/phone.ts';
import { openStage, type Stage } from './stage.ts';
import { until } from './until.ts';

let stage: Stage;
let telephony: Telephony;

beforeAll(async () => {
  stage = await openStage();
  telephony = await stage.boot();
});
afterAll(() => stage.close());

const notifiesOf = (phone: Phone, answer: SipMessage): SipMessage[] =>
  phone.notifies.filter((message) => header(message, 'call-id') === header(answer, 'call-id'));

const told = (phone: Phone, answer: SipMessage, text: RegExp): Promise<SipMessage> =>
  until(`a NOTIFY with ${text}`, () => notifiesOf(phone, answer).find((message) => text.test(message.body)));

describe('a lamp for a user', () => {
  it('shows the state at once and every change, numbered, until it is switched off', async () => {
    const watcher = await stage.phone('102');
    const answer = await watcher.subscribe('101', 'dialog;id=l1');
    expect(statusOf(answer)).toBe(200);
    expect(header(answer, 'expires')).toBe('300');
    const first = await told(watcher, answer, /state="full"/);
    expect(header(first, 'event')).toBe('dialog;id=l1');
    expect(header(first, 'subscription-state')).toMatch(/^active;expires=(300|299)$/);
    expect(header(first, 'content-type')).toBe('application/dialog-info+xml');

    const caller = await stage.phone('101');
    expect(await caller.register()).toBe(200);
    const call = await caller.call('202');
    const puppet = await stage.callOf(call);
    await told(watcher, answer, /direction="initiator"><state>trying/);
    await puppet.order({ kind: 'leg.answer', leg: (await puppet.view()).start.inbound!.leg }, telephony.instance);
    await told(watcher, answer, /<state>confirmed/);
    const busy = notifiesOf(watcher, answer).length;
    await call.hangUp();
    await until('an idle lamp', () =>
      notifiesOf(watcher, answer)
        .slice(busy)
        .some((message) => !message.body.includes('<dialog '))
        ? true
        : undefined,
    );
    const versions = notifiesOf(watcher, answer).map((message) => Number(/version="(\d+)"/.exec(message.body)![1]));
    expect(versions).toEqual(versions.map((_version, i) => i));
    await caller.register(0);

    expect(statusOf(await watcher.subscribe('101', 'dialog;id=l1', 0, answer))).toBe(200);
    await until('the last NOTIFY', () =>
      header(notifiesOf(watcher, answer).at(-1)!, 'subscription-state').startsWith('terminated') ? true : undefined,
    );
    expect(statusOf(await watcher.subscribe('101', 'dialog;id=l1', 300, answer))).toBe(481);
  });

  it('goes on over a new boot of telephony', async () => {
    const watcher = await stage.phone('102');
    const user = await stage.phone('101');
    await user.register();
    const answer = await watcher.subscribe('101', 'presence');
    await told(watcher, answer, /<basic>open<.*Available/);
    await telephony.stop();
    telephony = await stage.boot();
    await user.register(0);
    await told(watcher, answer, /<basic>closed<.*Offline/);
  });

  it('is for phones of the company only, for packages that are served, and for times that are not too short', async () => {
    const watcher = await stage.phone('102');
    expect(statusOf(await watcher.subscribe('999', 'dialog'))).toBe(404);
    expect(statusOf(await watcher.subscribe('101', 'reg'))).toBe(489);
    expect(statusOf(await watcher.subscribe('101', 'dialog', 5))).toBe(423);
    const stranger = await stage.phone(null);
    expect(statusOf(await stranger.subscribe('101', 'dialog'))).toBe(401);
    expect(stranger.notifies).toEqual([]);
  });
});

describe('what users say of themselves', () => {
  const pidf = (activity: string, note: string) =>
    '<?xml version="1.0"?><presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:101@h">' +
    '<tuple id="a"><status><basic>open</basic></status></tuple>' +
    `<person><activities><${activity}/></activities><note>${note}</note></person></presence>`;
  /** PUBLISH with its digest; answers status and entity-tag. */
  const publish = async (phone: Phone, body: string, more: HeaderLines = [], to = '101') => {
    const uri = `sip:${to}@${phone.server}`;
    const headers = (cseq: number, extra: HeaderLines): HeaderLines => [
      ['From', `<sip:${phone.user}@${phone.server}>;tag=p`],
      ['To', `<${uri}>`],
      ['Call-ID', `publish-${phone.port}-${cseq}-${Math.random()}`],
      ['CSeq', `${cseq} PUBLISH`],
      ['Event', 'presence'],
      ...(body ? ([['Content-Type', 'application/pidf+xml']] as const) : []),
      ...more,
      ...extra,
    ];
    const challenged = await phone.transact('PUBLISH', uri, headers(1, []), body);
    const challenge = header(challenged, 'www-authenticate');
    if (!challenge) return { status: statusOf(challenged), etag: '' };
    const authorization = answerChallenge(challenge, phone.credentials!, 'PUBLISH', uri);
    const answer = await phone.transact('PUBLISH', uri, headers(2, [['Authorization', authorization]]), body);
    return { status: statusOf(answer), etag: header(answer, 'sip-etag') };
  };

  it('is told to who watches: published, changed, refreshed, taken back', async () => {
    const [user, watcher] = [await stage.phone('101'), await stage.phone('102')];
    const answer = await watcher.subscribe('101', 'presence');
    const first = await publish(user, pidf('away', 'Lunch'));
    expect(first.status).toBe(200);
    await told(watcher, answer, /<note>Lunch<.*<rpid:away\/>/);
    const renewed = await publish(user, '', [['SIP-If-Match', first.etag]]);
    expect(renewed.status).toBe(200);
    expect(renewed.etag).not.toBe(first.etag);
    // the old tag means nothing any more
    expect((await publish(user, '', [['SIP-If-Match', first.etag]])).status).toBe(412);
    const changed = await publish(user, pidf('busy', 'Meeting'), [['SIP-If-Match', renewed.etag]]);
    await told(watcher, answer, /<note>Meeting<.*<rpid:busy\/>/);
    const gone = [
      ['SIP-If-Match', changed.etag],
      ['Expires', '0'],
    ] as const;
    expect((await publish(user, '', gone)).status).toBe(200);
    const before = notifiesOf(watcher, answer).length;
    await until('a NOTIFY without a word', () =>
      notifiesOf(watcher, answer).some((one, at) => at >= before - 1 && !one.body.includes('Meeting'))
        ? true
        : undefined,
    );
  });

  it('is theirs alone to say, in what we read', async () => {
    const user = await stage.phone('101');
    expect((await publish(user, pidf('away', ''), [], '102')).status).toBe(403);
    expect((await publish(user, 'hello')).status).toBe(400);
    expect((await publish(user, pidf('away', ''), [['Expires', '5']])).status).toBe(423);
    expect((await publish(user, '')).status).toBe(400);
    expect((await publish(user, '', [['SIP-If-Match', 'nothing']])).status).toBe(412);
    const other = await publish(await stage.phone('102'), pidf('away', ''), [], '102');
    expect((await publish(user, '', [['SIP-If-Match', other.etag]])).status).toBe(412);
    const stranger = await stage.phone(null);
    const uri = `sip:101@${stranger.server}`;
    const dialogs: HeaderLines = [
      ['From', '<sip:x@h>;tag=1'],
      ['To', `<${uri}>`],
      ['Call-ID', 'publish-x'],
      ['CSeq', '1 PUBLISH'],
      ['Event', 'dialog'],
    ];
    expect(statusOf(await stranger.transact('PUBLISH', uri, dialogs))).toBe(489);
  });
});

describe('click-to-dial by REFER', () => {
  const ask = async (extension: string, number: string): Promise<string> => {
    const { rows } = await stage.database.store.pool.query<{ id: string }>(
      'select id from directory_user where company_id = $1 and extension = $2',
      [stage.demo.companyId, extension],
    );
    const made = await addReferral(stage.database.store.db, trustedScope(stage.demo.companyId), {
      id: uuidv7(),
      userId: rows[0]!.id,
      number,
    });
    return made!.id;
  };
  const state = async (id: string) => {
    const row = await getReferral(stage.database.store.db, { companyId: stage.demo.companyId }, id);
    return `${row!.state} ${row!.sipStatus}`;
  };
  const ends = (id: string, expected: string) =>
    until(expected, async () => ((await state(id)) === expected ? true : undefined));

  it('asks a phone to call by itself, and learns how that went', async () => {
    const phone = await stage.phone('101');
    const asked: SipMessage[] = [];
    phone.onOutside = (method, request) => {
      if (method !== 'REFER') return false;
      asked.push(request);
      phone.reply(request, 202, 'Accepted', undefined);
      return true;
    };
    await phone.register();
    const id = await ask('101', '202');
    const [refer] = await until('a REFER', () => (asked.length > 0 ? asked : undefined));
    expect(header(refer!, 'refer-to')).toBe(`<sip:202@${phone.server}>`);
    await ends(id, 'accepted 202');
    const notify = async (status: string, subscription: string): Promise<number> =>
      statusOf(
        await phone.transact(
          'NOTIFY',
          `sip:101@${phone.server}`,
          [
            ['From', `${header(refer!, 'to')};tag=phone`],
            ['To', header(refer!, 'from')],
            ['Call-ID', header(refer!, 'call-id')],
            ['CSeq', '1 NOTIFY'],
            ['Event', 'refer'],
            ['Subscription-State', subscription],
            ['Content-Type', 'message/sipfrag'],
          ],
          `SIP/2.0 ${status}\r\n`,
        ),
      );
    expect(await notify('100 Trying', 'active;expires=60')).toBe(200);
    expect(await notify('200 OK', 'terminated;reason=noresource')).toBe(200);
    await ends(id, 'done 200');
    // the subscription has ended
    expect(await notify('200 OK', 'terminated;reason=noresource')).toBe(481);
    await phone.register(0);
  });

  it('fails with what the phone says, or without a phone', async () => {
    const phone = await stage.phone('101');
    phone.onOutside = (method, request) => {
      if (method === 'REFER') phone.reply(request, 603, 'Decline', undefined);
      return method === 'REFER';
    };
    await phone.register();
    await ends(await ask('101', '202'), 'failed 603');
    await phone.register(0);
    const id = await ask('101', '202');
    expect(await state(id)).toBe('waiting null');
    await stage.database.store.pool.query(`update referral set created_at = now() - interval '1 hour' where id = $1`, [
      id,
    ]);
    await ends(id, 'failed 480');
  });
});

describe('a lamp for messages', () => {
  it('shows the counts of the user’s own box, and nobody else’s', async () => {
    const { demo, database } = stage;
    const { rows } = await database.store.pool.query<{ id: string; extension: string }>(
      `select id, extension from directory_user where company_id = $1 and extension in ('101', '102')`,
      [demo.companyId],
    );
    const boxId = uuidv7();
    await database.store.pool.query('delete from voicemail_box');
    await database.store.pool.query(
      `insert into voicemail_box (id, company_id, number, name, user_id) values ($1, $2, 901, 'box', $3)`,
      [boxId, demo.companyId, rows.find(({ extension }) => extension === '101')!.id],
    );
    const phone = await stage.phone('101');
    const answer = await phone.subscribe('101', 'message-summary');
    expect(statusOf(answer)).toBe(200);
    await told(phone, answer, /Messages-Waiting: no\r\n[\s\S]*Voice-Message: 0\/0/);
    await setMailboxCounts(database.store.db, demo.companyId, boxId, { fresh: 2, old: 1 });
    await told(phone, answer, /Messages-Waiting: yes\r\n[\s\S]*Voice-Message: 2\/1/);
    const other = await stage.phone('102');
    expect(statusOf(await other.subscribe('101', 'message-summary'))).toBe(404);
  });

  it('is set unasked on a phone that has registered and never subscribes', async () => {
    const { demo, database } = stage;
    const { rows } = await database.store.pool.query<{ id: string }>(
      `select box.id from voicemail_box box join directory_user u on u.id = box.user_id where u.extension = '101'`,
    );
    await database.store.pool.query('delete from sip_subscription');
    const phone = await stage.phone('101');
    expect(await phone.register()).toBe(200);
    await setMailboxCounts(database.store.db, demo.companyId, rows[0]!.id, { fresh: 5, old: 0 });
    const lamp = await until('a lamp', () => phone.notifies.find(({ body }) => body.includes('Voice-Message: 5/0')));
    expect(header(lamp, 'event')).toBe('message-summary');
    const count = phone.notifies.length;
    await setMailboxCounts(database.store.db, demo.companyId, rows[0]!.id, { fresh: 0, old: 5 });
    await until('no lamp', () =>
      phone.notifies.find(({ body }) => /Messages-Waiting: no/.test(body) && body.includes('0/5')),
    );
    expect(phone.notifies).toHaveLength(count + 1);
  });
});

describe('a text message', () => {
  it('reaches every phone of a user who is there, and waits for one who is not, each once and in order', async () => {
    await stage.database.store.pool.query('delete from registration');
    const sender = await stage.phone('102');
    expect(await sender.message('101', 'first: çà')).toBe(202);
    expect(await sender.message('101', 'second')).toBe(202);
    const { rows } = await stage.database.store.pool.query('select text_enc from text_message');
    expect(rows.map(({ text_enc: sealed }) => sealed.toString('latin1')).join()).not.toContain('second');
    const phones = [await stage.phone('101'), await stage.phone('101')];
    await phones[0]!.register();
    await until('both', () => (phones[0]!.texts.length >= 2 ? true : undefined));
    expect(phones[0]!.texts.map(({ body }) => body)).toEqual(['first: çà', 'second']);
    expect(header(phones[0]!.texts[0]!, 'from')).toContain('<sip:102@');
    await phones[1]!.register();
    await sender.message('101', 'third');
    await until('one each', () => (phones.every(({ texts }) => texts.at(-1)?.body === 'third') ? true : undefined));
    expect(phones.map(({ texts }) => texts.length)).toEqual([3, 1]);
    await until('nothing that waits', async () => {
      const waiting = await stage.database.store.pool.query('select 1 from text_message where delivered_at is null');
      return waiting.rows.length === 0 ? true : undefined;
    });
  });

  it('is refused to nobody, of another kind, too long, empty, or from a stranger', async () => {
    const sender = await stage.phone('102');
    expect(await sender.message('999', 'hello')).toBe(404);
    expect(await sender.message('101', '<b>', 'text/html')).toBe(415);
    expect(await sender.message('101', 'x'.repeat(4001))).toBe(413);
    expect(await sender.message('101', '')).toBe(400);
    expect(await (await stage.phone(null)).message('101', 'hello')).toBe(407);
  });
});
