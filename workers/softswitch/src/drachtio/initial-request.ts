/** A request outside dialogs as an application gives it, made whole (wire-protocols A5). */
import {
  headerValue,
  newTag,
  parseCSeq,
  parseNameAddr,
  parseUri,
  randomToken,
  type SipFlow,
  type SipRequest,
  tagOf,
  titledHeader,
} from '../sip/index.ts';
import { contactHeaders, type OwnAddress, passedHeaders, withOwnHost } from './app-text.ts';

/** The request as it goes out: what the app left open is filled in (A5). Undefined for a body of unknown type. */
export function initialRequest(message: SipRequest, own: OwnAddress, flow: SipFlow): SipRequest | undefined {
  const passed = passedHeaders(message, own);
  if (!passed) return undefined;
  const from = withOwnHost(headerValue(message, 'from') ?? `<sip:${own.host}>`, own);
  const to = withOwnHost(headerValue(message, 'to') ?? `<${plainUri(message.uri)}>`, own);
  const cseq = parseCSeq(headerValue(message, 'cseq'))?.number ?? 1 + Math.floor(Math.random() * 2 ** 30);
  const headers = [
    // a path that a registration or a proxy asks for (RFC 3327, RFC 3608)
    ...message.headers.filter(({ key }) => key === 'route'),
    titledHeader('max-forwards', headerValue(message, 'max-forwards') ?? '70'),
    titledHeader('from', tagOf(from) === undefined ? `${bracketed(from)};tag=${newTag()}` : from),
    titledHeader('to', bracketed(to)),
    titledHeader('call-id', headerValue(message, 'call-id') ?? randomToken(18)),
    titledHeader('cseq', `${cseq} ${message.method}`),
    ...contactHeaders(message, message.method, own, flow),
    ...passed,
  ];
  return { method: message.method, uri: message.uri, headers, body: message.body };
}

/** The URI without parameters and headers, for a To that nobody gave. */
function plainUri(text: string): string {
  const uri = parseUri(text);
  if (!uri) return text;
  return `${uri.scheme}:${uri.user === undefined ? '' : `${uri.user}@`}${uri.host}`;
}

/** Puts a bare URI in brackets, so that what follows belongs to the header. */
function bracketed(value: string): string {
  if (value.includes('<')) return value;
  const parsed = parseNameAddr(value);
  if (!parsed) return value;
  const semicolon = value.indexOf(';');
  return `<${parsed.uri}>${semicolon < 0 ? '' : value.slice(semicolon)}`;
}
