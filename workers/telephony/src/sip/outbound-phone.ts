/** The SIP side of an outbound leg: one INVITE per contact, all under one leg; the first 2xx wins (RFC 3261 §16.7). */
import { type CodecWish, updateLeg } from '@callwright/store';
import { TelephonyError } from '../errors.ts';
import type { Leg, LegEnd, Media, Phone } from '../legs/leg.ts';
import type { TelephonyContext } from '../operations/context.ts';
import { settleCalled } from '../operations/pass-through.ts';
import { bestStatus, causeOfStatus, reasonHeader } from './causes.ts';
import { attachDialog, type DialogSide } from './dialog.ts';
import { contactOf } from './diversion.ts';
import { type SipDialog, type SipMessage, type SipRequest, statusOf } from './drachtio.ts';
import { parseNameAddr } from './headers.ts';
import type { Formats } from './passing.ts';
import { readReferTo } from './refer.ts';
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
  /** Preference: lower ones are tried when higher ones have failed (RFC 3261 §16.6); 1 when absent. */
  readonly q?: number;
  /** Codecs that the account asks for. */
  readonly wish?: CodecWish | null;
  /** Headers of this branch in place of the call's. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What this branch is offered of the call's offer. */
  offerOf?(offer: string): string;
  /** Offered when the first offer is not acceptable there (488): plain sound for a phone that signals over TLS. */
  readonly secondOffer?: string;
  /** Headers that answer a 401 or 407, when it can be answered; asked once a branch. */
  answerChallenge?(challenge: SipMessage): Readonly<Record<string, string>> | null;
  /** Given up when nothing at all was heard of it for so long, ms. */
  readonly silenceMs?: number;
}

export interface OutboundInput {
  readonly branches: readonly Branch[];
  readonly offer: string;
  /** What of it the media server only passes on; null: nothing. */
  readonly formats: Formats | null;
  /** From, P-Asserted-Identity, auto-answer … */
  readonly headers: Readonly<Record<string, string>>;
  /** Every branch has failed, the last with `status`: where to go on, or the status the leg ends with; null: with the best of all. */
  next?(status: number): Promise<Branch | readonly Branch[] | number | null>;
}

interface Fork {
  readonly branch: Branch;
  /** Once the server has echoed the INVITE. */
  request: SipRequest | null;
  status: number | null;
  /** Any response has come. */
  heard: boolean;
  challenged: boolean;
  /** Where a 3xx sends the call. */
  contact: string | null;
}

const newFork = (branch: Branch): Fork => ({
  branch,
  request: null,
  status: null,
  heard: false,
  challenged: false,
  contact: null,
});

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
  const forks = input.branches.map(newFork);
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
    described: () => ringing.side?.described() ?? null,
    remote: () => ringing.side?.remote() ?? null,
    offer: (sdp) => ringing.side?.offer(sdp) ?? Promise.reject(new TelephonyError('TEL_NOT_ANSWERED')),
  };
}

