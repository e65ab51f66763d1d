/** Checks a server makes before anybody looks at a request (RFC 3261 §8.2, RFC 4475 §3). */
import { SINGLE_VALUED } from './header-names.ts';
import { headerLines, headerValue, headerValues, type SipMessage, type SipRequest } from './message.ts';
import type { SipFault } from './parse.ts';
import { parseUri, uriScheme } from './uri.ts';
import { parseCSeq, parseNameAddr, parseVia, tagOf } from './values.ts';

/** Option tags of the registry; a Require outside it can be understood by nobody behind this server. */
export const KNOWN_OPTIONS: ReadonlySet<string> = new Set(
  (
    '100rel 199 answermode early-session eventlist explicitsub from-change geolocation-http geolocation-sip gin gruu ' +
    'histinfo ice join multiple-refer norefersub nosub outbound path policy precondition pref privacy ' +
    'recipient-list-invite recipient-list-message recipient-list-subscribe record-aware replaces resource-priority ' +
    'sdp-anat sec-agree siprec tdialog timer trickle-ice uui'
  ).split(' '),
);

const bad = (reason: string): SipFault => ({ status: 400, reason });

/** True when a response to this request can be routed and matched: Via, From, To, Call-ID and CSeq can be read. */
export function isAnswerable(message: SipMessage): boolean {
  const via = headerValues(message, 'via')[0];
  return via !== undefined && parseVia(via) !== undefined;
}

/** The fault of a request that was parsed without one, or undefined when it may go on. */
export function requestFault(request: SipRequest): SipFault | undefined {
  return missingOrRepeated(request) ?? wrongValue(request) ?? wrongUri(request) ?? unknownRequire(request);
}

function missingOrRepeated(request: SipRequest): SipFault | undefined {
  const seen = new Set<string>();
  for (const { key, value } of request.headers) {
    if (seen.has(key) && SINGLE_VALUED.has(key)) return bad('Repeated Header');
    if (value !== '') seen.add(key);
  }
  for (const key of ['via', 'from', 'to', 'call-id', 'cseq']) if (!seen.has(key)) return bad('Missing Header');
  return undefined;
}

function wrongValue(request: SipRequest): SipFault | undefined {
  const cseq = parseCSeq(headerValue(request, 'cseq'));
  if (!cseq) return bad('Bad CSeq');
  if (cseq.method !== request.method) return bad('CSeq Method Mismatch');
  if (!parseNameAddr(headerValue(request, 'from')!)) return bad('Bad From');
  if (!parseNameAddr(headerValue(request, 'to')!)) return bad('Bad To');
  // Neither may hold `|`, which is no character of theirs and would shift the tokens of drachtio's protocol.
  if (/[\s|]/.test(headerValue(request, 'call-id')!)) return bad('Bad Call-ID');
  if (/[\s|]/.test(tagOf(headerValue(request, 'from')) ?? '')) return bad('Bad From Tag');
  const hops = headerValue(request, 'max-forwards');
  if (hops !== undefined && (!/^0*\d{1,3}$/.test(hops) || Number(hops) > 255)) return bad('Bad Max-Forwards');
  const expires = headerValue(request, 'expires');
  if (expires !== undefined && (!/^\d{1,10}$/.test(expires) || Number(expires) >= 2 ** 32)) return bad('Bad Expires');
  if (headerValues(request, 'via').some((via) => !parseVia(via))) return bad('Bad Via');
  for (const contact of headerValues(request, 'contact')) {
    if (contact !== '*' && !parseNameAddr(contact)) return bad('Bad Contact');
  }
  for (const key of ['route', 'record-route'] as const) {
    if (headerValues(request, key).some((route) => !parseNameAddr(route))) return bad('Bad Route');
  }
  return undefined;
}

function wrongUri(request: SipRequest): SipFault | undefined {
  const scheme = uriScheme(request.uri);
  if (scheme === undefined) return bad('Bad Request-URI');
  if (scheme === 'tel') return undefined;
  if (scheme !== 'sip' && scheme !== 'sips') return { status: 416, reason: 'Unsupported URI Scheme' };
  const uri = parseUri(request.uri);
  return uri && uri.headers === undefined ? undefined : bad('Bad Request-URI');
}

/** Option tags required of us that nobody here knows (for the Unsupported header of a 420). */
export function unsupportedOptions(request: SipRequest): string[] {
  if (request.method === 'ACK' || request.method === 'CANCEL') return [];
  if (headerLines(request, 'require').length + headerLines(request, 'proxy-require').length === 0) return [];
  const options = [...headerValues(request, 'require'), ...headerValues(request, 'proxy-require')];
  return options.filter((option) => !KNOWN_OPTIONS.has(option.toLowerCase()));
}

function unknownRequire(request: SipRequest): SipFault | undefined {
  return unsupportedOptions(request).length > 0 ? { status: 420, reason: 'Bad Extension' } : undefined;
}
