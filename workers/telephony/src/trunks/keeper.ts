/** The trunks an instance holds: taken by lease rows, kept one by one, left when they change hands. */
import {
  heldTrunks,
  holdTrunks,
  type Keyring,
  letGoTrunks,
  reportTrunk,
  type Store,
  type TelephonyTrunk,
  trunkSeal,
} from '@callwright/store';
import type { Logger } from 'pino';
import type { DestinationGuard } from '../sip/destination-guard.ts';
import type { SipServer } from '../sip/drachtio.ts';
import { keepAsking } from './health.ts';
import { type Keeping, type KeepingDeps, runKeeping } from './keeping.ts';
import { keepRegistered } from './registration.ts';

export interface KeeperDeps {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly sip: SipServer;
  readonly guard: DestinationGuard;
  readonly instance: string;
  readonly log: Logger;
}

const ROUND_MS = 1000;
const LEASE_SECONDS = 15;
/** Of a platform's trunks one instance holds so many at most. */
const MAX_HELD = 1000;

interface Held {
  readonly version: number;
  readonly keeping: Keeping;
}

/** Starts holding; the returned stop leaves every trunk to others, bindings stay. */
export function keepTrunks(deps: KeeperDeps): { stop(): void } {
  const held = new Map<string, Held>();
  let stopped = false;
  let renewedAt = Date.now();
  const round = async (): Promise<void> => {
    const found = await holdTrunks(deps.store.db, deps.instance, LEASE_SECONDS, MAX_HELD);
    renewedAt = Date.now();
    const versions = new Map(found.map(({ id, version }) => [id, version]));
    const leaving = new Map<string, Promise<void>>();
    for (const [id, { version, keeping }] of held) {
      if (versions.get(id) === version) continue;
      held.delete(id);
      leaving.set(id, keeping.stop(true));
    }
    const fresh = found.filter(({ id }) => !held.has(id)).map(({ id }) => id);
    if (fresh.length === 0 || stopped) return;
    for (const trunk of await heldTrunks(deps.store.db, deps.instance, fresh)) {
      if (stopped) return;
      // what has changed says good-bye under its old name first
      const after = leaving.get(trunk.id) ?? Promise.resolve();
      held.set(trunk.id, { version: trunk.version, keeping: keep(deps, trunk, after) });
    }
  };
  const again = async (): Promise<void> => {
    await round().catch((error: unknown) => {
      deps.log.warn({ err: error }, 'trunks could not be held');
      if (Date.now() - renewedAt < LEASE_SECONDS * 1000) return;
      // they may be another's by now
      for (const { keeping } of held.values()) void keeping.stop(false);
      held.clear();
    });
    if (!stopped) timer = setTimeout(() => void again(), ROUND_MS).unref();
  };
  let timer = setTimeout(() => void again(), 0);
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      for (const { keeping } of held.values()) void keeping.stop(false);
      letGoTrunks(deps.store.db, deps.instance).catch(() => {});
    },
  };
}

function keep(
  { store, keyring, sip, guard, instance, log }: KeeperDeps,
  trunk: TelephonyTrunk,
  after: Promise<void>,
): Keeping {
  const deps: KeepingDeps = {
    srf: sip.srf,
    guard,
    log: log.child({ trunk: trunk.id }),
    openSecret: (sealed) => keyring.openText(trunkSeal(trunk.ownerId), sealed),
    report: (finding) => reportTrunk(store.db, instance, trunk.id, finding),
    after,
    now: Date.now,
  };
  if (!trunk.enabled) return switchedOff(deps);
  return trunk.mode === 'register' ? keepRegistered(deps, trunk) : keepAsking(deps, trunk);
}

/** A trunk that is switched off is held all the same, so that its state says so. */
const switchedOff = ({ report, log, after }: KeepingDeps): Keeping =>
  runKeeping({
    first: null,
    report,
    log,
    after,
    round: async () => ({
      finding: { state: 'disabled', sipStatus: null, expiresAt: null, addresses: [] },
      nextMs: 3_600_000,
    }),
  });
