/** io activities, monitor and starter on the real store and the real Temporal server. */
import { randomUUID } from 'node:crypto';
import { CALL_SIGNALS, callWorkflowId, type IoActivities } from '@callwright/contract';
import { connectTemporal, type TemporalClient } from '@callwright/contract/codec';
import type { CallRecord, CallStart } from '@callwright/engine';
import {
  addControl,
  bootInstance,
  endLegs,
  insertInboundCall,
  insertLeg,
  keyringFromBytes,
  openRecordPii,
  placeCall,
  storeRecords,
  trustedScope,
  uuidv7,
} from '@callwright/store';
import { type TestDatabase, testDatabase, testTemporal } from '@callwright/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ioActivities } from '../src/activities.ts';
import { callCloser } from '../src/closer.ts';
import { httpSender } from '../src/http-request.ts';
import { instanceMonitor } from '../src/monitor.ts';
import { callStarter } from '../src/starter.ts';
import { urlGuard } from '../src/url-guard.ts';

const keyring = keyringFromBytes(Buffer.alloc(32, 5));
const suffix = randomUUID().slice(0, 8);
/** No worker polls it: workflows stay at their start, their signals in their history. */
const callsQueue = `calls-${suffix}`;
const HASH = 'cd'.repeat(32);
const company = uuidv7();
const rival = uuidv7();
let database: TestDatabase;
let temporal: TemporalClient;
let io: IoActivities;

beforeAll(async () => {
  database = await testDatabase();
  const { pool } = database.store;
  for (const [id, name] of [
    [company, 'acme'],
    [rival, 'rival'],
  ]) {
    await pool.query(
      `insert into owner (id, kind, path, name, number, settings) values ($1, 'company', array[$1::uuid], $2, $3, '{"language":"it"}')`,
      [id, name, name === 'acme' ? 1 : 2],
    );
    await pool.query(
      `insert into flow (id, company_id, number, name, title, draft, published_hash) values ($1, $2, 1, 'front', 'Front desk', '{}', $3)`,
      [uuidv7(), id, name === 'acme' ? HASH : null],
    );
  }
  await pool.query(
    `insert into revision (hash, company_id, flow_id, number, closure, published_by)
     select $1, $2, id, 1, $3, 'test' from flow where company_id = $2`,
    [HASH, company, JSON.stringify({ root: HASH, documents: {} })],
  );
  temporal = await connectTemporal({ ...testTemporal(), cipher: keyring, closures: async () => null });
  io = ioActivities({ store: database.store, keyring, temporal, http: httpSender(urlGuard([])), callsQueue });
});
afterAll(async () => {
  // nobody serves these runs: they would stay on the server for ever
  for (const id of (await database?.store.pool.query('select id from call'))?.rows ?? []) {
    await handleOf(id.id)
      .terminate()
      .catch(() => {});
  }
  await temporal?.close();
  await database?.drop();
});

const coordinates = { type: 'unknown', id: null, entityNumber: null, number: '100', name: '' };

function startOf(callId: string, number: number, inbound: CallStart['inbound']): CallStart {
  return {
    type: 'call.start',
    at: Date.now(),
    callId,
    number,
    companyId: company,
    externalId: null,
    direction: 'outbound',
    locale: { language: 'en', timeZone: 'UTC', country: 'GB', currency: 'EUR' },
    seed: 1,
    revision: HASH,
    variables: {},
    called: coordinates,
    inbound,
    originate: null,
  };
}

async function place(): Promise<string> {
  const id = uuidv7();
  const start = (number: number) => startOf(id, number, null);
  await placeCall(database.store.db, keyring, trustedScope(company), {
    id,
    externalId: null,
    direction: 'outbound',
    revision: HASH,
    calling: coordinates,
    called: coordinates,
    start,
  });
  return id;
}

const age = (table: string, id: string, seconds: number) =>
  database.store.pool.query(`update ${table} set created_at = now() - $2 * interval '1 second' where id = $1`, [
    id,
    seconds,
  ]);
