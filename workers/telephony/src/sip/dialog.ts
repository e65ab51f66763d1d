/** An answered phone: what its far end may ask inside the dialog, and what we ask of it. */
import { type Leg, type LegEnd, pressKey } from '../legs/leg.ts';
import { agreeOnVideo, dropVideo } from '../operations/add-video.ts';
import type { TelephonyContext } from '../operations/context.ts';
import { offerOf } from '../trunks/codecs.ts';
import { reasonHeader } from './causes.ts';
import { reinvite, type SipDialog, type SipMessage, type SipRequest, type SipResponse, statusOf } from './drachtio.ts';
import { agreedOffer, hasVideo, withParametersOf } from './passing.ts';
import { type ReferSubscription, receiveRefer, sendRefer } from './refer.ts';
import { hasAudio, isHold } from './sdp.ts';
import { answerSession, readMinSe, runSession, type SessionTerms, type SessionTimer } from './session-timer.ts';

export interface DialogSide {
  bye(end: LegEnd): Promise<void>;
  refer(target: string): Promise<{ readonly ok: boolean; readonly sipStatus: number }>;
  /** Our last description. */
  described(): string | null;
  /** The far end's last one. */
  remote(): string;
  /** re-INVITE with another description; the far end's answer. */
  offer(sdp: string): Promise<string>;
}

export const ALLOW = 'INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, REFER, NOTIFY';

interface Answered {
  readonly context: TelephonyContext;
  readonly leg: Leg;
  readonly dialog: SipDialog;
  readonly timer: SessionTimer;
  /** The far end's last description: a refresh repeats it word for word. */
  remoteSdp: string;
  held: boolean;
  refer: ReferSubscription | null;
}

/**
 * Listens to a dialog. `mustHaveAnswered` is called before the leg ends by the far end's BYE: only an answered call is hung up so, even
 * when the BYE is dealt with before the answer was.
 */
export function attachDialog(
  context: TelephonyContext,
  leg: Leg,
  dialog: SipDialog,
  terms: SessionTerms,
  mustHaveAnswered: () => void,
): DialogSide {
  leg.sipCallId = dialog.sip.callId;
  leg.tags = { local: dialog.sip.localTag, remote: dialog.sip.remoteTag };
  const timer = runSession(terms, {
    refresh: () => void refresh(side),
    expire: () => context.legs.end(leg, { cause: 'timeout', sipStatus: null, by: 'network' }),
  });
  const side: Answered = {
    context,
    leg,
    dialog,
    timer,
    remoteSdp: dialog.remote.sdp ?? '',
    held: false,
    refer: null,
  };
  listen(side, mustHaveAnswered);
  // drachtio-srf passes on a BYE at once, even before the promise of the dialog has resolved and anybody could listen
  if (!dialog.connected) {
    timer.stop();
    mustHaveAnswered();
    context.legs.end(leg, { cause: 'normal', sipStatus: null, by: 'remote' });
  }
  return {
    bye: async (end) => {
      timer.stop();
      if (!dialog.connected) return;
      await side.refer?.finish(end);
      const reason = reasonHeader(end.cause);
      await dialog.destroy(reason ? { headers: { Reason: reason } } : {}).catch(() => {});
    },
    refer: (target) => sendRefer(dialog, target, leg.over.signal),
    described: () => dialog.local.sdp ?? null,
    remote: () => side.remoteSdp,
    offer: async (sdp) => {
      const { contact, sdp: before } = dialog.local;
      try {
        side.remoteSdp = await reinvite(dialog, sdp, contact ? { Contact: contact } : {});
        dialog.local.sdp = agreedOffer(sdp, side.remoteSdp);
      } catch (error) {
        // the library holds what was refused for ours
        if (before !== undefined) dialog.local.sdp = before;
        throw error;
      }
      return side.remoteSdp;
    },
  };
}

function listen(side: Answered, mustHaveAnswered: () => void): void {
  const { context, leg, dialog, timer } = side;
  dialog.on('destroy', (req) => {
    timer.stop();
    // a request that the server made itself: the far end never acknowledged, or is not there any more
    const byServer = req?.source === 'application';
    if (!byServer) mustHaveAnswered();
    context.legs.end(
      leg,
      byServer
        ? { cause: 'timeout', sipStatus: 408, by: 'network' }
        : { cause: 'normal', sipStatus: null, by: 'remote' },
    );
  });
  dialog.on('modify', (req, res) => void renegotiate(side, req, res));
  dialog.on('update', (req, res) => void renegotiate(side, req, res));
  dialog.on('info', (req, res) => takeInfo(leg, req, res));
  dialog.on('message', (_req, res) => res.send(405, { headers: { Allow: ALLOW } }));
  dialog.on('refer', (req, res) => {
    void receiveRefer(context, leg, dialog, req, res).then((subscription) => {
      side.refer = subscription ?? side.refer;
    });
  });
}

