/** What flows do with modes, lists, address books and webhooks: answers, and exactly once. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Lookup } from '@callwright/engine';
import { addWebhookSecret, trustedScope, uuidv7, webhooks } from '@callwright/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpSender } from '../src/http-request.ts';
import { allowedUrls, urlGuard } from '../src/url-guard.ts';
import { callwrightRule, webhookDeliverer } from '../src/webhooks/index.ts';
import { isSignedBy } from '../src/webhooks/signature.ts';
import { close, company, database, io, keyring, open, rival } from './stage.ts';

const user = uuidv7();
const callId = uuidv7();

beforeAll(async () => {
  await open();
  const { pool } = database.store;
  await pool.query(
    `insert into directory_user (id, company_id, number, extension, given_name) values ($1, $2, 70, '171', 'Ada')`,
    [user, company],
  );
});
afterAll(close);

const ask = (lookup: Lookup, companyId = company) => io.lookup({ companyId, callId, lookup });

describe('user mode', () => {
  const mode = (key: string, more: Partial<Extract<Lookup, { what: 'user-mode' }>> = {}) =>
    ask({
      what: 'user-mode',
      key,
      user: '171',
      mode: 'dnd',
      toggle: true,
      forMs: null,
      number: null,
      note: '',
      ...more,
    });

  it('a switch is thrown once a visit, however often and by how many workers it is asked', async () => {
    const answers = await Promise.all([mode('a'), mode('a'), mode('a')]);
    expect(answers).toEqual(Array.from({ length: 3 }, () => ({ status: 'user-mode', mode: 'dnd' })));
    expect(await mode('a')).toEqual({ status: 'user-mode', mode: 'dnd' });
    expect(await mode('b')).toEqual({ status: 'user-mode', mode: 'normal' });
    expect(await mode('c', { mode: null })).toEqual({ status: 'user-mode', mode: 'normal' });
  });

  it('a mode ends by itself; a divert that leads nowhere, a stranger and another company’s user are not found', async () => {
    expect(await mode('d', { mode: 'away', forMs: 60_000, note: 'lunch' })).toMatchObject({ mode: 'away' });
    await database.store.pool.query(`update directory_user set mode_until = now() where id = $1`, [user]);
    expect(await mode('e', { mode: null })).toMatchObject({ mode: 'normal' });
    expect(await mode('f', { mode: 'divert' })).toEqual({ status: 'not-found' });
    expect(await mode('g', { mode: 'divert', number: 'sip:x' })).toEqual({ status: 'not-found' });
    expect(await mode('h', { mode: 'divert', number: '+33123456789' })).toMatchObject({ mode: 'divert' });
    expect(await mode('i', { user: '999' })).toEqual({ status: 'not-found' });
    const elsewhere = {
      what: 'user-mode',
      key: 'j',
      user,
      mode: 'dnd',
      toggle: false,
      forMs: null,
      number: null,
      note: '',
    } as const;
    expect(await ask(elsewhere, rival)).toEqual({ status: 'not-found' });
  });
});

describe('lists and address books', () => {
  beforeAll(async () => {
    const { pool } = database.store;
    const lists = [
      ['vip', 'Gold', '+39061234567', null],
      ['block', 'Rude', '+3906*', null],
      ['allow', 'Gone', '+39061110000', '2020-01-01T00:00:00Z'],
    ];
    for (const [n, [kind, name, pattern, until]] of lists.entries()) {
      const id = uuidv7();
      await pool.query(`insert into caller_list (id, owner_id, number, name, kind) values ($1, $2, $3, $4, $5)`, [
        id,
        company,
        n + 1,
        name,
        kind,
      ]);
      await pool.query(
        `insert into caller_list_entry (list_id, pattern, note, expires_at) values ($1, $2, 'a note', $3)`,
        [id, pattern, until],
      );
    }
    const [book, contact] = [uuidv7(), uuidv7()];
    await pool.query(
      `insert into phonebook (id, company_id, number, name, kind) values ($1, $2, 1, 'Customers', 'company')`,
      [book, company],
    );
    await pool.query(
      `insert into contact (id, company_id, phonebook_id, number, given_name, family_name, data) values ($1, $2, $3, 1, 'Ada', 'Lovelace', '{"level":"gold"}')`,
      [contact, company, book],
    );
    await pool.query(
      `insert into contact_number (contact_id, company_id, position, kind, number, e164) values ($1, $2, 0, 'office', '06 1234567', '+39061234567')`,
      [contact, company],
    );
  });
  const listed = (number: string, list: string | null = null, companyId = company) =>
    ask({ what: 'caller-list', number, list }, companyId);

  it.each([
    ['+39061234567', null, 'vip'],
    ['+39069999999', null, 'block'],
    ['+39021234567', null, null],
    ['+39061234567', 'Rude', 'block'],
    ['+39069999999', 'Gold', null],
    ['+39061110000', 'Gone', null],
  ])('%s in %s: %s', async (number, list, kind) => {
    expect(await listed(number, list)).toMatchObject({ status: 'listed', kind });
  });

  it('a list that is not the company’s is not found', async () => {
    expect(await listed('+39061234567', 'Silver')).toEqual({ status: 'not-found' });
    expect(await listed('+39061234567', 'Gold', rival)).toEqual({ status: 'not-found' });
  });

  it('finds who has a number, in the company’s books only', async () => {
    const contact = { what: 'contact', number: '+39061234567', user: null } as const;
    expect(await ask(contact)).toMatchObject({
      status: 'contact',
      contact: { name: 'Ada Lovelace', phonebook: 'Customers', data: { level: 'gold' } },
    });
    expect(await ask({ ...contact, number: '+390600' })).toEqual({ status: 'not-found' });
    expect(await ask(contact, rival)).toEqual({ status: 'not-found' });
  });
});

describe('notices', () => {
  let server: Server;
  let url: string;
  const got: { body: string; signature: string; id: string }[] = [];
  let status = 200;
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        const { headers } = request;
        if (status === 200)
          got.push({
            body,
            signature: String(headers['callwright-signature']),
            id: String(headers['callwright-event-id']),
          });
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/calls`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const notice = (key: string, to: string, companyId = company) =>
    ask({ what: 'notice', key, to, event: 'hello', data: { from: '100' } }, companyId);
  const deliverer = () =>
    webhookDeliverer({
      store: database.store,
      keyring,
      http: httpSender(urlGuard(allowedUrls(url))),
      rules: { callwright: callwrightRule([1, 1, 1]) },
    });

  it('is delivered once, signed by the webhook’s secret, though asked for twice and refused at first', async () => {
    const id = uuidv7();
    await webhooks.create(database.store.db, trustedScope(company), id, {
      name: 'crm',
      url,
      events: ['call.ended'],
      enabled: true,
    });
    const made = await addWebhookSecret(database.store.db, trustedScope(company), id, keyring);
    const secret = (made as { secret: string }).secret;
    expect(await Promise.all([notice('n/1', 'crm'), notice('n/1', 'crm')])).toEqual([
      { status: 'notice-queued' },
      { status: 'notice-queued' },
    ]);
    status = 503;
    const delivery = deliverer();
    await delivery.round();
    status = 200;
    await expect
      .poll(async () => {
        await delivery.round();
        return got.length;
      })
      .toBe(1);
    await delivery.stop();
    const { body, signature } = got[0]!;
    expect(JSON.parse(body)).toMatchObject({
      id: `flow-${callId}-n/1`,
      type: 'flow.notify',
      companyId: company,
      callId,
      data: { event: 'hello', values: { from: '100' } },
    });
    expect(isSignedBy(signature, body, secret, Date.now())).toBe(true);
  });

  it('an address becomes a webhook for notices only, once; what is neither is not found', async () => {
    const other = url.replace('/calls', '/other');
    await Promise.all([notice('n/2', other), notice('n/3', other), notice('n/4', other)]);
    const { rows } = await database.store.pool.query(
      `select w.events, count(d.number)::int as waiting from webhook w join webhook_delivery d on d.webhook_id = w.id where w.url = $1 group by w.id`,
      [other],
    );
    expect(rows).toEqual([{ events: ['flow.notify'], waiting: 3 }]);
    expect(await notice('n/5', 'nothing of the kind')).toEqual({ status: 'not-found' });
    expect(await notice('n/6', 'https://user:word@crm.example/')).toEqual({ status: 'not-found' });
    expect(await notice('n/7', 'crm', rival)).toEqual({ status: 'not-found' });
  });
});