const callRow = async (id: string) =>
  (await database.store.pool.query('select * from call where id = $1', [id])).rows[0];
const handleOf = (id: string) => temporal.client.workflow.getHandle(callWorkflowId(company, id));
const runs = async (id: string): Promise<boolean> =>
  handleOf(id)
    .describe()
    .then(
      () => true,
      () => false,
    );

const record = (n: number, body: CallRecord['body'], type = 'log'): CallRecord => ({
  n,
  at: 1_700_000_000_123,
  stream: 'fact',
  type,
  body,
});

describe('records', () => {
  it('are written once each, in whatever batches they come', async () => {
    const callId = await place();
    const batch = (...numbers: number[]) =>
      io.storeRecords({ companyId: company, callId, records: numbers.map((n) => record(n, { n })), final: false });
    expect(await batch(1, 2, 3)).toEqual({ storedRecord: 3 });
    await Promise.all([batch(2, 3, 4), batch(3, 4, 5), batch(5)]);
    const { rows } = await database.store.pool.query(
      'select n, at, body from call_record where call_id = $1 order by n',
      [callId],
    );
    expect(rows.map((row) => [row.n, row.body.n])).toEqual([1, 2, 3, 4, 5].map((n) => [n, n]));
    expect(rows[0].at.getTime()).toBe(1_700_000_000_123);
  });

  it('keep personal values apart, encrypted for their company', async () => {
    const callId = await place();
    const body = { type: 'leg', pii: { 'body.digit': '918273' } };
    await io.storeRecords({ companyId: company, callId, records: [record(1, body)], final: false });
    const { rows } = await database.store.pool.query('select * from call_record where call_id = $1', [callId]);
    expect(rows[0].body).toEqual({ type: 'leg' });
    expect(JSON.stringify(rows[0]) + rows[0].pii_enc.toString('latin1')).not.toContain('918273');
    expect(openRecordPii(keyring, company, rows[0].pii_enc)).toEqual({ 'body.digit': '918273' });
    expect(() => openRecordPii(keyring, rival, rows[0].pii_enc)).toThrow();
  });

  it('close the call’s row with its CDR, also when the last record had been stored before', async () => {
    const callId = await place();
    const cdr = { disposition: 'answered', endedAt: 1_700_000_009_000, legs: [] };
    const last = record(2, { type: 'call.ended', cdr }, 'call.ended');
    await io.storeRecords({ companyId: company, callId, records: [record(1, {}), last], final: false });
    await io.storeRecords({ companyId: company, callId, records: [], final: true });
    await io.storeRecords({ companyId: company, callId, records: [last], final: true });
    expect(await callRow(callId)).toMatchObject({ state: 'ended', disposition: 'answered', cdr });
    expect((await callRow(callId)).ended_at.getTime()).toBe(1_700_000_009_000);
    expect(await io.callsAlive({ companyId: company, callIds: [callId] })).toEqual({ ended: [callId] });
  });

  it('cannot be written into another company’s call row', async () => {
    const callId = await place();
    await io.storeRecords({ companyId: rival, callId, records: [], final: true });
    expect(await callRow(callId)).toMatchObject({ state: 'waiting' });
  });
});

