import { describe, expect, it } from 'vitest';
import { csvOf } from './csv.ts';
import { type CallRow, durationText, partyText } from './party.ts';

const call = (name: string, number = '+33123456789') =>
  ({
    number: 7,
    createdAt: '2026-01-01T00:00:00.000Z',
    startedAt: null,
    endedAt: null,
    direction: 'inbound',
    calling: { number, name },
    called: { number: '200', name: '' },
    disposition: null,
    externalId: null,
    id: 'c',
  }) as unknown as CallRow;

const firstRow = (name: string, number?: string) => csvOf([call(name, number)]).split('\r\n')[1];

describe('csvOf', () => {
  it('keeps numbers as they are and makes formulas text', () => {
    expect(firstRow('Ann')).toContain(',+33123456789,Ann,');
    expect(firstRow('=HYPERLINK("x")')).toContain(`"'=HYPERLINK(""x"")"`);
    expect(firstRow('@cmd')).toContain(",'@cmd,");
    expect(firstRow('-2+3|x')).toContain(",'-2+3|x,");
  });

  it('quotes separators and line breaks', () => {
    expect(firstRow('a,"b"')).toContain('"a,""b"""');
  });
});

it('says durations and parties shortly', () => {
  expect([0, 65_000, 3_723_000, -5].map(durationText)).toEqual(['0:00', '1:05', '1:02:03', '0:00']);
  expect(partyText({ name: 'Ann', number: '101' })).toBe('Ann (101)');
  expect(partyText({ name: '', number: '' })).toBe('–');
});
