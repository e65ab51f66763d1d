/** The SIP side of an inbound leg: an INVITE that waits for its answer, then a dialog. */
import { updateLeg } from '@callwright/store';
import { TelephonyError } from '../errors.ts';
import type { Leg, LegEnd, Media, Phone } from '../legs/leg.ts';
import type { TelephonyContext } from '../operations/context.ts';
import { describeFor } from '../operations/pass-through.ts';
import { reasonHeader, statusOfCause } from './causes.ts';
import { ALLOW, attachDialog, type DialogSide, sessionHeaders } from './dialog.ts';
import type { SendOptions, SipDialog, SipRequest, SipResponse } from './drachtio.ts';
import { parseTokens } from './headers.ts';
import { codecOf } from './sdp.ts';
import { answerSession, type SessionTerms } from './session-timer.ts';

/** A provisional answer is repeated, since proxies give up after three minutes of silence (RFC 3261 §13.3.1.1). */
const REPEAT_MS = 60_000;
/** How long the channel's name may take to reach the leg's row before the 200 is sent without it. */
const ROW_MS = 1000;

interface Pending {
  readonly context: TelephonyContext;
  readonly leg: Leg;
  readonly req: SipRequest;
  readonly res: SipResponse;
  /** Resolves when the row names the channel. */
  readonly rowReady: Promise<unknown>;
  side: DialogSide | null;
  repeat: NodeJS.Timeout | undefined;
  /** Resolves when no reliable provisional response waits for its PRACK. */
  pracked: Promise<unknown>;
}

export function createInboundPhone(
  context: TelephonyContext,
  leg: Leg,
  { req, res }: { readonly req: SipRequest; readonly res: SipResponse },
  rowReady: Promise<unknown>,
): Phone {
  const pending: Pending = {
    context,
    leg,
    req,
    res,
    rowReady,
    side: null,
    repeat: undefined,
    pracked: Promise.resolve(),
  };
  return {
    ring: (earlySdp) => ring(pending, earlySdp),
    answer: () => answer(pending),
    end: (end) => endInbound(pending, end),
    refer: (target) => pending.side?.refer(target) ?? Promise.reject(new TelephonyError('TEL_NOT_ANSWERED')),
    described: () => pending.side?.described() ?? null,
    remote: () => pending.side?.remote() ?? null,
    offer: (sdp) => pending.side?.offer(sdp) ?? Promise.reject(new TelephonyError('TEL_NOT_ANSWERED')),
  };
}

function ring(pending: Pending, earlySdp: string | null): void {
  const { req, res } = pending;
  const status = earlySdp === null ? 180 : 183;
  const options = earlySdp === null ? {} : { body: earlySdp };
  if (earlySdp !== null) pending.leg.described = true;
  const canSend = (): boolean => !res.finalResponseSent && !isOver(pending.leg);
  const send = (): void => {
    if (!canSend()) return;
    if (!parseTokens(req.get('require')).includes('100rel')) {
      res.send(status, options);
      return;
    }
    // one at a time (RFC 3262 §3)
    pending.pracked = pending.pracked.then(() =>
      canSend() ? pracked(pending, status, { ...options, headers: { Require: '100rel' } }) : undefined,
    );
  };
  send();
  clearInterval(pending.repeat);
  pending.repeat = setInterval(send, REPEAT_MS);
  pending.repeat.unref();
}

/** Sends reliably; resolves with its PRACK or the end of the leg. The server repeats it; without a PRACK nobody is there to answer. */
function pracked({ context, leg, res }: Pending, status: number, options: SendOptions): Promise<void> {
  return new Promise((resolve) => {
    const giveUp = (): void => context.legs.end(leg, { cause: 'timeout', sipStatus: 504, by: 'network' });
    const late = setTimeout(giveUp, context.prackMs);
    late.unref();
    const done = (): void => {
      clearTimeout(late);
      resolve();
    };
    leg.over.signal.addEventListener('abort', done, { once: true });
    res.send(status, options, undefined, done);
  });
}

