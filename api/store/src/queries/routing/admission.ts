/** How an account stands when a call is to be placed on it, in one statement; the checks are the engine's (`admission/`). */
import { admit, type Placement, type Refusal, type Restriction, type Standing } from '@callwright/engine/admission';
import { localTime } from '@callwright/engine/routing';
import { sql } from 'kysely';
import type { OwnerSettings } from '../owners.ts';
import type { Db } from '../scope.ts';

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
  owners: OwnerStanding[];
  user: {
    suspended: boolean;
    maxCalls: number | null;
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

async function loadStanding(
  db: Db,
  { companyId, userId, callId, at }: AdmissionQuestion,
  placement: Placement,
): Promise<Standing> {
  const others = sql`from call where call.company_id = ${companyId} and call.state in ('waiting', 'started') and call.id::text is distinct from ${callId}`;
  const { rows } = await sql<Row>`
    select
      (select json_agg(json_build_object('kind', above.kind, 'suspended', above.suspended_at is not null, 'settings', above.settings,
          'restrictions', (select ${RESTRICTIONS} from call_restriction r where r.owner_id = above.id and r.user_id is null))
          order by array_length(above.path, 1))
        from owner company join owner above on above.id = any(company.path) where company.id = ${companyId}) as owners,
      (select json_build_object('suspended', u.suspended_at is not null, 'maxCalls', u.max_calls, 'blockPremium', u.block_premium,
          'restrictions', (select ${RESTRICTIONS} from call_restriction r where r.owner_id = ${companyId} and r.user_id = u.id))
        from directory_user u where u.company_id = ${companyId} and u.id::text = ${userId} and u.deleted_at is null) as user,
      (select count(*)::int ${others}) as "companyCalls",
      (select count(*)::int ${others} and call.calling->>'id' = ${userId} and call.calling->>'type' = 'user') as "userCalls"`.execute(
    db,
  );
  const row = rows[0]!;
  const company = row.owners?.at(-1);
  const spend = placement.outside
    ? await loadSpend(db, { companyId, userId, month: monthOf(at, company?.settings) })
    : [];
  return toStanding(row, userId, spend);
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
      { of: 'user', now: userCalls, most: user?.maxCalls ?? null },
    ],
    restrictions: [
      ...chain.map(({ kind, restrictions }) => ({ level: LEVEL[kind], rules: restrictions ?? [] })),
      { level: 'user' as const, rules: [...premium, ...(user?.restrictions ?? [])] },
    ],
    spend,
  };
}

/** Calendar month (`YYYY-MM`) of an instant in the company's zone: the period of spend caps. */
export const monthOf = (at: number, settings: OwnerSettings | undefined): string =>
  localTime(at, settings?.timeZone ?? 'UTC').date.slice(0, 7);

async function loadSpend(
  db: Db,
  { companyId, userId, month }: { companyId: string; userId: string | null; month: string },
): Promise<Standing['spend']> {
  const { rows } = await sql<{ of: 'company' | 'user'; micros: string; cap: string }>`
    select case when cap.user_id is null then 'company' else 'user' end as of, cap.micros_per_month::text as cap,
      (select coalesce(sum(micros), 0)::text from spend_counter c
        where c.company_id = ${companyId} and c.month = ${month} and (cap.user_id is null or c.user_id = cap.user_id)) as micros
    from spend_cap cap where cap.owner_id = ${companyId} and (cap.user_id is null or cap.user_id::text = ${userId})`.execute(
    db,
  );
  return rows.map(({ of, micros, cap }) => ({ of, micros: Number(micros), cap: Number(cap) }));
}