/** Keys by INFO: `application/dtmf-relay` and `application/dtmf`. */
function takeInfo(leg: Leg, req: SipRequest, res: SipResponse): void {
  const type = (req.get('content-type') ?? '').toLowerCase();
  const body = req.body ?? '';
  if (type.startsWith('application/dtmf-relay')) {
    const signal = /^\s*signal\s*=\s*([0-9a-d*#])\s*$/im.exec(body)?.[1];
    res.send(signal ? 200 : 400);
    if (signal) pressKey(leg, signal);
  } else if (type.startsWith('application/dtmf')) {
    const digit = body.trim();
    res.send(/^[0-9a-d*#]$/i.test(digit) ? 200 : 400);
    pressKey(leg, digit);
  } else {
    // an empty INFO is a keep-alive (RFC 6086 §4.2.2 lets legacy use be answered)
    res.send(
      type === '' ? 200 : 415,
      type === '' ? {} : { headers: { Accept: 'application/dtmf-relay, application/dtmf' } },
    );
  }
}

/** re-INVITE and UPDATE: a refresh, a hold, another address or codec. */
async function renegotiate(side: Answered, req: SipRequest, res: SipResponse): Promise<void> {
  const session = answerSession(sessionHeaders(req), side.context);
  if (!session.ok) {
    res.send(422, { headers: { 'Min-SE': String(session.minSeSeconds) } });
    return;
  }
  const headers: Record<string, string> = { ...session.headers };
  if (side.dialog.local.contact) headers.Contact = side.dialog.local.contact;
  const offer = req.body ?? '';
  if (offer === '') {
    withoutOffer(side, req, res, headers);
  } else if (offer === side.remoteSdp) {
    res.send(200, { headers, body: side.dialog.local.sdp ?? '' });
  } else if (!(await takeOffer(side, offer, res, headers))) {
    return;
  }
  side.timer.restart(session.terms);
}

/** An UPDATE without a body only refreshes; a re-INVITE without one asks for our description and answers in its ACK. */
function withoutOffer(side: Answered, req: SipRequest, res: SipResponse, headers: Record<string, string>): void {
  if (req.method === 'UPDATE') {
    res.send(200, { headers });
    return;
  }
  res.send(200, { headers, body: side.dialog.local.sdp ?? '' });
  side.dialog.on('ack', (ack) => {
    const answer = ack.body ?? '';
    if (answer === side.remoteSdp || !hasAudio(answer)) return;
    side.remoteSdp = answer;
    side.leg.readyMedia?.endpoint.modify(answer).then(
      () => reportHold(side, answer),
      () => side.context.legs.end(side.leg, { cause: 'incompatible', sipStatus: 488, by: 'local' }),
    );
  });
}

async function takeOffer(
  side: Answered,
  offer: string,
  res: SipResponse,
  headers: Record<string, string>,
): Promise<boolean> {
  const media = side.leg.readyMedia;
  try {
    if (!media || !hasAudio(offer)) throw new Error('no audio');
    const { wish } = side.leg;
    const wanted = wish ? offerOf(offer, wish.codecs, wish.forced) : offer;
    if (wanted === null) throw new Error('no codec of the account');
    const [before, now] = [hasVideo(side.dialog.local.sdp ?? ''), hasVideo(wanted)];
    const agreed = now && !before ? await agreeOnVideo(side.context, side.leg, wanted).catch(() => null) : null;
    const settled = await media.endpoint.modify(agreed?.offer ?? wanted);
    const answer = agreed ? withParametersOf(settled, agreed.answer) : settled;
    side.remoteSdp = offer;
    side.dialog.local.sdp = answer;
    res.send(200, { headers, body: answer });
    reportHold(side, offer);
    // the other may talk with somebody else by now, or not want to: it hears all the same
    if (before && !now) dropVideo(side.context, side.leg).catch(() => {});
    return true;
  } catch {
    res.send(488);
    return false;
  }
}

function reportHold(side: Answered, sdp: string): void {
  const hold = isHold(sdp);
  if (hold === side.held || side.leg.state === 'ended') return;
  side.held = hold;
  side.context.legs.report(side.leg, { type: hold ? 'held' : 'resumed' });
}

const RETRY_MS = 10_000;

/** Keeps the session alive (RFC 4028 §10); a far end that knows nothing of the dialog, or says nothing, has gone. */
async function refresh(side: Answered): Promise<void> {
  const { dialog, leg, context, timer } = side;
  if (leg.state === 'ended' || dialog.local.sdp === undefined) return;
  const headers: Record<string, string> = {
    'Session-Expires': `${timer.terms.intervalSeconds};refresher=uac`,
    Supported: 'timer',
  };
  if (dialog.local.contact) headers.Contact = dialog.local.contact;
  try {
    await reinvite(dialog, dialog.local.sdp, headers);
    timer.restart();
  } catch (error) {
    const status = statusOf(error);
    if (status === null || status === 408 || status === 481) {
      context.legs.end(leg, { cause: 'timeout', sipStatus: status, by: 'network' });
      return;
    }
    // the library passes on the status only, not what the far end would take
    const least = status === 422 ? readMinSe(undefined) : 0;
    if (least > timer.terms.intervalSeconds) {
      timer.restart({ intervalSeconds: least, weRefresh: true });
      void refresh(side);
    } else {
      setTimeout(() => void refresh(side), RETRY_MS).unref();
    }
  }
}

/** The session terms of a request that we answer, as headers hold them. */
export const sessionHeaders = (
  message: SipMessage,
): { sessionExpires: string | undefined; minSe: string | undefined; supported: string | undefined } => ({
  sessionExpires: message.get('session-expires'),
  minSe: message.get('min-se'),
  supported: message.get('supported'),
});