/** Why an INVITE is sent again: a longer session is wanted, credentials are, or another offer. */
interface Again {
  readonly offer?: string;
  readonly minSeSeconds?: number | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Resolves when the INVITE is out; the rest of its life follows by itself. */
function invite(ringing: Ringing, fork: Fork, again: Again = {}): Promise<void> {
  const { context, input } = ringing;
  const { uri, proxy, route } = fork.branch;
  const offer = again.offer ?? fork.branch.offerOf?.(input.offer) ?? input.offer;
  return new Promise((resolve) => {
    context.sip.srf
      .createUAC(
        uri,
        {
          localSdp: offer,
          headers: {
            ...(fork.branch.headers ?? input.headers),
            ...(route ? { Route: route } : {}),
            Supported: 'timer, 100rel',
            ...offerSession(context, again.minSeSeconds),
            ...again.headers,
          },
          ...(proxy ? { proxy } : {}),
        },
        {
          cbRequest: (error, request) => {
            if (!error && request) wasSent(ringing, fork, request);
            resolve();
          },
          cbProvisional: (res) => wasRung(ringing, fork, res),
        },
      )
      .then(
        (dialog) => wasAnswered(ringing, fork, dialog),
        (error: unknown) => {
          resolve();
          wasRefused(ringing, fork, error, again);
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
  giveUpOnSilence(ringing, fork);
  const names = ringing.forks.flatMap(({ request: sent }) => (sent ? [forkName(sent)] : []));
  // of branches tried one after the other the last is the one that counts
  const first = (ringing.input.next ? names.at(-1) : names[0])!;
  updateLeg(context.store.db, leg.companyId, leg.id, { ...first, forks: names }).catch(() => {});
}

function forkName(request: SipRequest): { transactionId: string; dialogId: string; sipCallId: string } {
  const sipCallId = request.get('call-id') ?? '';
  const tag = parseNameAddr(request.get('from') ?? '')?.params.tag ?? '';
  return { transactionId: request.stackTxnId, dialogId: `${sipCallId};from-tag=${tag}`, sipCallId };
}

/** A far end that says nothing at all, not even that it tries, is given up; should it answer later, it is hung up. */
function giveUpOnSilence(ringing: Ringing, fork: Fork): void {
  const { silenceMs } = fork.branch;
  if (silenceMs === undefined) return;
  const timer = setTimeout(() => {
    if (fork.heard || fork.status !== null) return;
    cancel(fork, undefined);
    fork.status = 408;
    settle(ringing, fork);
  }, silenceMs);
  ringing.leg.over.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
}

function wasRung({ context, leg }: Ringing, fork: Fork, res: SipMessage): void {
  fork.heard = true;
  if (fork.status !== null || res.status < 180 || leg.state !== 'proceeding') return;
  leg.state = 'early';
  context.legs.report(leg, { type: 'ringing', early: (res.body ?? '') !== '' });
  updateLeg(context.store.db, leg.companyId, leg.id, { state: 'early' }).catch(() => {});
}

async function wasAnswered(ringing: Ringing, fork: Fork, dialog: SipDialog): Promise<void> {
  const { context, leg, media, input } = ringing;
  const givenUp = fork.status !== null;
  fork.status = 200;
  if (givenUp || isOver(ringing) || ringing.winner) {
    // answered in the same moment as another, or as our CANCEL, or after it was given up
    const reason = reasonHeader(leg.end?.cause ?? 'answered-elsewhere');
    await dialog.destroy(reason ? { headers: { Reason: reason } } : {}).catch(() => {});
    return;
  }
  ringing.winner = fork;
  leg.wish = fork.branch.wish ?? null;
  for (const other of ringing.forks) if (other !== fork) cancel(other, reasonHeader('answered-elsewhere'));
  let told = false;
  const tell = (): void => {
    if (told || isOver(ringing)) return;
    told = true;
    context.legs.report(leg, {
      type: 'answered',
      codec: codecOf(dialog.remote.sdp ?? ''),
      sipCallId: dialog.sip.callId,
    });
  };
  const terms = readSessionAnswer(dialog.res.get('session-expires'), context);
  ringing.side = attachDialog(context, leg, dialog, terms, tell);
  if (isOver(ringing)) return;
  leg.state = 'answered';
  updateLeg(context.store.db, leg.companyId, leg.id, {
    state: 'answered',
    dialogId: dialog.id,
    sipCallId: dialog.sip.callId,
    forks: [],
  }).catch(() => {});
  try {
    await settleCalled(leg, media, dialog.remote.sdp ?? '', input.formats);
    // the channel's far end: without it a bridge would be refused (wire-protocols B6)
    await media.endpoint.modify(dialog.remote.sdp ?? '');
  } catch {
    context.legs.end(leg, { cause: 'incompatible', sipStatus: 488, by: 'local' });
    return;
  }
  tell();
}

function wasRefused(ringing: Ringing, fork: Fork, error: unknown, again: Again): void {
  const status = statusOf(error);
  fork.heard = true;
  if (fork.status !== null) return;
  const response = (error as { res?: SipMessage }).res;
  const wanted = !isOver(ringing) && !ringing.winner;
  if (status === 422 && again.minSeSeconds === undefined && wanted) {
    // the far end wants a longer session (RFC 4028 §7.3)
    void invite(ringing, fork, { ...again, minSeSeconds: readMinSe(response?.get('min-se')) });
    return;
  }
  const { secondOffer } = fork.branch;
  if ((status === 488 || status === 415) && secondOffer !== undefined && again.offer === undefined && wanted) {
    void invite(ringing, fork, { ...again, offer: secondOffer });
    return;
  }
  const credentials = (status === 401 || status === 407) && wanted ? credentialsFor(fork, response) : null;
  if (credentials) {
    void invite(ringing, fork, { ...again, headers: credentials });
    return;
  }
  fork.status = status ?? 503;
  fork.contact = fork.status < 400 ? contactOf(response) : null;
  settle(ringing, fork);
}

/** Headers of the same INVITE once more, with credentials (RFC 3261 §8.1.3.5): same Call-ID and From, the next CSeq. */
function credentialsFor(fork: Fork, challenge: SipMessage | undefined): Readonly<Record<string, string>> | null {
  if (fork.challenged || !challenge || !fork.request) return null;
  fork.challenged = true;
  const headers = fork.branch.answerChallenge?.(challenge);
  if (!headers) return null;
  const { request } = fork;
  const cseq = Number.parseInt(request.get('cseq') ?? '', 10);
  return {
    ...headers,
    From: request.get('from') ?? '',
    'Call-ID': request.get('call-id') ?? '',
    CSeq: `${(Number.isFinite(cseq) ? cseq : 0) + 1} INVITE`,
  };
}

/** A branch has failed: when it was the last, the call goes on elsewhere or ends. */
function settle(ringing: Ringing, fork: Fork): void {
  if (isOver(ringing) || ringing.winner || ringing.forks.some((other) => other.status === null)) return;
  const end = (status: number): void =>
    ringing.context.legs.end(ringing.leg, { cause: causeOfStatus(status), sipStatus: status, by: 'remote' });
  const best = bestStatus(ringing.forks.map((other) => other.status!));
  if (!ringing.input.next) {
    if (best < 400) deflected(ringing);
    end(best);
    return;
  }
  // a 6xx speaks for everybody, whoever failed last
  ringing.input.next(best >= 600 ? best : fork.status!).then(
    (next) => {
      if (isOver(ringing)) return;
      if (next === null || typeof next === 'number') return end(next ?? best);
      const further = [next].flat().map(newFork);
      ringing.forks.push(...further);
      for (const one of further) void invite(ringing, one);
    },
    (error: unknown) => {
      ringing.context.log.error({ leg: ringing.leg.id, err: error }, 'nobody could say where to go on');
      end(503);
    },
  );
}

/** A phone of a user sends its call elsewhere; strangers and trunks have no say in that. */
function deflected({ context, leg, forks }: Ringing): void {
  const contact = forks.find((fork) => fork.contact)?.contact;
  const hosts = context.sip.addresses.map((address) => address.replace(/^.*\//, '').replace(/:\d+$/, ''));
  const found = leg.mayTransfer && contact ? readReferTo(`<${contact}>`, [...hosts, leg.domain, 'localhost']) : null;
  if (found) context.legs.report(leg, { type: 'deflected', target: found.target });
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
