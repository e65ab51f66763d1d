/** What a feature code does: one file in this folder, one entry in `registry.ts` (docs/guides/routing.md). */
import type { Destination } from '@callwright/engine';
import type { Db } from '../scope.ts';

/** A user has dialled a code. */
export interface FeatureCall {
  readonly companyId: string;
  readonly userId: string | null;
  /** Row of the code; null = it is a default. */
  readonly id: string | null;
  /** The code as it stands in the table. */
  readonly code: string;
  /** Digits dialled after the code. */
  readonly argument: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface FeatureAction {
  /** As it stands in the table of codes. */
  readonly action: string;
  /** Whether digits follow the code. */
  readonly argument: 'none' | 'optional' | 'required';
  /** Code that companies have it under unless they say otherwise; null = only those that choose one have it. */
  readonly defaultCode: string | null;
  /** Where the call goes: most often a built-in flow, by its name. Null: nowhere, the caller hears that it cannot be reached. */
  lead(db: Db, call: FeatureCall): Promise<Destination | null>;
}
