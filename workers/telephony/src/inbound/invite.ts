/** An INVITE from outside a dialog: checks, who and whither, rows, then channel and workflow side by side (design §4). */
import { randomInt } from 'node:crypto';
import type { CallInput } from '@callwright/contract';
import type { CallStart } from '@callwright/engine';
import {
  callRefused,
  callStarted,
  endLegs,
  insertInboundCall,
  localeOf,
  takeLine,
  updateLeg,
  uuidv7,
} from '@callwright/store';
import { TelephonyError } from '../errors.ts';
import type { Leg } from '../legs/leg.ts';
import { createPlayer } from '../media/player.ts';
import type { TelephonyContext } from '../operations/context.ts';
import { codecHeaders } from '../operations/pass-through.ts';
import { ALLOW, sessionHeaders } from '../sip/dialog.ts';
import { readDiversions } from '../sip/diversion.ts';
import type { SipRequest, SipResponse } from '../sip/drachtio.ts';
import { hasControl, parseNameAddr, parseSipUri, parseTokens, type SipUri } from '../sip/headers.ts';
import { createInboundPhone } from '../sip/inbound-phone.ts';
import { passableOf } from '../sip/passing.ts';
import { hasAudio } from '../sip/sdp.ts';
import { answerSession } from '../sip/session-timer.ts';
import { offerOf } from '../trunks/codecs.ts';
import type { Authenticator } from './authenticate.ts';
import { type FoundRoute, identify } from './caller.ts';
import type { Limits } from './limits.ts';

export interface InviteDeps {
  readonly context: TelephonyContext;
  readonly authenticator: Authenticator;
  readonly limits: Limits;
  /** False while no new call may be taken: not booted, lease too old, ending. */
  accepting(): boolean;
  /** Ties an admission to the call until its last leg has ended. */
  holdPlace(callId: string, release: () => void): void;
  /** Starts the workflow; resolves when Temporal has it. Takes as long as it takes. */
  startCall(input: CallInput & { readonly companyId: string }): Promise<void>;
  /** Loopback callers without a log-in are capped too. */
  readonly capLoopback: boolean;
}

const MAX_BODY_BYTES = 8000;
const START_MS = 2000;
/** For all that the store is asked before the call is taken; a caller who is refused is told within 3 s. */
const STORE_MS = 2000;
const UNDERSTOOD = new Set(['100rel', 'timer', 'path', 'replaces', 'norefersub']);

export function createInviteHandler(deps: InviteDeps): (req: SipRequest, res: SipResponse) => Promise<void> {
  return async (req, res) => {
    const arrivedAt = deps.context.now();
    const cancelled = { value: false, leg: null as Leg | null };
    req.on('cancel', () => {
      cancelled.value = true;
      if (cancelled.leg) deps.context.legs.end(cancelled.leg, { cause: 'cancelled', sipStatus: 487, by: 'remote' });
    });
    const count = (outcome: string): void => deps.context.metrics.invites.inc({ outcome });
    if (!deps.accepting()) return busy(res, 5, () => count('not-accepting'));
    const dialled = check(deps.context, req, res);
    if (!dialled) return count('malformed');
    const found = await within(
      identify(deps.context.store.db, deps.authenticator, req, res, dialled, arrivedAt),
      STORE_MS,
    ).catch((error: unknown) => {
      deps.context.log.warn({ err: error }, 'INVITE could not be routed');
      busy(res, 2, () => count('store'));
      return null;
    });
    if (!found || cancelled.value) return count('not-routed');
    await takeCall(deps, { req, res, dialled, found, cancelled, arrivedAt, count });
  };
}

interface Invite {
  readonly req: SipRequest;
  readonly res: SipResponse;
  readonly dialled: SipUri;
  readonly found: FoundRoute;
  readonly cancelled: { value: boolean; leg: Leg | null };
  readonly arrivedAt: number;
  count(outcome: string): void;
}

