/** Values to speakable texts: digits, numbers, dates, times and money in the caller's language (design §2, `speech/`). */
import type { PromptItem } from '@callwright/engine';
import { SpeechError } from '../errors.ts';
import { en } from './en.ts';
import { fr } from './fr.ts';
import { it } from './it.ts';
import type { SpokenTime, ValueLanguage } from './language.ts';

const LANGUAGES: readonly ValueLanguage[] = [en, fr, it];

export type ValueItem = Extract<PromptItem, { type: 'value' }>;

export interface ValueContext {
  readonly language: string;
  /** IANA zone of the company. */
  readonly timeZone: string;
  /** ISO 4217 of the company. */
  readonly currency: string;
}

/** Languages values can be spoken in. */
export const VALUE_LANGUAGES: readonly string[] = LANGUAGES.map((language) => language.tag);

/**
 * Texts to be spoken one after the other. Digits give one text a key, so that the sound of a whole number typed by a caller is
 * never stored. Throws `SPE_VALUE` when the value is not of the kind asked for, `SPE_LANGUAGE` when the language is unknown.
 */
export function valueTexts(item: ValueItem, context: ValueContext): readonly string[] {
  const tag = (item.language ?? context.language).toLowerCase().split('-')[0];
  const language = LANGUAGES.find((candidate) => candidate.tag === tag);
  if (!language) throw new SpeechError('SPE_LANGUAGE', tag);
  const zone = item.timeZone ?? context.timeZone;
  switch (item.as) {
    case 'digits':
      return digitTexts(item.value, language);
    case 'number':
      return [numberText(item.value, language)];
    case 'money':
      return [moneyText(item.value, item.currency ?? context.currency, language)];
    case 'date':
      return [dateText(item.value, zone, language)];
    case 'time':
      return [language.time(localTime(item.value, zone))];
    case 'datetime':
      return [language.dateTime(dateText(item.value, zone, language), language.time(localTime(item.value, zone)))];
  }
}

function digitTexts(value: string, language: ValueLanguage): readonly string[] {
  const keys = [...value].filter((key) => !/[\s().-]/.test(key));
  if (keys.length === 0) throw new SpeechError('SPE_VALUE', 'no digits');
  return keys.map((key) => {
    const name = language.keys[key];
    if (!name) throw new SpeechError('SPE_VALUE', 'not a key of a telephone');
    return name;
  });
}

function finite(value: string): number {
  const number = value.trim() === '' ? Number.NaN : Number(value);
  if (!Number.isFinite(number)) throw new SpeechError('SPE_VALUE', 'not a number');
  return number;
}

function numberText(value: string, language: ValueLanguage): string {
  return new Intl.NumberFormat(language.locale, { useGrouping: false, maximumFractionDigits: 6 }).format(finite(value));
}

function moneyText(value: string, currency: string, language: ValueLanguage): string {
  const format = (() => {
    try {
      return new Intl.NumberFormat(language.locale, {
        style: 'currency',
        currency,
        currencyDisplay: 'name',
        useGrouping: false,
      });
    } catch (error) {
      throw new SpeechError('SPE_VALUE', 'not a currency', { cause: error });
    }
  })();
  const places = format.resolvedOptions().maximumFractionDigits ?? 2;
  const hundredths = Math.round(Math.abs(finite(value)) * 10 ** places);
  const whole = Math.floor(hundredths / 10 ** places);
  const minor = hundredths % 10 ** places;
  const units = new Intl.NumberFormat(language.locale, {
    style: 'currency',
    currency,
    currencyDisplay: 'name',
    useGrouping: false,
    maximumFractionDigits: 0,
  }).format(whole);
  const sign = finite(value) < 0 ? '- ' : '';
  return sign + language.money(units, minor, currency);
}

/** An instant from ISO 8601 (with or without zone), or epoch milliseconds. */
function instant(value: string): Date {
  const date = /^\d{11,}$/.test(value) ? new Date(Number(value)) : new Date(value);
  if (Number.isNaN(date.getTime())) throw new SpeechError('SPE_VALUE', 'not a date or time');
  return date;
}

function dateText(value: string, timeZone: string, language: ValueLanguage): string {
  // a bare date has no zone: it is said as written
  const bare = /^\d{4}-\d{2}-\d{2}$/.test(value);
  const format = new Intl.DateTimeFormat(language.locale, { dateStyle: 'full', timeZone: bare ? 'UTC' : timeZone });
  return language.date(format.format(instant(value)).replace(/,/g, ''));
}

function localTime(value: string, timeZone: string): SpokenTime {
  const bare = /^([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?$/.exec(value);
  if (bare) return { hour: Number(bare[1]), minute: Number(bare[2]) };
  const parts = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone });
  const [hour, minute] = parts.format(instant(value)).split(':').map(Number);
  return { hour: hour ?? 0, minute: minute ?? 0 };
}
