/** What routing looks at in a company for one call, in one statement; the decision is the engine's (`routing/route.ts`). */
import type { Calendar, Destination } from '@callwright/engine';
import { classify, type DestinationClass, type DestinationPrefix, spellings } from '@callwright/engine/numbers';
import type { RoutingRule, RoutingTable } from '@callwright/engine/routing';
import { fitsPattern } from '@callwright/engine/routing';
import { sql } from 'kysely';
import { type HolidayRules, withHolidays } from '../../holidays.ts';
import { dialledEntities } from '../dial-plan.ts';
import { localeOf, type OwnerSettings } from '../owners.ts';
import { AWAY } from '../reach.ts';
import { recordsCalls } from '../recording-policies.ts';
import type { Db } from '../scope.ts';
import { usableBy } from '../trunks.ts';
import type { FeatureCode } from './feature-codes.ts';

/** Rules of one company; more are refused when they are made. */
export const MAX_RULES = 500;

export interface RoutingQuestion {
  readonly companyId: string;
  readonly dialled: string;
  /** As received; null or empty when withheld. */
  readonly calling: string | null;
  /** The user who calls; absent or null for anybody else. */
  readonly userId?: string | null;
  /** Where numbers of the company are read, as the asker has just learnt it; saves a look-up, the company's row decides. */
  readonly country?: string | undefined;
}

export interface LoadedRouting {
  readonly settings: OwnerSettings;
  /** Spellings of the number called, as dialled first, and what it is. */
  readonly called: readonly string[];
  readonly class: DestinationClass;
  /** Spellings of the calling number; empty when withheld. */
  readonly calling: readonly string[];
  readonly table: Omit<RoutingTable, 'feature' | 'screened'>;
  readonly prefixes: readonly DestinationPrefix[];
  /** The company's own rows of feature codes. */
  readonly features: readonly FeatureCode[];
  readonly rejectAnonymous: boolean;
  /** Its calls ask about recording (`recordsCalls`). */
  readonly records: boolean;
  /** The user who calls has said that he is away. */
  readonly away: boolean;
  /** Entries of the company's lists and of those above it that may mean the caller. */
  readonly lists: readonly { readonly kind: 'allow' | 'block'; readonly pattern: string }[];
}

type RuleRow = Omit<RoutingRule, 'calendar'> & { readonly calendarId: string | null };

interface Row {
  settings: OwnerSettings;
  records: boolean;
  away: boolean | null;
  extension: Destination | null;
  number: { type: string | null; id: string | null; public: boolean } | null;
  rules: RuleRow[] | null;
  calendars: { id: string; hours: Calendar; holidays: HolidayRules | null }[] | null;
  features: FeatureCode[] | null;
  prefixes: DestinationPrefix[] | null;
  trunks: string[] | null;
  chosen: {
    trunks: string[];
    emergency_trunks: string[];
    reject_anonymous: boolean;
    default_type: string | null;
    default_id: string | null;
  } | null;
  lists: { kind: 'allow' | 'block'; pattern: string }[] | null;
}

/** Prefix rows of the company's owners that fit one of the spellings; `distance` 0 = the company's own. */
const PREFIXES = (companyId: string, spellings: readonly string[]) => sql`
  select p.prefix, p.country, p.kind, p.label, p.micros_per_minute as "microsPerMinute",
    array_length(company.path, 1) - array_position(company.path, p.owner_id) as distance
  from owner company join number_prefix p on p.owner_id = any(company.path)
  where company.id = ${companyId} and exists (select 1 from unnest(${[...spellings]}::text[]) s where starts_with(s, p.prefix))`;

/** The destinations table's rows for a number. */
export async function prefixesFor(
  db: Db,
  companyId: string,
  spellings: readonly string[],
): Promise<DestinationPrefix[]> {
  const { rows } = await sql<DestinationPrefix>`${PREFIXES(companyId, spellings)}`.execute(db);
  return rows.map((row) => ({
    ...row,
    microsPerMinute: row.microsPerMinute === null ? null : Number(row.microsPerMinute),
  }));
}

/** Null when the company does not exist, or not any more. One that is suspended is led on: admission refuses its calls, but for emergencies. */
export async function loadRouting(db: Db, question: RoutingQuestion): Promise<LoadedRouting | null> {
  const country = question.country ?? (await countryOf(db, question.companyId));
  const loaded = await loadRead(db, question, country);
  const now = loaded && localeOf(loaded.settings).country;
  return now && now !== country ? loadRead(db, question, now) : loaded;
}

async function countryOf(db: Db, companyId: string): Promise<string> {
  const owner = await sql<{ settings: OwnerSettings }>`select settings from owner where id = ${companyId}`.execute(db);
  return localeOf(owner.rows[0]?.settings ?? {}).country;
}

