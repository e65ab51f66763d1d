import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  beginRecording,
  keyringFromBytes,
  listMessages,
  lookUp,
  mailServerSeal,
  putMailServer,
  queueMail,
  recordingFile,
  recordingStored,
  takeDueMail,
  uuidv7,
} from '@callwright/store';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { mailOutbox } from '../src/mail/outbox.ts';
import { allowedUrls, urlGuard } from '../src/url-guard.ts';
import { type Smtp, startSmtp } from './smtp.ts';
import { close, company, database, open } from './stage.ts';

const keyring = keyringFromBytes(new Uint8Array(32).fill(7));
const mediaDir = mkdtempSync(join(tmpdir(), 'callwright-mail-'));
const WAV = Buffer.concat([Buffer.from('RIFF....WAVE'), Buffer.alloc(300, 0x55)]);
let smtp: Smtp;

beforeAll(async () => {
  await open();
  smtp = await startSmtp({ password: 'sesame' });
});
afterAll(async () => {
  await smtp.close();
  rmSync(mediaDir, { recursive: true, force: true });
  await close();
});
beforeEach(async () => {
  smtp.received.length = 0;
  smtp.refuse = null;
  await database.store.pool.query('delete from mail');
  await setServer();
});

async function setServer(host = '127.0.0.1'): Promise<void> {
  const server = { host, port: smtp.port, security: 'none', username: 'mailer', sender: 'box@telco.test' } as const;
  await putMailServer(database.store.db, company, company, server, keyring.seal(mailServerSeal(company), 'sesame'));
}

const outbox = (allow = `smtp://127.0.0.1:${smtp.port}`, more: { holdMs?: number; pauseMs?: number } = {}) =>
  mailOutbox({ store: database.store, keyring, guard: urlGuard(allowedUrls(allow)), mediaDir, ...more });

/** Mails that the server has after another round. */
async function received(more: { pauseMs?: number } = {}): Promise<number> {
  await outbox(undefined, more).round();
  return smtp.received.length;
}

const mail = (key: string, recipient = 'ada@reader.test') => ({
  key,
  template: 'missed-call',
  language: 'en',
  recipient,
  variables: { number: '101', name: '', called: 'Bob', at: '2026-03-02T10:00:00Z' },
  attachment: null,
});

async function states(): Promise<{ state: string; failure: string | null; attempts: number }[]> {
  const { rows } = await database.store.pool.query('select state, failure, attempts from mail order by key');
  return rows;
}

async function makeBox(fields: { attach: boolean; remove: boolean }): Promise<string> {
  const id = uuidv7();
  await database.store.pool.query(
    `insert into voicemail_box (id, company_id, number, name, email, email_attach, email_delete) values ($1, $2, $3, 'Bob', 'bob@reader.test', $4, $5)`,
    [id, company, Math.floor(Math.random() * 1e9), fields.attach, fields.remove],
  );
  return id;
}

async function leaveMessage(boxId: string): Promise<string> {
  const { db } = database.store;
  const from = { type: 'number', id: null, entityNumber: null, number: '+33123456789', name: 'Ada' };
  const begun = { companyId: company, op: uuidv7(), callId: uuidv7(), legId: 'l', instance: 'i' };
  const id = await beginRecording(db, { ...begun, purpose: { type: 'voicemail', boxId, from } });
  const file = recordingFile(mediaDir, company, id);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, WAV);
  const stored = { bytes: WAV.length, sha256: Buffer.alloc(32), durationMs: 4200, ended: 'terminator', content: null };
  expect(await recordingStored(db, company, id, stored)).toBe(true);
  // a retry changes nothing
  expect(await recordingStored(db, company, id, stored)).toBe(false);
  return id;
}

it('mails a voicemail once, with its sound, by the owner’s server and log-in', async () => {
  const boxId = await makeBox({ attach: true, remove: false });
  const id = await leaveMessage(boxId);
  await outbox().round();
  await outbox().round();
  expect(smtp.received).toHaveLength(1);
  const { to, text } = smtp.received[0]!;
  expect(to).toEqual(['bob@reader.test']);
  expect(text).toContain('Nuovo messaggio vocale da Ada');
  expect(text).toContain(WAV.toString('base64').slice(0, 60));
  expect(smtp.logIns.at(-1)).toBe('mailer:sesame');
  const { rows } = await database.store.pool.query('select id from mail where key = $1', [`voicemail/${id}`]);
  expect(text).toContain(`<${rows[0].id}@callwright>`);
  expect(await listMessages(database.store.db, company, boxId, 10)).toHaveLength(1);
  const counts = await database.store.pool.query('select new_messages from mailbox_state where box_id = $1', [boxId]);
  expect(counts.rows[0].new_messages).toBe(1);
});

