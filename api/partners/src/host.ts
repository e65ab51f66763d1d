/** What a contract may ask of the telephone system, for the company of its module. Implemented by the api, faked in tests. */
import type { Cdr, ControlAction, Coordinates, Destination, JsonValue, ResponderNode } from '@callwright/engine';

export interface HostUser {
  readonly id: string;
  /** Positive integer, unique among the company's users. */
  readonly number: number;
  readonly extension: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly email: string | null;
  readonly phrase: string;
  readonly mode: string;
  readonly divertNumber: string | null;
  readonly numbers: {
    readonly office?: string;
    readonly home?: string;
    readonly mobile?: string;
    readonly fax?: string;
  };
  readonly presence: string;
  /** What the user says of himself (available, busy, away, offline); null when he has said nothing. */
  readonly chat: string | null;
}

export interface HostGroup {
  /** Numbers are unique among those of a kind. */
  readonly kind: 'ring-group' | 'queue';
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly strategy: string;
  readonly broadcast: boolean;
  readonly visible: boolean;
  readonly memberLogin: boolean;
  readonly pickupDisabled: boolean;
  /** Members are rung where their own diversion leads. */
  readonly followDiversion: boolean;
  /** User ids, in order. */
  readonly members: readonly string[];
}

export interface HostTrunk {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly kind: string;
  readonly enabled: boolean;
  readonly state: string;
  /** Null: no limit. */
  readonly lines: number | null;
  readonly busyLines: number;
  readonly hostPort: string;
}

export interface HostDevice {
  readonly number: number;
  readonly type: string;
  readonly userAgent: string;
  readonly address: string;
  readonly registered: boolean;
}

/** A flow that is published. */
export interface HostFlow {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly title: string;
}

/** Anything with a name and, where it has one, a number to dial. */
export interface HostPlace {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly extension: string;
}

export interface HostBox extends HostPlace {
  readonly newMessages: boolean;
  /** There are recordings of the company's calls that nobody has listened to. */
  readonly newRecordings: boolean;
}

export interface HostSlot extends HostPlace {
  readonly parked: {
    readonly number: string;
    readonly name: string;
    readonly at: number;
    readonly by: string | null;
    readonly note: string;
  } | null;
}

export interface HostLeg {
  readonly leg: string;
  /** Positive integer of the party, unique on the platform. */
  readonly party: number;
  readonly role: string;
  readonly coordinates: Coordinates;
  readonly answered: boolean;
}

export interface HostCall {
  readonly id: string;
  readonly number: number;
  readonly externalId: string | null;
  readonly startedAt: number;
  readonly calling: Coordinates;
  readonly called: Coordinates;
  /** Legs that are up, in the order of their parties. */
  readonly legs: readonly HostLeg[];
  readonly trunkNumbers: Readonly<Record<string, number>>;
  readonly recorded: boolean;
  /** Of the leg answered first, as SDP names it; null before. */
  readonly codec: string | null;
}

/** A party of an ended call: of one of these types, with this number of its entity (outside: of the trunk), by this number. */
export interface HostPartyFilter {
  readonly types?: readonly string[];
  readonly entity?: number;
  readonly number?: string;
}

export interface HistoryFilter {
  readonly parties?: { readonly [role in 'calling' | 'called' | 'connected']?: HostPartyFilter };
  readonly userId?: string;
  readonly from?: number;
  readonly to?: number;
  readonly externalId?: string;
  readonly callNumber?: number;
  readonly limit: number;
  readonly offset: number;
}

export interface HostEnded {
  readonly id: string;
  readonly cdr: Cdr;
  readonly queueMs: number;
  /** Number of the call that a leg came from by a transfer. */
  readonly fromNumber: number | null;
}

export interface HostSide {
  readonly to: Destination;
  /** Numbers of the user's devices that are called; absent: all. */
  readonly devices?: readonly number[];
  readonly trunkId?: string | null;
  /** Whom the side counts as, when that is not whom it dials: a user called on a number of his. */
  readonly as?: Coordinates;
  /** Number that this side is shown; absent: as `HostConnect.shown` says. */
  readonly shown?: string;
  readonly autoAnswer: boolean;
}