describe('look-ups', () => {
  const user = uuidv7();
  const group = uuidv7();
  beforeAll(async () => {
    const { pool } = database.store;
    await pool.query(
      `insert into directory_user (id, company_id, number, extension, given_name, family_name) values ($1, $2, 7, '101', 'Ada', 'Byron')`,
      [user, company],
    );
    await pool.query(`insert into directory_user (id, company_id, number, extension) values ($1, $2, 1, '101')`, [
      uuidv7(),
      rival,
    ]);
    await pool.query(
      `insert into ring_group (id, company_id, number, extension, name, strategy) values ($1, $2, 1, '300', 'sales', 'all')`,
      [group, company],
    );
    await pool.query(`insert into ring_group_member (group_id, user_id, position) values ($1, $2, 1)`, [group, user]);
    await pool.query(`insert into calendar (id, company_id, number, name, hours) values ($1, $2, 1, 'office', $3)`, [
      uuidv7(),
      company,
      JSON.stringify({ timeZone: 'Europe/Rome', weekly: [], dates: [] }),
    ]);
    const numbers = [
      ['200', 'service', 'flow', 'front'],
      ['+390612345678', 'did', 'user', user],
      ['201', 'service', 'number', '202'],
      ['202', 'service', 'number', '201'],
      ['203', 'service', 'number', '101'],
    ];
    for (const [dialled, kind, type, id] of numbers) {
      const number = uuidv7();
      await pool.query(
        `insert into phone_number (id, owner_id, company_id, number, dialled, kind) values ($1, $2, $2, $3, $4, $5)`,
        [number, company, Number(dialled!.slice(-3)), dialled, kind],
      );
      await pool.query(
        `insert into routing_rule (id, company_id, phone_number_id, destination_type, destination_id) values ($1, $2, $3, $4, $5)`,
        [uuidv7(), company, number, type, id],
      );
    }
  });
  const ask = (lookup: Parameters<IoActivities['lookup']>[0]['lookup'], companyId = company) =>
    io.lookup({ companyId, callId: 'c', lookup });

  it('find users, groups and calendars by id and by name, of their own company only', async () => {
    const found = {
      status: 'user',
      user: {
        userId: user,
        language: 'it',
        registered: false,
        coordinates: { number: '101', name: 'Ada Byron', entityNumber: 7 },
      },
    };
    expect(await ask({ what: 'user', id: user })).toMatchObject(found);
    expect(await ask({ what: 'user', id: user }, rival)).toEqual({ status: 'not-found' });
    for (const id of [group, 'sales']) {
      expect(await ask({ what: 'ring-group', id })).toMatchObject({
        status: 'ring-group',
        group: { id: group, strategy: 'all', members: [{ userId: user, registered: false }] },
      });
    }
    expect(await ask({ what: 'ring-group', id: 'sales' }, rival)).toEqual({ status: 'not-found' });
    expect(await ask({ what: 'calendar', id: 'office' })).toMatchObject({
      status: 'calendar',
      calendar: { timeZone: 'Europe/Rome' },
    });
    for (const what of ['user', 'ring-group', 'calendar'] as const)
      expect(await ask({ what, id: "' or 1=1 --" })).toEqual({ status: 'not-found' });
  });

  it('sees a registered contact', async () => {
    const login = uuidv7();
    const secret = Buffer.of(1);
    await database.store.pool.query(
      `insert into sip_login (id, company_id, user_id, username, realm, secret_enc, ha1_md5_enc, ha1_sha256_enc) values ($1, $2, $3, $4, 'r', $5, $5, $5)`,
      [login, company, user, `u-${suffix}`, secret],
    );
    await database.store.pool.query(
      `insert into registration (sip_login_id, contact, received, instance, call_id, cseq, expires_at) values ($1, 'sip:a', 'udp:1', 'm.1', 'c', 1, now() + interval '1 minute')`,
      [login],
    );
    expect(await ask({ what: 'user', id: user })).toMatchObject({ user: { registered: true } });
    await database.store.pool.query(
      `update registration set expires_at = now() - interval '1 second' where sip_login_id = $1`,
      [login],
    );
    expect(await ask({ what: 'user', id: user })).toMatchObject({ user: { registered: false } });
  });

  it('lead from numbers to what they reach', async () => {
    expect(await ask({ what: 'number', number: '101' })).toMatchObject({ destination: { type: 'user', id: user } });
    expect(await ask({ what: 'number', number: '300' })).toMatchObject({
      destination: { type: 'ring-group', id: group },
    });
    expect(await ask({ what: 'number', number: '200' })).toMatchObject({
      destination: { type: 'flow' },
      revision: HASH,
      closure: { root: HASH },
    });
    for (const number of ['+390612345678', '00390612345678', '390612345678', '+39 06 1234-5678']) {
      expect(await ask({ what: 'number', number })).toMatchObject({ destination: { type: 'user', id: user } });
    }
    expect(await ask({ what: 'number', number: '203' })).toMatchObject({ destination: { type: 'user', id: user } });
    expect(await ask({ what: 'number', number: '201' })).toEqual({ status: 'not-found' });
    expect(await ask({ what: 'number', number: '999' })).toEqual({ status: 'not-found' });
    expect(await ask({ what: 'number', number: '200' }, rival)).toEqual({ status: 'not-found' });
    expect(await ask({ what: 'number', number: '+390612345678' }, rival)).toMatchObject({
      destination: { type: 'number' },
      revision: null,
    });
  });

  it('know destinations by type, and no others', async () => {
    expect(await ask({ what: 'destination', destination: { type: 'flow', id: 'front' } })).toMatchObject({
      revision: HASH,
    });
    expect(await ask({ what: 'destination', destination: { type: 'flow', id: 'front' } }, rival)).toEqual({
      status: 'not-found',
    });
    expect(await ask({ what: 'destination', destination: { type: 'sip', id: 'sip:a@b' } })).toMatchObject({
      coordinates: { type: 'sip', number: 'sip:a@b' },
    });
    for (const type of ['voicemail', 'constructor', '__proto__']) {
      expect(await ask({ what: 'destination', destination: { type, id: 'x' } })).toEqual({ status: 'not-found' });
    }
  });
});