async function takeCall(deps: InviteDeps, invite: Invite): Promise<void> {
  const { context } = deps;
  const { req, res, found, cancelled, count } = invite;
  if (!found.route.revision) {
    context.log.error({ companyId: found.route.companyId }, 'number leads to a flow that is not published');
    count('no-revision');
    return res.send(480);
  }
  const emergency = found.route.routing.routed.reason === 'emergency';
  const admission = deps.limits.admit(sourceOf(deps, invite), context.now(), emergency);
  if (!admission.admitted) return busy(res, admission.retryAfterSeconds, () => count(`limit-${admission.limit}`));
  const start = startOf(context, invite, found.route.revision);
  const writing = insertRows(context, start, req);
  try {
    await within(writing, invite.arrivedAt + STORE_MS - context.now());
  } catch (error) {
    admission.release();
    context.log.warn({ err: error }, 'call could not be written');
    // written after all, too late: nobody else would end its rows
    writing.then(
      () => refuseRows(context, start),
      () => {},
    );
    return busy(res, 2, () => count('store'));
  }
  const { trunkId } = found.caller;
  if (trunkId !== null && !(await hasLine(context, start, trunkId, emergency))) {
    admission.release();
    return busy(res, 10, () => count('limit-trunk'));
  }
  deps.holdPlace(start.callId, admission.release);
  const leg = context.legs.add({
    id: start.inbound!.leg,
    callId: start.callId,
    companyId: start.companyId,
    direction: 'inbound',
    createdAt: invite.arrivedAt,
  });
  leg.sipCallId = start.inbound!.sipCallId;
  leg.wish = found.caller.wish;
  leg.domain = invite.dialled.host;
  leg.mayTransfer = found.caller.login?.user != null;
  cancelled.leg = leg;
  context.delivery.hold(start.companyId, start.callId);
  // once the phone is there, which tells the caller when no channel can be had
  const rowReady = Promise.resolve().then(() => openChannel(context, leg, req));
  leg.phone = createInboundPhone(context, leg, { req, res }, rowReady);
  if (cancelled.value) context.legs.end(leg, { cause: 'cancelled', sipStatus: 487, by: 'remote' });
  count('taken');
  await startWorkflow(deps, leg, start);
}

/** Takes a line of the trunk for the caller's leg; without one the call is refused, and its rows say so. */
async function hasLine(
  context: TelephonyContext,
  start: CallStart,
  trunkId: string,
  emergency: boolean,
): Promise<boolean> {
  const { db } = context.store;
  const leg = start.inbound!.leg;
  const taken = await takeLine(db, start.companyId, leg, trunkId, emergency).catch((error: unknown) => {
    context.log.warn({ err: error }, 'no line could be taken of the trunk');
    return false;
  });
  if (!taken) await refuseRows(context, start);
  return taken;
}

/** Rows of a call that was refused after they were written. */
async function refuseRows({ store: { db } }: TelephonyContext, start: CallStart): Promise<void> {
  await callRefused(db, start.companyId, start.callId).catch(() => {});
  await endLegs(db, start.companyId, [start.inbound!.leg], 'congestion').catch(() => {});
}

/** What an INVITE must be before anybody asks who sent it. Null: answered. */
function check(context: TelephonyContext, req: SipRequest, res: SipResponse): SipUri | null {
  const refuse = (status: number, headers: Record<string, string> = {}): null => {
    res.send(status, { headers });
    return null;
  };
  const unknown = parseTokens(req.get('require')).filter((tag) => !UNDERSTOOD.has(tag));
  if (unknown.length > 0) return refuse(420, { Unsupported: unknown.join(', ') });
  const uri = parseSipUri(req.uri);
  if (!uri) return refuse(416);
  // they go into rows, where a control character is refused
  if (['call-id', 'from'].some((name) => hasControl(req.get(name) ?? ''))) return refuse(400);
  if (uri.user === '' || uri.user.length > 64) return refuse(404);
  if (!req.has('contact') || !parseNameAddr(req.get('contact') ?? '')) return refuse(400);
  const body = req.body ?? '';
  if (Buffer.byteLength(body) > MAX_BODY_BYTES) return refuse(413);
  const type = (req.get('content-type') ?? 'application/sdp').toLowerCase();
  if (body !== '' && !type.startsWith('application/sdp'))
    return refuse(415, { Accept: 'application/sdp', Allow: ALLOW });
  if (body !== '' && !hasAudio(body)) return refuse(488);
  const session = answerSession(sessionHeaders(req), context);
  if (!session.ok) return refuse(422, { 'Min-SE': String(session.minSeSeconds) });
  return uri;
}

function sourceOf({ capLoopback }: InviteDeps, { req, found }: Invite): string | null {
  if (found.caller.login || found.caller.trunkId !== null) return null;
  const address = req.source_address;
  return !capLoopback && (address.startsWith('127.') || address === '::1') ? null : address;
}

