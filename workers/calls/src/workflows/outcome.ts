/** What a call came to, as a search attribute: so that whoever looks into Temporal finds the calls that failed (temporal.md §5.3). */
import { SEARCH_ATTRIBUTES } from '@callwright/contract';
import type { CallRecord, Cdr } from '@callwright/engine';
import { upsertSearchAttributes } from '@temporalio/workflow';

const OUTCOME = { name: SEARCH_ATTRIBUTES.outcome, type: 'KEYWORD' } as const;

/** The disposition that these records tell, if the call's end is among them. */
export function dispositionIn(records: readonly CallRecord[]): Cdr['disposition'] | null {
  const ended = records.find(({ type }) => type === 'call.ended');
  return (ended?.body as { cdr?: Cdr } | undefined)?.cdr?.disposition ?? null;
}

/** Set once, in the task that ends the run: it costs no task of its own. */
export function tellOutcome(disposition: Cdr['disposition'] | null): void {
  if (disposition !== null) upsertSearchAttributes([{ key: OUTCOME, value: disposition }]);
}
