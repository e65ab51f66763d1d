import type { ValueLanguage } from './language.ts';

const KEYS = ['zéro', 'un', 'deux', 'trois', 'quatre', 'cinq', 'six', 'sept', 'huit', 'neuf'];

export const fr: ValueLanguage = {
  tag: 'fr',
  locale: 'fr-FR',
  keys: {
    ...Object.fromEntries(KEYS.map((word, digit) => [String(digit), word])),
    '*': 'étoile',
    '#': 'dièse',
    '+': 'plus',
  },
  time: ({ hour, minute }) => {
    if (hour === 0 && minute === 0) return 'minuit';
    if (hour === 12 && minute === 0) return 'midi';
    // « une heure », « vingt et une heures »: the engine says « un »
    const hours = hour === 1 ? 'une heure' : hour === 21 ? 'vingt et une heures' : `${hour} heures`;
    return minute === 0 ? hours : `${hours} ${minute}`;
  },
  // the first of a month is an ordinal
  date: (text) => text.replace(/(^|\s)1(\s+\p{L})/u, '$1premier$2'),
  money: (units, minor, currency) =>
    minor === 0 ? units : `${units} et ${minor} ${currency === 'GBP' ? 'pence' : minor === 1 ? 'centime' : 'centimes'}`,
  dateTime: (date, time) => `${date} à ${time}`,
};