async function answer(pending: Pending): Promise<void> {
  const { context, leg, req, res } = pending;
  // a description that was sent reliably must be acknowledged before the 2xx (RFC 3262 §3)
  await pending.pracked;
  const media = await leg.media;
  if (!media || leg.state === 'ended') throw new TelephonyError('TEL_NO_MEDIA');
  await Promise.race([pending.rowReady, new Promise((resume) => setTimeout(resume, ROW_MS).unref())]);
  const session = answerSession(sessionHeaders(req), context);
  if (!session.ok) throw new TelephonyError('TEL_INTERNAL');
  clearInterval(pending.repeat);
  const localSdp = await description(pending, media);
  if (isOver(leg)) throw new TelephonyError('TEL_NO_MEDIA');
  leg.described = true;
  const dialog = await context.sip.srf.createUAS(req, res, {
    localSdp,
    headers: { ...session.headers, Allow: ALLOW, Supported: 'timer' },
  });
  answered(pending, dialog, session.terms);
}

/** Our answer; a caller with whom nobody here can speak is refused (RFC 3261 §21.4.26). */
async function description({ context, leg }: Pending, media: Media): Promise<string> {
  try {
    return await describeFor(context, leg, media);
  } catch (error) {
    context.legs.end(leg, { cause: 'incompatible', sipStatus: 488, by: 'local' });
    throw error;
  }
}

function answered(pending: Pending, dialog: SipDialog, terms: SessionTerms): void {
  const { context, leg, req } = pending;
  const offered = req.body ?? '';
  let told = false;
  const tell = (remote: string): boolean => {
    if (told || isOver(leg)) return false;
    told = true;
    context.legs.report(leg, {
      type: 'answered',
      codec: codecOf(dialog.local.sdp ?? remote),
      sipCallId: dialog.sip.callId,
    });
    return true;
  };
  pending.side = attachDialog(context, leg, dialog, terms, () => tell(offered));
  if (isOver(leg)) {
    // it ended while the 200 was on its way: the dialog is ended as soon as it is there
    void pending.side.bye(leg.end ?? { cause: 'cancelled', sipStatus: null, by: 'remote' });
    return;
  }
  leg.state = 'answered';
  dialog.on('ack', (ack) => {
    if (tell(offered || (ack.body ?? '')) && offered === '') void delayedAnswer(pending, ack.body ?? '');
  });
  updateLeg(context.store.db, leg.companyId, leg.id, { state: 'answered', dialogId: dialog.id }).catch(() => {});
}

const isOver = (leg: Leg): boolean => leg.state === 'ended';

/** The INVITE made no offer: ours was in the 200, the far end's answer is in its ACK (RFC 3261 §13.2.1). */
async function delayedAnswer({ context, leg }: Pending, sdp: string): Promise<void> {
  try {
    if (sdp === '') throw new TelephonyError('TEL_MEDIA');
    await leg.readyMedia?.endpoint.modify(sdp);
  } catch {
    context.legs.end(leg, { cause: 'incompatible', sipStatus: 488, by: 'local' });
  }
}

async function endInbound(pending: Pending, end: LegEnd): Promise<void> {
  clearInterval(pending.repeat);
  if (pending.side) {
    // whoever said BYE needs none
    if (end.by !== 'remote') await pending.side.bye(end);
    return;
  }
  // a CANCEL was answered by the server itself
  if (pending.res.finalResponseSent || end.by === 'remote') return;
  const status = end.sipStatus !== null && end.sipStatus >= 300 ? end.sipStatus : statusOfCause(end.cause);
  const reason = reasonHeader(end.cause);
  pending.res.send(status, {
    headers: { ...(reason ? { Reason: reason } : {}), ...(status === 503 ? { 'Retry-After': '2' } : {}) },
  });
}
