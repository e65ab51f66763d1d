/** Responses made from requests (RFC 3261 §8.2.6). */
import { headerValue, NO_BODY, type SipHeader, type SipRequest, type SipResponse, titledHeader } from './message.ts';
import { tagOf } from './values.ts';

export const REASONS: Readonly<Record<number, string>> = {
  100: 'Trying',
  180: 'Ringing',
  181: 'Call Is Being Forwarded',
  183: 'Session Progress',
  200: 'OK',
  202: 'Accepted',
  302: 'Moved Temporarily',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  415: 'Unsupported Media Type',
  416: 'Unsupported URI Scheme',
  420: 'Bad Extension',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  482: 'Loop Detected',
  483: 'Too Many Hops',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  491: 'Request Pending',
  500: 'Server Internal Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  504: 'Server Time-out',
  505: 'Version Not Supported',
  513: 'Message Too Large',
  603: 'Decline',
};

export interface ResponseParts {
  readonly reason?: string;
  /** Added to To when the request has no tag there; never on a 100. */
  readonly toTag?: string;
  /** Lines after the copied ones, in order. */
  readonly headers?: readonly SipHeader[];
  readonly body?: Buffer;
}

/** The response to a request: Via, From, To (with tag), Call-ID and CSeq copied; Record-Route too where a dialog may form. */
export function makeResponse(request: SipRequest, status: number, parts: ResponseParts = {}): SipResponse {
  const headers: SipHeader[] = request.headers.filter((line) => line.key === 'via');
  if (status > 100 && status < 300) {
    for (const line of request.headers) if (line.key === 'record-route') headers.push(line);
  }
  for (const key of ['from', 'to', 'call-id', 'cseq'] as const) {
    const value = headerValue(request, key);
    if (value === undefined) continue;
    const tagged = key === 'to' && status > 100 && parts.toTag !== undefined && tagOf(value) === undefined;
    headers.push(titledHeader(key, tagged ? `${bracketed(value)};tag=${parts.toTag}` : value));
  }
  if (parts.headers) headers.push(...parts.headers);
  return { status, reason: parts.reason ?? REASONS[status] ?? '', headers, body: parts.body ?? NO_BODY };
}

/** A bare URI's own parameters would swallow a tag appended to it only by a reader that is wrong; brackets help those too. */
function bracketed(value: string): string {
  return value.includes('<') || value.includes(';') ? value : `<${value}>`;
}
