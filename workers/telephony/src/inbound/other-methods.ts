/** Requests outside a dialog that are neither INVITE, REGISTER, SUBSCRIBE, MESSAGE nor PUBLISH (RFC 3261 §8.2.1, §11; RFC 6665 §4.2.1.1). */
import { ALLOW_EVENTS } from '../presence/subscriptions.ts';
import { ALLOW } from '../sip/dialog.ts';
import type { SipRequest, SipResponse, SrfLike } from '../sip/drachtio.ts';

const OUTSIDE_ALLOW = `${ALLOW}, REGISTER, SUBSCRIBE, MESSAGE, PUBLISH`;

export function answerOtherMethods(srf: SrfLike): void {
  const always =
    (status: number, headers: Record<string, string> = {}) =>
    (_req: SipRequest, res: SipResponse): void =>
      res.send(status, { headers });
  srf.use(
    'options',
    always(200, {
      Allow: OUTSIDE_ALLOW,
      Accept: 'application/sdp, text/plain',
      Supported: 'timer, path',
      'Allow-Events': ALLOW_EVENTS,
    }),
  );
  // these belong into a dialog, and there is none
  for (const method of ['info', 'refer']) srf.use(method, always(481));
  srf.use((req, res, next) => {
    // a dialog that has ended meanwhile; an ACK is never answered
    if (req.method === 'ACK' || req.method === 'PRACK' || !/;\s*tag=/i.test(req.get('to') ?? '')) return next();
    res.send(481);
  });
}
