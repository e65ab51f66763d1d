/** What a value becomes when a subject is erased from it: pure, so that a row can be asked again whether anything is left. */
import type { JsonValue } from '@callwright/engine';

/** What a subject is known by. */
export interface Terms {
  /** Ids of its rows: whatever stands beside one is the subject's. */
  readonly ids: ReadonlySet<string>;
  /** Its numbers in digits, each in every form (`33123456789`, `0123456789`). */
  readonly numbers: readonly string[];
  /** Whole names and mail addresses, in lower case. */
  readonly words: readonly string[];
}

/** Stands for a number, as for one that was withheld. */
export const ANONYMOUS = 'anonymous';
/** Stands for a name in the middle of a text. */
export const ERASED = '[erased]';

/** Between digits people write these. */
const GAP = '[ .()/\\u00a0\\u202f-]{0,3}';

const spaced = (digits: string): string => `(?:\\+|00)?${[...digits].join(GAP)}`;
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

export interface Redactor {
  text(value: string): string;
  json(value: JsonValue): JsonValue;
  /** Columns of a row by name; those named by a common beginning (`calling_id`, `calling_number`) belong together. */
  row(row: Readonly<Record<string, JsonValue>>): Record<string, JsonValue>;
  /** A regular expression for PostgreSQL (`~*`) that finds every text in which there may be something; null: nothing can. */
  readonly pattern: string | null;
}

const NAMES: ReadonlySet<string> = new Set([
  'name',
  'displayName',
  'givenName',
  'familyName',
  'organisation',
  'email',
  'note',
  'notes',
  'phrase',
]);

/** Makes one. */
export function redactor({ ids, numbers, words }: Terms): Redactor {
  const forms = [...numbers].sort((a, b) => b.length - a.length).map(spaced);
  const number = forms.length > 0 ? new RegExp(`(?<![0-9])(?:${forms.join('|')})(?![0-9])`, 'g') : null;
  const wholeNumber = forms.length > 0 ? new RegExp(`^(?:${forms.join('|')})$`) : null;
  const known = new Set(words);
  const word =
    words.length > 0
      ? new RegExp(`(?<![\\p{L}\\p{N}])(?:${words.map(escaped).join('|')})(?![\\p{L}\\p{N}])`, 'giu')
      : null;

  const isNumber = (value: JsonValue | undefined): boolean =>
    typeof value === 'string' && wholeNumber !== null && wholeNumber.test(value);
  const isId = (value: JsonValue | undefined): boolean => typeof value === 'string' && ids.has(value);

  const text = (value: string): string => {
    if (known.has(value.trim().toLowerCase())) return '';
    const without = number ? value.replace(number, ANONYMOUS) : value;
    return word ? without.replace(word, ERASED) : without;
  };

  const json = (value: JsonValue): JsonValue => {
    if (typeof value === 'string') return text(value);
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map(json);
    return object(value as Readonly<Record<string, JsonValue>>);
  };

  const object = (value: Readonly<Record<string, JsonValue>>): Record<string, JsonValue> => {
    const own = isId(value.id);
    const hit = own || isNumber(value.number) || isNumber(value.e164);
    const entries = Object.entries(value).flatMap(([key, one]): [string, JsonValue][] => {
      if (hit && NAMES.has(key) && typeof one === 'string') return [[key, '']];
      if (hit && key === 'e164') return [];
      if (own && key === 'number' && typeof one === 'string') return [[key, one === '' ? '' : ANONYMOUS]];
      return [[text(key), json(one)]];
    });
    return Object.fromEntries(entries);
  };

  const row = (columns: Readonly<Record<string, JsonValue>>): Record<string, JsonValue> => {
    const own = new Set<string>();
    const hit = new Set<string>();
    for (const [name, value] of Object.entries(columns)) {
      const [, head = '', tail] = /^(.*?)(?:entity_)?(id|number)$/.exec(name) ?? [];
      if (tail === 'id' && isId(value)) own.add(head);
      if (tail === 'number' && isNumber(value)) hit.add(head);
    }
    const beside = (name: string, tails: string): string | null => {
      const [, head, tail] = new RegExp(`^(.*?)(${tails})$`).exec(name) ?? [];
      return tail !== undefined && (own.has(head!) || hit.has(head!)) ? tail : null;
    };
    // a display name may stand in the row once more, as that of the trunk the caller came by
    const names = new Set(
      Object.entries(columns).flatMap(([name, value]) => (beside(name, 'name') && value ? [value] : [])),
    );
    return Object.fromEntries(
      Object.entries(columns).map(([name, value]): [string, JsonValue] => {
        if (typeof value === 'string' && names.has(value)) return [name, ''];
        const tail = beside(name, 'name|number|contact');
        if (tail === null || value === null) return [name, json(value)];
        if (tail === 'contact') return [name, null];
        if (tail === 'name') return [name, ''];
        return [name, value === '' ? '' : ANONYMOUS];
      }),
    );
  };

  const sqlGap = '[ .()/\u00a0\u202f-]{0,3}';
  const patterns = [
    ...numbers.map((digits) => [...digits].join(sqlGap)),
    // as it stands inside JSON
    ...words.flatMap((one) => [one, JSON.stringify(one).slice(1, -1)]).map(escaped),
    ...ids,
  ];
  return { text, json, row, pattern: patterns.length > 0 ? [...new Set(patterns)].join('|') : null };
}
