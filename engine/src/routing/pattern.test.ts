import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitsPattern, MAX_PATTERN, parsePattern } from './pattern.ts';

const fits = (pattern: string, ...numbers: string[]) => numbers.map((number) => fitsPattern(pattern, [number]));

describe('number patterns', () => {
  it('match exactly, by prefix, by class and by range', () => {
    expect(fits('101', '101', '1012', '10')).toEqual([true, false, false]);
    expect(fits('33*', '33', '3361', '34', '3')).toEqual([true, true, false, false]);
    expect(fits('+336XXXXXXXX', '+33612345678', '+3361234567', '33612345678')).toEqual([true, false, false]);
    expect(fits('0ZX', '010', '000', '01')).toEqual([true, false, false]);
    expect(fits('N00', '200', '100')).toEqual([true, false]);
    expect(fits('1[2-57]', '12', '15', '16', '17', '1')).toEqual([true, true, false, true, false]);
    expect(fits('100-199', '100', '150', '199', '200', '99', '0150')).toEqual([true, true, true, false, false, false]);
    expect(fits('*98', '*98', '98', '*981')).toEqual([true, false, false]);
    expect(fits('*8*', '*8', '*8101', '81')).toEqual([true, true, false]);
    expect(fits('21\\*', '21*', '21', '213')).toEqual([true, false, false]);
    expect(fits('101, 33*', '101', '336', '102')).toEqual([true, true, false]);
    expect(fits('*', '', '1', '#')).toEqual([true, true, true]);
  });

  it('are tried on every spelling of a number', () => {
    expect(fitsPattern('06*', ['0612345678', '+33612345678'])).toBe(true);
    expect(fitsPattern('+336*', ['0612345678', '+33612345678'])).toBe(true);
    expect(fitsPattern(null, [])).toBe(true);
  });

  it('refuse what cannot be read', () => {
    for (const text of [
      '',
      'abc',
      '1+',
      '[',
      '[]',
      '[5-2]',
      '[a]',
      '1,,2',
      '200-100',
      '10-1000',
      '(1|2)',
      '.',
      '1'.repeat(MAX_PATTERN + 1),
    ]) {
      expect([text, parsePattern(text)]).toEqual([text, null]);
    }
    expect(fitsPattern('(', ['('])).toBe(false);
  });

  it('are read and tried without harm, whatever is written', () => {
    const text = fc.string({ unit: fc.constantFrom(...'0123456789XZN*#+[]-,\\ '), maxLength: 400 });
    fc.assert(
      fc.property(text, fc.stringMatching(/^[0-9*#+]{0,64}$/), (pattern, number) => {
        const read = parsePattern(pattern);
        const matched = fitsPattern(pattern, [number]);
        if (read === null) expect(matched).toBe(false);
      }),
    );
    expect(fits(`${'X'.repeat(200)}*`, '1'.repeat(64))).toEqual([false]);
  });

  it('a literal pattern matches itself and nothing else', () => {
    const digits = fc.stringMatching(/^[0-9]{1,20}$/);
    fc.assert(
      fc.property(digits, digits, (a, b) => {
        expect(fits(a, a, b)).toEqual([true, a === b]);
      }),
    );
  });
});
