/** Parsed header values: name-addr, Via, CSeq, parameters (RFC 3261 §25). Every parser answers undefined for malformed text. */
import { trimSpace } from './text.ts';

/** Parameters in order; a flag has an empty value. Names are lower case. */
export type SipParams = Map<string, string>;

export interface NameAddr {
  /** Display name as written (quotes kept), or empty. */
  readonly display: string;
  readonly uri: string;
  readonly params: SipParams;
}

export interface Via {
  /** `UDP`, `TCP` … upper case. */
  readonly transport: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly params: SipParams;
}

const TOKEN = /^[A-Za-z0-9\-.!%*_+`'~]+$/;

/** True for an RFC 3261 token. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Index after the quoted string that begins at `from`, or -1 when it does not end. */
function endOfQuoted(text: string, from: number): number {
  for (let i = from + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x5c) i++;
    else if (c === 0x22) return i + 1;
  }
  return -1;
}

function splitOutside(text: string, separator: number): string[] {
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22 && depth === 0) {
      const end = endOfQuoted(text, i);
      if (end < 0) break;
      i = end - 1;
    } else if (c === 0x3c) depth = 1;
    else if (c === 0x3e) depth = 0;
    else if (c === separator && depth === 0) {
      parts.push(trimSpace(text.slice(start, i)));
      start = i + 1;
    }
  }
  parts.push(trimSpace(text.slice(start)));
  return parts;
}

/** Splits a comma list, not inside quotes or angle brackets; empty entries are dropped. */
export function splitList(value: string): string[] {
  return splitOutside(value, 0x2c).filter((part) => part !== '');
}

/** Parses `;name=value;flag` (the leading semicolon optional). Undefined when a name is no token or a quote does not end. */
export function parseParams(text: string): SipParams | undefined {
  const params: SipParams = new Map();
  if (text === '') return params;
  if (!text.includes('"')) {
    for (const part of text.split(';')) if (part !== '' && !addParam(params, trimSpace(part))) return undefined;
    return params;
  }
  for (const part of splitOutside(text, 0x3b)) if (part !== '' && !addParam(params, part)) return undefined;
  return params;
}

function addParam(params: SipParams, part: string): boolean {
  if (part === '') return true;
  const equals = part.indexOf('=');
  const name = trimSpace(equals < 0 ? part : part.slice(0, equals));
  if (!TOKEN.test(name)) return false;
  const value = equals < 0 ? '' : trimSpace(part.slice(equals + 1));
  if (value.startsWith('"') && endOfQuoted(value, 0) !== value.length) return false;
  params.set(name.toLowerCase(), value);
  return true;
}

/** Writes parameters as `;a=b;flag`. */
export function writeParams(params: SipParams): string {
  let text = '';
  for (const [name, value] of params) text += value === '' ? `;${name}` : `;${name}=${value}`;
  return text;
}

/** Parses From, To, Contact, Route … values: `"Name" <uri>;p`, `Name <uri>;p` or `uri;p`. */
export function parseNameAddr(value: string): NameAddr | undefined {
  let at = 0;
  if (value.startsWith('"')) {
    at = endOfQuoted(value, 0);
    if (at < 0) return undefined;
  }
  const open = value.indexOf('<', at);
  if (open < 0) {
    if (at > 0) return undefined;
    return parseBareAddress(value);
  }
  const display = trimSpace(value.slice(0, open));
  if (at > 0 && display.length !== at) return undefined;
  if (at === 0 && display.includes('"')) return undefined;
  const close = value.indexOf('>', open);
  if (close < 0) return undefined;
  const uri = value.slice(open + 1, close);
  if (uri === '' || /[\s<]/.test(uri)) return undefined;
  const rest = trimSpace(value.slice(close + 1));
  if (rest !== '' && !rest.startsWith(';')) return undefined;
  const params = parseParams(rest);
  return params && { display, uri, params };
}

/** Without brackets, everything after the first semicolon belongs to the header, and `?` is forbidden (RFC 3261 §20.10). */
function parseBareAddress(value: string): NameAddr | undefined {
  const semicolon = value.indexOf(';');
  const uri = trimSpace(semicolon < 0 ? value : value.slice(0, semicolon));
  if (uri === '' || /[\s<>",?]/.test(uri) || !uri.includes(':')) return undefined;
  const params = parseParams(semicolon < 0 ? '' : value.slice(semicolon));
  return params && { display: '', uri, params };
}

/** The tag of a From or To value, or undefined. */
export function tagOf(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const tag = parseNameAddr(value)?.params.get('tag');
  return tag === '' ? undefined : tag;
}

const VIA =
  /^SIP\s*\/\s*2\.0\s*\/\s*([A-Za-z0-9-]+)\s+(\[[0-9A-Fa-f:.%]+\]|[^\s;:,[\]]+)\s*(?::\s*(\d{1,5}))?\s*(;.*)?$/i;

/** Longer ones are refused, which also bounds the pattern's backtracking. */
const MAX_VIA_LENGTH = 2048;

/** Parses one Via value. */
export function parseVia(value: string): Via | undefined {
  const match = value.length <= MAX_VIA_LENGTH ? VIA.exec(value) : null;
  if (!match) return undefined;
  const port = match[3] === undefined ? undefined : Number(match[3]);
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  const params = parseParams(match[4] ?? '');
  return params && { transport: match[1]!.toUpperCase(), host: match[2]!, port, params };
}

/** Writes one Via value. */
export function writeVia(via: Via): string {
  const port = via.port === undefined ? '' : `:${via.port}`;
  return `SIP/2.0/${via.transport} ${via.host}${port}${writeParams(via.params)}`;
}

/** Parses CSeq: number below 2**31 (RFC 3261 §8.1.1.5) and method. */
export function parseCSeq(value: string | undefined): { number: number; method: string } | undefined {
  const match = value === undefined ? null : /^(\d{1,10})\s+(\S+)$/.exec(value);
  if (!match || !TOKEN.test(match[2]!)) return undefined;
  const number = Number(match[1]);
  return number < 2 ** 31 ? { number, method: match[2]! } : undefined;
}

/** Parses RAck: `<rseq> <cseq> <method>` (RFC 3262 §7.2). */
export function parseRAck(value: string | undefined): { rseq: number; cseq: number; method: string } | undefined {
  const match = value === undefined ? null : /^(\d{1,10})\s+(\d{1,10})\s+(\S+)$/.exec(value);
  return match ? { rseq: Number(match[1]), cseq: Number(match[2]), method: match[3]! } : undefined;
}
