import { CALL_SIGNALS } from '@callwright/contract';
import { addControl, insertInboundCall, trustedScope, uuidv7 } from '@callwright/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callStarter } from '../src/starter.ts';
import {
  age,
  callRow,
  callsQueue,
  close,
  company,
  coordinates,
  database,
  HASH,
  handleOf,
  io,
  keyring,
  open,
  place,
  rival,
  runs,
  startOf,
  temporal,
} from './stage.ts';

beforeAll(open);
afterAll(close);

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