function startOf(context: TelephonyContext, { req, found }: Invite, revision: string): CallStart {
  const { caller, route } = found;
  const callId = uuidv7();
  const locale = localeOf(route.settings);
  const diversions = readDiversions(req);
  return {
    type: 'call.start',
    at: context.now(),
    callId,
    number: route.callNumber,
    companyId: route.companyId,
    externalId: null,
    direction: route.direction,
    locale: { ...locale, language: caller.login?.user?.language ?? locale.language },
    seed: randomInt(2 ** 32),
    revision,
    variables: { ...route.variables },
    routing: route.routing,
    ...(diversions.length > 0 ? { diversions } : {}),
    ...(route.records ? { recording: true } : {}),
    called: route.called,
    inbound: {
      leg: `${callId}/leg/in`,
      instance: context.instance,
      sipCallId: (req.get('call-id') ?? '').slice(0, 400),
      coordinates: caller.coordinates,
    },
    originate: null,
  };
}

function insertRows(context: TelephonyContext, start: CallStart, req: SipRequest): Promise<void> {
  const inbound = start.inbound!;
  const tag = parseNameAddr(req.get('from') ?? '')?.params.tag ?? '';
  return insertInboundCall(context.store.db, {
    callId: start.callId,
    number: start.number,
    companyId: start.companyId,
    direction: start.direction,
    start: JSON.parse(JSON.stringify(start)),
    revision: start.revision,
    calling: inbound.coordinates,
    called: start.called,
    leg: {
      id: inbound.leg,
      instance: inbound.instance,
      direction: 'inbound',
      coordinates: inbound.coordinates,
      dialogId: `${req.get('call-id') ?? ''};from-tag=${tag}`,
      transactionId: req.stackTxnId,
      sipCallId: inbound.sipCallId,
      source: `${req.protocol}:${req.source_address}:${req.source_port}`,
    },
  });
}

/** The media server's channel for the caller; resolves when the leg's row names it. */
async function openChannel(context: TelephonyContext, leg: Leg, req: SipRequest): Promise<void> {
  const { wish } = leg;
  try {
    const offer = req.body && wish ? offerOf(req.body, wish.codecs, wish.forced) : req.body || null;
    if (req.body && offer === null) {
      // nothing of what the account is to talk in
      context.legs.end(leg, { cause: 'incompatible', sipStatus: 488, by: 'local' });
      return;
    }
    leg.theirSdp = offer;
    const formats = offer === null ? null : passableOf(offer);
    // without a codec of ours its channel waits for what the called party speaks
    leg.onlyPasses = formats !== null && !formats.own;
    const endpoint = leg.onlyPasses
      ? await context.media.createEndpoint(null, codecHeaders(formats))
      : await context.media.createEndpoint(offer);
    context.legs.attachMedia(leg, { endpoint, player: createPlayer(endpoint) });
    await updateLeg(context.store.db, leg.companyId, leg.id, { channelUuid: endpoint.uuid }).catch(() => {});
  } catch (error) {
    const status = (error as { status?: number }).status;
    if (status !== 488) context.log.error({ leg: leg.id, err: error }, 'no channel for the caller');
    context.legs.end(
      leg,
      status === 488 || status === 415
        ? { cause: 'incompatible', sipStatus: 488, by: 'local' }
        : { cause: 'congestion', sipStatus: 503, by: 'local' },
    );
  }
}

/**
 * No answer in 2 s: 503, the row refused. If the start turns out to have happened, the leg's hang-up is the first the call hears.
 */
async function startWorkflow(deps: InviteDeps, leg: Leg, start: CallStart): Promise<void> {
  const { context } = deps;
  const { db } = context.store;
  const starting = deps.startCall({ companyId: start.companyId, start, closure: null });
  const outcome = await Promise.race([
    starting.then(
      () => 'started' as const,
      () => 'failed' as const,
    ),
    new Promise<'late'>((resume) => setTimeout(() => resume('late'), START_MS)),
  ]);
  if (outcome === 'started') {
    context.delivery.open(start.callId);
    callStarted(db, start.companyId, start.callId).catch(() => {});
    return;
  }
  context.log.warn({ callId: start.callId, outcome }, 'call could not be started');
  context.metrics.invites.inc({ outcome: `start-${outcome}` });
  context.legs.end(leg, { cause: 'congestion', sipStatus: 503, by: 'local' });
  await callRefused(db, start.companyId, start.callId).catch(() => {});
  await starting.then(
    () => context.delivery.open(start.callId),
    () => {
      context.delivery.drop(start.callId);
      context.legs.remove(leg);
    },
  );
}

/** 503 with the time after which to come back (RFC 3261 §21.5.4). */
function busy(res: SipResponse, retryAfterSeconds: number, count: () => void): void {
  count();
  if (!res.finalResponseSent) res.send(503, { headers: { 'Retry-After': String(retryAfterSeconds) } });
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TelephonyError('TEL_STORE')), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