describe('the closer', () => {
  const closer = () => callCloser({ store: database.store, keyring, temporal });

  /** A started call whose only leg has ended a minute ago. */
  async function silent(): Promise<{ id: string; leg: string }> {
    const id = await place();
    await age('call', id, 3);
    await callStarter({ store: database.store, keyring, temporal, callsQueue }).round();
    expect(await runs(id)).toBe(true);
    const leg = await legOf(id);
    await database.store.pool.query(`update call set started_at = now() - interval '2 min' where id = $1`, [id]);
    return { id, leg };
  }

  async function legOf(callId: string): Promise<string> {
    const id = `${callId}/leg/moved`;
    await insertLeg(database.store.db, company, callId, {
      id,
      instance: 'm.1',
      direction: 'outbound',
      coordinates,
      dialogId: null,
      transactionId: null,
      sipCallId: `dialog of ${callId}`,
      source: null,
    });
    await endLegs(database.store.db, company, [id], 'failed');
    await database.store.pool.query(`update leg set ended_at = now() - interval '1 min' where id = $1`, [id]);
    return id;
  }

  it('ends a call whose workflow is gone, with a CDR made of its rows; one that runs it leaves alone', async () => {
    const [gone, running] = [await silent(), await silent()];
    await storeRecords(database.store.db, keyring, {
      companyId: company,
      callId: gone.id,
      records: [{ n: 1, at: Date.now(), stream: 'fact', type: 'log', body: { text: 'the last that was heard' } }],
    });
    await handleOf(gone.id).terminate();
    await Promise.all([closer().round(), closer().round()]);
    await closer().round();
    const row = await callRow(gone.id);
    expect([row.state, row.disposition]).toEqual(['ended', 'failed']);
    expect(row.cdr).toMatchObject({
      cause: 'failed',
      endedBy: 'platform',
      legs: [
        { leg: gone.leg, party: 1, cause: 'failed', sipCallId: `dialog of ${gone.id}`, endedAt: expect.any(Number) },
      ],
    });
    const records = await database.store.pool.query('select n, type from call_record where call_id = $1 order by n', [
      gone.id,
    ]);
    expect(records.rows).toEqual([
      { n: 1, type: 'log' },
      { n: 2, type: 'call.ended' },
    ]);
    expect((await callRow(running.id)).state).toBe('started');
  });

  it('adds to the CDR of an ended call the leg that came too late to be in it, once', async () => {
    const { id, leg } = await silent();
    await handleOf(id).terminate();
    await closer().round();
    const late = `${id}/leg/late`;
    await database.store.pool.query(
      `insert into leg (id, call_id, company_id, instance, direction, state, coordinates, ended_at, cause)
       values ($1, $2, $3, 'm.1', 'inbound', 'ended', $4, now(), 'normal')`,
      [late, id, company, JSON.stringify(coordinates)],
    );
    await Promise.all([closer().round(), closer().round()]);
    await closer().round();
    const { cdr } = await callRow(id);
    expect(cdr.legs.map((one: { leg: string; party: number }) => [one.leg, one.party])).toEqual([
      [leg, 1],
      [late, 2],
    ]);
  });
});

