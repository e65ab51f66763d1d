/**
 * Admission: may this call be placed? An ordered list of checks, one file each in `checks/`, pure; the store loads what they look at
 * (`api/store/src/queries/admission.ts`). Every way to place a call asks it: INVITEs of users, calls by the API, dial nodes, forwards and
 * transfers. A forwarded leg is admitted on the forwarder's account. Emergency calls are never refused.
 */
import type { DestinationClass } from '../numbers/destination-class.ts';
import type { DestinationKind } from '../numbers/kinds.ts';
import { checkAccountState } from './checks/account-state.ts';
import { checkPlan } from './checks/plan.ts';
import { checkRestrictions } from './checks/restrictions.ts';
import { checkSimultaneousCalls } from './checks/simultaneous-calls.ts';
import { checkSpendCaps } from './checks/spend-caps.ts';
import { REFUSALS, type RefusalCode, type RefusalEntry } from './refusals.ts';

/** Levels from the top; a lower one cannot allow what a higher one forbids. */
export const LEVELS = ['system', 'reseller', 'company', 'user'] as const;
export type Level = (typeof LEVELS)[number];

/** What is to be placed. */
export interface Placement {
  /** Class of the outside number; null = a call that stays inside. */
  readonly outside: DestinationClass | null;
}

/** A rule of a level: the first that fits decides; empty lists and null fit everything. */
export interface Restriction {
  readonly effect: 'allow' | 'deny';
  readonly kinds: readonly DestinationKind[];
  /** ISO 3166-1 alpha-2. */
  readonly countries: readonly string[];
  /** Number pattern, see `routing/pattern.ts`. */
  readonly pattern: string | null;
}

/** How the charged account stands at this moment. */
export interface Standing {
  /** Highest level that is suspended. */
  readonly suspended: Level | null;
  /** Calls going on now, this one not counted, against the limits; null = no limit. */
  readonly calls: readonly { readonly of: 'company' | 'user'; readonly now: number; readonly most: number | null }[];
  /** In the order of `LEVELS`. */
  readonly restrictions: readonly { readonly level: Level; readonly rules: readonly Restriction[] }[];
  /** A call to the outside lasts no longer; no check, but the limit of whoever is admitted. */
  readonly maxCallMinutes?: number | null;
  /** The account's user calls nothing that has a price. */
  readonly planOnly?: boolean;
  /** What was spent this month against each cap, running calls included, in millionths of the currency unit. */
  readonly spend: readonly SpendStanding[];
}

export interface SpendStanding {
  readonly of: Level;
  readonly micros: number;
  readonly cap: number;
  /** What the calls that run now cost a minute. */
  readonly burning: number;
}

/** A refusal, with the check that made it and what it looked at. */
export interface Refusal extends RefusalEntry {
  readonly code: RefusalCode;
  readonly check: string;
  /** Level or limit that refused. */
  readonly by: string;
}

/** A check: null when it has nothing against the call. */
export type Check = (
  placement: Placement,
  standing: Standing,
) => { readonly code: RefusalCode; readonly by: string } | null;

/** In this order; the first refusal counts. A later check (credit) is one entry here. */
const CHECKS: readonly (readonly [name: string, check: Check])[] = [
  ['account-state', checkAccountState],
  ['simultaneous-calls', checkSimultaneousCalls],
  ['restrictions', checkRestrictions],
  ['plan', checkPlan],
  ['spend-caps', checkSpendCaps],
];

/** Null when the call may be placed. */
export function admit(placement: Placement, standing: Standing): Refusal | null {
  if (placement.outside?.kind === 'emergency') return null;
  for (const [check, ask] of CHECKS) {
    const refused = ask(placement, standing);
    if (refused) return { ...REFUSALS[refused.code], ...refused, check };
  }
  return null;
}

const MINUTE_MS = 60_000;

/**
 * How long the account can pay for a call that costs `microsPerMinute`, beside what burns already: until the first of its caps is
 * reached. Null = without end. A call that runs counts among what burns: ask with 0 for it.
 */
export function allowanceMs({ spend }: Pick<Standing, 'spend'>, microsPerMinute: number): number | null {
  const left = spend.flatMap(({ micros, cap, burning }) => {
    const perMinute = burning + microsPerMinute;
    return perMinute > 0 ? [Math.max(0, Math.floor(((cap - micros) / perMinute) * MINUTE_MS))] : [];
  });
  return left.length > 0 ? Math.min(...left) : null;
}
