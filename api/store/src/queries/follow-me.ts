/** Follow-me: colleagues and numbers where a user's calls ring beside his own phones. */
import { type Coordinates, type IoResult, openingAt, type RingPlan } from '@callwright/engine';
import { sql } from 'kysely';
import { calendarInForce } from './calendars.ts';
import { FULL_NAME, NOT_REACHABLE, REGISTERED } from './reach.ts';
import type { Db } from './scope.ts';

/** Who rings beside a user's own phones: a colleague or a number, one of them. */
export interface FollowMeTarget {
  readonly userId: string | null;
  readonly number: string | null;
  /** After the user's own phones began. */
  readonly delayMs: number;
  readonly ringMs: number;
  /** Whoever answers accepts by a key. */
  readonly confirm: boolean;
}

/** In order. */
export async function followMeTargets(db: Db, companyId: string, userId: string): Promise<readonly FollowMeTarget[]> {
  const { rows } = await sql<FollowMeTarget>`
    select target_user_id as "userId", number, delay_ms as "delayMs", ring_ms as "ringMs", confirm from follow_me
    where company_id = ${companyId} and user_id::text = ${userId} order by position`.execute(db);
  return rows;
}

/** Replaces them; users must be the company's. */
export async function writeFollowMe(
  tx: Db,
  companyId: string,
  userId: string,
  targets: readonly FollowMeTarget[],
): Promise<void> {
  await tx.deleteFrom('follow_me').where('company_id', '=', companyId).where('user_id', '=', userId).execute();
  if (targets.length === 0) return;
  const rows = targets.map(({ userId: target, number, delayMs, ringMs, confirm }, position) => ({
    user_id: userId,
    company_id: companyId,
    position,
    target_user_id: target,
    number,
    delay_ms: delayMs,
    ring_ms: ringMs,
    confirm,
  }));
  await tx.insertInto('follow_me').values(rows).execute();
}

/** How a number outside can be dialled on the user's account at this moment, if it can. */
type OutsideLine = (number: string) => Promise<Extract<IoResult, { status: 'destination' }> | null>;
type Member = NonNullable<RingPlan['followMe']>[number];

interface TargetRow {
  position: number;
  delay_ms: number;
  ring_ms: number;
  confirm: boolean;
  outside: string | null;
  id: string | null;
  number: number | null;
  extension: string | null;
  name: string;
  registered: boolean;
  calendar_id: string | null;
}

const NO_WISHES: Omit<RingPlan, 'accountNumber'> = {
  refuse: null,
  always: null,
  busy: null,
  noAnswer: null,
  unreachable: null,
  preAnswer: null,
  screening: null,
};

/** The answer to a look-up of a user, with who rings beside him when he wants that and it is the time for it. */
export async function withFollowMe(
  db: Db,
  companyId: string,
  answer: IoResult,
  at: number,
  outside: (account: string) => OutsideLine,
): Promise<IoResult> {
  if (answer.status !== 'user') return answer;
  const { user } = answer;
  const { rows } = await sql<TargetRow>`
    select f.position, f.delay_ms, f.ring_ms, f.confirm, f.number as outside, u.id, u.number, u.extension,
      ${FULL_NAME} as name, (${REGISTERED} and not ${NOT_REACHABLE}) as registered, c.follow_me_calendar_id as calendar_id
    from user_calling c join follow_me f on f.user_id = c.user_id and f.company_id = c.company_id
    left join directory_user u on u.id = f.target_user_id and u.company_id = c.company_id and u.deleted_at is null
    where c.company_id = ${companyId} and c.user_id::text = ${user.userId} and c.follow_me
      and (f.number is not null or u.id is not null) order by f.position limit 20`.execute(db);
  const [first] = rows;
  if (!first) return answer;
  const calendar = first.calendar_id === null ? null : await calendarInForce(db, companyId, first.calendar_id);
  if (calendar && openingAt(calendar, at) !== 'open') return answer;
  const followMe = await Promise.all(rows.map((row) => memberOf(user.userId, row, outside(user.userId))));
  const plan = user.plan ?? { ...NO_WISHES, accountNumber: user.coordinates.number };
  return { ...answer, user: { ...user, plan: { ...plan, followMe } } };
}

async function memberOf(userId: string, row: TargetRow, outside: OutsideLine): Promise<Member> {
  const options = { ringMs: row.ring_ms, delayMs: row.delay_ms, confirm: row.confirm };
  if (row.id !== null) {
    const coordinates: Coordinates = {
      type: 'user',
      id: row.id,
      entityNumber: Number(row.number),
      number: row.extension ?? '',
      name: row.name,
    };
    return { userId: row.id, coordinates, registered: row.registered, ...options };
  }
  const number = row.outside ?? '';
  const found = await outside(number);
  const { trunks, limit } = found?.destination.type === 'number' ? found : {};
  const coordinates = found?.coordinates ?? { type: 'number', id: null, entityNumber: null, number, name: '' };
  // the pool knows it by this name
  const base = { userId: `${userId}/${row.position}`, coordinates, ...options };
  if (!trunks) return { ...base, registered: false };
  const target = { type: 'trunk', trunkIds: trunks, number: coordinates.number, ...(limit ? { limit } : {}) } as const;
  return { ...base, registered: true, target };
}
