import type { ValueLanguage } from './language.ts';

const KEYS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

export const en: ValueLanguage = {
  tag: 'en',
  locale: 'en-GB',
  keys: {
    ...Object.fromEntries(KEYS.map((word, digit) => [String(digit), word])),
    '*': 'star',
    '#': 'hash',
    '+': 'plus',
  },
  time: ({ hour, minute }) => {
    const half = hour < 12 ? 'A M' : 'P M';
    const shown = hour % 12 === 0 ? 12 : hour % 12;
    if (minute === 0) return `${shown} ${half}`;
    return `${shown} ${minute < 10 ? `oh ${minute}` : minute} ${half}`;
  },
  date: (text) => text,
  money: (units, minor, currency) =>
    minor === 0 ? units : `${units} and ${minor} ${currency === 'GBP' ? 'pence' : minor === 1 ? 'cent' : 'cents'}`,
  dateTime: (date, time) => `${date} at ${time}`,
};
