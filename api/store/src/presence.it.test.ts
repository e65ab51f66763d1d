/** Presence as it follows from legs, registrations, modes and the pool; its events, numbered per company. */
import { type TestDatabase, testDatabase } from '@callwright/test-support';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createOwner, createPlatform } from './queries/owners.ts';
import {
  derivePresence,
  directoryEvents,
  directoryEventsOf,
  listPresence,
  setMailboxCounts,
  sweepPresence,
} from './queries/presence.ts';
import { trustedScope } from './queries/scope.ts';
import { uuidv7 } from './queries/uuid.ts';

let database: TestDatabase;
const platform = uuidv7();
let companyId: string;
let userId: string;
let loginId: string;

const query = (text: string, values: readonly unknown[] = []) => database.store.pool.query(text, [...values]);

beforeAll(async () => {
  database = await testDatabase();
  await createPlatform(database.store.db, { id: platform, kind: 'platform', name: 'P', settings: {} });
  await query(
    `insert into media_instance (instance, name, epoch, state) values ('m.1', 'm', 1, 'alive'), ('m.0', 'm', 0, 'lost')`,
  );
});
afterAll(() => database.drop());

beforeEach(async () => {
  companyId = uuidv7();
  await createOwner(database.store.db, platform, platform, {
    id: companyId,
    kind: 'company',
    name: companyId,
    settings: {},
  });
  [userId, loginId] = [uuidv7(), uuidv7()];
  await query(`insert into directory_user (id, company_id, number, extension) values ($1, $2, 1, '101')`, [
    userId,
    companyId,
  ]);
  await query(
    `insert into sip_login (id, company_id, user_id, username, realm, secret_enc, ha1_md5_enc, ha1_sha256_enc)
     values ($1::uuid, $2, $3, $1::text, 'r', '', '', '')`,
    [loginId, companyId, userId],
  );
  await settle();
});

async function settle(): Promise<void> {
  while ((await derivePresence(database.store.db, 100)) > 0);
}

async function state(): Promise<string> {
  await settle();
  const { items } = await listPresence(database.store.db, trustedScope(companyId), { after: 0, limit: 10 });
  return items[0]!.state;
}

const events = async () => {
  await settle();
  return directoryEvents(database.store.db, trustedScope(companyId), 0, 100);
};

const bind = (seconds = 300) =>
  query(
    `insert into registration (sip_login_id, contact, received, instance, user_agent, call_id, cseq, expires_at)
     values ($1, 'sip:a@h', 'udp:192.0.2.1:5060', 'm.1', 'Phone/1', 'c', 1, now() + make_interval(secs => $2))
     on conflict (sip_login_id, contact) do update set expires_at = excluded.expires_at`,
    [loginId, seconds],
  );

