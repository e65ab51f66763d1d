/** One boot of telephony: connections, lease, legs, handlers, activities; and its end, wanted or not (design §4). */
import { bootInstance, loseInstance, purgeContacts, storeRecords } from '@callwright/store';
import { createActivities } from '../activities.ts';
import type { Serving } from '../call-logic.ts';
import { createAuthenticator, NONCE_LIFE_MS } from '../inbound/authenticate.ts';
import { createInviteHandler } from '../inbound/invite.ts';
import { createLimits, type Limits } from '../inbound/limits.ts';
import { keepNatOpen } from '../inbound/nat-keeper.ts';
import { createRegistrar } from '../inbound/registrar.ts';
import { createLinks } from '../links/links.ts';
import { connectMedia, type MediaServer } from '../media/media-server.ts';
import { createMetrics, observe } from '../metrics.ts';
import type { TelephonyContext } from '../operations/context.ts';
import { createRunner } from '../operations/run.ts';
import { type Notifier, startNotifier } from '../presence/notifier.ts';
import { createPublishHandler } from '../presence/publications.ts';
import { createSubscribeHandler } from '../presence/subscriptions.ts';
import { createMessageHandler } from '../presence/text-messages.ts';
import { freeBytesOf } from '../recording/free-space.ts';
import { keepTidy } from '../recording/left-behind.ts';
import { createDestinationGuard } from '../sip/destination-guard.ts';
import { createNonces } from '../sip/digest.ts';
import { connectSip, type SipServer } from '../sip/drachtio.ts';
import { MIN_SE_SECONDS } from '../sip/session-timer.ts';
import { createTrunks, ownAddressOf } from '../trunks/trunks.ts';
import { watchConnections } from './connections.ts';
import { holdLease } from './lease.ts';
import { createLegs, createPlaces, type Places, tellMoved } from './live-legs.ts';
import type { Telephony, TelephonyOptions } from './options.ts';
import { endPredecessors } from './predecessors.ts';
import { createApplication, type RequestHandlers } from './request-handlers.ts';

export type { Telephony, TelephonyOptions } from './options.ts';

const FAREWELL_MS = 2000;
const PRACK_MS = 32_000;
const PURGE_MS = 600_000;

/** Rejects when a server, the store or Temporal cannot be reached; then nothing is left running. */
export async function startTelephony(options: TelephonyOptions): Promise<Telephony> {
  const { store } = options;
  const { srf, handlers } = createApplication(options.log);
  const sip = await connectSip(srf, { ...options.drachtio, patienceMs: options.patienceMs });
  let media: MediaServer | null = null;
  try {
    media = await connectMedia(srf, { ...options.freeswitch, patienceMs: options.patienceMs });
    const { instance, epoch } = await bootInstance(store.db, options.instanceName, options.maxCalls);
    const parts = createParts(options, sip, media, instance);
    const { context, limits, places } = parts;
    const runner = createRunner(context, {
      admit: (callId) => {
        const admission = limits.admit(null, Date.now());
        if (admission.admitted) places.hold(callId, admission.release);
        return admission.admitted;
      },
    });
    const serving = await options.logic.serve({
      instance,
      activities: createActivities(runner),
      maxCalls: options.maxCalls,
      log: context.log,
    });
    const life = liveInstance(context, serving);
    const notifier = openDoors(options, handlers, parts, life.accepting);
    void life.telephony.ended.then(() => notifier.stop());
    context.log.info({ epoch, addresses: sip.addresses }, 'telephony takes calls');
    endPredecessors(
      { store, sip, media, signaller: options.logic, log: context.log },
      options.instanceName,
      epoch,
    ).catch((error: unknown) => context.log.error({ err: error }, 'legs of earlier epochs could not be ended'));
    context.links.endOrphans(options.instanceName, epoch).catch((error: unknown) => {
      context.log.error({ err: error }, 'links of earlier epochs could not be ended');
    });
    context.links.serve();
    context.trunks.keep();
    return life.telephony;
  } catch (error) {
    media?.close();
    sip.close();
    throw error;
  }
}

interface Parts {
  readonly context: TelephonyContext;
  readonly limits: Limits;
  readonly places: Places;
}

function createParts(options: TelephonyOptions, sip: SipServer, media: MediaServer, instance: string): Parts {
  const { store, keyring } = options;
  const log = options.log.child({ instance });
  const metrics = createMetrics();
  const places = createPlaces();
  const guard = createDestinationGuard(options.allowedSip);
  const { legs, delivery } = createLegs({ store, log, metrics, link: options.logic, freePlace: places.free });
  const context: TelephonyContext = {
    instance,
    store,
    sip,
    media,
    legs,
    links: createLinks({ instance, store, media, legs, log }),
    delivery,
    metrics,
    log,
    resolvePrompts: options.resolvePrompts,
    mediaDir: options.mediaDir,
    recordingSpace: {
      mediaDir: options.mediaDir,
      minFreeBytes: options.recordingMinFreeBytes ?? 0,
      freeBytes: options.freeBytes ?? freeBytesOf,
    },
    guard,
    trunks: createTrunks({ store, keyring, sip, guard, instance, log }),
    sessionSeconds: options.sessionSeconds,
    prackMs: options.prackMs ?? PRACK_MS,
    minSessionSeconds: options.minSessionSeconds ?? MIN_SE_SECONDS,
    storeRecords: async (companyId, callId, records) => {
      await storeRecords(store.db, keyring, { companyId, callId, records });
      return records.reduce((highest, record) => Math.max(highest, record.n), 0);
    },
    tellMoved: (companyId, callId, moved) => tellMoved(options.logic, companyId, callId, moved),
    now: Date.now,
  };
  return { context, limits: createLimits(options), places };
}

