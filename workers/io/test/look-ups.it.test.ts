import type { IoActivities } from '@callwright/contract';
import { uuidv7 } from '@callwright/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { close, company, database, HASH, io, open, rival, suffix } from './stage.ts';

beforeAll(open);
afterAll(close);

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
    expect(await ask({ what: 'number', number: '995' })).toEqual({ status: 'not-found' });
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
