/**
 * ICE as a lite agent (RFC 8445 §2.5): one host candidate, checks answered and never made. Fits a server with an address that phones and
 * browsers can reach; the far end, a full agent, controls.
 */
import { randomBytes } from 'node:crypto';
import { bindingSuccess, isAuthentic, readBindingRequest, roleConflict } from './stun.ts';

/** What the two sides told each other in SDP. */
export interface IceTerms {
  readonly localUfrag: string;
  readonly localPassword: string;
  readonly remoteUfrag: string;
}

export interface IceCredentials {
  readonly ufrag: string;
  readonly password: string;
}

/** Fresh ones: 48 and 144 random bits (RFC 8445 §5.3 asks for 24 and 128). */
export const newIceCredentials = (): IceCredentials => ({
  ufrag: randomBytes(6).toString('base64').replace(/=/g, ''),
  password: randomBytes(18).toString('base64').replace(/=/g, ''),
});

/** Priority of our only candidate: host type, highest preference, RTP component (RFC 8445 §5.1.2.1). */
export const HOST_PRIORITY = (126 << 24) + (65_535 << 8) + 255;

export interface CheckAnswer {
  readonly reply: Buffer;
  /** The pair this check came over is the one to be used. */
  readonly nominated: boolean;
}

/** Answers a check; null for what is none, or was not made by the far end of these terms. */
export function answerCheck(terms: IceTerms, packet: Buffer, address: string, port: number): CheckAnswer | null {
  const request = readBindingRequest(packet);
  if (request?.username !== `${terms.localUfrag}:${terms.remoteUfrag}`) return null;
  if (!isAuthentic(request, terms.localPassword)) return null;
  if (request.controlled) return { reply: roleConflict(request, terms.localPassword), nominated: false };
  return { reply: bindingSuccess(request, terms.localPassword, address, port), nominated: request.useCandidate };
}
