/** SIP, SIPS and tel URIs (RFC 3261 §19.1, RFC 3966), parsed as far as routing needs. */
import { parseParams, type SipParams, writeParams } from './values.ts';

export interface SipUri {
  readonly scheme: 'sip' | 'sips';
  /** User and password as written (escapes kept), or undefined. */
  readonly user: string | undefined;
  /** Host name, IPv4, or IPv6 in brackets. */
  readonly host: string;
  readonly port: number | undefined;
  readonly params: SipParams;
  /** What follows `?`, as written. */
  readonly headers: string | undefined;
}

const HOST = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_](?:[A-Za-z0-9\-_.]*[A-Za-z0-9_.])?)(?::(\d{1,5}))?$/;
const USER = /^(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/:#[\]{}|^`\\"\x80-\xff]|%[0-9A-Fa-f]{2})*$/;

/** Scheme of any URI, lower case, or undefined when there is none. */
export function uriScheme(text: string): string | undefined {
  return /^([A-Za-z][A-Za-z0-9+\-.]*):/.exec(text)?.[1]?.toLowerCase();
}

/** Parses a sip: or sips: URI; undefined for other schemes and malformed text. */
export function parseUri(text: string): SipUri | undefined {
  const scheme = uriScheme(text);
  if (scheme !== 'sip' && scheme !== 'sips') return undefined;
  let rest = text.slice(scheme.length + 1);
  const at = rest.lastIndexOf('@');
  const user = at < 0 ? undefined : rest.slice(0, at);
  if (user !== undefined && !USER.test(user)) return undefined;
  rest = rest.slice(at + 1);
  const question = rest.indexOf('?');
  const headers = question < 0 ? undefined : rest.slice(question + 1);
  if (question >= 0) rest = rest.slice(0, question);
  const semicolon = rest.indexOf(';');
  const hostPort = HOST.exec(semicolon < 0 ? rest : rest.slice(0, semicolon));
  if (!hostPort) return undefined;
  const port = hostPort[2] === undefined ? undefined : Number(hostPort[2]);
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  const params = parseUriParams(semicolon < 0 ? '' : rest.slice(semicolon));
  return params && { scheme, user, host: hostPort[1]!, port, params, headers };
}

/** URI parameter names may hold escapes and a few marks that are no token, so bad names are kept rather than refused. */
function parseUriParams(text: string): SipParams | undefined {
  if (/[\s<>"]/.test(text)) return undefined;
  const strict = parseParams(text);
  if (strict) return strict;
  const params: SipParams = new Map();
  for (const part of text.split(';')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    params.set((equals < 0 ? part : part.slice(0, equals)).toLowerCase(), equals < 0 ? '' : part.slice(equals + 1));
  }
  return params;
}

/** Writes a URI. */
export function writeUri(uri: SipUri): string {
  const user = uri.user === undefined ? '' : `${uri.user}@`;
  const port = uri.port === undefined ? '' : `:${uri.port}`;
  const headers = uri.headers === undefined ? '' : `?${uri.headers}`;
  return `${uri.scheme}:${user}${uri.host}${port}${writeParams(uri.params)}${headers}`;
}
