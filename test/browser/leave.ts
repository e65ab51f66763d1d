/** The end of a visit. */
import { expect } from 'vitest';
import type { ConsoleVisit } from './browser.ts';

/** Closes it; its pages complained of nothing. */
export async function leave(visit: ConsoleVisit | undefined): Promise<void> {
  const complaints = visit?.complaints ?? [];
  await visit?.close();
  expect(complaints).toEqual([]);
}
