/** The SIP application before and while its instance is up: its verbs are asked for when the connection is made. */
import type { Logger } from 'pino';
import { answerOtherMethods } from '../inbound/other-methods.ts';
import { createSrf, type SipRequest, type SipResponse, type SrfLike } from '../sip/drachtio.ts';

export type RequestHandler = (req: SipRequest, res: SipResponse) => Promise<void>;

/** Handlers that are there once the instance is up; until then callers are told when to come back. */
export interface RequestHandlers {
  invite: RequestHandler | null;
  register: RequestHandler | null;
  subscribe: RequestHandler | null;
  message: RequestHandler | null;
  publish: RequestHandler | null;
  notify: RequestHandler | null;
}

export function createApplication(log: Logger): { readonly srf: SrfLike; readonly handlers: RequestHandlers } {
  const srf = createSrf();
  const handlers: RequestHandlers = {
    invite: null,
    register: null,
    subscribe: null,
    message: null,
    publish: null,
    notify: null,
  };
  for (const method of ['invite', 'register', 'subscribe', 'message', 'publish', 'notify'] as const) {
    srf.use(
      method,
      serve(log, () => handlers[method]),
    );
  }
  answerOtherMethods(srf);
  return { srf, handlers };
}

/** A handler that fails must still answer, and one that is not there yet says when to come back. */
function serve(log: Logger, handler: () => RequestHandler | null): (req: SipRequest, res: SipResponse) => void {
  return (req, res) => {
    const found = handler();
    if (!found) return res.send(503, { headers: { 'Retry-After': '2' } });
    found(req, res).catch((error: unknown) => {
      log.error({ err: error, method: req.method }, 'request failed');
      if (!res.finalResponseSent) res.send(503, { headers: { 'Retry-After': '2' } });
    });
  };
}
