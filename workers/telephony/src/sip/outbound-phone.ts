/** The SIP side of an outbound leg: one INVITE per contact, all under one leg; the first 2xx wins (RFC 3261 §16.7). */
import { updateLeg } from '@callwright/store';
import { TelephonyError } from '../errors.ts';
import type { Leg, LegEnd, Media, Phone } from '../legs/leg.ts';
import type { TelephonyContext } from '../operations/context.ts';
import { bestStatus, causeOfStatus, reasonHeader } from './causes.ts';
import { attachDialog, type DialogSide } from './dialog.ts';
import { type SipDialog, type SipMessage, type SipRequest, statusOf } from './drachtio.ts';
import { parseNameAddr } from './headers.ts';
import { codecOf } from './sdp.ts';
import { offerSession, readMinSe, readSessionAnswer } from './session-timer.ts';

/** One place to ring. */
export interface Branch {
  /** Request-URI. */
  readonly uri: string;
  /** Where the INVITE is really sent, when that is not what the URI says. */
  readonly proxy: string | null;
  /** Route set of the registration (RFC 3327). */
  readonly route: string | null;
}

export interface OutboundInput {
  readonly branches: readonly Branch[];
  readonly offer: string;
  /** From, P-Asserted-Identity, auto-answer … */
  readonly headers: Readonly<Record<string, string>>;
}

interface Fork {
  readonly branch: Branch;
  /** Once the server has echoed the INVITE. */
  request: SipRequest | null;
  status: number | null;
}

interface Ringing {
  readonly context: TelephonyContext;
  readonly leg: Leg;
  readonly media: Media;
  readonly input: OutboundInput;
  readonly forks: Fork[];
  winner: Fork | null;
  side: DialogSide | null;
}

export interface OutboundPhone extends Phone {
  /** Resolves when every INVITE is out, or has failed to get out. */
  readonly sent: Promise<void>;
}

/** Sends the INVITEs. Ringing, answer and failure become events of the leg. */
export function dialOut(context: TelephonyContext, leg: Leg, media: Media, input: OutboundInput): OutboundPhone {
  const forks = input.branches.map((branch): Fork => ({ branch, request: null, status: null }));
  const ringing: Ringing = { context, leg, media, input, forks, winner: null, side: null };
  const sent = Promise.all(forks.map((fork) => invite(ringing, fork))).then(() => {});
  const never = (): never => {
    throw new TelephonyError('TEL_INTERNAL');
  };
  return {
    sent,
    ring: never,
    answer: never,
    end: (end) => endOutbound(ringing, end),
    refer: (target) => ringing.side?.refer(target) ?? Promise.reject(new TelephonyError('TEL_NOT_ANSWERED')),
  };
}

/** Resolves when the INVITE is out; the rest of its life follows by itself. */
function invite(ringing: Ringing, fork: Fork, minSeSeconds?: number): Promise<void> {
  const { context, input } = ringing;
  const { uri, proxy, route } = fork.branch;
  return new Promise((resolve) => {
    context.sip.srf
      .createUAC(
        uri,
        {
          localSdp: input.offer,
          headers: {
            ...input.headers,
            ...(route ? { Route: route } : {}),
            Supported: 'timer, 100rel',
            ...offerSession(context, minSeSeconds),
          },
          ...(proxy ? { proxy } : {}),
        },
        {
          cbRequest: (error, request) => {
            if (!error && request) wasSent(ringing, fork, request);
            resolve();
          },
          cbProvisional: (res) => wasRung(ringing, res),
        },
      )
      .then(
        (dialog) => wasAnswered(ringing, fork, dialog),
        (error: unknown) => {
          resolve();
          wasRefused(ringing, fork, error, minSeSeconds !== undefined);
        },
      );
  });
}

const isOver = ({ leg }: Ringing): boolean => leg.state === 'ended';

