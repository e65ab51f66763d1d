/** A call out through trunks: one after the other, each with its own hops, headers, codecs and account. */
import { presentationOf, type Store, type TelephonyTrunk, takeLine, takeToken, trunksForCall } from '@callwright/store';
import type { Logger } from 'pino';
import type { DestinationGuard } from '../sip/destination-guard.ts';
import type { SipMessage } from '../sip/drachtio.ts';
import { escapeUser } from '../sip/headers.ts';
import type { Branch } from '../sip/outbound-phone.ts';
import { exhausted, failsOver, orderTrunks } from './choice.ts';
import { offerOf } from './codecs.ts';
import { answerChallenge, type TrunkAccount } from './credentials.ts';
import { hostPort, nextHops, transportParam } from './next-hops.ts';
import { callerHeaders, type Diverted, emergencyHeaders, outboundNumber, type Presented } from './presentation.ts';
import { challengeOf } from './requests.ts';
import { type Offers, trunkOffer } from './trunk-offer.ts';

export interface OutboundDeps {
  readonly store: Store;
  readonly guard: DestinationGuard;
  readonly log: Logger;
  /** Our own host as trunks see it. */
  readonly ownHost: string;
  accountOf(trunk: TelephonyTrunk): TrunkAccount | null;
}

export interface OutboundCall {
  readonly companyId: string;
  readonly legId: string;
  readonly trunkIds: readonly string[];
  readonly number: string;
  readonly callerId: { readonly number: string; readonly name: string };
  readonly diverted: readonly Diverted[];
  /** SDP offers of the leg's channel. */
  readonly offers: Offers;
  /** Address where help is needed, when an emergency number is called. */
  readonly emergency?: string | undefined;
}

/** The trunk a leg goes through, for its events. */
export interface UsedTrunk {
  readonly id: string;
  readonly number: number;
  readonly name: string;
}

export interface TrunkRoute {
  /**
   * Where the call goes first (`failed` null) or goes on after it failed with that status; the status it ends with when nowhere.
   * Nothing is sent before it is asked.
   */
  next(failed: number | null): Promise<Branch | number>;
  /** The trunk of the branch given last. */
  readonly used: UsedTrunk | null;
}

/** A far end that has not said a word in this time is passed over. */
const SILENCE_MS = 5000;

/** Plans a call through the first of the trunks that takes it. The leg's row must be there before `next` is asked. */
export async function routeThroughTrunks(deps: OutboundDeps, call: OutboundCall): Promise<TrunkRoute> {
  const { db } = deps.store;
  const [found, presentation] = await Promise.all([
    trunksForCall(db, call.companyId, call.trunkIds),
    presentationOf(db, call.companyId, call.callerId.number),
  ]);
  const waiting = orderTrunks(call.trunkIds, found);
  const presented: Presented = {
    ...call.callerId,
    isExtension: presentation.isExtension,
    ownNumber: presentation.outboundNumber,
    country: presentation.settings.country,
    ownHost: deps.ownHost,
  };
  const statuses: number[] = [];
  let hops: string[] = [];
  let trunk: TelephonyTrunk | null = null;
  return {
    get used() {
      return trunk && { id: trunk.id, number: trunk.number, name: trunk.name };
    },
    next: async (failed) => {
      if (failed !== null) {
        if (!failsOver(failed)) return failed;
        statuses.push(failed);
        // another address of the same trunk answers the same way, unless nobody was there
        if (failed !== 408 && failed !== 503) hops = [];
      }
      while (hops.length === 0) {
        trunk = waiting.shift() ?? null;
        if (!trunk) return exhausted(statuses);
        const offer = offerOf(call.offers.plain, trunk.codecs, trunk.codecs_forced);
        if (offer === null) statuses.push(488);
        else hops = await openTrunk(deps, call, trunk);
      }
      return branchOf(deps, trunk!, hops.shift()!, { call, presented });
    },
  };
}

/** Takes a line of the trunk; its next hops, none when it has no line, no call left in this second, or no address. */
async function openTrunk(
  { store, guard, log }: OutboundDeps,
  call: OutboundCall,
  trunk: TelephonyTrunk,
): Promise<string[]> {
  const hops = await nextHops(guard, trunk);
  if (hops.length === 0) {
    log.warn({ trunk: trunk.id }, 'trunk has no address that is allowed');
    return [];
  }
  // who calls for help is not kept waiting by limits of ours; the far end may still have a line
  const emergency = call.emergency !== undefined;
  if (!(await takeLine(store.db, call.companyId, call.legId, trunk.id, emergency))) {
    log.info({ trunk: trunk.id }, 'every line of the trunk is taken');
    return [];
  }
  if (!emergency && trunk.calls_per_second !== null && !(await takeToken(store.db, trunk.id))) {
    log.info({ trunk: trunk.id }, 'the trunk takes no more calls in this second');
    return [];
  }
  return hops;
}

function branchOf(
  deps: OutboundDeps,
  trunk: TelephonyTrunk,
  hop: string,
  { call, presented }: { readonly call: OutboundCall; readonly presented: Presented },
): Branch {
  const dialled = outboundNumber(trunk, call.number, presented.country);
  const uri = `sip:${escapeUser(dialled)}@${hostPort(trunk)}${transportParam(trunk)}`;
  return {
    uri,
    proxy: hop,
    route: trunk.serviceRoute,
    headers: {
      ...callerHeaders(trunk, presented, call.diverted),
      ...emergencyHeaders(call.emergency),
      To: `<sip:${escapeUser(dialled)}@${trunk.host}>`,
      Contact: `<sip:${trunk.contactUser}@localhost>`,
    },
    ...trunkOffer(trunk, { uri, proxy: hop }, call.offers),
    answerChallenge: (challenge: SipMessage) => {
      const account = deps.accountOf(trunk);
      const value = account && answerChallenge(account, { method: 'INVITE', uri, challenge: challengeOf(challenge) });
      if (!value) return null;
      return { [challenge.status === 407 ? 'Proxy-Authorization' : 'Authorization']: value };
    },
    silenceMs: SILENCE_MS,
  };
}
