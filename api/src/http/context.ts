/** What a handler is given: the checked input, who asks, for which company, and the services of the process. */
import type { Readable } from 'node:stream';
import type { RouteContract, Scope } from '@callwright/api-contract';
import type { AuditEntry, CompanyScope, Identity, Keyring, Store } from '@callwright/store';
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import type * as z from 'zod';
import type { TemporalGate } from '../temporal-gate.ts';

/** Speaks a text as a telephone WAV. Rejects with codes `SPE_…`. */
export type SpeakText = (
  text: string,
  language: string,
) => Promise<{ readonly wav: Buffer; readonly durationMs: number }>;

export interface Services {
  readonly log: FastifyBaseLogger;
  readonly store: Store;
  readonly keyring: Keyring;
  readonly temporal: TemporalGate;
  readonly speak: SpeakText;
  /** Directory that telephony keeps recordings in; without it they cannot be heard here. */
  readonly mediaDir?: string | undefined;
}

export interface Context {
  readonly identity: Identity;
  readonly scopes: ReadonlySet<Scope>;
  /** The company acted on; only on routes whose contract says `company`. */
  readonly company: CompanyScope;
  /** Who acts, for rows and audit. */
  readonly actor: { readonly type: string; readonly id: string };
  /** Id of what the request makes: the same when a request is taken up again under its idempotency key. */
  readonly mintId: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  audit(entry: Pick<AuditEntry, 'action' | 'entity' | 'detail'> & { readonly ownerId?: string }): Promise<void>;
}

export interface Input<C extends RouteContract> {
  readonly params: z.output<C['params']>;
  readonly query: z.output<C['query']>;
  readonly body: C['body'] extends z.ZodType
    ? z.output<C['body']>
    : C['body'] extends 'wav' | 'csv'
      ? Buffer
      : undefined;
}

export type Answer<C extends RouteContract> = C['answer'] extends z.ZodType
  ? z.input<C['answer']>
  : C['answer'] extends 'wav'
    ? Buffer
    : C['answer'] extends 'csv'
      ? Readable
      : // biome-ignore lint/suspicious/noConfusingVoidType: a handler that answers nothing returns nothing
        void;

/** A contract with the function that serves it. */
export interface Implementation {
  readonly contract: RouteContract;
  readonly handle: (input: Input<RouteContract>, context: Context) => Promise<unknown>;
}

/** Serve a route; input and answer are typed by its contract. */
export function implement<C extends RouteContract>(
  contract: C,
  handle: (input: Input<C>, context: Context) => Promise<Answer<C>>,
): Implementation {
  return { contract, handle: handle as unknown as Implementation['handle'] };
}
