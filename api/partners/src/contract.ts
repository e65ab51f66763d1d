/** What a partner contract is made of (design §2): rows, the wire form of each, and what each means to us. */
import type { ControlAction } from '@callwright/engine';
import type * as z from 'zod';

/** How we know of a row: printed by the partner, seen at work, or concluded. Shown in the docs, so that a guess is known as one. */
export type Provenance = 'SEED' | 'FOUND' | 'INFERRED';

/** One thing a partner may ask, under the id its page gives it. */
export interface PartnerRow<P = unknown> {
  /** e.g. `A-001`; the same in the folder's page and fixtures. */
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** Unknown parameters are ignored: partners send more than they document. */
  readonly params: z.ZodType<P>;
  readonly provenance: Provenance;
  /** Why it is not served; absent for a row that is. */
  readonly skipped?: string;
}

/** A request as it stands on the wire. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a row asks of a call. */
export interface CallControl {
  /** As the partner names the call. */
  readonly call: string;
  readonly action: ControlAction;
}

export interface PartnerContract {
  /** Folder name. */
  readonly name: string;
  readonly rows: readonly PartnerRow[];
  /** Wire form to parameters, not validated yet; and the canonical wire form of parameters. */
  readonly codec: {
    decode(row: PartnerRow, request: WireRequest): unknown;
    encode(row: PartnerRow, params: unknown): WireRequest;
  };
  /** What a row with its validated parameters asks. */
  map(row: PartnerRow, params: unknown): CallControl;
}

/** A printed sample of a row, kept in the folder's `fixtures`. */
export interface Sample {
  readonly row: string;
  readonly request: WireRequest;
  readonly asks: CallControl;
}

/** The row a request belongs to. */
export function rowOf(
  { rows }: PartnerContract,
  { method, path }: Pick<WireRequest, 'method' | 'path'>,
): PartnerRow | undefined {
  return rows.find((row) => row.method === method && row.path === path);
}
