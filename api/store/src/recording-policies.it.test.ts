/** Which policy a conversation falls under: order, subjects, share, rights; nothing of another company. */
import type { IoResult, Lookup } from '@callwright/engine';
import { testDatabase } from '@callwright/test-support';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createOwner, createPlatform, updateOwner } from './queries/owners.ts';
import {
  findRecordingPolicy,
  type RecordingPolicyFields,
  recordingPolicies,
  recordsCalls,
} from './queries/recording-policies.ts';
import { countBox, hasNewRecordings, listBoxRecordings, recordingHeard } from './queries/recordings.ts';
import { trustedScope } from './queries/scope.ts';
import { findSupervised } from './queries/supervision.ts';
import { uuidv7 } from './queries/uuid.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
const platform = uuidv7();
const company = uuidv7();
const stranger = uuidv7();
const user = uuidv7();
const scope = trustedScope(company);
const db = () => database.store.db;
const run = (text: string, values: unknown[] = []) => database.store.pool.query(text, values);

beforeAll(async () => {
  database = await testDatabase();
  await createPlatform(db(), { id: platform, kind: 'platform', name: 'P', settings: {} });
  for (const id of [company, stranger])
    await createOwner(db(), platform, platform, { id, kind: 'company', name: id, settings: { country: 'FR' } });
  await run(`insert into directory_user (id, company_id, number, extension) values ($1, $2, 1, '101')`, [
    user,
    company,
  ]);
});
afterAll(() => database.drop());
beforeEach(() => run('delete from recording_policy'));

const ALL: RecordingPolicyFields = {
  name: 'all',
  position: 100,
  enabled: true,
  record: true,
  subject: 'company',
  subjectId: null,
  pattern: null,
  direction: 'any',
  percent: 100,
  announce: 'both',
  promptId: null,
  keys: false,
};
const make = (fields: Partial<RecordingPolicyFields>, where = scope) =>
  recordingPolicies.create(db(), where, uuidv7(), { ...ALL, name: uuidv7(), ...fields });
type Asked = Extract<Lookup, { what: 'recording' }>;
const who = (type: string, id: string | null, number: string) => ({ type, id, entityNumber: null, number, name: '' });
const ask = (fields: Partial<Asked> = {}): Promise<IoResult> =>
  findRecordingPolicy(db(), company, {
    what: 'recording',
    direction: 'inbound',
    called: who('user', user, '101'),
    parties: [who('number', null, '0145678901'), who('user', user, '101')],
    group: null,
    queue: null,
    trunks: [],
    sample: 50,
    by: null,
    ...fields,
  });
const records = async () =>
  (await sql<{ records: boolean }>`select ${recordsCalls(company)} as records`.execute(db())).rows[0]?.records;

test('nobody is recorded without a policy; the first that fits decides, also that nothing is recorded', async () => {
  expect(await ask()).toEqual({ status: 'not-found' });
  expect(await records()).toBe(false);
  const all = await make({ position: 20 });
  expect(await ask()).toMatchObject({
    status: 'recording',
    policy: all.id,
    announce: 'both',
    notice: null,
    keys: false,
  });
  expect(await records()).toBe(true);
  const never = await make({ position: 10, record: false, subject: 'user', subjectId: user });
  expect(await ask()).toEqual({ status: 'not-found' });
  await recordingPolicies.update(db(), scope, never.id, { enabled: false });
  expect(await ask()).toMatchObject({ policy: all.id });
});

test('by direction, share, user, number in any spelling', async () => {
  await make({ direction: 'outbound' });
  expect(await ask()).toEqual({ status: 'not-found' });
  expect(await ask({ direction: 'outbound' })).toMatchObject({ status: 'recording' });
  await run('delete from recording_policy');
  await make({ percent: 50 });
  expect(await ask({ sample: 50 })).toEqual({ status: 'not-found' });
  expect(await ask({ sample: 49 })).toMatchObject({ status: 'recording' });
  await run('delete from recording_policy');
  await make({ subject: 'number', pattern: '+33145678901' });
  expect(await ask()).toMatchObject({ status: 'recording' });
  expect(await ask({ parties: [who('number', null, '0145678902')] })).toEqual({ status: 'not-found' });
  await run('delete from recording_policy');
  await make({ subject: 'user', subjectId: user, announce: 'outside', keys: true });
  expect(await ask()).toMatchObject({ announce: 'outside', keys: true });
  expect(await ask({ parties: [] })).toEqual({ status: 'not-found' });
});

