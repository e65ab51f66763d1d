/** The trunk side of a media instance: calls out through trunks, requests that come from them, and keeping those it holds alive. */
import type { Diversion, LegTrunk } from '@callwright/engine';
import { type TelephonyTrunk, trunkSeal, trunksForCall } from '@callwright/store';
import type { Leg } from '../legs/leg.ts';
import { diversionWord } from '../sip/diversion.ts';
import type { Branch, OutboundInput } from '../sip/outbound-phone.ts';
import type { Protection } from '../sip/protection.ts';
import { type KeeperDeps, keepTrunks } from './keeper.ts';
import { type OutboundCall, routeThroughTrunks } from './outbound.ts';
import { accountOf } from './requests.ts';
import { type Offers, trunkProtections } from './trunk-offer.ts';

export type TrunksDeps = KeeperDeps;

export interface Trunks {
  /** Where the leg goes first and goes on, or the status with which no trunk takes it. The leg's row must be there. */
  open(
    leg: Leg,
    command: {
      readonly callerId: OutboundCall['callerId'];
      readonly diversions?: readonly Diversion[] | undefined;
    },
    target: { readonly trunkIds: readonly string[]; readonly number: string; readonly emergency?: string | undefined },
    offers: Offers,
  ): Promise<Required<Pick<OutboundInput, 'branches' | 'next'>> | number>;
  /** How the sound of a call through these trunks may be protected. */
  protections(companyId: string, trunkIds: readonly string[]): Promise<readonly Protection[]>;
  /** Holds trunks from now on: registers them, asks whether they are there. */
  keep(): void;
  /** Leaves them to another instance. */
  stop(): void;
}

/** Our host as trunks see it: the address of the first transport, `udp/192.0.2.1:5060`. */
export const ownHostOf = (addresses: readonly string[]): string =>
  /^[a-z]+\/(.+):\d+$/i.exec(addresses[0] ?? '')?.[1] ?? 'localhost';

/** The same with its port, where that is not the usual one. */
export const ownAddressOf = (addresses: readonly string[]): string =>
  /^[a-z]+\/(.+:\d+)$/i.exec(addresses[0] ?? '')?.[1]?.replace(/:5060$/, '') ?? 'localhost';

export function createTrunks(deps: TrunksDeps): Trunks {
  const { store, keyring, sip, guard, log } = deps;
  const account = (trunk: TelephonyTrunk) =>
    accountOf(trunk, (sealed) => keyring.openText(trunkSeal(trunk.ownerId), sealed));
  const outbound = { store, guard, log, ownHost: ownHostOf(sip.addresses), accountOf: account };
  let keeper: { stop(): void } | null = null;
  return {
    open: async (leg, { callerId, diversions = [] }, { trunkIds, number, emergency }, offers) => {
      // the newest first, as a Diversion header has them
      const diverted = diversions
        .map(({ number: by, reason }) => ({ number: by, reason: diversionWord(reason) }))
        .reverse();
      const call = { companyId: leg.companyId, legId: leg.id, trunkIds, number, callerId, diverted, offers, emergency };
      const route = await routeThroughTrunks(outbound, call);
      const next = async (failed: number | null): Promise<Branch | number> => {
        const branch = await route.next(failed);
        leg.trunk = (route.used as LegTrunk | null) ?? leg.trunk;
        return branch;
      };
      const first = await next(null);
      return typeof first === 'number' ? first : { branches: [first], next };
    },
    protections: async (companyId, trunkIds) => trunkProtections(await trunksForCall(store.db, companyId, trunkIds)),
    keep: () => {
      keeper ??= keepTrunks(deps);
    },
    stop: () => keeper?.stop(),
  };
}