async function leg(direction: 'inbound' | 'outbound', legState: string, instance = 'm.1'): Promise<string> {
  const id = `${uuidv7()}/leg/1`;
  await query(
    `insert into leg (id, call_id, company_id, instance, direction, state, coordinates) values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      id,
      uuidv7(),
      companyId,
      instance,
      direction,
      legState,
      JSON.stringify({ type: 'user', id: userId, number: '101' }),
    ],
  );
  return id;
}

test('follows registration, legs, pool and mode, the call outweighing the rest', async () => {
  expect(await state()).toBe('unavailable');
  await bind();
  expect(await state()).toBe('available');
  const rung = await leg('outbound', 'early');
  expect(await state()).toBe('ringing');
  await query(`update leg set state = 'answered' where id = $1`, [rung]);
  expect(await state()).toBe('busy');
  await query(`update directory_user set user_mode = 'dnd' where id = $1`, [userId]);
  expect(await state()).toBe('busy');
  await query(`update leg set state = 'ended' where id = $1`, [rung]);
  expect(await state()).toBe('dnd');
  await query(`update directory_user set user_mode = 'away' where id = $1`, [userId]);
  expect(await state()).toBe('absent');
  await query(`update directory_user set user_mode = 'normal' where id = $1`, [userId]);
  await query(
    `insert into pool_occupation (company_id, user_id, grants, number) values ($1, $2, '[{"grant":"g"}]', 1)`,
    [companyId, userId],
  );
  expect(await state()).toBe('reserved');
  await query(`update pool_occupation set grants = '[]' where user_id = $1`, [userId]);
  expect(await state()).toBe('available');
});

test('goes with the log-in', async () => {
  await bind();
  expect(await state()).toBe('available');
  await query('delete from sip_login where id = $1', [loginId]);
  expect(await state()).toBe('unavailable');
});

test('a leg of a lost instance occupies nobody; a coordinate that names no user disturbs nothing', async () => {
  await bind();
  await leg('outbound', 'answered', 'm.0');
  await query(
    `insert into leg (id, call_id, company_id, instance, direction, state, coordinates) values ($1, $2, $3, 'm.1', 'inbound', 'early', $4)`,
    [uuidv7(), uuidv7(), companyId, JSON.stringify({ type: 'user', id: 'nobody', number: '' })],
  );
  expect(await state()).toBe('available');
});

test('what time ends is noticed: a binding, a mode', async () => {
  await bind(-1);
  await query(`update directory_user set user_mode = 'dnd', mode_until = now() + interval '1 hour' where id = $1`, [
    userId,
  ]);
  expect(await state()).toBe('dnd');
  await query(`update directory_user set mode_until = now() + interval '100 ms' where id = $1`, [userId]);
  await settle();
  await query('select pg_sleep(0.15)');
  await sweepPresence(database.store.db);
  expect(await state()).toBe('unavailable');
  const ended = (await events()).find((event) => event.type === 'device.unregistered');
  expect(ended?.body).toMatchObject({ userId, loginId, expired: true });
});

test('events are numbered without gaps, whoever derives at the same time, and are the company’s alone', async () => {
  for (let i = 0; i < 20; i++) {
    await bind();
    await query('delete from registration where sip_login_id = $1', [loginId]);
    await Promise.all([1, 2, 3].map(() => derivePresence(database.store.db, 2)));
  }
  const told = await events();
  expect(told.map((event) => event.n)).toEqual(told.map((_event, i) => i + 1));
  expect(told.filter((event) => event.type === 'device.registered')).toHaveLength(20);
  expect(told.filter((event) => event.type === 'device.unregistered')).toHaveLength(20);
  const changes = told
    .filter((event) => event.type === 'user.presence')
    .map((event) => event.body as { state: string; before: string });
  for (const [i, change] of changes.entries()) if (i > 0) expect(change.before).toBe(changes[i - 1]!.state);
  const other = uuidv7();
  await createOwner(database.store.db, platform, platform, { id: other, kind: 'company', name: other, settings: {} });
  expect(await directoryEvents(database.store.db, trustedScope(other), 0, 10)).toEqual([]);
  expect((await listPresence(database.store.db, trustedScope(other), { after: 0, limit: 10 })).items).toEqual([]);
  const both = await directoryEventsOf(
    database.store.db,
    [
      { companyId, after: told.length - 1 },
      { companyId: other, after: 0 },
    ],
    10,
  );
  expect(both.map((event) => [event.companyId, event.n])).toEqual([[companyId, told.length]]);
});

test('a rolled back change is no change', async () => {
  const before = (await events()).length;
  await database.store.db
    .transaction()
    .execute(async (tx) => {
      await tx.updateTable('directory_user').set({ user_mode: 'dnd' }).where('id', '=', userId).execute();
      throw new Error('no');
    })
    .catch(() => {});
  expect(await state()).toBe('unavailable');
  expect((await events()).length).toBe(before);
});

test('a box counts its messages, only for its company, its version moving with the counts alone', async () => {
  const boxId = uuidv7();
  await query(`insert into voicemail_box (id, company_id, number, name, user_id) values ($1, $2, 1, 'b', $3)`, [
    boxId,
    companyId,
    userId,
  ]);
  const version = async () =>
    (await query('select version from mailbox_state where box_id = $1', [boxId])).rows[0]?.version as number;
  expect(await setMailboxCounts(database.store.db, companyId, boxId, { fresh: 1, old: 0 })).toBe(true);
  await setMailboxCounts(database.store.db, companyId, boxId, { fresh: 1, old: 0 });
  expect(await version()).toBe(1);
  await setMailboxCounts(database.store.db, companyId, boxId, { fresh: 0, old: 1 });
  expect(await version()).toBe(2);
  expect(await setMailboxCounts(database.store.db, platform, boxId, { fresh: 9, old: 9 })).toBe(false);
});
