/**
 * Bytes to messages (RFC 3261 §7 and §25, tolerant as RFC 4475 asks): compact names, folded lines, LF line ends, empty lines
 * before the start line. Noise gives undefined; a message that can be read but is wrong comes with a `fault` to answer.
 */

import { headerKey } from './header-names.ts';
import { headerLines, isRequest, NO_BODY, type SipHeader, type SipMessage } from './message.ts';
import { trimEndSpace, trimSpace } from './text.ts';
import { isToken } from './values.ts';

/** What is wrong with a message, as the status a server would answer it with. */
export interface SipFault {
  readonly status: number;
  readonly reason: string;
}

export interface Parsed {
  readonly message: SipMessage;
  readonly fault: SipFault | undefined;
  /** Bytes taken from the input, for streams and for datagrams with something behind the body. */
  readonly length: number;
}

/** Longest message taken, bytes. */
export const MAX_MESSAGE_BYTES = 65_536;
/** Most header lines taken. */
export const MAX_HEADER_LINES = 512;

const badRequest = (reason: string): SipFault => ({ status: 400, reason });

/** Where the head ends: index of the first body byte, or -1 when the blank line has not come. */
export function headEnd(bytes: Buffer, from = 0): number {
  for (let at = bytes.indexOf(0x0a, from); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
    if (bytes[at + 1] === 0x0a) return at + 2;
    if (bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a) return at + 3;
  }
  return -1;
}

/** Number of CR and LF bytes the input begins with (RFC 3261 §7.5: ignored before a start line). */
export function leadingBreaks(bytes: Buffer): number {
  let at = 0;
  while (bytes[at] === 0x0d || bytes[at] === 0x0a) at++;
  return at;
}

/** Parses one whole message, as from one datagram. */
export function parseMessage(bytes: Buffer): Parsed | undefined {
  if (bytes.length > MAX_MESSAGE_BYTES) return undefined;
  const start = leadingBreaks(bytes);
  const end = headEnd(bytes, start);
  const lines = unfold(bytes.toString('latin1', start, end < 0 ? bytes.length : end));
  const first = lines.shift();
  const opening = first === undefined ? undefined : parseStartLine(first);
  if (!opening) return undefined;
  const faults: SipFault[] = [];
  if (opening.fault) faults.push(opening.fault);
  if (end < 0) faults.push(badRequest('Message Has No End'));
  const headers = parseHeaders(lines, faults);
  const message = { ...opening.start, headers, body: NO_BODY } as SipMessage;
  const bodyStart = end < 0 ? bytes.length : end;
  const length = bodyLength(message, bytes.length - bodyStart, faults);
  if (length > 0) message.body = bytes.subarray(bodyStart, bodyStart + length);
  return { message, fault: faults[0], length: bodyStart + length };
}

function unfold(head: string): string[] {
  const lines: string[] = [];
  let start = 0;
  while (start < head.length) {
    let end = head.indexOf('\n', start);
    if (end < 0) end = head.length;
    const stop = end > start && head.charCodeAt(end - 1) === 0x0d ? end - 1 : end;
    const line = head.slice(start, stop);
    start = end + 1;
    if (line === '') continue;
    const c = line.charCodeAt(0);
    if ((c === 0x20 || c === 0x09) && lines.length > 0) lines[lines.length - 1] += ` ${trimSpace(line)}`;
    else if (lines.length <= MAX_HEADER_LINES + 1) lines.push(line);
  }
  return lines;
}

type StartLine = { method: string; uri: string } | { status: number; reason: string };

function parseStartLine(line: string): { start: StartLine; fault?: SipFault } | undefined {
  if (/^SIP\//i.test(line)) {
    const match = /^SIP\/2\.0 +([1-6]\d\d)(?: (.*))?$/i.exec(line);
    return match ? { start: { status: Number(match[1]), reason: match[2] ?? '' } } : undefined;
  }
  const trimmed = trimEndSpace(line);
  const space = trimmed.search(/[ \t]/);
  const last = Math.max(trimmed.lastIndexOf(' '), trimmed.lastIndexOf('\t'));
  const version = /^SIP\/(\d+\.\d+)$/i.exec(trimmed.slice(last + 1));
  const method = trimmed.slice(0, Math.max(space, 0));
  if (!version || last <= space || !isToken(method)) return undefined;
  const start = { method, uri: trimmed.slice(space + 1, last) };
  if (version[1] !== '2.0') return { start, fault: { status: 505, reason: 'Version Not Supported' } };
  if (trimmed !== line || line[space] !== ' ' || start.uri === '' || /[ \t]/.test(start.uri)) {
    return { start, fault: badRequest('Malformed Request Line') };
  }
  return { start };
}

function parseHeaders(lines: readonly string[], faults: SipFault[]): SipHeader[] {
  const headers: SipHeader[] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = trimEndSpace(line.slice(0, Math.max(colon, 0)));
    if (colon <= 0 || !isToken(name)) {
      faults.push(badRequest('Malformed Header Line'));
      continue;
    }
    if (headers.length >= MAX_HEADER_LINES) {
      faults.push({ status: 513, reason: 'Message Too Large' });
      break;
    }
    headers.push({ name, key: headerKey(name), value: trimSpace(line.slice(colon + 1)) });
  }
  return headers;
}

/** Body bytes to take of those there are; a length that is no number, differs, or exceeds what came is a fault. */
function bodyLength(message: SipMessage, available: number, faults: SipFault[]): number {
  const stated = headerLines(message, 'content-length');
  if (stated.length === 0) return available;
  const value = stated[0]!.value;
  if (!/^\d{1,7}$/.test(value) || stated.some((line) => line.value !== value)) {
    faults.push(badRequest('Bad Content-Length'));
    return 0;
  }
  if (Number(value) > available) {
    faults.push(badRequest(isRequest(message) ? 'Body Shorter Than Content-Length' : 'Truncated'));
    return available;
  }
  return Number(value);
}
