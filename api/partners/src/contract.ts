/**
 * What a partner contract is made of (design §2): its rows as data, how a module of it is set and authenticated, what it answers, and
 * what it tells the outside. A contract is pure: it reaches the telephone system through `PartnerHost` only, and says of a fact of a
 * call what its receivers are to be told. Mounting, limits, storing and delivery are generic.
 */
import type { Fact, ResponderChange } from '@callwright/engine';
import type * as z from 'zod';
import type { PartnerDemo } from './demo.ts';
import type { PartnerHost } from './host.ts';

/** How we know of a row: printed by the partner, seen at work, or concluded. Shown in the docs, so that a guess is known as one. */
export type Provenance = 'SEED' | 'FOUND' | 'INFERRED';

/** One thing a contract says, under the id its page gives it. */
export interface PartnerRow {
  /** e.g. `A-001`; the same in the folder's page and fixtures. */
  readonly id: string;
  readonly title: string;
  readonly kind: 'rule' | 'service' | 'event' | 'script' | 'table';
  readonly provenance: Provenance;
  /** Absent: served whole. `unmet`: the system lacks it so far; `skipped`: it is not for a program to serve. */
  readonly lacks?: { readonly state: 'unmet' | 'partly' | 'skipped'; readonly why: string };
}

/** A request as it stands on the wire. Parameters of the query and of a form body, the first of each name counting. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly params: ReadonlyMap<string, string>;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body when it is no form; else empty. */
  readonly body: string;
}

export interface WireAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Where a contract is served, exactly as printed after the host. */
export interface PartnerMount {
  readonly methods: readonly ('GET' | 'POST' | 'PUT' | 'DELETE')[];
  readonly path: string;
}

/** What a request shows to be let in: the secret of a module. */
export type Credential = { readonly secret: string };

/** A stored integration of a company: which contract, and its settings as the contract's schema says. */
export interface PartnerModule<S = unknown> {
  readonly id: string;
  readonly name: string;
  readonly settings: S;
}

/**
 * Why a request gets no further than the mounting. `method`: the path is served, for other methods; `too-large`: its body or its
 * headers; `malformed`: it cannot be read, be it as HTTP.
 */
export type Refusal = 'unauthenticated' | 'rate-limited' | 'malformed' | 'too-large' | 'method' | 'failed';

/** A fact of a call with what the projection knows about it. */
export interface CallFact {
  readonly at: number;
  readonly fact: Fact;
  readonly call: {
    /** Unique on the platform. */
    readonly number: number;
    readonly externalId: string | null;
    readonly direction: 'inbound' | 'outbound' | 'internal';
    /** We placed the call: its first party was called by us. */
    readonly placed: boolean;
    /** IANA zone of the company. */
    readonly timeZone: string;
  };
  /** Number of the trunk that the fact's leg goes through. */
  readonly trunk: number | null;
  /** Number of the other call, of a fact about two: a leg that moves. */
  readonly other: number | null;
  /** The command of a module that this fact belongs to: `control.done` by its id, all others by the call they made. */
  readonly command: PartnerCommand | null;
}

/** Something of a company that no call tells. */
export interface CompanyEvent {
  readonly at: number;
  /** IANA zone of the company. */
  readonly timeZone: string;
  readonly event: {
    readonly type: 'message';
    readonly messageId: string;
    /** Extension of whose box it is in; null of one that is nobody's own. */
    readonly extension: string | null;
    /** Who left it. */
    readonly number: string;
    readonly name: string;
    readonly durationMs: number;
  };
}

/** A command that a module gave, kept so that its failure finds the way back. */
export interface PartnerCommand {
  readonly moduleId: string;
  readonly requestId: string;
  readonly extension: string | null;
}

/** Something to be told. `moduleId`: to that module only; null: to all that want it. */
export interface Notice {
  readonly row: string;
  readonly level: string;
  readonly event: string;
  readonly extension: string | null;
  readonly moduleId: string | null;
  /** Query parameters in the order they are sent. */
  readonly params: readonly (readonly [name: string, value: string])[];
}

/** How the requests of a contract are repeated. */
export interface DeliveryRule {
  readonly timeoutMs: number;
  /** `unopened`: again only when no connection was opened; `until-2xx`: until the receiver says yes. */
  readonly repeat: 'unopened' | 'until-2xx';
  /** After this time a request that could not be delivered is given up, so that the next may go. */
  readonly giveUpAfterMs: number;
}

/** What a contract tells the outside. State is plain JSON, one per call. */
export interface PartnerEvents<T, S> {
  readonly rule: DeliveryRule;
  /** Takes one fact; changes `state` (empty at first) and answers what is to be told, in order. */
  read(state: Partial<T>, fact: CallFact): readonly Notice[];
  /** What is to be told of an event of the company. */
  tell(event: CompanyEvent): readonly Notice[];
  /** Whether the module wants it, and has somewhere to be told. */
  wants(settings: S, notice: Notice): boolean;
  /** The URL that a notice is sent to. */
  url(settings: S, notice: Notice): string;
}

/** What a script of a responder is asked. Numbers are the positive ones. */
export interface ScriptQuestion {
  /** Where the script is, with its scheme. */
  readonly address: string;
  readonly company: number;
  /** Null of a flow that is not the company's own. */
  readonly flow: number | null;
  readonly node: number;
  readonly call: number;
  readonly calling: string;
  readonly called: string;
  readonly input: string;
  readonly tag: number;
}

/** Whom a script names: a number, or an entity that is of one of these types of destinations (`trunk`: with the number to dial on it). */
export type ScriptRecipient =
  | { readonly number: string; readonly types?: undefined }
  | { readonly types: readonly string[]; readonly number: number; readonly dialled: string };

export type ScriptChange = Omit<ResponderChange, 'target'> & { readonly target?: ScriptRecipient };

/** What a script wants, as its contract puts it. */
export type ScriptInstruction =
  | { readonly do: 'end' }
  | { readonly do: 'next'; readonly key: string }
  | { readonly do: 'transfer'; readonly to: ScriptRecipient; readonly shown: string | null }
  | { readonly do: 'again'; readonly change: ScriptChange };

/** The wire form of scripts. */
export interface PartnerScripts<S> {
  url(settings: S, question: ScriptQuestion): string;
  /** Null: no instruction can be read. */
  read(body: string): ScriptInstruction | null;
}

export interface PartnerContract<S = unknown, T = unknown> {
  /** Folder name. */
  readonly name: string;
  /** As people call it. */
  readonly label: string;
  readonly rows: readonly PartnerRow[];
  /** Settings of a module: rendered by the console from its JSON Schema, checked by the API. */
  readonly settings: z.ZodType<S>;
  readonly mounts: readonly PartnerMount[];
  /** Null when the request shows none. */
  credential(request: WireRequest): Credential | null;
  refuse(request: WireRequest, why: Refusal): WireAnswer;
  answer(request: WireRequest, module: PartnerModule<S>, host: PartnerHost): Promise<WireAnswer>;
  readonly events: PartnerEvents<T, S>;
  /** Contracts whose partners write scripts for responders. */
  readonly scripts?: PartnerScripts<S>;
  /** Programs by which the contract can be tried. */
  readonly demo?: PartnerDemo;
}

/** Keeps the types of a contract together while the registry holds contracts of any. */
export const definePartner = <S, T>(contract: PartnerContract<S, T>): PartnerContract =>
  contract as unknown as PartnerContract;
