/** What the media server reads out of SIP messages beside SDP: keys in INFO, extension headers of an INVITE. */
import { headerValue, type SipRequest } from '../sip/index.ts';
import { EVENT_KEYS, type ReceivedKey } from './telephone-event.ts';

/** Samples of a key whose length is not told: FreeSWITCH's default, 250 ms. */
const DEFAULT_INFO_DURATION = 2000;

/** `X-…` headers, as channel variables `sip_h_…` show them. */
export function extensionHeaders(request: SipRequest): Record<string, string> {
  const extra: Record<string, string> = {};
  for (const { name } of request.headers) {
    if (/^x-/i.test(name)) extra[name] = headerValue(request, name.toLowerCase()) ?? '';
  }
  return extra;
}

/** A key in an INFO body: `application/dtmf-relay` has Signal= and Duration= (ms), `application/dtmf` the bare key. */
export function readInfoKey(type: string, body: string): ReceivedKey | null {
  const relay = type === 'application/dtmf-relay';
  if (!relay && type !== 'application/dtmf') return null;
  const signal =
    (relay ? /^\s*Signal\s*=\s*(\S+)/im.exec(body)?.[1] : body.trim().replace(/^Signal\s*=\s*/i, '')) ?? '';
  const ms = Number(/^\s*Duration\s*=\s*(\d+)/im.exec(body)?.[1] ?? Number.NaN);
  const named: Record<string, string> = { 10: '*', 11: '#' };
  const key = (named[signal] ?? signal).toUpperCase();
  if (key.length !== 1 || !EVENT_KEYS.includes(key)) return null;
  return { key, duration: ms > 0 && ms < 60_000 ? ms * 8 : DEFAULT_INFO_DURATION, timestamp: 0 };
}