it('a message leaves its box once it is mailed, where the box says so', async () => {
  const boxId = await makeBox({ attach: true, remove: true });
  await leaveMessage(boxId);
  smtp.refuse = { code: 451 };
  await outbox(undefined, { pauseMs: 1 }).round();
  expect(await listMessages(database.store.db, company, boxId, 10)).toHaveLength(1);
  smtp.refuse = null;
  await expect.poll(() => received({ pauseMs: 1 })).toBe(1);
  expect(await listMessages(database.store.db, company, boxId, 10)).toEqual([]);
});

it('tries again after a refusal for now, never after one for good', async () => {
  const { db } = database.store;
  await queueMail(db, company, mail('a'));
  smtp.refuse = { code: 450 };
  await outbox(undefined, { pauseMs: 60_000 }).round();
  expect(await states()).toEqual([{ state: 'waiting', failure: 'smtp-450', attempts: 1 }]);
  await outbox().round();
  expect(await states()).toMatchObject([{ attempts: 1 }]);
  await queueMail(db, company, mail('b'));
  smtp.refuse = { code: 550 };
  await outbox().round();
  expect((await states())[1]).toEqual({ state: 'failed', failure: 'smtp-550', attempts: 1 });
});

it('two workers at once send each mail once', async () => {
  for (let n = 0; n < 15; n++) await queueMail(database.store.db, company, mail(`many/${n}`, `r${n}@reader.test`));
  await queueMail(database.store.db, company, mail('many/3'));
  await Promise.all([outbox().round(), outbox().round(), outbox().round()]);
  await outbox().round();
  expect(smtp.received.map(({ to }) => to[0]).toSorted()).toEqual(
    Array.from({ length: 15 }, (_, n) => `r${n}@reader.test`).toSorted(),
  );
});

it('what a dead worker has taken is nobody else’s until its hold is over', async () => {
  await queueMail(database.store.db, company, mail('held'));
  expect(await takeDueMail(database.store.db, keyring, 400, 10)).toHaveLength(1);
  await outbox().round();
  expect(smtp.received).toHaveLength(0);
  await expect.poll(() => received()).toBe(1);
});

it('goes to no internal address that is not listed, and waits for a server that is not there', async () => {
  await queueMail(database.store.db, company, mail('internal'));
  await outbox('https://elsewhere.test', { pauseMs: 60_000 }).round();
  expect(smtp.received).toHaveLength(0);
  expect(await states()).toEqual([{ state: 'waiting', failure: 'refused-host', attempts: 1 }]);
  await database.store.pool.query('delete from mail_server');
  await queueMail(database.store.db, company, mail('j'));
  await outbox(undefined, { pauseMs: 60_000 }).round();
  expect((await states())[1]).toMatchObject({ state: 'waiting', failure: 'no-server' });
});

it('a flow’s mail is one, however often its look-up is tried', async () => {
  const lookup = {
    what: 'mail',
    key: 'node/1',
    to: 'desk@reader.test',
    subject: 'Call\r\nBcc: eve@evil.test',
    text: 'Please call back.',
    language: 'it',
    recording: null,
  } as const;
  const asking = { callId: uuidv7(), userId: null, at: 0 };
  for (let tries = 0; tries < 3; tries++)
    expect(await lookUp(database.store.db, company, lookup, asking)).toEqual({ status: 'mail-queued' });
  expect(await lookUp(database.store.db, company, { ...lookup, to: 'a@b.test,c@d.test' }, asking)).toEqual({
    status: 'not-found',
  });
  await outbox().round();
  expect(smtp.received.map(({ to }) => to)).toEqual([['desk@reader.test']]);
  expect(smtp.received[0]!.text).not.toMatch(/^Bcc:/m);
});
