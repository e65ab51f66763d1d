/** Figures of a bench: percentiles, printed as one JSON line each. */
import { percentile } from '../phone/audio.ts';

export interface Summary {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

const round = (value: number): number => Math.round(value * 10) / 10;

export function summarise(values: readonly number[]): Summary {
  return {
    count: values.length,
    p50: round(percentile(values, 0.5)),
    p95: round(percentile(values, 0.95)),
    p99: round(percentile(values, 0.99)),
    max: round(values.reduce((most, value) => Math.max(most, value), 0)),
  };
}

/** One result on standard output. */
export function report(bench: string, result: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ bench, ...result })}\n`);
}
