/** One entry of digits: what a key does to it, and what the entry is worth when a timer ends it. Pure; timers are the collector's. */

export interface EntryRules {
  readonly minDigits: number;
  readonly maxDigits: number;
  /** Keys that end the entry and are not part of it. */
  readonly terminators: string;
  /** Legal entries; undefined = any. */
  readonly accept?: readonly string[];
  /** Keys that end the entry at once and are the whole of it. */
  readonly loneKeys?: string;
}

export type EntryEnd = 'terminator' | 'max' | 'matched' | 'timeout';

export type EntryState =
  | { readonly kind: 'open'; readonly value: string }
  | { readonly kind: 'collected'; readonly value: string; readonly ended: EntryEnd }
  | { readonly kind: 'no-match'; readonly value: string };

export const EMPTY_ENTRY: EntryState = { kind: 'open', value: '' };

const isLegal = (rules: EntryRules, value: string): boolean =>
  value.length >= rules.minDigits && (rules.accept === undefined || rules.accept.includes(value));

const settle = (rules: EntryRules, value: string, ended: EntryEnd): EntryState =>
  isLegal(rules, value) ? { kind: 'collected', value, ended } : { kind: 'no-match', value };

/** The entry after one key. A key that continues a legal entry counts as a digit before it counts as a terminator. */
export function pressKey(rules: EntryRules, value: string, key: string): EntryState {
  if (rules.loneKeys?.includes(key)) return { kind: 'collected', value: key, ended: 'terminator' };
  const next = value + key;
  if (rules.accept) {
    const longer = rules.accept.filter((entry) => entry.startsWith(next));
    if (longer.length > 0) {
      if (next.length >= rules.minDigits && longer.length === 1 && longer[0] === next) {
        return { kind: 'collected', value: next, ended: 'matched' };
      }
      return next.length >= rules.maxDigits ? settle(rules, next, 'max') : { kind: 'open', value: next };
    }
    if (rules.terminators.includes(key)) return settle(rules, value, 'terminator');
    return { kind: 'no-match', value: next };
  }
  if (rules.terminators.includes(key)) return settle(rules, value, 'terminator');
  return next.length >= rules.maxDigits ? settle(rules, next, 'max') : { kind: 'open', value: next };
}

/** The entry when no further key came in time. Null: nothing was entered at all. */
export function timeOut(rules: EntryRules, value: string): EntryState | null {
  return value === '' ? null : settle(rules, value, 'timeout');
}
