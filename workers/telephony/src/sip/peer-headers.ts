/** From, P-Asserted-Identity and To of an INVITE to a peer, where a template names them (RFC 3261 §8.1.1, RFC 3325). Pure. */
import type { DialTarget } from '@callwright/engine';
import { escapeUser, parseSipUri } from './headers.ts';

type SipTarget = Extract<DialTarget, { type: 'sip' }>;

/** Headers that replace those of the call; none for a target without a template. Values are a SIP address or its user part. */
export function peerHeaders(target: DialTarget): Record<string, string> {
  if (target.type !== 'sip') return {};
  const { from, identity, dnis }: SipTarget = target;
  const host = parseSipUri(target.uri)?.host ?? 'localhost';
  return {
    ...(from ? { From: address(from, 'localhost') } : {}),
    ...(identity ? { 'P-Asserted-Identity': address(identity, 'localhost') } : {}),
    ...(dnis ? { To: address(dnis, host) } : {}),
  };
}

/** A value that is no address is taken as a user part; nothing in it can end the header or the address. */
function address(value: string, host: string): string {
  const uri = /[\s<>"\r\n]/.test(value) ? null : parseSipUri(value);
  return uri && uri.scheme !== 'tel' ? `<${value}>` : `<sip:${escapeUser(value)}@${host}>`;
}
