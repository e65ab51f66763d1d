import { describe, expect, it } from 'vitest';
import { redactor } from './redact.ts';

const ID = '0198c0de-0000-7000-8000-000000000001';
const { text, json, row, pattern } = redactor({
  ids: new Set([ID]),
  numbers: ['33123456789', '0123456789'],
  words: ['ada o’lovelace', 'ada@example.com'],
});

describe('texts', () => {
  it.each([
    ['+33123456789', 'anonymous'],
    ['0033 1 23 45 67 89', 'anonymous'],
    ['sip:+33123456789@carrier.test', 'sip:anonymous@carrier.test'],
    ['call 01.23.45.67.89, please', 'call anonymous, please'],
    ['+331234567890', '+331234567890'],
    ['90123456789', '90123456789'],
    ['Ada O’Lovelace', ''],
    ['from ADA O’LOVELACE.', 'from [erased].'],
    ['Adada O’Lovelaces', 'Adada O’Lovelaces'],
    ['mail ada@example.com', 'mail [erased]'],
    ['nothing', 'nothing'],
  ])('%s becomes %s', (before, after) => {
    expect(text(before)).toBe(after);
    expect(text(after)).toBe(after);
  });

  it('are all found by the pattern that the database is asked with', () => {
    const found = new RegExp(pattern!, 'i');
    for (const one of ['0033 1 23 45 67 89', 'Ada O’Lovelace', 'x ADA@example.com', ID])
      expect(found.test(one)).toBe(true);
  });
});

describe('values', () => {
  it('names beside the number or the id go with it, other people’s stay', () => {
    const before = {
      a: { type: 'trunk', id: 't', number: '+33123456789', name: 'A. L.', e164: '+33123456789' },
      b: { type: 'user', id: ID, entityNumber: 3, number: '101', name: 'Ada' },
      c: { type: 'user', id: 'other', entityNumber: 4, number: '102', name: 'Ada' },
      d: { id: ID, number: 7, givenName: 'Ada', familyName: 'L' },
      e: [{ text: 'call 0123456789' }],
    };
    expect(json(before)).toEqual({
      a: { type: 'trunk', id: 't', number: 'anonymous', name: '' },
      b: { type: 'user', id: ID, entityNumber: 3, number: 'anonymous', name: '' },
      c: before.c,
      d: { id: ID, number: 7, givenName: '', familyName: '' },
      e: [{ text: 'call anonymous' }],
    });
  });

  it('columns that belong together are treated together', () => {
    const before = {
      calling_id: null,
      calling_number: '+33123456789',
      calling_name: 'A. L.',
      calling_contact: { id: 'c', givenName: 'A' },
      trunk_in_name: 'A. L.',
      trunk_out_name: 'Carrier',
      called_id: ID,
      called_number: '101',
      called_name: 'Ada',
      entity_id: 'other',
      number: '102',
      name: 'Bob',
      number_of: 4,
    };
    expect(row(before)).toEqual({
      ...before,
      calling_number: 'anonymous',
      calling_name: '',
      calling_contact: null,
      trunk_in_name: '',
      called_number: 'anonymous',
      called_name: '',
    });
    expect(row(row(before))).toEqual(row(before));
  });

  it('a subject of which nothing is known changes nothing', () => {
    const none = redactor({ ids: new Set(), numbers: [], words: [] });
    expect(none.pattern).toBeNull();
    expect(none.json({ name: 'x', number: '+33123456789' })).toEqual({ name: 'x', number: '+33123456789' });
  });
});
