/** After telephony has ended its legs: gives the calls a moment to write their last record. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const DRAIN_MS = 4_000;

/** Resolves when no call with a leg that was answered here is unfinished, at the latest after four seconds. Never throws. */
export async function awaitCallsEnded(databaseUrl: string): Promise<void> {
  if (!databaseUrl) return;
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 1_000 });
  client.on('error', () => {});
  const deadline = Date.now() + DRAIN_MS;
  try {
    await client.connect();
    while (Date.now() < deadline && (await hasOpenCalls(client))) await sleep(100);
  } catch {
    // the database is away: Temporal keeps the calls, the next start writes their ends
  } finally {
    await client.end().catch(() => {});
  }
}

async function hasOpenCalls(client: pg.Client): Promise<boolean> {
  const open = await client.query<{ open: boolean }>(
    "select exists (select 1 from call where state = 'started' and id in (select call_id from leg)) as open",
  );
  return open.rows[0]?.open ?? false;
}