/** With the numbers read as in `country`. */
async function loadRead(db: Db, question: RoutingQuestion, country: string): Promise<LoadedRouting | null> {
  const { companyId, dialled, userId = null } = question;
  const called = [...spellings(dialled, country)];
  const calling = question.calling ? [...spellings(question.calling, country)] : [];
  const { rows } = await sql<Row>`
    select owner.settings, ${recordsCalls(companyId)} as records,
      (select ${AWAY} from directory_user u where u.company_id = ${companyId} and u.id::text = ${userId} and u.deleted_at is null) as away,
      (select json_build_object('type', type, 'id', id) from (${dialledEntities(companyId, dialled)}) e order by rank limit 1) as extension,
      (select json_build_object('public', n.public, 'type', r.destination_type, 'id', r.destination_id) from phone_number n
        left join routing_rule r on r.phone_number_id = n.id and r.company_id = n.company_id
        where n.company_id = ${companyId} and ((n.kind = 'service' and n.dialled = ${dialled}) or (n.kind = 'did' and n.dialled = any(${called}::text[])))
        order by n.dialled = ${dialled} desc, r.position limit 1) as number,
      (select json_agg(json_build_object('id', id, 'name', name, 'position', position, 'calendarId', calendar_id, 'openings', openings,
          'times', times, 'callingRole', calling_role, 'callingPattern', calling_pattern, 'calledRole', called_role,
          'calledPattern', called_pattern, 'fromTrunks', from_trunks, 'viaTrunks', via_trunks, 'strip', strip, 'prefix', prefix,
          'destination', json_build_object('type', destination_type, 'id', destination_id)) order by position, id)
        from (select * from routing_rule where company_id = ${companyId} and phone_number_id is null and enabled
          order by position, id limit ${MAX_RULES}) r) as rules,
      (select json_agg(json_build_object('id', id, 'hours', hours, 'holidays', holidays)) from calendar where company_id = ${companyId}
        and id in (select calendar_id from routing_rule where company_id = ${companyId} and phone_number_id is null and enabled)) as calendars,
      (select json_agg(json_build_object('id', id, 'code', code, 'action', action, 'options', options, 'enabled', enabled))
        from feature_code where company_id = ${companyId}) as features,
      (select json_agg(p) from (${PREFIXES(companyId, called)}) p) as prefixes,
      (select json_agg(trunk.id order by trunk.owner_id = owner.id desc, trunk.number) from trunk where trunk.enabled and ${usableBy(companyId)}) as trunks,
      (select row_to_json(s) from routing_settings s where s.company_id = ${companyId}) as chosen,
      (select json_agg(json_build_object('kind', l.kind, 'pattern', e.pattern)) from caller_list l join caller_list_entry e on e.list_id = l.id
        where l.owner_id = any(owner.path) and l.user_id is null and l.kind in ('allow', 'block')
          and (e.expires_at is null or e.expires_at > now())
          and (e.pattern = any(${calling}::text[]) or e.pattern ~ '[^0-9+]')) as lists
    from owner where owner.id = ${companyId} and owner.kind = 'company' and owner.deleted_at is null`.execute(db);
  const row = rows[0];
  return row
    ? {
        ...(await toLoaded(row)),
        called,
        calling,
        class: classify(dialled, country, row.prefixes ?? []),
      }
    : null;
}

type FromRow = Omit<LoadedRouting, 'called' | 'calling' | 'class'>;

async function toLoaded(row: Row): Promise<FromRow> {
  const { number, chosen } = row;
  const table: LoadedRouting['table'] = {
    rules: await withCalendars(row),
    extension: row.extension,
    number: number && {
      public: number.public,
      destination: number.type === null || number.id === null ? null : { type: number.type, id: number.id },
    },
    defaultDestination:
      chosen?.default_type && chosen.default_id ? { type: chosen.default_type, id: chosen.default_id } : null,
    trunks: usable(chosen?.trunks, row.trunks),
    emergencyTrunks: chosen?.emergency_trunks.length ? usable(chosen.emergency_trunks, row.trunks) : [],
  };
  return {
    settings: row.settings,
    records: row.records,
    away: row.away === true,
    table,
    prefixes: row.prefixes ?? [],
    features: row.features ?? [],
    rejectAnonymous: chosen?.reject_anonymous ?? false,
    lists: row.lists ?? [],
  };
}

const MOST_TRUNKS = 10;

/** Those chosen that may (still) be dialled through, in the order chosen; all that may when none was chosen. */
function usable(chosen: readonly string[] | undefined, all: readonly string[] | null): readonly string[] {
  const may = new Set(all ?? []);
  const wanted = chosen && chosen.length > 0 ? chosen.filter((id) => may.has(id)) : [...may];
  return wanted.slice(0, MOST_TRUNKS);
}

async function withCalendars({ rules, calendars }: Row): Promise<RoutingRule[]> {
  const now = new Date();
  const found = new Map<string, Calendar>();
  for (const { id, hours, holidays } of calendars ?? []) found.set(id, await withHolidays(hours, holidays, now));
  // a rule whose calendar cannot be read must not become one that always fits
  return (rules ?? []).flatMap(({ calendarId, ...rule }) => {
    const calendar = calendarId === null ? null : (found.get(calendarId) ?? null);
    return calendarId !== null && !calendar ? [] : [{ ...rule, calendar }];
  });
}

/** Why callers like this one are refused by the company's lists and settings; an allow list is stronger than both. */
export function screeningOf(loaded: LoadedRouting): RoutingTable['screened'] {
  const { calling } = loaded;
  const listed = (kind: 'allow' | 'block') =>
    calling.length > 0 && loaded.lists.some((entry) => entry.kind === kind && fitsPattern(entry.pattern, calling));
  if (listed('allow')) return null;
  if (listed('block')) return 'block-list';
  return loaded.rejectAnonymous && calling.length === 0 ? 'anonymous' : null;
}