describe('the starter', () => {
  const starter = () => callStarter({ store: database.store, keyring, temporal, callsQueue });

  it('starts what waits, once, however many try, and leaves what is fresh, refused or inbound and young', async () => {
    const [old, fresh, refused] = [await place(), await place(), await place()];
    const inbound = uuidv7();
    const leg = { leg: `${inbound}/leg/1`, instance: 'm.1', sipCallId: 'x', coordinates };
    await insertInboundCall(database.store.db, {
      callId: inbound,
      number: 900_001,
      companyId: company,
      direction: 'inbound',
      start: startOf(inbound, 900_001, leg) as never,
      revision: HASH,
      calling: coordinates,
      called: coordinates,
      leg: {
        id: leg.leg,
        instance: 'm.1',
        direction: 'inbound',
        coordinates,
        dialogId: null,
        transactionId: null,
        sipCallId: null,
        source: null,
      },
    });
    for (const id of [old, refused, inbound]) await age('call', id, 3);
    await database.store.pool.query(`update call set state = 'refused' where id = $1`, [refused]);
    await Promise.all([starter().round(), starter().round(), starter().round()]);
    await starter().round();
    expect([await runs(old), await runs(fresh), await runs(refused), await runs(inbound)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect((await callRow(old)).state).toBe('started');
    await age('call', inbound, 11);
    await starter().round();
    expect(await runs(inbound)).toBe(true);
  });

  it('calls nobody for a company that was suspended meanwhile', async () => {
    const id = await place();
    await age('call', id, 3);
    await database.store.pool.query('update owner set suspended_at = now() where id = $1', [company]);
    await starter().round();
    await database.store.pool.query('update owner set suspended_at = null where id = $1', [company]);
    await starter().round();
    expect([await runs(id), (await callRow(id)).state]).toEqual([false, 'refused']);
  });

  it('takes a start that had happened as done', async () => {
    const id = await place();
    await age('call', id, 3);
    await starter().round();
    await database.store.pool.query(`update call set state = 'waiting' where id = $1`, [id]);
    await starter().round();
    expect((await callRow(id)).state).toBe('started');
  });

  it('delivers commands left behind, and gives up those of calls that are over', async () => {
    const [running, over] = [await place(), await place()];
    await age('call', running, 3);
    await starter().round();
    const controls: string[] = [];
    for (const callId of [running, over]) {
      const id = uuidv7();
      controls.push(id);
      await addControl(database.store.db, trustedScope(company), {
        id,
        callId,
        by: { type: 'user', id: 'u' },
        action: { kind: 'continue' },
      });
      await age('call_control', id, 3);
    }
    await starter().round();
    const { rows } = await database.store.pool.query(
      'select delivered_at from call_control where id = any($1::uuid[])',
      [controls],
    );
    expect(rows.every((row) => row.delivered_at !== null)).toBe(true);
    const history = await handleOf(running).fetchHistory();
    const signals = history.events!.filter(
      (e) => e.workflowExecutionSignaledEventAttributes?.signalName === CALL_SIGNALS.control,
    );
    expect(signals).toHaveLength(1);
  });

  it('starts pools once and with them the messages of those that did not run', async () => {
    const message = { type: 'pool.return', id: 'x', callId: uuidv7(), grant: 'g' } as const;
    await io.storePool({
      companyId: company,
      occupations: [{ userId: uuidv7(), grants: [{ grant: 'g', callId: 'c' }] }],
      number: 4,
    });
    await io.poolMessage({ companyId: company, message });
    await starter().pools();
    await starter().pools();
    const pool = temporal.client.workflow.getHandle(`pool:${company}`);
    const events = (await pool.fetchHistory()).events!;
    expect(events.filter((e) => e.workflowExecutionSignaledEventAttributes).length).toBe(1);
    await pool.terminate();
    await temporal.client.workflow.getHandle(`pool:${rival}`).terminate();
  });
});

describe('occupations', () => {
  it('are written in the order of their numbers, whatever the order of arrival', async () => {
    const userId = uuidv7();
    const store = (number: number, grant: string) =>
      io.storePool({
        companyId: rival,
        occupations: [{ userId, grants: grant ? [{ grant, callId: 'c' }] : [] }],
        number,
      });
    await store(2, 'second');
    await store(1, 'first');
    const { rows } = await database.store.pool.query('select grants from pool_occupation where user_id = $1', [userId]);
    expect(rows[0].grants).toEqual([{ grant: 'second', callId: 'c' }]);
  });
});

describe('the monitor', () => {
  it('marks an instance lost once its lease has run out, and tells its calls once', async () => {
    const { instance } = await bootInstance(database.store.db, `dead-${suffix}`, 10);
    const { instance: living } = await bootInstance(database.store.db, `living-${suffix}`, 10);
    const callId = await place();
    await age('call', callId, 3);
    await callStarter({ store: database.store, keyring, temporal, callsQueue }).round();
    await database.store.pool.query(
      `insert into leg (id, call_id, company_id, instance, direction, state, coordinates) values ($1, $2, $3, $4, 'outbound', 'answered', '{}')`,
      [`${callId}/leg/1`, callId, company, instance],
    );
    let now = 0;
    const monitors = [1, 2].map(() => instanceMonitor({ store: database.store, temporal, now: () => now }));
    const everyone = () => Promise.all(monitors.map((monitor) => monitor.round()));
    for (; now < 10_000; now += 1000) {
      await database.store.pool.query('update media_instance set renewed_at = clock_timestamp() where instance = $1', [
        living,
      ]);
      await everyone();
      expect(await io.lease({ instance })).toEqual({ state: 'alive' });
    }
    await database.store.pool.query('update media_instance set renewed_at = clock_timestamp() where instance = $1', [
      living,
    ]);
    await everyone();
    await everyone();
    expect([await io.lease({ instance }), await io.lease({ instance: living })]).toEqual([
      { state: 'lost' },
      { state: 'alive' },
    ]);
    const signals = (await handleOf(callId).fetchHistory()).events!.filter(
      (e) => e.workflowExecutionSignaledEventAttributes?.signalName === CALL_SIGNALS.instanceLost,
    );
    expect(signals.length).toBeGreaterThanOrEqual(1);
    expect(signals.length).toBeLessThanOrEqual(2);
    const leg = async () =>
      (await database.store.pool.query('select state, cause from leg where call_id = $1', [callId])).rows[0];
    expect(await leg()).toMatchObject({ state: 'answered' });
    await database.store.pool.query(
      `update media_instance set lost_at = now() - interval '61 seconds' where instance = $1`,
      [instance],
    );
    await everyone();
    expect(await leg()).toMatchObject({ state: 'ended', cause: 'media-lost' });
  });

  it('knows an instance that never booted as lost', async () => {
    expect(await io.lease({ instance: 'nobody.1' })).toEqual({ state: 'lost' });
  });
});
