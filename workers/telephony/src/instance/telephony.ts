/** One boot of telephony: connections, lease, legs, handlers, activities; and its end, wanted or not (design §4). */
import type { TemporalClient, TemporalWorkerConnection } from '@callwright/contract/codec';
import { closureCache } from '@callwright/contract/codec';
import {
  bootInstance,
  closureSource,
  endLegs,
  type Keyring,
  loseInstance,
  purgeContacts,
  type Store,
  storeRecords,
} from '@callwright/store';
import type { Logger } from 'pino';
import { createActivities } from '../activities.ts';
import { createAuthenticator, NONCE_LIFE_MS } from '../inbound/authenticate.ts';
import { createInviteHandler } from '../inbound/invite.ts';
import { createLimits } from '../inbound/limits.ts';
import { answerOtherMethods } from '../inbound/other-methods.ts';
import { createRegistrar } from '../inbound/registrar.ts';
import { createDelivery, type Delivery } from '../legs/delivery.ts';
import { createLegTable, type LegTable } from '../legs/leg-table.ts';
import type { MediaServerOptions } from '../media/media-server.ts';
import { connectMedia } from '../media/media-server.ts';
import { createMetrics, type Metrics } from '../metrics.ts';
import type { ResolvePrompts, TelephonyContext } from '../operations/context.ts';
import { createRunner } from '../operations/run.ts';
import { createDestinationGuard } from '../sip/destination-guard.ts';
import { createNonces, type DigestAlgorithm } from '../sip/digest.ts';
import { connectSip, createSrf, type SipRequest, type SipResponse, type SipServerOptions } from '../sip/drachtio.ts';
import { createTemporalLink } from '../temporal-link.ts';
import { runActivityWorker } from './activity-worker.ts';
import { watchConnections } from './connections.ts';
import { holdLease } from './lease.ts';
import { endPredecessors } from './predecessors.ts';

export interface TelephonyOptions {
  readonly instanceName: string;
  readonly drachtio: Omit<SipServerOptions, 'patienceMs'>;
  readonly freeswitch: Omit<MediaServerOptions, 'patienceMs'>;
  /** How long the two servers may take to answer at boot. */
  readonly patienceMs: number;
  readonly store: Store;
  readonly keyring: Keyring;
  readonly temporal: TemporalClient;
  readonly temporalWorker: TemporalWorkerConnection;
  readonly resolvePrompts: ResolvePrompts;
  readonly maxCalls: number;
  readonly maxCallsPerSecond: number;
  readonly maxCallsPerSource: number;
  readonly capLoopback: boolean;
  readonly sessionSeconds: number;
  /** Offered to phones in this order. */
  readonly digestAlgorithms: readonly DigestAlgorithm[];
  readonly allowedSip: readonly string[];
  /** Queue of the calls workers, when it is not the usual one. */
  readonly callsQueue?: string;
  readonly log: Logger;
}

