/**
 * Number patterns of rules, lists and restrictions: a small syntax, matched in time linear in the number.
 *
 * | element | matches |
 * |---|---|
 * | `0`–`9`, `+`, `*` inside, `#` | itself |
 * | `X` | one digit 0–9, `Z` one digit 1–9, `N` one digit 2–9 |
 * | `[2-57]` | one of the digits named, singly or as ranges |
 * | `*` at the end | whatever follows, also nothing: `33*` is a prefix |
 * | `100-199` | whole numbers of that many digits within the range, ends included |
 *
 * Alternatives are parted by commas. `\*` at the end is the key itself (feature codes are dialled `*98`: their star stands first). Spaces
 * count for nothing. A pattern that begins with `+` is meant for the E.164 form, any other for what was dialled; each is tried on both.
 */

type Step = { readonly one: string } | { readonly rest: true };
interface Sequence {
  readonly kind: 'sequence';
  readonly steps: readonly Step[];
}
interface Range {
  readonly kind: 'range';
  readonly from: string;
  readonly to: string;
}
/** A pattern that has been read. */
export interface NumberPattern {
  readonly alternatives: readonly (Sequence | Range)[];
}

/** Longest pattern, in characters. */
export const MAX_PATTERN = 400;
const CLASSES: Readonly<Record<string, string>> = { X: '0123456789', Z: '123456789', N: '23456789' };

/** Reads a pattern; null when it is none. */
export function parsePattern(text: string): NumberPattern | null {
  if (text.length > MAX_PATTERN) return null;
  const alternatives: (Sequence | Range)[] = [];
  for (const part of text.replace(/\s/g, '').split(',')) {
    const read = readRange(part) ?? readSequence(part);
    if (!read) return null;
    alternatives.push(read);
  }
  return { alternatives };
}

function readRange(text: string): Range | null {
  const dash = text.indexOf('-');
  if (dash < 1 || text.includes('[')) return null;
  const from = text.slice(0, dash);
  const to = text.slice(dash + 1);
  // of equal length, digits compare as text
  return isDigits(from) && isDigits(to) && from.length === to.length && from <= to ? { kind: 'range', from, to } : null;
}

const isDigits = (text: string): boolean => text !== '' && [...text].every((c) => c >= '0' && c <= '9');

function readSequence(text: string): Sequence | null {
  if (text === '') return null;
  const steps: Step[] = [];
  for (let at = 0; at < text.length; at++) {
    const c = text[at]!;
    if (c === '[') {
      const end = text.indexOf(']', at);
      const one = end < 0 ? null : readClass(text.slice(at + 1, end));
      if (one === null) return null;
      steps.push({ one });
      at = end;
    } else if (c === '\\' && text[at + 1] === '*') {
      steps.push({ one: '*' });
      at += 1;
    } else if (c === '*' && at === text.length - 1) steps.push({ rest: true });
    else if (Object.hasOwn(CLASSES, c)) steps.push({ one: CLASSES[c]! });
    else if ('0123456789*#'.includes(c) || (c === '+' && at === 0)) steps.push({ one: c });
    else return null;
  }
  return { kind: 'sequence', steps };
}

function readClass(text: string): string | null {
  let found = '';
  for (let at = 0; at < text.length; at++) {
    const from = text[at]!;
    if (!isDigits(from)) return null;
    if (text[at + 1] !== '-') {
      found += from;
      continue;
    }
    const to = text[at + 2];
    if (to === undefined || !isDigits(to) || to < from) return null;
    for (let digit = Number(from); digit <= Number(to); digit++) found += digit;
    at += 2;
  }
  return found === '' ? null : found;
}

function fits(alternative: Sequence | Range, number: string): boolean {
  if (alternative.kind === 'range') {
    const { from, to } = alternative;
    return number.length === from.length && isDigits(number) && number >= from && number <= to;
  }
  const { steps } = alternative;
  for (const [at, step] of steps.entries()) {
    if ('rest' in step) return true;
    const c = number[at];
    if (c === undefined || !step.one.includes(c)) return false;
  }
  return number.length === steps.length;
}

/** Whether one of a number's spellings fits the pattern. */
export function matchesPattern(pattern: NumberPattern, spellings: readonly string[]): boolean {
  return spellings.some((number) => pattern.alternatives.some((alternative) => fits(alternative, number)));
}

/** Whether a pattern as text fits; null = no pattern, fits everything. A text that cannot be read fits nothing. */
export function fitsPattern(pattern: string | null, spellings: readonly string[]): boolean {
  if (pattern === null) return true;
  const read = parsePattern(pattern);
  return read !== null && matchesPattern(read, spellings);
}
