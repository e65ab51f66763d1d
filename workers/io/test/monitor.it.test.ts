import { CALL_SIGNALS } from '@callwright/contract';
import { bootInstance } from '@callwright/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instanceMonitor } from '../src/monitor.ts';
import { callStarter } from '../src/starter.ts';
import {
  age,
  callsQueue,
  close,
  company,
  database,
  handleOf,
  io,
  keyring,
  open,
  place,
  suffix,
  temporal,
} from './stage.ts';

beforeAll(open);
afterAll(close);

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

  it('tells a call whose leg was ended in its row without the call hearing of it; not one that has released it or is over', async () => {
    const name = `silent-${suffix}`;
    const { instance } = await bootInstance(database.store.db, name, 10);
    const [unheard, released, over] = [await place(), await place(), await place()];
    for (const id of [unheard, released, over]) await age('call', id, 3);
    await callStarter({ store: database.store, keyring, temporal, callsQueue }).round();
    for (const [callId, state] of [
      [unheard, 'ended'],
      [released, 'released'],
      [over, 'ended'],
    ] as const) {
      await database.store.pool.query(
        `insert into leg (id, call_id, company_id, instance, direction, state, coordinates, ended_at)
         values ($1, $2, $3, $4, 'outbound', $5, '{}', now())`,
        [`${callId}/leg/1`, callId, company, instance, state],
      );
    }
    await database.store.pool.query(`update call set state = 'ended' where id = $1`, [over]);
    // its successor: the instance is lost
    await bootInstance(database.store.db, name, 10);
    const monitor = instanceMonitor({ store: database.store, temporal, now: () => 0 });
    await monitor.round();
    await monitor.round();
    const told = async (id: string) =>
      (await handleOf(id).fetchHistory()).events!.filter(
        (e) => e.workflowExecutionSignaledEventAttributes?.signalName === CALL_SIGNALS.instanceLost,
      ).length;
    expect([await told(unheard), await told(released), await told(over)]).toEqual([1, 0, 0]);
  });

  it('knows an instance that never booted as lost', async () => {
    expect(await io.lease({ instance: 'nobody.1' })).toEqual({ state: 'lost' });
  });
});
