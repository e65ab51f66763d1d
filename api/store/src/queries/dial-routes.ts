/** Which company a caller without log-in and trunk has reached: the number decides, and where several have it, the host. */
import { sql } from 'kysely';
import { type Db, notSuspended } from './scope.ts';

/**
 * The company whose public number this is. A service number that several companies have is told apart by the host of the request
 * (`settings.host`); where that does not help, nobody is reached: null.
 */
export async function companyOfPublicNumber(db: Db, dialled: string, host: string): Promise<string | null> {
  const { rows } = await sql<{ companyId: string; host: string | null }>`
    select n.company_id as "companyId", owner.settings->>'host' as host
    from phone_number n join owner on owner.id = n.company_id and ${notSuspended}
    where n.public and (n.dialled = ${dialled} or (n.kind = 'did' and n.dialled = '+' || ${dialled})) limit 20`.execute(
    db,
  );
  const here = rows.filter((row) => row.host?.toLowerCase() === host.toLowerCase());
  const found = here.length > 0 ? here : rows;
  return found.length === 1 ? found[0]!.companyId : null;
}
