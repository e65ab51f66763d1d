/**
 * Scripts: a web service of the company's that is told what a caller entered at a responder, and says what becomes of the call. The wire form is
 * that of a dialect (a partner contract); here is what it means.
 */
import * as z from 'zod';
import { Destination, DialTarget } from './common.ts';

/** What a script is told beside its address. */
export const ScriptCall = z.strictObject({
  /** Whose wire form the script speaks; empty = the only one there is. */
  dialect: z.string().max(40),
  /** Name of the flow, and number of the node in it, that ask. */
  flow: z.string().max(63),
  node: z.number().int().nonnegative(),
  calling: z.string().max(400),
  called: z.string().max(400),
  /** Keys of the caller; empty = none. */
  input: z.string().max(64),
  /** A number that a script has set for the node, else the node's own. */
  tag: z.number().int(),
});
export type ScriptCall = z.infer<typeof ScriptCall>;

/** What a node of a responder waits for. */
export const ResponderInput = z.enum(['none', 'length', 'terminator', 'pause']);
/** What a node of a responder does with an entry. */
export const ResponderAction = z.enum(['wait', 'next', 'call', 'script']);
/** Whom a script sends a caller to. */
export const ScriptTarget = z.union([DialTarget, Destination]);
export type ScriptTarget = z.infer<typeof ScriptTarget>;

/** What a script changes of the node that asked it, for this call only; what is absent stays. */
export const ResponderChange = z.strictObject({
  /** Audio by its name in the company. */
  message: z.string().min(1).max(200).optional(),
  loop: z.boolean().optional(),
  input: ResponderInput.optional(),
  inputLength: z.number().int().min(1).max(64).optional(),
  terminator: z.string().length(1).optional(),
  pauseMs: z.number().int().min(100).max(60_000).optional(),
  waitMs: z.number().int().min(0).max(600_000).optional(),
  action: ResponderAction.optional(),
  target: ScriptTarget.optional(),
  script: z.string().max(2000).optional(),
  tag: z.number().int().optional(),
});
export type ResponderChange = z.infer<typeof ResponderChange>;

/** What a script wants. */
export const ScriptAnswer = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('end') }),
  /** On to the node that this key leads to. */
  z.strictObject({ do: z.literal('next'), key: z.string().max(12) }),
  /** `shown`: the number that the called side sees as the one called; null = its own. */
  z.strictObject({ do: z.literal('transfer'), to: ScriptTarget, shown: z.string().max(64).nullable() }),
  /** The node again, with these changes. */
  z.strictObject({ do: z.literal('again'), change: ResponderChange }),
]);
export type ScriptAnswer = z.infer<typeof ScriptAnswer>;

/** A script has answered. */
export const ScriptAnswered = z.strictObject({ status: z.literal('script'), answer: ScriptAnswer });
