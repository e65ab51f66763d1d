/** Mail for missed calls, to users who wish it: queued with the history of the call, hence once a call and user. */
import type { CallAccount, Cdr } from '@callwright/engine';
import { sql } from 'kysely';
import { queueMail } from './mail.ts';
import type { Db } from './scope.ts';

/**
 * Users who missed the call. A member of a group or queue has missed nothing when somebody else took it; a user who was rung at several
 * devices, or himself called, has not when he talked.
 */
export function whoMissed(cdr: Cdr, account: CallAccount): string[] {
  const taken = cdr.connected !== null;
  const talked = new Set(cdr.legs.flatMap(({ coordinates: who, answeredAt }) => (answeredAt === null ? [] : [who.id])));
  const rung = account.legs.flatMap((leg) => {
    const who = cdr.legs.find((one) => one.leg === leg.leg)?.coordinates;
    return who?.type === 'user' && leg.missed && !(leg.group && taken) ? [who.id] : [];
  });
  // one whose phones were away, or who did not wish to be disturbed, has no leg; one who has his calls diverted misses none
  const called = cdr.called.type === 'user' && !taken && account.toCallId === null ? [cdr.called.id] : [];
  return [...new Set([...rung, ...called])].filter(
    (id): id is string => id !== null && !talked.has(id) && id !== cdr.calling.id,
  );
}

/** `caller` as the company's books name him. */
export async function mailMissedCalls(
  db: Db,
  companyId: string,
  callId: string,
  userIds: readonly string[],
  caller: { readonly number: string; readonly name: string; readonly at: number },
): Promise<void> {
  if (userIds.length === 0) return;
  const { rows } = await sql<{ id: string; email: string; name: string; language: string }>`
    select u.id, u.email, coalesce(nullif(trim(u.given_name || ' ' || u.family_name), ''), u.extension) as name,
      coalesce(u.language, owner.settings->>'language', 'en') as language
    from directory_user u join owner on owner.id = u.company_id
    where u.company_id = ${companyId} and u.id::text = any(${[...userIds]}::text[]) and u.missed_call_mail and u.email is not null
      and u.deleted_at is null and u.suspended_at is null`.execute(db);
  for (const user of rows) {
    await queueMail(db, companyId, {
      key: `missed-call/${callId}/${user.id}`,
      template: 'missed-call',
      language: user.language,
      recipient: user.email,
      variables: {
        number: caller.number,
        name: caller.name,
        called: user.name,
        at: new Date(caller.at).toISOString(),
      },
      attachment: null,
    });
  }
}
