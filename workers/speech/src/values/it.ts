import type { ValueLanguage } from './language.ts';

const KEYS = ['zero', 'uno', 'due', 'tre', 'quattro', 'cinque', 'sei', 'sette', 'otto', 'nove'];

export const it: ValueLanguage = {
  tag: 'it',
  locale: 'it-IT',
  keys: {
    ...Object.fromEntries(KEYS.map((word, digit) => [String(digit), word])),
    '*': 'asterisco',
    '#': 'cancelletto',
    '+': 'più',
  },
  time: ({ hour, minute }) => {
    if (minute === 0 && hour === 12) return 'mezzogiorno';
    if (minute === 0 && hour === 0) return 'mezzanotte';
    const hours = hour === 1 ? "l'una" : `le ${hour}`;
    return minute === 0 ? hours : `${hours} e ${minute}`;
  },
  // the first of a month is an ordinal
  date: (text) => text.replace(/(^|\s)1(\s+\p{L})/u, '$1primo$2'),
  money: (units, minor, currency) =>
    minor === 0
      ? units
      : `${units} e ${minor} ${currency === 'GBP' ? 'pence' : minor === 1 ? 'centesimo' : 'centesimi'}`,
  dateTime: (date, time) =>
    `${date} ${time.replace(/^le /, 'alle ').replace(/^l'/, "all'").replace(/^mezz/, 'a mezz')}`,
};
