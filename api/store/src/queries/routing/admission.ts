/** How an account stands when a call is to be placed on it, in one statement; the checks are the engine's (`admission/`). */
import type { IoResult } from '@callwright/engine';
import { admit, type Placement, type Refusal, type Restriction, type Standing } from '@callwright/engine/admission';
import { localTime } from '@callwright/engine/routing';
import { sql } from 'kysely';
import { localeOf, type OwnerSettings } from '../owners.ts';
import type { Db } from '../scope.ts';
import { runningLegs } from './running-spend.ts';

/** On whose account, and which call asks: it does not count against its own limits. */
export interface AdmissionQuestion {
  readonly companyId: string;
  /** Null: the company's own. */
  readonly userId: string | null;
  readonly callId: string | null;
  /** Epoch ms. */
  readonly at: number;
}

interface OwnerStanding {
  readonly kind: 'platform' | 'reseller' | 'company';
  readonly suspended: boolean;
  readonly settings: OwnerSettings;
  readonly restrictions: Restriction[] | null;
}

interface Row {
  owners: OwnerStanding[] | null;
  user: {
    suspended: boolean;
    maxCalls: number | null;
    planOnly: boolean;
    blockPremium: boolean;
    restrictions: Restriction[] | null;
  } | null;
  companyCalls: number;
  userCalls: number;
}

const RESTRICTIONS = sql`json_agg(json_build_object('effect', effect, 'kinds', kinds, 'countries', countries, 'pattern', pattern) order by position, id)`;
const LEVEL = { platform: 'system', reseller: 'reseller', company: 'company' } as const;

/** `null` when the call may be placed. A user who is not the company's counts as suspended. */
export async function admitPlacement(
  db: Db,
  question: AdmissionQuestion,
  placement: Placement,
): Promise<Refusal | null> {
  // nothing that is looked up could refuse it
  if (placement.outside?.kind === 'emergency') return null;
  return admit(placement, await loadStanding(db, question, placement));
}

/** The answer of a look-up that admission refuses. */
export const refusedAnswer = ({ code, check, by, cause }: Refusal): IoResult => ({
  status: 'refused',
  code,
  check,
  by,
  cause,
});

/** A call that stays inside, or reaches what has no number: null when it may be placed, else the look-up's answer. */
export async function admitInside(db: Db, question: AdmissionQuestion): Promise<IoResult | null> {
  const refusal = await admitPlacement(db, question, { outside: null });
  return refusal && refusedAnswer(refusal);
}

/** How the account stands; what it has spent only for a placement outside, since nothing else costs. */
export async function loadStanding(
  db: Db,
  question: AdmissionQuestion,
  placement: Pick<Placement, 'outside'>,
): Promise<Standing> {
  const { companyId, userId, at } = question;
  const [row, caps] = await Promise.all([
    loadRow(db, question),
    placement.outside ? loadCaps(db, { companyId, userId, months: monthsAround(at) }) : [],
  ]);
  const settings = row.owners?.at(-1)?.settings;
  const month = monthOf(at, settings);
  const running = caps.length > 0 ? await runningLegs(db, companyId, localeOf(settings ?? {}).country) : [];
  const spend = caps.map(({ of, cap, spent }) => {
    const legs = running.filter((leg) => of === 'company' || leg.userId === userId);
    const sum = (what: 'micros' | 'microsPerMinute') => legs.reduce((all, leg) => all + leg[what], 0);
    return { of, micros: (spent[month] ?? 0) + sum('micros'), cap: Number(cap), burning: sum('microsPerMinute') };
  });
  return toStanding(row, userId, spend);
}