/** From now on INVITE, REGISTER and SUBSCRIBE are served; the notifier runs until it is stopped. */
function openDoors(
  options: TelephonyOptions,
  handlers: RequestHandlers,
  parts: Parts,
  accepting: () => boolean,
): Notifier {
  const { context, limits, places } = parts;
  const { store, metrics, log, instance, now } = context;
  const authenticator = createAuthenticator({
    store,
    keyring: options.keyring,
    nonces: createNonces(NONCE_LIFE_MS),
    algorithms: options.digestAlgorithms,
    metrics,
    log,
    now,
  });
  handlers.register = createRegistrar({ store, authenticator, metrics, instance, now });
  const server = options.instanceName;
  const { keyring } = options;
  const natKeeper = keepNatOpen({ store, srf: context.sip.srf, server, log, everySeconds: options.natSeconds });
  const notifier = startNotifier({
    store,
    keyring,
    srf: context.sip.srf,
    guard: context.guard,
    server,
    ownHost: ownAddressOf(context.sip.addresses),
    log,
  });
  handlers.notify = notifier.notify;
  handlers.message = createMessageHandler({ store, keyring, authenticator, wake: notifier.wake });
  handlers.publish = createPublishHandler({ store, authenticator, wake: notifier.wake });
  handlers.subscribe = createSubscribeHandler({ store, authenticator, server, wake: notifier.wake });
  handlers.invite = createInviteHandler({
    context,
    authenticator,
    limits,
    accepting,
    holdPlace: places.hold,
    startCall: options.logic.start,
    capLoopback: options.capLoopback,
  });
  return {
    ...notifier,
    stop: () => {
      natKeeper.stop();
      notifier.stop();
    },
  };
}

/** The lease, the watch over both connections, and the one way in which the instance ends. */
function liveInstance(context: TelephonyContext, worker: Serving): { telephony: Telephony; accepting(): boolean } {
  const { instance, store, sip, media, legs, metrics } = context;
  let ending = false;
  let tellEnded: (reason: string) => void = () => {};
  const ended = new Promise<string>((resolve) => {
    tellEnded = resolve;
  });
  const end = (reason: string): void => {
    if (ending) return;
    ending = true;
    lease.stop();
    connections.stop();
    clearInterval(purge);
    tidy.stop();
    context.trunks.stop();
    void endInstance(context, worker, reason).then(() => tellEnded(reason));
  };
  const lease = holdLease({
    db: store.db,
    instance,
    calls: () => legs.liveCalls,
    onLost: () => end('marked-lost'),
    now: Date.now,
  });
  const tidy = keepTidy({ store, mediaDir: context.mediaDir, log: context.log });
  const connections = watchConnections({ sip, media, legs, onLost: end });
  const purge = setInterval(() => purgeContacts(store.db).catch(() => {}), PURGE_MS);
  const accepting = (): boolean => !ending && lease.fresh && connections.up;
  observe(metrics, legs, lease.ageMs);
  const telephony: Telephony = {
    instance,
    metrics,
    legs,
    get healthy() {
      return accepting();
    },
    ended,
    stop: async () => {
      end('stopped');
      await ended;
    },
  };
  return { telephony, accepting };
}

/** Marks the instance lost, ends every leg it can and reports them, then leaves (design §4). */
async function endInstance(
  { instance, store, legs, links, delivery, sip, media, log }: TelephonyContext,
  worker: Serving,
  reason: string,
): Promise<void> {
  log.warn({ reason }, 'media instance ends');
  // legs first: a store that is away must not keep far ends on the line
  for (const leg of legs.all()) legs.end(leg, { cause: 'media-lost', sipStatus: null, by: 'network' });
  const farewell = [
    delivery.settle(FAREWELL_MS),
    loseInstance(store.db, instance, reason),
    ...legs.all().map((leg) => leg.ending),
  ];
  await settled(Promise.allSettled(farewell), FAREWELL_MS);
  await worker.stop();
  links.stop();
  delivery.close();
  media.close();
  sip.close();
}

async function settled(work: Promise<unknown>, ms: number): Promise<void> {
  await Promise.race([work.catch(() => {}), new Promise((resume) => setTimeout(resume, ms).unref())]);
}