test('a subject must be there, be the company’s, and be named as it needs', async () => {
  const wrong: Partial<RecordingPolicyFields>[] = [
    { subject: 'user' },
    { subject: 'company', subjectId: user },
    { subject: 'number' },
    { subject: 'number', pattern: '[' },
    { subject: 'queue', subjectId: uuidv7() },
    { subject: 'trunk', subjectId: uuidv7() },
    { pattern: '0*' },
  ];
  for (const fields of wrong) await expect(make(fields)).rejects.toMatchObject({ code: 'STO_UNKNOWN_REFERENCE' });
  await expect(make({ subject: 'user', subjectId: user }, trustedScope(stranger))).rejects.toMatchObject({
    code: 'STO_UNKNOWN_REFERENCE',
  });
  const policy = await make({});
  await expect(recordingPolicies.update(db(), scope, policy.id, { subject: 'user' })).rejects.toMatchObject({
    code: 'STO_UNKNOWN_REFERENCE',
  });
  expect(await recordingPolicies.update(db(), trustedScope(stranger), policy.id, { percent: 1 })).toBe(null);
});

test('a policy of another company says nothing; the entitlement switches all of it off', async () => {
  await make({}, trustedScope(stranger));
  expect(await ask()).toEqual({ status: 'not-found' });
  await make({});
  await updateOwner(db(), platform, company, { entitlements: { recording: false } });
  expect(await ask()).toEqual({ status: 'not-found' });
  expect(await ask({ by: user })).toEqual({ status: 'not-found' });
  await updateOwner(db(), platform, company, { entitlements: { recording: true } });
  expect(await ask()).toMatchObject({ status: 'recording' });
});

test('a user who is always recorded, and by key who may', async () => {
  await run('update directory_user set record_calls = true where id = $1', [user]);
  expect(await records()).toBe(true);
  expect(await ask()).toMatchObject({ status: 'recording', policy: null, announce: 'both' });
  await run('update directory_user set record_calls = false where id = $1', [user]);
  expect(await ask({ by: user })).toMatchObject({ status: 'recording', keys: true });
  expect(await ask({ by: uuidv7() })).toMatchObject({ status: 'refused' });
  await run('update directory_user set suspended_at = now() where id = $1', [user]);
  expect(await ask({ by: user })).toMatchObject({ status: 'refused', code: 'no-right' });
});

test('supervision is for supervisors of the company, of its own users; the audit log knows it once', async () => {
  const [boss, call] = [uuidv7(), uuidv7()];
  await run(`insert into directory_user (id, company_id, number, extension) values ($1, $2, 2, '102')`, [
    boss,
    company,
  ]);
  await run(
    `insert into call (id, number, company_id, direction, state, start, revision_hash, calling, called)
     values ($1, nextval('call_number_seq'), $2, 'inbound', 'started', '{}', $3, '{}', '{}')`,
    [call, company, 'a'.repeat(64)],
  );
  await run(`insert into media_instance (instance, name, epoch) values ('m.1', 'm', 1)`);
  await run(
    `insert into leg (id, call_id, company_id, instance, direction, state, coordinates)
     values ('leg', $1, $2, 'm.1', 'outbound', 'answered', $3)`,
    [call, company, JSON.stringify({ type: 'user', id: user, number: '101' })],
  );
  const wish = (by: string | null, whom = '101') =>
    findSupervised(db(), company, null, { what: 'supervised', key: 'op/1', user: whom, by, mode: 'listen' });
  expect(await wish(boss)).toMatchObject({ status: 'refused', code: 'no-right' });
  expect(await wish(null)).toMatchObject({ status: 'refused' });
  await run(
    `insert into account (id, number, owner_id, email, role, user_id) values ($1, 900, $2, 'boss@example.test', 'supervisor', $3)`,
    [uuidv7(), company, boss],
  );
  expect(await wish(boss)).toEqual({ status: 'supervised', callId: call, leg: 'leg' });
  expect(await wish(boss)).toMatchObject({ status: 'supervised' });
  expect(await wish(boss, '102')).toEqual({ status: 'not-found' });
  expect(
    await findSupervised(db(), company, call, { what: 'supervised', key: 'k', user: '101', by: boss, mode: 'listen' }),
  ).toEqual({
    status: 'not-found',
  });
  const { rows } = await run(`select actor_id, entity_id from audit where action = 'call.supervised'`);
  expect(rows).toEqual([{ actor_id: boss, entity_id: call }]);
});

