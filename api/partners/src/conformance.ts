/** What every partner contract must do. A partner's own test calls this with vitest's functions, its samples and its page. */
import type { describe, expect, it } from 'vitest';
import { type PartnerContract, rowOf, type Sample } from './contract.ts';

export interface Vitest {
  readonly describe: typeof describe;
  readonly it: typeof it;
  readonly expect: typeof expect;
}

/** `page` is the text of `<name>.md`: its table's first column names every row, served or skipped. */
export function partnerConformance(
  { describe, it, expect }: Vitest,
  contract: PartnerContract,
  samples: readonly Sample[],
  page: string,
): void {
  const { codec, rows } = contract;
  const served = rows.filter(({ skipped }) => skipped === undefined);
  const find = (id: string) => {
    const row = rows.find((one) => one.id === id);
    if (!row) throw new Error(`no row ${id} in ${contract.name}`);
    return row;
  };

  describe(`${contract.name}: partner contract`, () => {
    it('has the same rows in its page and its code', () => {
      const inPage = [...page.matchAll(/^\| *([A-Z]+-\d+) *\|/gm)].map((match) => match[1]);
      expect(inPage.toSorted()).toEqual(rows.map(({ id }) => id).toSorted());
    });

    it('has a sample for every row it serves', () => {
      expect([...new Set(samples.map(({ row }) => row))].toSorted()).toEqual(served.map(({ id }) => id).toSorted());
    });

    it.each(samples)('understands the sample of $row', ({ row: id, request, asks }) => {
      const row = find(id);
      expect(rowOf(contract, request)).toBe(row);
      expect(contract.map(row, row.params.parse(codec.decode(row, request)))).toEqual(asks);
    });

    it.each(samples)('$row: what is encoded is decoded again', ({ row: id, request }) => {
      const row = find(id);
      const params = row.params.parse(codec.decode(row, request));
      const canonical = codec.encode(row, params);
      expect(row.params.parse(codec.decode(row, canonical))).toEqual(params);
      expect(codec.encode(row, params)).toEqual(canonical);
    });

    it.each(samples)('$row: ignores parameters it does not know', ({ row: id, request, asks }) => {
      const row = find(id);
      const more = { ...request, query: { ...request.query, 'x-unknown': '1' } };
      expect(contract.map(row, row.params.parse(codec.decode(row, more)))).toEqual(asks);
    });

    it.each(samples)('$row: refuses a request without its parameters', ({ row: id, request }) => {
      const row = find(id);
      expect(row.params.safeParse(codec.decode(row, { ...request, query: {}, body: '' })).success).toBe(false);
    });
  });
}
