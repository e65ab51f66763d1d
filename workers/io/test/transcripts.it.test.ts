/** Messages become text: by a real service over HTTP, once, sealed, in the mail; whatever goes wrong, the message is as it was. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RecordingPurpose } from '@callwright/engine';
import { keysWav, startTranscriptionService, type TranscriptionService } from '@callwright/speech/conformance';
import {
  beginRecording,
  type CompanyScope,
  deleteRecording,
  getCallTranscript,
  listMessages,
  mailServerSeal,
  markMessage,
  putMailServer,
  putRecogniser,
  recogniserSeal,
  recordingFile,
  recordingStored,
  transcriptSeal,
  uuidv7,
} from '@callwright/store';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { mailOutbox } from '../src/mail/outbox.ts';
import { type FormSender, formSender } from '../src/transcripts/post-form.ts';
import { transcriber } from '../src/transcripts/transcriber.ts';
import { allowedUrls, urlGuard } from '../src/url-guard.ts';
import { type Smtp, startSmtp } from './smtp.ts';
import { close, company, database, keyring, open } from './stage.ts';

const mediaDir = mkdtempSync(join(tmpdir(), 'callwright-transcripts-'));
let smtp: Smtp;
let service: TranscriptionService;
let forms: FormSender;
let boxId: string;

beforeAll(async () => {
  await open();
  smtp = await startSmtp();
  service = await startTranscriptionService('sesame');
  forms = formSender(urlGuard(allowedUrls(`http://127.0.0.1:${service.port}/v1`)), 2000);
});
afterAll(async () => {
  await forms.close();
  await service.close();
  await smtp.close();
  rmSync(mediaDir, { recursive: true, force: true });
  await close();
});
beforeEach(async () => {
  service.answer = null;
  service.asked.length = 0;
  smtp.received.length = 0;
  await database.store.pool.query('delete from mail');
  await recogniser(service.url);
  const server = {
    host: '127.0.0.1',
    port: smtp.port,
    security: 'none',
    username: null,
    sender: 'box@telco.test',
  } as const;
  await putMailServer(database.store.db, company, company, server, keyring.seal(mailServerSeal(company), ''));
  boxId = uuidv7();
  await database.store.pool.query(
    `insert into voicemail_box (id, company_id, number, name, email, transcribe, language) values ($1, $2, $3, 'Bob', 'bob@reader.test', true, 'fr')`,
    [boxId, company, Math.floor(Math.random() * 1e9)],
  );
});

const recogniser = (url: string, key = 'sesame') =>
  putRecogniser(
    database.store.db,
    company,
    company,
    { provider: 'transcriptions-api', url, model: 'small' },
    keyring.seal(recogniserSeal(company), key),
  );

async function leaveMessage(): Promise<string> {
  const from = { type: 'number', id: null, entityNumber: null, number: '+33123456789', name: 'Ada' };
  return store({ type: 'voicemail', boxId, from });
}

async function store(purpose: RecordingPurpose): Promise<string> {
  const { db } = database.store;
  const begun = { companyId: company, op: uuidv7(), callId: uuidv7(), legId: 'l', instance: 'i' };
  const id = await beginRecording(db, { ...begun, purpose });
  const file = recordingFile(mediaDir, company, id);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, keysWav('258'));
  const stored = { bytes: 1, sha256: Buffer.alloc(32), durationMs: 4200, ended: 'terminator', content: null };
  await recordingStored(db, company, id, stored);
  return id;
}

const round = (more: { holdMs?: number; pauseMs?: number } = {}) =>
  transcriber({ store: database.store, keyring, forms, mediaDir, ...more }).round();
const sendMail = () =>
  mailOutbox({
    store: database.store,
    keyring,
    guard: urlGuard(allowedUrls(`smtp://127.0.0.1:${smtp.port}`)),
    mediaDir,
  }).round();
const only = async () => (await listMessages(database.store.db, company, boxId, 10))![0]!;
const textOf = async () => keyring.openText(transcriptSeal(company), (await only()).transcriptText!);

it('is made once by several workers, sealed in the database, and goes with the mail', async () => {
  await leaveMessage();
  await sendMail();
  expect(smtp.received).toHaveLength(0);
  expect((await only()).transcript).toBe('waiting');
  await Promise.all([round(), round(), round()]);
  await round();
  expect(service.asked).toHaveLength(1);
  expect(service.asked[0]!.fields).toMatchObject({ model: 'small', language: 'fr' });
  expect((await only()).transcript).toBe('done');
  expect(await textOf()).toBe('2 5 8');
  const { rows } = await database.store.pool.query('select text_enc::text from transcript where company_id = $1', [
    company,
  ]);
  expect(JSON.stringify(rows)).not.toContain('2 5 8');
  await sendMail();
  await sendMail();
  expect(smtp.received).toHaveLength(1);
  expect(smtp.received[0]!.text).toContain('Transcription automatique');
  expect(smtp.received[0]!.text).toContain('2 5 8');
  const mails = await database.store.pool.query('select variables::text from mail');
  expect(JSON.stringify(mails.rows)).not.toContain('2 5 8');
});

it('what passes is tried again, what a dead worker has taken is another’s after its hold', async () => {
  await leaveMessage();
  service.answer = { status: 503, text: '' };
  await round({ pauseMs: 1 });
  expect((await only()).transcript).toBe('waiting');
  service.answer = 'hang';
  const dead = round({ holdMs: 50, pauseMs: 1 });
  await expect.poll(() => service.asked.length).toBe(2);
  service.answer = null;
  await expect
    .poll(async () => {
      await round({ pauseMs: 1 });
      return (await only()).transcript;
    })
    .toBe('done');
  await dead;
  // the late failure of the first worker changes nothing
  expect(await textOf()).toBe('2 5 8');
});

it.each([
  ['a wrong key', () => recogniser(service.url, 'wrong')],
  ['an internal address', () => recogniser('http://127.0.0.1:1/v1/audio/transcriptions')],
  ['a name that is none', () => recogniser('ftp://x')],
  ['a redirect', () => Object.assign(service, { answer: { status: 302, text: '' } })],
  ['a recogniser that was taken away', () => database.store.pool.query('delete from recogniser')],
])('%s: the message stays as it is and is mailed without', async (_case, spoil) => {
  const id = await leaveMessage();
  await spoil();
  // what may pass is given up after two minutes
  await database.store.pool.query(`update transcript set created_at = now() - interval '3 minutes'`);
  await round();
  expect(await only()).toMatchObject({ id, state: 'new', transcript: 'failed', transcriptText: null });
  await sendMail();
  expect(smtp.received).toHaveLength(1);
  expect(smtp.received[0]!.text).not.toContain('Transcription');
});

it('a message that is deleted meanwhile is nobody’s', async () => {
  const id = await leaveMessage();
  await markMessage(database.store.db, company, boxId, id, 'deleted');
  await round();
  expect(service.asked).toHaveLength(0);
});

it('boxes that make none, and companies that have no recogniser, mail at once', async () => {
  await database.store.pool.query('update voicemail_box set transcribe = false where id = $1', [boxId]);
  await leaveMessage();
  await sendMail();
  expect(smtp.received).toHaveLength(1);
  expect((await only()).transcript).toBeNull();
  await database.store.pool.query('update voicemail_box set transcribe = true where id = $1', [boxId]);
  await database.store.pool.query('delete from recogniser');
  await leaveMessage();
  await sendMail();
  expect(smtp.received).toHaveLength(2);
});

it('what calls record is text where the company wants it, sealed, told to the company, and gone with the recording', async () => {
  const { db, pool } = database.store;
  const scope = { companyId: company } as CompanyScope;
  const call = () => store({ type: 'call' } as RecordingPurpose);
  expect(await getCallTranscript(db, scope, await call())).toBeNull();
  await pool.query(
    `update owner set settings = settings || '{"transcribeCalls": true, "language": "fr"}' where id = $1`,
    [company],
  );
  const id = await call();
  expect(await getCallTranscript(db, scope, id)).toMatchObject({ state: 'waiting', text: null });
  await Promise.all([round(), round()]);
  expect(service.asked).toHaveLength(1);
  expect(service.asked[0]!.fields).toMatchObject({ language: 'fr' });
  const made = await getCallTranscript(db, scope, id);
  expect(made).toMatchObject({ state: 'done', failure: null });
  expect(keyring.openText(transcriptSeal(company), made!.text!)).toBe('2 5 8');
  const events = `select body from directory_event where owner_id = $1 and type = 'recording.transcribed'`;
  expect((await pool.query(events, [company])).rows).toMatchObject([{ body: { recordingId: id, state: 'done' } }]);
  service.answer = { status: 503, text: '' };
  const bad = await call();
  await round({ pauseMs: 1 });
  expect(await getCallTranscript(db, scope, bad)).toMatchObject({ state: 'waiting', failure: 'SPE_PROVIDER' });
  await pool.query(`update call_transcript set created_at = now() - interval '7 hours'`);
  await expect
    .poll(async () => {
      await round();
      return (await getCallTranscript(db, scope, bad))?.state;
    })
    .toBe('failed');
  await deleteRecording(db, scope, id);
  expect((await pool.query('select 1 from call_transcript where recording_id = $1', [id])).rows).toEqual([]);
  const stranger = { companyId: uuidv7() } as CompanyScope;
  expect(await getCallTranscript(db, stranger, bad)).toBeNull();
  await pool.query(`update owner set settings = settings - 'transcribeCalls' where id = $1`, [company]);
});
