import { describe, expect, it } from 'vitest';
import { type EntryRules, type EntryState, pressKey, timeOut } from './digit-entry.ts';

const any: EntryRules = { minDigits: 1, maxDigits: 4, terminators: '#' };
const menu: EntryRules = { minDigits: 1, maxDigits: 2, terminators: '', accept: ['1', '2', '21', '*'] };

function type(rules: EntryRules, keys: string): EntryState {
  let state: EntryState = { kind: 'open', value: '' };
  for (const key of keys) {
    if (state.kind !== 'open') throw new Error(`the entry had ended before ${key}`);
    state = pressKey(rules, state.value, key);
  }
  return state;
}

describe('an entry of any digits', () => {
  it.each([
    ['12', { kind: 'open', value: '12' }],
    ['1234', { kind: 'collected', value: '1234', ended: 'max' }],
    ['12#', { kind: 'collected', value: '12', ended: 'terminator' }],
    ['#', { kind: 'no-match', value: '' }],
  ])('%s', (keys, state) => {
    expect(type(any, keys)).toEqual(state);
  });

  it('is worth what it holds when time runs out', () => {
    expect(timeOut(any, '12')).toEqual({ kind: 'collected', value: '12', ended: 'timeout' });
    expect(timeOut({ ...any, minDigits: 3 }, '12')).toEqual({ kind: 'no-match', value: '12' });
    expect(timeOut(any, '')).toBeNull();
  });

  it('may be empty where none is asked for', () => {
    expect(type({ ...any, minDigits: 0 }, '#')).toEqual({ kind: 'collected', value: '', ended: 'terminator' });
  });

  it('gives way to a key that counts alone', () => {
    expect(type({ ...any, loneKeys: '*' }, '12*')).toEqual({ kind: 'collected', value: '*', ended: 'terminator' });
    expect(type({ ...menu, accept: ['1'], loneKeys: '*' }, '*')).toMatchObject({ kind: 'collected', value: '*' });
  });

  it('is too short when the terminator comes early', () => {
    expect(type({ ...any, minDigits: 3 }, '12#')).toEqual({ kind: 'no-match', value: '12' });
  });
});

describe('an entry out of a list', () => {
  it.each([
    ['1', { kind: 'collected', value: '1', ended: 'matched' }],
    ['2', { kind: 'open', value: '2' }],
    ['21', { kind: 'collected', value: '21', ended: 'matched' }],
    ['22', { kind: 'no-match', value: '22' }],
    ['9', { kind: 'no-match', value: '9' }],
    ['*', { kind: 'collected', value: '*', ended: 'matched' }],
  ])('%s', (keys, state) => {
    expect(type(menu, keys)).toEqual(state);
  });

  it('takes the shorter entry when time runs out', () => {
    expect(timeOut(menu, '2')).toEqual({ kind: 'collected', value: '2', ended: 'timeout' });
  });

  it('counts a key as a digit before it counts as a terminator', () => {
    const rules = { ...menu, accept: ['#', '12'], terminators: '#' };
    expect(type(rules, '#')).toEqual({ kind: 'collected', value: '#', ended: 'matched' });
    expect(type(rules, '1#')).toEqual({ kind: 'no-match', value: '1' });
  });

  it('ends at the longest length even where a longer entry is listed', () => {
    const rules = { minDigits: 1, maxDigits: 2, terminators: '', accept: ['123'] };
    expect(type(rules, '12')).toEqual({ kind: 'no-match', value: '12' });
  });
});
