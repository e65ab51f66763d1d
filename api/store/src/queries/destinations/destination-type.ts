/** What a type of destination is: one file in this folder, one entry in `registry.ts` (docs/guides/destinations.md). */
import type { Coordinates, Destination, IoResult, RevisionClosure } from '@callwright/engine';
import type { CompanyScope, Db } from '../scope.ts';

/** A call as far as a destination may depend on it. */
export interface Asking {
  /** The call that asks, when it is known: it does not count against its own limits. */
  readonly callId: string | null;
  /** On whose account a leg is placed: a user, or null for the company itself. */
  readonly userId: string | null;
  /** Epoch ms. */
  readonly at: number;
  /** Only whom the call reaches is asked: the flow that serves it is read by whoever starts the call, its document by nobody. */
  readonly routing?: boolean;
}

/** Looks up another destination: the registry itself, handed down so that no type imports it. */
export type ResolveOther = (db: Db, companyId: string, destination: Destination, asking: Asking) => Promise<IoResult>;

export interface DestinationType {
  /** As it stands in rules, numbers, keys and commands. */
  readonly type: string;
  /**
   * Built-in flow, by reserved name, that serves a call led here from outside a flow. Null: the destination is a flow itself, or nothing a
   * call can be led to that way.
   */
  readonly servedBy: string | null;
  /** May stand in routing rules, numbers and defaults. */
  readonly offered: boolean;
  /** Whether the company has it: asked before it is stored. `id` comes from outside. */
  exists(db: Db, scope: CompanyScope, id: string): Promise<boolean>;
  /** What it is now: status `destination`, `not-found`, or `refused` where placing the call is not allowed. */
  resolve(db: Db, companyId: string, id: string, asking: Asking, other: ResolveOther): Promise<IoResult>;
}

export const NOT_FOUND: IoResult = { status: 'not-found' };

/** Coordinates of something that is no entity of the directory. */
export const plainCoordinates = (type: string, number: string): Coordinates => ({
  type,
  id: null,
  entityNumber: null,
  number,
  name: '',
});

/** The answer of a look-up that found something. */
export const resolved = (
  destination: Destination,
  coordinates: Coordinates,
  closure: RevisionClosure | null = null,
): IoResult => ({
  status: 'destination',
  destination,
  coordinates,
  revision: closure?.root ?? null,
  closure: closure as unknown as null,
});

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Ids come from outside: what is no UUID must not reach a column of that type. */
export const isUuid = (id: string): boolean => UUID.test(id);