export interface Telephony {
  /** `<name>.<epoch>` */
  readonly instance: string;
  readonly metrics: Metrics;
  readonly legs: LegTable;
  /** Takes calls now. */
  readonly healthy: boolean;
  /** Resolves with the reason once the instance is lost or stopped and everything of it has ended. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

type RequestHandler = (req: SipRequest, res: SipResponse) => Promise<void>;
const FAREWELL_MS = 2000;
const PURGE_MS = 600_000;

export async function startTelephony(options: TelephonyOptions): Promise<Telephony> {
  const { store, log: rootLog, patienceMs } = options;
  const srf = createSrf();
  // verbs are asked for when the connection is made; until the instance is up, nobody is served
  const handlers: { invite: RequestHandler | null; register: RequestHandler | null } = { invite: null, register: null };
  for (const method of ['invite', 'register'] as const)
    srf.use(
      method,
      serve(rootLog, () => handlers[method]),
    );
  answerOtherMethods(srf);
  const sip = await connectSip(srf, { ...options.drachtio, patienceMs });
  const media = await connectMedia(srf, { ...options.freeswitch, patienceMs }).catch((error: unknown) => {
    sip.close();
    throw error;
  });
  const { instance, epoch } = await bootInstance(store.db, options.instanceName, options.maxCalls);
  const log = rootLog.child({ instance });
  const link = createTemporalLink({
    temporal: options.temporal,
    closure: closureCache({ source: closureSource(store), size: 200, patienceMs: 2000 }).find,
    ...(options.callsQueue ? { taskQueue: options.callsQueue } : {}),
  });
  const metrics = createMetrics();
  const limits = createLimits(options);
  const places = new Map<string, () => void>();
  const holdPlace = (callId: string, release: () => void): void => {
    places.get(callId)?.();
    places.set(callId, release);
  };
  const { legs, delivery } = createLegs({
    store,
    log,
    metrics,
    link,
    freePlace: (callId) => freePlace(places, callId),
  });
  const context: TelephonyContext = {
    instance,
    store,
    sip,
    media,
    legs,
    delivery,
    metrics,
    log,
    resolvePrompts: options.resolvePrompts,
    guard: createDestinationGuard(options.allowedSip),
    sessionSeconds: options.sessionSeconds,
    storeRecords: async (companyId, callId, records) => {
      await storeRecords(store.db, options.keyring, { companyId, callId, records });
      return records.reduce((highest, record) => Math.max(highest, record.n), 0);
    },
    tellMoved: (companyId, giver, moved) => void tellMoved(link, companyId, giver, moved),
    now: Date.now,
  };
  const runner = createRunner(context, {
    admit: (callId) => {
      const admission = limits.admit(null, Date.now());
      if (admission.admitted) holdPlace(callId, admission.release);
      return admission.admitted;
    },
  });
  const worker = await runActivityWorker({
    temporal: options.temporalWorker,
    instance,
    activities: createActivities(runner),
    maxCalls: options.maxCalls,
    log,
  });

  let ending = false;
  let tellEnded: (reason: string) => void = () => {};
  const ended = new Promise<string>((resolve) => {
    tellEnded = resolve;
  });
  const end = async (reason: string): Promise<void> => {
    if (ending) return;
    ending = true;
    log.warn({ reason }, 'media instance ends');
    lease.stop();
    connections.stop();
    clearInterval(purge);
    // the calls learn it from us or, should we not get through, from the monitor
    await settled(loseInstance(store.db, instance, reason), FAREWELL_MS);
    for (const leg of legs.all()) legs.end(leg, { cause: 'media-lost', sipStatus: null, by: 'network' });
    await settled(Promise.all([delivery.settle(FAREWELL_MS), ...legs.all().map((leg) => leg.ending)]), FAREWELL_MS);
    await worker.stop();
    delivery.close();
    media.close();
    sip.close();
    tellEnded(reason);
  };
  const lease = holdLease({
    db: store.db,
    instance,
    calls: () => legs.liveCalls,
    onLost: () => void end('marked-lost'),
    now: Date.now,
  });
  const connections = watchConnections({ sip, media, legs, onLost: (reason) => void end(reason) });
  const purge = setInterval(() => purgeContacts(store.db).catch(() => {}), PURGE_MS);
  const accepting = (): boolean => !ending && lease.fresh && connections.up;

  observe(metrics, legs, lease.ageMs);
  const authenticator = createAuthenticator({
    store,
    keyring: options.keyring,
    nonces: createNonces(NONCE_LIFE_MS),
    algorithms: options.digestAlgorithms,
    metrics,
    log,
    now: Date.now,
  });
  handlers.register = createRegistrar({ store, authenticator, metrics, instance, now: Date.now });
  handlers.invite = createInviteHandler({
    context,
    authenticator,
    limits,
    accepting,
    holdPlace,
    startCall: link.start,
    capLoopback: options.capLoopback,
  });
  log.info({ epoch, addresses: sip.addresses }, 'telephony takes calls');
  endPredecessors({ store, sip, media, signaller: link, log }, options.instanceName, epoch).catch((error: unknown) =>
    log.error({ err: error }, 'legs of earlier epochs could not be ended'),
  );
  return {
    instance,
    metrics,
    legs,
    get healthy() {
      return accepting();
    },
    ended,
    stop: async () => {
      void end('stopped');
      await ended;
    },
  };
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

interface LegParts {
  readonly store: Store;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly link: ReturnType<typeof createTemporalLink>;
  freePlace(callId: string): void;
}

function createLegs({ store, log, metrics, link, freePlace }: LegParts): { legs: LegTable; delivery: Delivery } {
  const delivery = createDelivery({
    signal: async (companyId, callId, events) => {
      const outcome = await link.legs(companyId, callId, events);
      metrics.signals.inc({ outcome });
      return outcome;
    },
    onNoCall: (callId) => {
      for (const leg of legs.ofCall(callId)) {
        // nobody is left to take its events: its far end must not stay on the line
        if (leg.state === 'ended') legs.remove(leg);
        else legs.end(leg, { cause: 'failed', sipStatus: null, by: 'local' });
      }
    },
  });
  const legs = createLegTable({
    deliver: (leg, event) => delivery.send(leg.companyId, leg.callId, event),
    storeEnd: (leg, end) => void eventually(() => endLegs(store.db, leg.companyId, [leg.id], end.cause)),
    onCallQuiet: freePlace,
    log,
    now: Date.now,
  });
  return { legs, delivery };
}

function freePlace(places: Map<string, () => void>, callId: string): void {
  places.get(callId)?.();
  places.delete(callId);
}

async function tellMoved(
  link: ReturnType<typeof createTemporalLink>,
  companyId: string,
  giver: string,
  moved: { readonly id: string; readonly leg: string; readonly to: string },
): Promise<void> {
  for (let attempt = 0; attempt < 60; attempt++) {
    if ((await link.message(companyId, giver, { type: 'leg.moved', ...moved })) !== 'failed') return;
    await new Promise((resume) => setTimeout(resume, 1000).unref());
  }
}

/** Tries a write again while the store is away, for a minute. */
async function eventually(write: () => Promise<void>): Promise<void> {
  for (let attempt = 0; attempt < 60; attempt++) {
    try {
      await write();
      return;
    } catch {
      await new Promise((resume) => setTimeout(resume, 1000).unref());
    }
  }
}

function observe(metrics: Metrics, legs: LegTable, leaseAgeMs: () => number): void {
  Object.assign(metrics.calls, { collect: () => metrics.calls.set(legs.liveCalls) });
  Object.assign(metrics.leaseAge, { collect: () => metrics.leaseAge.set(leaseAgeMs() / 1000) });
  Object.assign(metrics.legs, {
    collect: () => {
      metrics.legs.reset();
      for (const leg of legs.all()) metrics.legs.inc({ state: leg.state });
    },
  });
}

async function settled(work: Promise<unknown>, ms: number): Promise<void> {
  await Promise.race([work.catch(() => {}), new Promise((resume) => setTimeout(resume, ms).unref())]);
}
