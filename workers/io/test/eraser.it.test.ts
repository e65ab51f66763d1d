/** An erasure that its request has left is finished by an io worker, once, whoever else works on it. */
import { beginErasure, type CompanyScope, getErasure, stepErasure, uuidv7 } from '@callwright/store';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eraser } from '../src/eraser.ts';
import { close, company, database, keyring, open } from './stage.ts';

beforeAll(open);
afterAll(close);

const NUMBER = '+33147200055';
const scope = () => ({ companyId: company }) as CompanyScope;

async function begin(): Promise<string> {
  const { db, pool } = database.store;
  const calling = JSON.stringify({ type: 'number', id: null, entityNumber: null, number: NUMBER, name: 'Ada' });
  await pool.query(
    `insert into call (id, number, company_id, direction, state, start, revision_hash, calling, called)
     values ($1, nextval('call_number_seq'), $2, 'inbound', 'ended', '{}', $3, $4, '{}')`,
    [uuidv7(), company, 'a'.repeat(64), calling],
  );
  const id = uuidv7();
  await beginErasure(db, keyring, scope(), { id, subject: { type: 'number', number: NUMBER }, dry: false });
  return id;
}
const round = () => eraser({ store: database.store, keyring, mediaDir: null }).round();
const left = async () =>
  (
    await database.store.pool.query(`select 1 from call where company_id = $1 and calling->>'number' = $2`, [
      company,
      NUMBER,
    ])
  ).rows.length;

it('leaves it to the request for a while, then goes on where that stopped; nothing is counted twice', async () => {
  const { db, pool } = database.store;
  const id = await begin();
  await stepErasure(db, keyring, id);
  await round();
  expect(await getErasure(db, scope(), id)).toMatchObject({ state: 'running' });
  await pool.query(`update erasure set due_at = now() - interval '1 second' where id = $1`, [id]);
  await Promise.all([round(), round(), round()]);
  await expect
    .poll(async () => {
      await round();
      return (await getErasure(db, scope(), id))?.state;
    })
    .toBe('done');
  const done = await getErasure(db, scope(), id);
  expect(done?.tables.find(({ table }) => table === 'call')).toMatchObject({ deleted: 0, changed: 1 });
  expect(await left()).toBe(0);
  // what he was known by is kept no longer
  const { rows } = await pool.query('select subject_enc from erasure where id = $1', [id]);
  expect(rows).toEqual([{ subject_enc: null }]);
  expect(await stepErasure(db, keyring, id)).toBeNull();
  expect(await getErasure(db, { companyId: uuidv7() } as CompanyScope, id)).toBeNull();
});

it('begun again under the same id it is the same one', async () => {
  const { db } = database.store;
  const id = await begin();
  const again = await beginErasure(db, keyring, scope(), {
    id,
    subject: { type: 'number', number: NUMBER },
    dry: true,
  });
  expect(again).toMatchObject({ id, dryRun: false });
});
