/** The demo company as tests of its routing see it, and back as it was after each. */
import { expect } from 'vitest';
import { startTestApi } from './test-api.ts';

const CHANGED = [
  'routing_rule where phone_number_id is null',
  'routing_settings',
  'number_prefix',
  'call_restriction',
  'spend_cap',
  'spend_counter',
  'feature_code',
  'caller_list',
] as const;

export type RoutingStage = Awaited<ReturnType<typeof openRoutingStage>>;

export async function openRoutingStage() {
  const api = await startTestApi();
  const { body: users } = await api.ask('GET', '/users');
  const userOf = (extension: string): string =>
    users.items.find((user: { extension: string }) => user.extension === extension).id;
  const [alice, bob, company] = [userOf('101'), userOf('102'), api.demo.companyId];
  return {
    api,
    alice,
    bob,
    company,
    /** Takes back what a test has changed. */
    reset: async (): Promise<void> => {
      const { pool } = api.store;
      for (const rows of CHANGED) await pool.query(`delete from ${rows}`);
      await pool.query('update directory_user set max_calls = null, block_premium = false, suspended_at = null');
      await pool.query(`delete from leg where instance = 'gone.1'`);
      await pool.query(`delete from call where state = 'started'`);
    },
    explain: async (dialled: string, more: Record<string, string> = {}) => {
      const query = new URLSearchParams({ dialled, user: alice, company, ...more });
      const { status, body } = await api.ask('GET', `/routing/explain?${query}`);
      expect([status, body.detail]).toEqual([200, undefined]);
      return body;
    },
    make: async (path: string, body: object) => {
      const made = await api.ask('POST', path, { body });
      expect([made.status, made.body.title]).toEqual([201, undefined]);
      return made.body;
    },
    code: async (method: 'POST' | 'PUT', path: string, body: object) =>
      (await api.ask(method, path, { body })).body.code,
  };
}
