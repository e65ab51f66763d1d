/** What boxes have, told to the peers they name: a NOTIFY outside of dialogs (RFC 3842 §2) until it is acknowledged. */
import {
  type DuePeerLamp,
  type Keyring,
  peerLampFailed,
  peerLampTold,
  type Store,
  type TelephonyTrunk,
  takePeerLamps,
  trunkOfPeerLamp,
  trunkSeal,
} from '@callwright/store';
import type { Logger } from 'pino';
import type { DestinationGuard } from '../sip/destination-guard.ts';
import type { SrfLike } from '../sip/drachtio.ts';
import { escapeUser } from '../sip/headers.ts';
import { hostPort, nextHops, transportParam } from '../trunks/next-hops.ts';
import { accountOf, askTrunk } from '../trunks/requests.ts';
import { SUMMARY_TYPE, writeMessageSummary } from './message-summary.ts';

const BATCH = 50;
/** For each hop, a challenge answered in between counted anew. */
const ANSWER_MS = 5000;
/** After this one that was taken and not answered is due again: longer than all hops and challenges may take. */
const TAKEN_SECONDS = 75;

export interface PeerLampDeps {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly srf: SrfLike;
  readonly guard: DestinationGuard;
  readonly server: string;
  readonly log: Logger;
}

export interface PeerLamps {
  /** Sends what is due; resolves when it is taken. */
  round(): Promise<void>;
}

export function createPeerLamps(deps: PeerLampDeps): PeerLamps {
  const { store, server, log } = deps;
  /** One at a time for a box, so that an older state never comes last. */
  const underWay = new Set<number>();
  const tell = async (lamp: DuePeerLamp): Promise<void> => {
    try {
      const trunk = await trunkOfPeerLamp(store.db, lamp);
      const status = trunk ? await send(deps, trunk, lamp) : null;
      if (status !== null && status >= 200 && status < 300) await peerLampTold(store.db, lamp, status);
      else await peerLampFailed(store.db, lamp, status);
    } catch (error) {
      log.warn({ err: error }, 'a peer could not be told of messages');
    } finally {
      underWay.delete(lamp.id);
    }
  };
  return {
    round: async () => {
      const due = await takePeerLamps(store.db, server, {
        limit: BATCH,
        seconds: TAKEN_SECONDS,
        underWay: [...underWay],
      });
      for (const lamp of due) {
        underWay.add(lamp.id);
        void tell(lamp);
      }
    },
  };
}

/** Final status of the first hop that serves; null when nobody answers. */
async function send(
  { keyring, srf, guard }: PeerLampDeps,
  trunk: TelephonyTrunk,
  { account, fresh, old }: DuePeerLamp,
): Promise<number | null> {
  const user = escapeUser(account);
  const uri = `sip:${user}@${hostPort(trunk)}${transportParam(trunk)}`;
  const address = `sip:${user}@${hostPort(trunk)}`;
  const from = `sip:${escapeUser(trunk.from_user ?? account)}@${trunk.from_domain ?? 'localhost'}`;
  const request = {
    method: 'NOTIFY',
    uri,
    headers: {
      From: `<${from}>`,
      To: `<${address}>`,
      Contact: `<sip:${trunk.contactUser}@localhost>`,
      Event: 'message-summary',
      'Subscription-State': 'active',
      'Content-Type': SUMMARY_TYPE,
    },
    body: writeMessageSummary(address, { waiting: fresh > 0, fresh, old, freshUrgent: 0, oldUrgent: 0 }),
    account: accountOf(trunk, (sealed) => keyring.openText(trunkSeal(trunk.ownerId), sealed)),
    timeoutMs: ANSWER_MS,
  } as const;
  let status: number | null = null;
  for (const hop of await nextHops(guard, trunk)) {
    status = (await askTrunk(srf, { ...request, hop }))?.status ?? null;
    // another hop is for one that is away
    if (status !== null && status !== 408 && status < 500) break;
  }
  return status;
}