function wasSent(ringing: Ringing, fork: Fork, request: SipRequest): void {
  const { context, leg } = ringing;
  fork.request = request;
  if (isOver(ringing) || ringing.winner) {
    cancel(fork, reasonHeader(leg.end?.cause ?? 'answered-elsewhere'));
    return;
  }
  const names = ringing.forks.flatMap(({ request: sent }) => (sent ? [forkName(sent)] : []));
  const first = names[0]!;
  updateLeg(context.store.db, leg.companyId, leg.id, { ...first, forks: names }).catch(() => {});
}

function forkName(request: SipRequest): { transactionId: string; dialogId: string; sipCallId: string } {
  const sipCallId = request.get('call-id') ?? '';
  const tag = parseNameAddr(request.get('from') ?? '')?.params.tag ?? '';
  return { transactionId: request.stackTxnId, dialogId: `${sipCallId};from-tag=${tag}`, sipCallId };
}

function wasRung({ context, leg }: Ringing, res: SipMessage): void {
  if (res.status < 180 || leg.state !== 'proceeding') return;
  leg.state = 'early';
  context.legs.report(leg, { type: 'ringing', early: (res.body ?? '') !== '' });
  updateLeg(context.store.db, leg.companyId, leg.id, { state: 'early' }).catch(() => {});
}

async function wasAnswered(ringing: Ringing, fork: Fork, dialog: SipDialog): Promise<void> {
  const { context, leg, media } = ringing;
  fork.status = 200;
  if (isOver(ringing) || ringing.winner) {
    // answered in the same moment as another, or as our CANCEL
    const reason = reasonHeader(leg.end?.cause ?? 'answered-elsewhere');
    await dialog.destroy(reason ? { headers: { Reason: reason } } : {}).catch(() => {});
    return;
  }
  ringing.winner = fork;
  for (const other of ringing.forks) if (other !== fork) cancel(other, reasonHeader('answered-elsewhere'));
  ringing.side = attachDialog(context, leg, dialog, readSessionAnswer(dialog.res.get('session-expires'), context));
  if (isOver(ringing)) return;
  leg.state = 'answered';
  updateLeg(context.store.db, leg.companyId, leg.id, {
    state: 'answered',
    dialogId: dialog.id,
    sipCallId: dialog.sip.callId,
    forks: [],
  }).catch(() => {});
  try {
    // the channel's far end: without it a bridge would be refused (wire-protocols B6)
    await media.endpoint.modify(dialog.remote.sdp ?? '');
  } catch {
    context.legs.end(leg, { cause: 'incompatible', sipStatus: 488, by: 'local' });
    return;
  }
  if (!isOver(ringing)) {
    context.legs.report(leg, {
      type: 'answered',
      codec: codecOf(dialog.remote.sdp ?? ''),
      sipCallId: dialog.sip.callId,
    });
  }
}

function wasRefused(ringing: Ringing, fork: Fork, error: unknown, retried: boolean): void {
  const status = statusOf(error);
  if (status === 422 && !retried && !isOver(ringing) && !ringing.winner) {
    // the far end wants a longer session (RFC 4028 §7.3)
    void invite(ringing, fork, readMinSe((error as { res?: SipMessage }).res?.get('min-se')));
    return;
  }
  fork.status = status ?? 503;
  if (isOver(ringing) || ringing.winner || ringing.forks.some((other) => other.status === null)) return;
  const best = bestStatus(ringing.forks.map((other) => other.status!));
  ringing.context.legs.end(ringing.leg, { cause: causeOfStatus(best), sipStatus: best, by: 'remote' });
}

function cancel(fork: Fork, reason: string | undefined): void {
  if (!fork.request || fork.status !== null) return;
  try {
    fork.request.cancel(reason ? { headers: { Reason: reason } } : {}, () => {});
  } catch {
    // the connection is gone, and the INVITE with it
  }
}

async function endOutbound(ringing: Ringing, end: LegEnd): Promise<void> {
  if (ringing.side) {
    // whoever said BYE needs none
    if (end.by !== 'remote') await ringing.side.bye(end);
    return;
  }
  for (const fork of ringing.forks) cancel(fork, reasonHeader(end.cause));
}
