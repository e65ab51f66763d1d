/**
 * SIP messages as plain data. All text is *binary strings*: one character per byte (latin1), so that whatever arrived is
 * sent on byte for byte; decode with `Buffer.from(text, 'latin1').toString('utf8')` to show it.
 */
import { headerKey, headerTitle } from './header-names.ts';
import { splitList } from './values.ts';

/** One header line; `key` is the lower-case long name, `name` is as written. Several lines of one key keep their order. */
export interface SipHeader {
  readonly name: string;
  readonly key: string;
  readonly value: string;
}

export interface SipRequest {
  method: string;
  uri: string;
  headers: SipHeader[];
  body: Buffer;
}

export interface SipResponse {
  /** 100 … 699. */
  status: number;
  reason: string;
  headers: SipHeader[];
  body: Buffer;
}

export type SipMessage = SipRequest | SipResponse;

export const NO_BODY = Buffer.alloc(0);

/** True for a request, false for a response. */
export function isRequest(message: SipMessage): message is SipRequest {
  return 'method' in message;
}

/** A header line; the name may be long, compact or any case. */
export function header(name: string, value: string): SipHeader {
  return { name, key: headerKey(name), value };
}

/** A header line named by its key, written in its usual capitalisation. */
export function titledHeader(key: string, value: string): SipHeader {
  return { name: headerTitle(key), key, value };
}

/** Value of the first line of that key (lower-case long name), whole, or undefined. */
export function headerValue(message: SipMessage, key: string): string | undefined {
  for (const line of message.headers) if (line.key === key) return line.value;
  return undefined;
}

/** All values of a list header (Via, Route, Supported …): lines joined, commas split outside quotes and brackets. */
export function headerValues(message: SipMessage, key: string): string[] {
  const values: string[] = [];
  for (const line of message.headers) {
    if (line.key !== key) continue;
    if (line.value.includes(',')) values.push(...splitList(line.value));
    else if (line.value !== '') values.push(line.value);
  }
  return values;
}

/** All lines of that key. */
export function headerLines(message: SipMessage, key: string): SipHeader[] {
  return message.headers.filter((line) => line.key === key);
}

/** Replaces every line of the key by one (in the place of the first, else at the end). */
export function setHeader(message: SipMessage, key: string, value: string): void {
  const line = titledHeader(key, value);
  const at = message.headers.findIndex((h) => h.key === key);
  if (at < 0) {
    message.headers.push(line);
    return;
  }
  message.headers[at] = line;
  for (let i = message.headers.length - 1; i > at; i--)
    if (message.headers[i]!.key === key) message.headers.splice(i, 1);
}

/** Removes every line of the key. */
export function removeHeader(message: SipMessage, key: string): void {
  message.headers = message.headers.filter((h) => h.key !== key);
}

/** Puts a line on top (Via, Record-Route). */
export function prependHeader(message: SipMessage, key: string, value: string): void {
  message.headers.unshift(titledHeader(key, value));
}

/** A copy that can be changed without touching the original (the body is shared). */
export function cloneRequest(request: SipRequest): SipRequest {
  return { method: request.method, uri: request.uri, headers: [...request.headers], body: request.body };
}

/** A copy of a response that can be changed without touching the original (the body is shared). */
export function cloneResponse(response: SipResponse): SipResponse {
  return { status: response.status, reason: response.reason, headers: [...response.headers], body: response.body };
}