/** A call between two parties; the first is called first. */
export interface HostConnect {
  readonly first: HostSide;
  readonly second: HostSide;
  readonly externalId: string | null;
  /** Shown to both; null: each sees the other's. */
  readonly shown: string | null;
}

export interface HostCommand {
  readonly requestId: string;
  /** Of the user that the command is about. */
  readonly extension: string | null;
}

export type ConnectAnswer = 'done' | 'unknown-destination' | 'refused' | 'no-media' | 'not-published';

export interface HostContact {
  readonly number: number;
  readonly givenName: string;
  readonly familyName: string;
  readonly organisation: string;
  readonly email: string | null;
  readonly favourite: boolean;
  readonly numbers: readonly { readonly kind: string; readonly number: string }[];
  readonly external: { readonly scheme: string; readonly value: string } | null;
  readonly data: Readonly<Record<string, JsonValue>>;
}

/** Fields of a contact to write; absent: unchanged, or empty when it is new. `numbers` by kind, empty: none. */
export interface ContactPatch {
  readonly givenName?: string;
  readonly familyName?: string;
  readonly organisation?: string;
  readonly email?: string | null;
  readonly favourite?: boolean;
  readonly numbers?: Readonly<Record<string, string>>;
  readonly data?: Readonly<Record<string, JsonValue>>;
}

export interface ContactWriteResult {
  readonly number: number;
  readonly act: 'insert' | 'update';
}

export interface PartnerHost {
  /** Epoch ms. */
  now(): number;
  readonly timeZone: string;
  users(filter?: { readonly extension?: string; readonly number?: number }): Promise<readonly HostUser[]>;
  groups(): Promise<readonly HostGroup[]>;
  trunks(): Promise<readonly HostTrunk[]>;
  devicesOf(userId: string): Promise<readonly HostDevice[]>;
  /** Id of the user whose device has this number. */
  userOfDevice(number: number): Promise<string | null>;
  flows(): Promise<readonly HostFlow[]>;
  /** Of the published flows that are trees of keys, by id: their nodes, the root first. */
  responders(): Promise<ReadonlyMap<string, readonly ResponderNode[]>>;
  boxes(): Promise<readonly HostBox[]>;
  slots(): Promise<readonly HostSlot[]>;
  rooms(): Promise<readonly HostPlace[]>;
  departments(): Promise<readonly HostPlace[]>;
  /** A call that is up, by its number. */
  call(number: number): Promise<HostCall | null>;
  calls(): Promise<readonly HostCall[]>;
  /** Newest first. */
  history(filter: HistoryFilter): Promise<readonly HostEnded[]>;
  /** Kept with its command before it is started. */
  connect(order: HostConnect, command: HostCommand): Promise<ConnectAnswer>;
  /** Kept with its command before it is sent. `over`: the call has ended. */
  control(callId: string, action: ControlAction, command: HostCommand): Promise<'done' | 'over'>;
  setMode(userId: string, mode: 'normal' | 'dnd' | 'away' | 'divert', divertNumber?: string): Promise<boolean>;
  /** Substring, without regard to case, of names, organisation, e-mail and numbers. */
  searchContacts(search: string, limit: number): Promise<readonly HostContact[]>;
  contact(
    by: { readonly number: number } | { readonly scheme: string; readonly value: string },
  ): Promise<HostContact | null>;
  /** Null when `number` names none. */
  writeContact(
    number: number | null,
    patch: ContactPatch,
    external: { readonly scheme: string; readonly value: string } | null,
  ): Promise<ContactWriteResult | null>;
  /** All of one scheme, in one step; answers in the same order. */
  importContacts(
    scheme: string,
    contacts: readonly { readonly value: string; readonly patch: ContactPatch }[],
  ): Promise<readonly ContactWriteResult[]>;
  deleteContact(number: number): Promise<boolean>;
}
