/** What a language must say of values: one file per language, chosen by primary tag. */

/** A moment as spoken: local parts in the wanted zone. */
export interface SpokenTime {
  readonly hour: number;
  readonly minute: number;
}

export interface ValueLanguage {
  /** Primary tag. */
  readonly tag: string;
  /** Locale of `Intl` used for numbers, dates and currency names. */
  readonly locale: string;
  /** Names of 0–9, `*`, `#` and `+`, each rendered once and played one after the other. */
  readonly keys: Readonly<Record<string, string>>;
  time(time: SpokenTime): string;
  /** Date text of `Intl` (weekday, day, month, year) as it is said. */
  date(text: string): string;
  /** Whole units and hundredths, e.g. `12 euros` and 50. */
  money(units: string, minor: number, currency: string): string;
  /** A date and a time, both already as text. */
  dateTime(date: string, time: string): string;
}
