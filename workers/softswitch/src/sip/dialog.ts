/** Dialogs (RFC 3261 §12): what both sides must remember to send each other requests, and those requests. */
import { isIP } from 'node:net';
import {
  headerValue,
  headerValues,
  NO_BODY,
  type SipHeader,
  type SipRequest,
  type SipResponse,
  titledHeader,
} from './message.ts';
import { defaultPort, literalFlow, resolveFlow } from './resolve.ts';
import type { SipFlow, SipSource } from './transport.ts';
import { parseUri } from './uri.ts';
import { parseCSeq, parseNameAddr, tagOf } from './values.ts';

export interface Dialog {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** From of our requests, tag included. */
  readonly local: string;
  /** To of our requests, tag included. */
  readonly remote: string;
  /** Route values in the order they are sent. */
  readonly routeSet: readonly string[];
  remoteTarget: string;
  /** CSeq of our last request but ACK. */
  localSeq: number;
  /** CSeq of the peer's last request; undefined before the first. */
  remoteSeq: number | undefined;
  /** Where the peer really is, when its Contact cannot be reached from here (NAT) or it keeps a connection. */
  readonly peer: SipFlow | undefined;
}

/** The dialog that a response to an incoming INVITE or SUBSCRIBE forms; undefined without tags or Contact. */
export function uasDialog(request: SipRequest, response: SipResponse, source: SipSource): Dialog | undefined {
  const remoteTag = tagOf(headerValue(request, 'from')) ?? '';
  const localTag = tagOf(headerValue(response, 'to'));
  const target = contactUri(request);
  if (localTag === undefined || target === undefined) return undefined;
  const routeSet = headerValues(request, 'record-route');
  return {
    callId: headerValue(request, 'call-id')!,
    localTag,
    remoteTag,
    local: headerValue(response, 'to')!,
    remote: headerValue(request, 'from')!,
    routeSet,
    remoteTarget: target,
    localSeq: 0,
    remoteSeq: parseCSeq(headerValue(request, 'cseq'))!.number,
    peer: peerFlow(target, routeSet, source),
  };
}

/** The dialog that a response to our INVITE or SUBSCRIBE forms; undefined without To tag. */
export function uacDialog(request: SipRequest, response: SipResponse, source: SipSource): Dialog | undefined {
  const remoteTag = tagOf(headerValue(response, 'to'));
  const localTag = tagOf(headerValue(request, 'from'));
  if (remoteTag === undefined || localTag === undefined) return undefined;
  const routeSet = headerValues(response, 'record-route').reverse();
  const target = contactUri(response) ?? request.uri;
  return {
    callId: headerValue(request, 'call-id')!,
    localTag,
    remoteTag,
    local: headerValue(request, 'from')!,
    remote: headerValue(response, 'to')!,
    routeSet,
    remoteTarget: target,
    localSeq: parseCSeq(headerValue(request, 'cseq'))!.number,
    remoteSeq: undefined,
    peer: peerFlow(target, routeSet, source),
  };
}

/** URI of the first Contact, or undefined. */
export function contactUri(message: SipRequest | SipResponse): string | undefined {
  const contact = headerValues(message, 'contact')[0];
  return contact === undefined ? undefined : parseNameAddr(contact)?.uri;
}

/** A request within the dialog. CSeq: the next number, but for `seq` given (an ACK repeats its INVITE's). */
export function dialogRequest(
  dialog: Dialog,
  method: string,
  parts: { headers?: readonly SipHeader[]; body?: Buffer; seq?: number } = {},
): SipRequest {
  const seq = parts.seq ?? ++dialog.localSeq;
  if (seq > dialog.localSeq) dialog.localSeq = seq;
  const first = dialog.routeSet[0];
  const loose = first === undefined || /;lr(?:[;=>]|$)/i.test(first);
  const uri = loose ? dialog.remoteTarget : (parseNameAddr(first)?.uri ?? dialog.remoteTarget);
  const routes = loose ? dialog.routeSet : [...dialog.routeSet.slice(1), `<${dialog.remoteTarget}>`];
  const headers = routes.map((route) => titledHeader('route', route));
  headers.push(
    titledHeader('max-forwards', '70'),
    titledHeader('from', dialog.local),
    titledHeader('to', dialog.remote),
    titledHeader('call-id', dialog.callId),
    titledHeader('cseq', `${seq} ${method}`),
  );
  if (parts.headers) headers.push(...parts.headers);
  return { method, uri, headers, body: parts.body ?? NO_BODY };
}

/** Where the dialog's next request goes: first route, else the peer's real place, else its Contact. May reject (resolve.ts). */
export function dialogFlow(dialog: Dialog): SipFlow | Promise<SipFlow> {
  if (dialog.peer) return dialog.peer;
  const route = dialog.routeSet[0];
  const uri = route === undefined ? dialog.remoteTarget : (parseNameAddr(route)?.uri ?? dialog.remoteTarget);
  return literalFlow(uri) ?? resolveFlow(uri);
}

function peerFlow(target: string, routeSet: readonly string[], source: SipSource): SipFlow | undefined {
  if (routeSet.length > 0) return undefined;
  const uri = parseUri(target);
  const host = uri?.host.replace(/^\[|\]$/g, '') ?? '';
  if (source.protocol !== 'udp') {
    const { protocol, connection } = source;
    if (isIP(host) === 0 || hiddenBehind(host, source.address))
      return { protocol, connection, address: source.address, port: source.port };
    return { protocol, connection, address: host, port: uri?.port ?? defaultPort(protocol) };
  }
  if (!hiddenBehind(host, source.address)) return undefined;
  return { protocol: 'udp', address: source.address, port: source.port };
}

/** A private address in Contact that is not where the message came from can only be reached at where it came from. */
function hiddenBehind(host: string, sourceAddress: string): boolean {
  if (host === sourceAddress || isIP(host) === 0) return false;
  return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|169\.254\.|127\.|f[cd]|fe80)/i.test(
    host,
  );
}
