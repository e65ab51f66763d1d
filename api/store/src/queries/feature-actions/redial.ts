/** Calls again what the user called last. */
import { sql } from 'kysely';
import type { FeatureAction } from './feature-action.ts';

export const redial: FeatureAction = {
  action: 'redial',
  argument: 'none',
  defaultCode: '*66',
  lead: async (db, { companyId, userId }) => {
    if (userId === null) return null;
    const { rows } = await sql<{ number: string }>`
      select called->>'number' as number from call
      where company_id = ${companyId} and calling->>'id' = ${userId} and calling->>'type' = 'user'
        and called->>'number' ~ '^[+0-9]{1,64}$' and start->'originate' = 'null'::jsonb
      order by created_at desc limit 1`.execute(db);
    return rows[0] ? { type: 'number', id: rows[0].number } : null;
  },
};
