import { describe, expect, it } from 'vitest';
import { type ValueItem, valueTexts } from './value-text.ts';

const say = (item: Omit<ValueItem, 'type'>, language: string): string =>
  valueTexts({ type: 'value', ...item }, { language, timeZone: 'Europe/Paris', currency: 'EUR' }).join(' | ');

describe('values as texts', () => {
  it.each<[Omit<ValueItem, 'type'>, string, string, string]>([
    [
      { as: 'digits', value: '+33 1*' },
      'plus | three | three | one | star',
      'plus | trois | trois | un | étoile',
      'più | tre | tre | uno | asterisco',
    ],
    [{ as: 'number', value: '1234.5' }, '1234.5', '1234,5', '1234,5'],
    [{ as: 'number', value: '-7' }, '-7', '-7', '-7'],
    [{ as: 'money', value: '12.5' }, '12 euros and 50 cents', '12 euros et 50 centimes', '12 euro e 50 centesimi'],
    [{ as: 'money', value: '1.01' }, '1 euro and 1 cent', '1 euro et 1 centime', '1 euro e 1 centesimo'],
    [{ as: 'money', value: '1999.999', currency: 'EUR' }, '2000 euros', '2000 euros', '2000 euro'],
    [{ as: 'money', value: '500', currency: 'JPY' }, '500 Japanese yen', '500 yens japonais', '500 yen giapponesi'],
    [
      { as: 'date', value: '2026-11-22' },
      'Sunday 22 November 2026',
      'dimanche 22 novembre 2026',
      'domenica 22 novembre 2026',
    ],
    [
      { as: 'date', value: '2026-01-01' },
      'Thursday 1 January 2026',
      'jeudi premier janvier 2026',
      'giovedì primo gennaio 2026',
    ],
    [
      { as: 'date', value: '2026-06-30T23:30:00Z' },
      'Wednesday 1 July 2026',
      'mercredi premier juillet 2026',
      'mercoledì primo luglio 2026',
    ],
    [{ as: 'time', value: '15:05' }, '3 oh 5 P M', '15 heures 5', 'le 15 e 5'],
    [{ as: 'time', value: '00:00' }, '12 A M', 'minuit', 'mezzanotte'],
    [{ as: 'time', value: '21:00' }, '9 P M', 'vingt et une heures', 'le 21'],
    [{ as: 'time', value: '2026-07-01T10:30:00Z' }, '12 30 P M', '12 heures 30', 'le 12 e 30'],
    [
      { as: 'time', value: '2026-07-01T10:30:00Z', timeZone: 'America/New_York' },
      '6 30 A M',
      '6 heures 30',
      'le 6 e 30',
    ],
    [
      { as: 'datetime', value: '2026-03-29T00:59:00Z' },
      'Sunday 29 March 2026 at 1 59 A M',
      'dimanche 29 mars 2026 à une heure 59',
      "domenica 29 marzo 2026 all'una e 59",
    ],
    [
      { as: 'datetime', value: '2026-03-29T01:01:00Z' },
      'Sunday 29 March 2026 at 3 oh 1 A M',
      'dimanche 29 mars 2026 à 3 heures 1',
      'domenica 29 marzo 2026 alle 3 e 1',
    ],
  ])('%j', (item, en, fr, it_) => {
    expect([say(item, 'en'), say(item, 'fr-FR'), say(item, 'it')]).toEqual([en, fr, it_]);
  });

  it.each<[Omit<ValueItem, 'type'>, string, string]>([
    [{ as: 'digits', value: '12x' }, 'en', 'SPE_VALUE'],
    [{ as: 'digits', value: '' }, 'en', 'SPE_VALUE'],
    [{ as: 'number', value: 'ten' }, 'en', 'SPE_VALUE'],
    [{ as: 'number', value: '' }, 'en', 'SPE_VALUE'],
    [{ as: 'money', value: '1', currency: '???' }, 'en', 'SPE_VALUE'],
    [{ as: 'date', value: 'tomorrow' }, 'en', 'SPE_VALUE'],
    [{ as: 'time', value: '25:00' }, 'en', 'SPE_VALUE'],
    [{ as: 'number', value: '1' }, 'tlh', 'SPE_LANGUAGE'],
  ])('refuses %j in %s', (item, language, code) => {
    expect(() => say(item, language)).toThrow(expect.objectContaining({ code }));
  });
});
