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

/** Set by the bench of pauses: then the limits of the requirement are asserted, not only printed. */
export const limitsHold = process.env.CALLWRIGHT_CHAOS_LIMITS === '1';

/** p95 stays under 1.5 s, the longest under 4 s. */
export function expectShort(what: string, values: readonly number[]): void {
  expect(percentile(values, 0.95), `${what}, p95`).toBeLessThanOrEqual(1500);
  expect(Math.max(...values), `${what}, longest`).toBeLessThanOrEqual(4000);
}
