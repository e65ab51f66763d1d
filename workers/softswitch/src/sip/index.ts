/** The SIP stack as the rest of the package uses it. */
export type { ClientFailure, ClientHandlers, ClientTransaction } from './client-transactions.ts';
export { contactUri, type Dialog, dialogFlow, dialogRequest, uacDialog, uasDialog } from './dialog.ts';
export * from './message.ts';
export { headEnd, type Parsed, parseMessage, type SipFault } from './parse.ts';
export { literalFlow, resolveFlow, UnresolvedUriError } from './resolve.ts';
export { makeResponse, REASONS, type ResponseParts } from './response.ts';
export { serialise } from './serialise.ts';
export type { ServerTransaction } from './server-transactions.ts';
export {
  createSipStack,
  type SecureTransports,
  type SipStack,
  type SipStackCounts,
  type SipStackHandlers,
  type SipStackOptions,
} from './stack.ts';
export { type SipTimers, STANDARD_TIMERS } from './timers.ts';
export { newBranch, newTag, randomToken } from './tokens.ts';
export type { SipFlow, SipProtocol, SipSource } from './transport.ts';
export { parseUri, type SipUri, writeUri } from './uri.ts';
export {
  type NameAddr,
  parseCSeq,
  parseNameAddr,
  parseRAck,
  parseVia,
  type SipParams,
  tagOf,
  type Via,
} from './values.ts';
