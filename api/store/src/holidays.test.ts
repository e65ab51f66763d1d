import { expect, test } from 'vitest';
import { publicHolidays } from './holidays.ts';

test('a country, and a region of it', async () => {
  expect((await publicHolidays('FR', null, 2026))?.map(({ date }) => date)).toContain('2026-07-14');
  expect((await publicHolidays('DE', 'BY', 2026))?.length).toBeGreaterThan(
    (await publicHolidays('DE', null, 2026))!.length,
  );
});

test.each([
  // its days are another country's
  ['BQ', '../..'],
  ['BQ', '__proto__'],
  ['DE', 'XX'],
  ['XX', null],
  ['__proto__', null],
] as const)('of %s %s nothing is known', async (country, region) => {
  expect(await publicHolidays(country, region, 1900)).toBe(null);
});
