import { endLegs, insertLeg, storeRecords } from '@callwright/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callCloser } from '../src/closer.ts';
import { callStarter } from '../src/starter.ts';
import {
  age,
  callRow,
  callsQueue,
  close,
  company,
  coordinates,
  database,
  handleOf,
  keyring,
  open,
  place,
  runs,
  temporal,
} from './stage.ts';

beforeAll(open);
afterAll(close);

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
