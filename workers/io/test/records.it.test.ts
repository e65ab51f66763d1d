import { openRecordPii, uuidv7 } from '@callwright/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callRow, close, company, database, io, keyring, open, place, record, rival } from './stage.ts';

beforeAll(open);
afterAll(close);

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

describe('the order in which records are handed out', () => {
  const handedOut = async (callId: string): Promise<number[]> => {
    const { rows } = await database.store.pool.query(
      'select n from call_record where call_id = $1 and tx is not null order by tx, seq',
      [callId],
    );
    return rows.map(({ n }) => n);
  };
  const store = (callId: string, ...numbers: number[]) =>
    io.storeRecords({ companyId: company, callId, records: numbers.map((n) => record(n, {})), final: false });

  it('is that of their numbers, whatever the order in which they were stored', async () => {
    const callId = await place();
    await store(callId, 1, 2);
    await store(callId, 5, 6);
    await store(callId, 8);
    expect(await handedOut(callId)).toEqual([1, 2]);
    await store(callId, 4);
    expect(await handedOut(callId)).toEqual([1, 2]);
    await store(callId, 3);
    expect(await handedOut(callId)).toEqual([1, 2, 3, 4, 5, 6]);
    await store(callId, 6, 7, 9);
    expect(await handedOut(callId)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('is kept when many write at once', async () => {
    const callId = await place();
    const numbers = Array.from({ length: 40 }, (_, i) => i + 1);
    await Promise.all(numbers.toSorted(() => Math.random() - 0.5).map((n) => store(callId, n, n + 1)));
    expect(await handedOut(callId)).toEqual([...numbers, 41]);
  });

  it('waits for nobody once the call is closed', async () => {
    const callId = await place();
    await store(callId, 1, 3);
    const last = record(5, { type: 'call.ended', cdr: { legs: [] } }, 'call.ended');
    await io.storeRecords({ companyId: company, callId, records: [last], final: true });
    expect(await handedOut(callId)).toEqual([1, 3, 5]);
    await store(callId, 2);
    await store(callId, 9);
    expect(await handedOut(callId)).toEqual([1, 3, 5, 2, 9]);
  });
});
