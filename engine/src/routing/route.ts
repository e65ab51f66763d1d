/**
 * Where a call goes: one pure function over what the store has loaded of a company (issue "telephone system", routing).
 *
 * The order: emergency numbers, feature codes (users only), the company's rules by position, extensions, the company's numbers, the outside
 * (users only, unless a rule says so), the default. Every answer says why, and why each rule before it did not fit.
 */
import { localTime, openingAt } from '../define/calendar.ts';
import type { DestinationClass } from '../numbers/destination-class.ts';
import type { Calendar, Destination } from '../protocol/index.ts';
import { fitsPattern } from './pattern.ts';
import type { CallingRole, OPENINGS, RULE_CALLED, RULE_CALLERS } from './terms.ts';

/** Hours of a rule, in the company's time zone; `days` 1 = Monday … 7 = Sunday; `toMinute` ≤ `fromMinute` runs over midnight. */
export interface TimeRange {
  readonly days: readonly number[];
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** A rule of a company; null and empty conditions are not asked. */
export interface RoutingRule {
  readonly id: string;
  readonly name: string;
  readonly position: number;
  readonly calendar: Calendar | null;
  /** Fits while the calendar is in one of these states. */
  readonly openings: readonly (typeof OPENINGS)[number][];
  /** Fits within one of them. */
  readonly times: readonly TimeRange[];
  readonly callingRole: (typeof RULE_CALLERS)[number];
  readonly callingPattern: string | null;
  readonly calledRole: (typeof RULE_CALLED)[number];
  readonly calledPattern: string | null;
  /** Trunks by which the call may have come. */
  readonly fromTrunks: readonly string[];
  /** For type `number`, `{called}` in the id is the number called, cut and prefixed as below. */
  readonly destination: Destination;
  /** Trunks to dial an outside number by, best first; empty = the company's. */
  readonly viaTrunks: readonly string[];
  /** Leading characters taken off the number called. */
  readonly strip: number;
  /** Put before what is left. */
  readonly prefix: string;
}

/** A call that is to be led somewhere. */
export interface RouteAttempt {
  /** Epoch ms. */
  readonly at: number;
  /** IANA zone of the company. */
  readonly timeZone: string;
  readonly role: CallingRole;
  /** Spellings of the calling number; empty when withheld. */
  readonly calling: readonly string[];
  readonly trunkId: string | null;
  readonly dialled: string;
  /** Spellings of the number called, as dialled first. */
  readonly called: readonly string[];
  readonly class: DestinationClass;
}

/** What the company's directory and settings say about the number called. */
export interface RoutingTable {
  readonly rules: readonly RoutingRule[];
  /** Entity whose extension it is. */
  readonly extension: Destination | null;
  /** The company's own number that it is; `destination` null = it leads nowhere yet. */
  readonly number: { readonly destination: Destination | null; readonly public: boolean } | null;
  /** Where the feature code leads, when it is one. */
  readonly feature: { readonly code: string; readonly action: string; readonly destination: Destination | null } | null;
  /** Why callers like this one are refused: a block list of the company or above it, or a withheld number; null = they are not. */
  readonly screened: 'block-list' | 'anonymous' | null;
  /** Calls from outside that nothing else fits. */
  readonly defaultDestination: Destination | null;
  /** The company's trunks, best first. */
  readonly trunks: readonly string[];
  /** Trunks for emergency calls; empty = the company's. */
  readonly emergencyTrunks: readonly string[];
}

export type RouteReason =
  | 'emergency'
  | 'feature-code'
  | 'block-list'
  | 'anonymous'
  | 'rule'
  | 'extension'
  | 'number'
  | 'outside'
  | 'default'
  | 'no-match';

/** First condition of a rule that did not hold. */
export type RuleMiss =
  | 'calendar'
  | 'time'
  | 'caller'
  | 'calling-number'
  | 'called'
  | 'called-number'
  | 'trunk'
  | 'guest-outside';

export interface RouteDecision {
  readonly reason: RouteReason;
  /** Null: nobody answers to it. */
  readonly destination: Destination | null;
  readonly rule: { readonly id: string; readonly name: string; readonly position: number } | null;
  /** Trunks for an outside number, best first. */
  readonly trunks: readonly string[];
  /** Rules tried before, with what they missed. */
  readonly passed: readonly { readonly id: string; readonly name: string; readonly missed: RuleMiss }[];
}

/** Types whose calls leave the installation. */
const OUTSIDE_TYPES: ReadonlySet<string> = new Set(['number', 'sip']);

/** What stands in a rule's id for the number called. */
export const CALLED_NUMBER = '{called}';

export function route(table: RoutingTable, attempt: RouteAttempt): RouteDecision {
  const { dialled, role } = attempt;
  const decide = (reason: RouteReason, destination: Destination | null, part: Partial<RouteDecision> = {}) => ({
    reason,
    destination,
    rule: null,
    trunks: [],
    passed: [],
    ...part,
  });
  if (attempt.class.kind === 'emergency' && role !== 'guest') {
    const trunks = table.emergencyTrunks.length > 0 ? table.emergencyTrunks : table.trunks;
    return decide('emergency', { type: 'number', id: dialled }, { trunks });
  }
  if (table.feature && role === 'user') return decide('feature-code', table.feature.destination);
  if (table.screened && role !== 'user') return decide(table.screened, { type: 'hang-up', id: 'rejected' });
  const passed: { id: string; name: string; missed: RuleMiss }[] = [];
  for (const rule of table.rules.toSorted((a, b) => a.position - b.position)) {
    const missed = missOf(rule, table, attempt);
    const { id, name, position } = rule;
    if (missed === null)
      return decide('rule', targetOf(rule, attempt), {
        rule: { id, name, position },
        trunks: trunksOf(rule, table),
        passed,
      });
    passed.push({ id, name, missed });
  }
  if (table.extension && role !== 'guest') return decide('extension', table.extension, { passed });
  if (table.number?.destination && (role !== 'guest' || table.number.public)) {
    return decide('number', table.number.destination, { trunks: table.trunks, passed });
  }
  if (role === 'user' && isOutside(table, attempt)) {
    return decide('outside', { type: 'number', id: attempt.class.e164 ?? dialled }, { trunks: table.trunks, passed });
  }
  if (role === 'trunk' && table.defaultDestination)
    return decide('default', table.defaultDestination, { trunks: table.trunks, passed });
  return decide('no-match', null, { passed });
}

const trunksOf = (rule: RoutingRule, table: RoutingTable) =>
  rule.viaTrunks.length > 0 ? rule.viaTrunks : table.trunks;

/** Nobody here answers to it, and some plan knows it. */
function isOutside(table: RoutingTable, { class: found }: RouteAttempt): boolean {
  return !table.extension && !table.number && found.e164 !== null;
}

/** The rule's destination, with the number called in its place. */
function targetOf(rule: RoutingRule, attempt: RouteAttempt): Destination {
  const { type, id } = rule.destination;
  if (type !== 'number' || !id.includes(CALLED_NUMBER)) return { type, id };
  const rest = attempt.dialled.slice(rule.strip);
  // untouched, the unmistakable form is dialled
  const number = rule.strip === 0 && rule.prefix === '' ? (attempt.class.e164 ?? rest) : `${rule.prefix}${rest}`;
  return { type, id: id.replaceAll(CALLED_NUMBER, number).slice(0, 64) };
}

function missOf(rule: RoutingRule, table: RoutingTable, attempt: RouteAttempt): RuleMiss | null {
  if (rule.calendar && !rule.openings.includes(openingAt(rule.calendar, attempt.at))) return 'calendar';
  if (rule.times.length > 0 && !inTimes(rule.times, attempt)) return 'time';
  if (!callerFits(rule, attempt)) return 'caller';
  if (!fitsPattern(rule.callingPattern, attempt.calling)) return 'calling-number';
  if (!calledFits(rule, table, attempt)) return 'called';
  if (!fitsPattern(rule.calledPattern, attempt.called)) return 'called-number';
  if (rule.fromTrunks.length > 0 && (attempt.trunkId === null || !rule.fromTrunks.includes(attempt.trunkId)))
    return 'trunk';
  // strangers never call out at the company's cost, whatever a rule says (design §5), nor reach what is not public
  if (attempt.role === 'guest' && (OUTSIDE_TYPES.has(rule.destination.type) || !table.number?.public))
    return 'guest-outside';
  return null;
}

function callerFits({ callingRole }: RoutingRule, { role, calling }: RouteAttempt): boolean {
  if (callingRole === 'any') return true;
  return callingRole === 'anonymous' ? calling.length === 0 : callingRole === role;
}

function calledFits({ calledRole }: RoutingRule, table: RoutingTable, attempt: RouteAttempt): boolean {
  switch (calledRole) {
    case 'any':
      return true;
    case 'extension':
      return table.extension !== null;
    case 'number':
      return table.number !== null;
    case 'outside':
      return !table.extension && !table.number && (attempt.class.e164 !== null || attempt.class.kind === 'special');
  }
}

/** Whether an instant lies in one of the ranges; a range over midnight belongs to the day on which it begins. */
function inTimes(times: readonly TimeRange[], { at, timeZone }: RouteAttempt): boolean {
  const { weekday, minute } = localTime(at, timeZone);
  const yesterday = weekday === 1 ? 7 : weekday - 1;
  return times.some(({ days, fromMinute, toMinute }) => {
    const wraps = toMinute <= fromMinute;
    const today = days.includes(weekday) && minute >= fromMinute && (wraps || minute < toMinute);
    return today || (wraps && days.includes(yesterday) && minute < toMinute);
  });
}