async function loadRow(db: Db, { companyId, userId, callId }: AdmissionQuestion): Promise<Row> {
  const others = sql`from call where call.company_id = ${companyId} and call.state in ('waiting', 'started') and call.id::text is distinct from ${callId}`;
  const { rows } = await sql<Row>`
    select
      (select json_agg(json_build_object('kind', above.kind, 'suspended', above.suspended_at is not null, 'settings', above.settings,
          'restrictions', (select ${RESTRICTIONS} from call_restriction r where r.owner_id = above.id and r.user_id is null))
          order by array_length(above.path, 1))
        from owner company join owner above on above.id = any(company.path) where company.id = ${companyId}) as owners,
      (select json_build_object('suspended', u.suspended_at is not null, 'maxCalls', u.max_calls, 'planOnly', u.plan_only,
          'blockPremium', u.block_premium,
          'restrictions', (select ${RESTRICTIONS} from call_restriction r where r.owner_id = ${companyId} and r.user_id = u.id))
        from directory_user u where u.company_id = ${companyId} and u.id::text = ${userId} and u.deleted_at is null) as user,
      (select count(*)::int ${others}) as "companyCalls",
      (select count(*)::int ${others} and call.calling->>'id' = ${userId} and call.calling->>'type' = 'user') as "userCalls"`.execute(
    db,
  );
  return rows[0]!;
}

function toStanding(
  { owners, user, companyCalls, userCalls }: Row,
  userId: string | null,
  spend: Standing['spend'],
): Standing {
  const chain = owners ?? [];
  const highest = chain.find(({ suspended }) => suspended);
  const userSuspended = userId !== null && (user === null || user.suspended);
  const premium: Restriction[] = user?.blockPremium
    ? [{ effect: 'deny', kinds: ['premium'], countries: [], pattern: null }]
    : [];
  return {
    suspended: highest ? LEVEL[highest.kind] : userSuspended ? 'user' : null,
    calls: [
      { of: 'company', now: companyCalls, most: chain.at(-1)?.settings.maxCalls ?? null },
      // the nearest owner's default for whoever has no limit of his own
      { of: 'user', now: userCalls, most: user ? (user.maxCalls ?? callsPerUser(chain)) : null },
    ],
    planOnly: user?.planOnly ?? false,
    maxCallMinutes: chain.findLast(({ settings }) => settings.maxCallMinutes)?.settings.maxCallMinutes ?? null,
    restrictions: [
      ...chain.map(({ kind, restrictions }) => ({ level: LEVEL[kind], rules: restrictions ?? [] })),
      { level: 'user' as const, rules: [...premium, ...(user?.restrictions ?? [])] },
    ],
    spend,
  };
}

const callsPerUser = (chain: readonly OwnerStanding[]): number | null =>
  chain.findLast(({ settings }) => settings.callsPerUser !== undefined)?.settings.callsPerUser ?? null;

/** Calendar month (`YYYY-MM`) of an instant in the company's zone: the period of spend caps. */
export const monthOf = (at: number, settings: OwnerSettings | undefined): string =>
  localTime(at, settings?.timeZone ?? 'UTC').date.slice(0, 7);

const DAY_MS = 86_400_000;

/** The months that it may be anywhere on earth: the company's zone is read beside. */
const monthsAround = (at: number): string[] => [
  ...new Set([at - DAY_MS, at + DAY_MS].map((time) => localTime(time, 'UTC').date.slice(0, 7))),
];

interface Cap {
  readonly of: 'company' | 'user';
  readonly cap: string;
  /** By month. */
  readonly spent: Readonly<Record<string, number>>;
}

async function loadCaps(
  db: Db,
  { companyId, userId, months }: { companyId: string; userId: string | null; months: readonly string[] },
): Promise<readonly Cap[]> {
  const { rows } = await sql<Cap>`
    select case when cap.user_id is null then 'company' else 'user' end as of, cap.micros_per_month::text as cap,
      (select coalesce(json_object_agg(month, micros), '{}') from (select c.month, sum(c.micros) as micros from spend_counter c
        where c.company_id = ${companyId} and c.month = any(${[...months]}::text[]) and (cap.user_id is null or c.user_id = cap.user_id)
        group by c.month) by_month) as spent
    from spend_cap cap where cap.owner_id = ${companyId} and (cap.user_id is null or cap.user_id::text = ${userId})`.execute(
    db,
  );
  return rows;
}
