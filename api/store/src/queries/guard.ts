/** Guessing: attempts per subject (log-in name, source address) with the ban they lead to, in table `guard`. */
import { sql } from 'kysely';
import type { Db } from './scope.ts';

export interface GuardPolicy {
  /** Failures allowed within the window. */
  readonly limit: number;
  readonly windowMs: number;
  /** The first ban; each one after it, within a day, is twice as long, up to 32 times. */
  readonly banMs: number;
}

export interface GuardAnswer {
  readonly allowed: boolean;
  /** Until the ban ends; 0 when allowed. */
  readonly retryAfterMs: number;
}

/**
 * Counts an attempt *before* it is tried, so that guesses made in parallel cannot outrun the count. A success gives its
 * attempt back with `guardClear` or `guardForgive`.
 */
export async function guardAttempt(db: Db, subject: string, policy: GuardPolicy): Promise<GuardAnswer> {
  const { limit, windowMs, banMs } = policy;
  const stale = sql`guard.window_from < now() - make_interval(secs => ${windowMs / 1000})`;
  const forgotten = sql`guard.window_from < now() - interval '1 day'`;
  const banned = sql`(guard.banned_until is not null and guard.banned_until > now())`;
  const fresh = sql`(${stale} or (guard.banned_until is not null and guard.banned_until <= now()))`;
  const tooMany = sql`(not ${banned} and not ${fresh} and guard.failures + 1 > ${limit})`;
  const bans = sql`case when ${forgotten} then 0 else guard.bans end`;
  const { rows } = await sql<{ wait: number | null }>`
    insert into guard (subject, failures, window_from) values (${subject}, 1, now())
    on conflict (subject) do update set
      failures = case when ${banned} then guard.failures when ${fresh} then 1 else guard.failures + 1 end,
      window_from = case when not ${banned} and ${fresh} then now() else guard.window_from end,
      bans = ${bans} + case when ${tooMany} then 1 else 0 end,
      banned_until = case when ${banned} then guard.banned_until
        when ${tooMany} then now() + make_interval(secs => ${banMs / 1000} * 2 ^ least(${bans}, 5)) end
    returning (extract(epoch from (banned_until - clock_timestamp())) * 1000)::float8 as wait`.execute(db);
  const wait = rows[0]?.wait ?? 0;
  return wait > 0 ? { allowed: false, retryAfterMs: Math.ceil(wait) } : { allowed: true, retryAfterMs: 0 };
}

/** Forgets a subject after a success. */
export async function guardClear(db: Db, subject: string): Promise<void> {
  await db.deleteFrom('guard').where('subject', '=', subject).execute();
}

/** Gives one attempt back: a success of one of many who share the subject (a source address). */
export async function guardForgive(db: Db, subject: string): Promise<void> {
  await sql`update guard set failures = greatest(failures - 1, 0) where subject = ${subject} and banned_until is null`.execute(
    db,
  );
}

/** Forgets subjects whose last failure and ban are long past. */
export async function purgeGuard(db: Db): Promise<void> {
  await sql`delete from guard where window_from < now() - interval '1 day' and (banned_until is null or banned_until < now())`.execute(
    db,
  );
}