test('a box lists the recordings of its user’s calls where it is set so, and nobody else’s', async () => {
  const [box, call] = [uuidv7(), uuidv7()];
  await run(`insert into voicemail_box (id, company_id, number, name, user_id) values ($1, $2, 1, 'Box', $3)`, [
    box,
    company,
    user,
  ]);
  const recorded = async (of: string): Promise<string> => {
    const id = uuidv7();
    await run(
      `insert into recording (id, company_id, op, call_id, leg_id, kind, state, instance, purpose)
       values ($1, $2, $4, $3, 'leg', 'call', 'stored', 'm.1', '{}')`,
      [id, company, of, id],
    );
    return id;
  };
  const [own] = [await recorded(call), await recorded(uuidv7())];
  // the account of the call itself is nothing to this
  await run(`set session_replication_role = replica;
    insert into cdr_leg (company_id, call_id, leg, party, user_id, way, type, number, name, remote_type, remote_number, remote_name,
      started_at, duration_ms, ring_ms, talk_ms, hold_ms, billable_ms, disposition, missed, cost_micros, instance)
    values ('${company}', '${call}', 'leg', 1, '${user}', 'in', 'user', '101', '', 'number', '1', '', now(), 0, 0, 0, 0, 0,
      'answered', false, 0, 'm.1');
    set session_replication_role = origin`);
  const page = { before: null, limit: 10 };
  expect(await listBoxRecordings(db(), scope, box, page)).toEqual([]);
  await run('update voicemail_box set list_recordings = true where id = $1', [box]);
  expect((await listBoxRecordings(db(), scope, box, page))?.map(({ id }) => id)).toEqual([own]);
  expect(await listBoxRecordings(db(), scope, box, { ...page, id: uuidv7() })).toEqual([]);
  expect(await listBoxRecordings(db(), trustedScope(stranger), box, page)).toBe(null);

  const shared = uuidv7();
  await run(
    `insert into voicemail_box (id, company_id, number, name, list_recordings) values ($1, $2, 2, 'Reception', true)`,
    [shared, company],
  );
  const listed = async () => (await listBoxRecordings(db(), scope, shared, page))!.length;
  const fresh = async (id: string) => (await countBox(db(), scope, id))!.newRecordings;
  const all = await listed();
  expect(all).toBeGreaterThan(1);
  expect([await fresh(box), await fresh(shared), await hasNewRecordings(db(), scope)]).toEqual([1, all, true]);
  await recordingHeard(db(), trustedScope(stranger), own);
  expect(await fresh(box)).toBe(1);
  await recordingHeard(db(), scope, own);
  const heardAt = (await listBoxRecordings(db(), scope, box, page))![0]!.heardAt;
  expect(heardAt).not.toBe(null);
  await recordingHeard(db(), scope, own);
  expect((await listBoxRecordings(db(), scope, box, page))![0]!.heardAt).toEqual(heardAt);
  expect([await fresh(box), await fresh(shared), await listed()]).toEqual([0, all - 1, all]);
  expect(await countBox(db(), trustedScope(stranger), box)).toBe(null);
  expect(await hasNewRecordings(db(), trustedScope(stranger))).toBe(false);
});
