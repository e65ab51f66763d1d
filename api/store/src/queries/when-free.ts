/** Calls that wait for a user to be free; `connect.ts` places them. */
import { sql } from 'kysely';
import type { ConnectRequest, ConnectSide } from './connect.ts';
import type { Db } from './scope.ts';
import { uuidv7 } from './uuid.ts';

/** So long a call waits for its user to be free, and so often it is tried. */
const WHEN_FREE_MS = 7_200_000;
const WHEN_FREE_TRIES = 3;
/** Between the user's hanging up and the call. */
const WHEN_FREE_RETRY_MS = 30_000;

/**
 * Joins two users as soon as both are free: the one who asks is called first. Asked again it is the same order. False when they are no two
 * users of the company.
 */
export async function callWhenFree(db: Db, companyId: string, by: string, extension: string): Promise<boolean> {
  const { rows } = await sql<{ id: string }>`
    select u.id from directory_user u
    where u.company_id = ${companyId} and u.extension = ${extension} and u.deleted_at is null and u.suspended_at is null
      and u.id::text <> ${by}`.execute(db);
  const wanted = rows[0];
  if (!wanted) return false;
  const side = (id: string): ConnectSide => ({
    to: { type: 'user', id },
    trunkId: null,
    announcement: null,
    autoAnswer: false,
    ringTimeoutMs: 30_000,
  });
  const request: ConnectRequest = { first: side(by), second: side(wanted.id), presentation: null, maxTalkMs: null };
  await sql`
    insert into scheduled_call (id, company_id, due_at, tries_left, retry_after_ms, request, when_free, expires_at)
    values (${uuidv7()}, ${companyId}, now(), ${WHEN_FREE_TRIES}, ${WHEN_FREE_RETRY_MS}, ${JSON.stringify(request)}, ${wanted.id},
      now() + make_interval(secs => ${WHEN_FREE_MS / 1000}))
    on conflict do nothing`.execute(db);
  return true;
}
