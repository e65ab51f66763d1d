/** Measured figures: printed, and held against the limits of the requirement. */
import { expect } from 'vitest';
import { percentile } from '../phone/audio.ts';

/** Prints p50, p95 and the longest of some times in ms. */
export function report(what: string, values: readonly number[]): void {
  const [p50, p95, most] = [
    percentile(values, 0.5),
    percentile(values, 0.95),
    values.reduce((most, value) => Math.max(most, value), 0),
  ];
  print(
    `${what}: ${values.length} times, p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms, most ${most.toFixed(0)} ms`,
  );
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Nothing is missing, p95 stays under 1.5 s, the longest under `mostMs`. */
export function expectShort(values: readonly number[], atLeast: number, mostMs = 4000): void {
  expect(values.length).toBeGreaterThanOrEqual(atLeast);
  expect(values.filter((ms) => !Number.isFinite(ms))).toEqual([]);
  expect(percentile(values, 0.95)).toBeLessThanOrEqual(1500);
  expect(Math.max(...values)).toBeLessThanOrEqual(mostMs);
}
