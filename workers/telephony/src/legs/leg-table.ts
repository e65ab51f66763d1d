/** The legs of this instance, and the one way in which each of them ends. */
import type { LegEnvelope } from '@callwright/contract';
import type { LegEventBody } from '@callwright/engine';
import type { Logger } from 'pino';
import type { Media } from './leg.ts';
import { createLeg, hangupBody, type Leg, type LegEnd, type NewLegInput, pressKey, withTrunk } from './leg.ts';

export interface LegTableOptions {
  /** Brings an event to the call that owns the leg. */
  deliver(leg: Leg, event: LegEnvelope): void;
  /** Writes the end of a leg to its row; retried by the writer, never awaited here. */
  storeEnd(leg: Leg, end: LegEnd): void;
  /** A call has no live leg here any more. */
  onCallQuiet(callId: string): void;
  readonly log: Logger;
  now(): number;
}

export interface LegTable {
  readonly size: number;
  /** Calls with a leg that has not ended. */
  readonly liveCalls: number;
  add(input: NewLegInput): Leg;
  get(legId: string): Leg | undefined;
  all(): Leg[];
  ofCall(callId: string): Leg[];
  /** Numbers an event and sends it to the call. */
  report(leg: Leg, body: LegEventBody): LegEnvelope;
  /** Numbers a result; the activity's answer carries it. */
  number(leg: Leg, body: LegEventBody): LegEnvelope;
  /** Ends a leg: its event, its operations, its phone, its channel, its row. The first end counts. */
  end(leg: Leg, end: LegEnd): void;
  attachMedia(leg: Leg, media: Media): void;
  /** The leg now belongs to another call. */
  moved(leg: Leg, callId: string): void;
  /** Forgets a leg. */
  remove(leg: Leg): void;
}

/** A leg whose release never came (its call failed) is forgotten after this time. */
const UNRELEASED_MS = 3_600_000;

export function createLegTable(options: LegTableOptions): LegTable {
  const legs = new Map<string, Leg>();
  const timers = new Map<string, NodeJS.Timeout>();

  const remove = (leg: Leg): void => {
    if (legs.get(leg.id) !== leg) return;
    legs.delete(leg.id);
    clearTimeout(timers.get(leg.id));
    timers.delete(leg.id);
  };

  const quiet = (callId: string): void => {
    for (const leg of legs.values()) if (leg.callId === callId && leg.state !== 'ended') return;
    options.onCallQuiet(callId);
  };

  const report = (leg: Leg, body: LegEventBody): LegEnvelope => {
    const event = leg.log.append(withTrunk(leg, body), options.now());
    options.deliver(leg, event);
    return event;
  };

  const end = (leg: Leg, how: LegEnd): void => {
    if (leg.state === 'ended') return;
    leg.state = 'ended';
    leg.end = how;
    report(leg, hangupBody(how));
    leg.over.abort();
    for (const stop of leg.running.values()) stop.abort();
    // whoever still waits for a channel gets none
    const media = leg.readyMedia;
    leg.setMedia(null);
    leg.ending = Promise.all([leg.phone?.end(how), media?.endpoint.destroy()]).then(() => {});
    const partner = leg.bridged === null ? undefined : legs.get(leg.bridged);
    if (partner?.bridged === leg.id) partner.bridged = null;
    options.storeEnd(leg, how);
    quiet(leg.callId);
    const timer = setTimeout(() => remove(leg), UNRELEASED_MS);
    timer.unref();
    timers.set(leg.id, timer);
  };

  return {
    get size() {
      return legs.size;
    },
    get liveCalls() {
      return new Set([...legs.values()].filter((leg) => leg.state !== 'ended').map((leg) => leg.callId)).size;
    },
    add: (input) => {
      const leg = createLeg(input, options.now());
      legs.set(leg.id, leg);
      return leg;
    },
    get: (legId) => legs.get(legId),
    all: () => [...legs.values()],
    ofCall: (callId) => [...legs.values()].filter((leg) => leg.callId === callId),
    report,
    number: (leg, body) => leg.log.append(body, options.now()),
    end,
    attachMedia: (leg, media) => {
      if (leg.state === 'ended') {
        void media.endpoint.destroy();
        return;
      }
      media.endpoint.onKey((digit) => pressKey(leg, digit));
      media.endpoint.onLost(() => {
        options.log.warn({ leg: leg.id }, 'media channel lost');
        end(leg, { cause: 'media-lost', sipStatus: null, by: 'network' });
      });
      leg.setMedia(media);
    },
    moved: (leg, callId) => {
      const giver = leg.callId;
      leg.callId = callId;
      quiet(giver);
    },
    remove,
  };
}
