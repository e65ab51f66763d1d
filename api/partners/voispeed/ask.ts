/** What every service is given, and how its parameters are read: whatever is missing or wrong is answered, never thrown away. */
import type { WireAnswer } from '../src/contract.ts';
import type { HostUser, PartnerHost } from '../src/host.ts';
import { covers, type Settings } from './settings.ts';
import { fromLocalTime, Refused, success } from './voispeed.codec.ts';

export interface Ask {
  readonly params: ReadonlyMap<string, string>;
  readonly settings: Settings;
  readonly moduleName: string;
  readonly host: PartnerHost;
  /** `<request_id>` of a command: epoch seconds and four digits (V-003). */
  readonly requestId: string;
}

export type Service = (ask: Ask) => Promise<WireAnswer>;

/** The first of several spellings that is there and not empty; null when none is. */
export function given({ params }: Ask, ...names: readonly string[]): string | null {
  for (const name of names) {
    const value = params.get(name)?.trim();
    if (value) return value;
  }
  return null;
}

/** Throws `Refused`. */
export function needed(ask: Ask, ...names: readonly string[]): string {
  const value = given(ask, ...names);
  if (value === null) throw new Refused(`missing parameter: ${names[0]}`);
  if (value.length > 4000) throw wrong(names[0]!);
  return value;
}

export const wrong = (name: string): Refused => new Refused(`invalid parameter: ${name}`);

/** A whole number of at most 15 digits; null when absent. Throws `Refused`. */
export function whole(ask: Ask, ...names: readonly string[]): number | null {
  const text = given(ask, ...names);
  if (text === null) return null;
  if (!/^\d{1,15}$/.test(text)) throw wrong(names[0]!);
  return Number(text);
}

export function neededWhole(ask: Ask, ...names: readonly string[]): number {
  needed(ask, ...names);
  return whole(ask, ...names)!;
}

const YES = new Set(['1', 'true', 'yes', 'on', 'start']);
const NO = new Set(['0', 'false', 'no', 'off', 'stop']);

/** 1/0 and the words for it. Throws `Refused`. */
export function flag(ask: Ask, ...names: readonly string[]): boolean | null {
  const text = given(ask, ...names)?.toLowerCase();
  if (text === undefined) return null;
  if (YES.has(text)) return true;
  if (NO.has(text)) return false;
  throw wrong(names[0]!);
}

/** A time of the company; null when absent. Throws `Refused`. */
export function time(ask: Ask, end: boolean, ...names: readonly string[]): number | null {
  const text = given(ask, ...names);
  if (text === null) return null;
  const at = fromLocalTime(text, ask.host.timeZone, end);
  if (at === null) throw wrong(names[0]!);
  return at;
}

/** The user of `ext`, who must be one of the module's (V-012). Throws `Refused`. */
export async function userOf(ask: Ask): Promise<HostUser> {
  const extension = needed(ask, 'ext');
  if (!covers(ask.settings, extension)) throw new Refused('extension not enabled for this integration');
  const [user] = extension.length > 32 ? [] : await ask.host.users({ extension });
  if (!user) throw new Refused('extension not found');
  return user;
}

/** A text kept with a call: at most 200 characters. */
export function externalId(ask: Ask): string | null {
  const text = given(ask, 'extid', 'external_id');
  if (text !== null && text.length > 200) throw wrong('extid');
  return text;
}

/** Received and valid; it runs later (V-004). */
export const accepted = ({ requestId }: Ask): WireAnswer => success([['request_id', requestId]]);

/** limit and offset of a list. */
export const paging = (ask: Ask): { limit: number; offset: number } => ({
  limit: Math.min(whole(ask, 'limit') ?? 100, 1000),
  offset: Math.min(whole(ask, 'offset') ?? 0, 1_000_000),
});
