/** What an application sends as SIP text, and what the server adds to it (wire-protocols A4, A5). */

import {
  headEnd,
  headerValue,
  isRequest,
  NO_BODY,
  parseMessage,
  parseUri,
  type SipFlow,
  type SipHeader,
  type SipMessage,
  type SipProtocol,
  titledHeader,
  writeUri,
} from '../sip/index.ts';
import { trimEndSpace } from '../sip/text.ts';

/** Headers an application may not set. */
const FORBIDDEN: ReadonlySet<string> = new Set(['via', 'route', 'record-route', 'rseq', 'content-length']);
/** Headers of which the server itself decides, taken from the application's text one by one. */
const OWN: ReadonlySet<string> = new Set(['from', 'to', 'call-id', 'cseq', 'contact', 'max-forwards']);

/** Parses the SIP text of a frame; its body is what stands after the blank line, whatever Content-Length says. */
export function parseAppText(sip: Buffer): SipMessage | undefined {
  const end = headEnd(sip);
  const head = trimEndSpace(sip.toString('latin1', 0, end < 0 ? sip.length : end));
  const lines = head.split(/\r?\n/).filter((line) => !/^(?:content-length|l)[ \t]*:/i.test(line));
  const parsed = parseMessage(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
  if (!parsed || parsed.fault) return undefined;
  parsed.message.body = end < 0 ? NO_BODY : Buffer.from(sip.subarray(end));
  return parsed.message;
}

/** The server's own address as it stands in the messages of a flow. */
export interface OwnAddress {
  readonly host: string;
  /** Port of UDP and TCP. */
  readonly port: number;
  /** Port on which flows of a protocol reach us. */
  portOf(protocol: SipProtocol): number;
}

/** The transport parameter of a URI that leads over such a flow: none for UDP, `ws` for both kinds of WebSocket (RFC 7118 §5.2). */
export const transportParam = (protocol: SipProtocol): string =>
  protocol === 'udp' ? '' : protocol === 'wss' ? 'ws' : protocol;

/** Replaces the host `localhost` of the URI in a header value by the server's own. */
export function withOwnHost(value: string, own: OwnAddress): string {
  return value.replace(/(sips?:(?:[^@<>\s]*@)?)localhost(?![A-Za-z0-9.-])/i, `$1${own.host}`);
}

/** The default Contact, or the application's with `localhost` replaced by address, port and transport. */
export function contactValue(given: string | undefined, own: OwnAddress, flow: SipFlow): string {
  const transport = transportParam(flow.protocol);
  const port = own.portOf(flow.protocol);
  if (given === undefined) return `<sip:${own.host}:${port}${transport === '' ? '' : `;transport=${transport}`}>`;
  if (!/localhost/i.test(given)) return given;
  const bare = /^([^<]*)<([^>]*)>(.*)$/.exec(given);
  const uri = parseUri(bare ? bare[2]! : given);
  if (uri?.host.toLowerCase() !== 'localhost') return given;
  const params = new Map(uri.params);
  if (transport !== '' && !params.has('transport')) params.set('transport', transport);
  const text = writeUri({ ...uri, host: own.host, port: uri.port ?? port, params });
  return `${bare ? bare[1] : ''}<${text}>${bare ? bare[3] : ''}`;
}

/** Headers of the application that go on as they are, Content-Type added for SDP; undefined = a body of unknown type. */
export function passedHeaders(message: SipMessage, own: OwnAddress): SipHeader[] | undefined {
  const headers: SipHeader[] = [];
  for (const line of message.headers) {
    if (FORBIDDEN.has(line.key) || OWN.has(line.key)) continue;
    const value = line.key === 'p-asserted-identity' ? withOwnHost(line.value, own) : line.value;
    headers.push({ ...line, value });
  }
  if (message.body.length > 0 && headerValue(message, 'content-type') === undefined) {
    if (message.body.toString('latin1', 0, 3) !== 'v=0') return undefined;
    headers.push(titledHeader('content-type', 'application/sdp'));
  }
  return headers;
}

/** Methods whose messages carry a Contact of ours. */
const CONTACT_METHODS: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'UPDATE', 'REFER', 'NOTIFY', 'OPTIONS']);

/** The Contact lines of a message of that method: the application's, else ours where one belongs. */
export function contactHeaders(message: SipMessage, method: string, own: OwnAddress, flow: SipFlow): SipHeader[] {
  const given = message.headers.filter((line) => line.key === 'contact');
  if (given.length > 0) return given.map((line) => ({ ...line, value: contactValue(line.value, own, flow) }));
  const wanted = CONTACT_METHODS.has(method) && (isRequest(message) || (message.status > 100 && message.status < 300));
  return wanted ? [titledHeader('contact', contactValue(undefined, own, flow))] : [];
}
