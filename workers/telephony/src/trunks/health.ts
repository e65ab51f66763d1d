/** Whether a peer is there: OPTIONS now and then (RFC 3261 §11). Any answer counts but one that says it cannot serve. */
import type { TelephonyTrunk } from '@callwright/store';
import type { SipMessage } from '../sip/drachtio.ts';
import { type Keeping, type KeepingDeps, runKeeping } from './keeping.ts';
import { hostPort, nextHops, sourceOfHop, transportParam } from './next-hops.ts';
import { accountOf, askTrunk } from './requests.ts';

const ANSWER_MS = 5000;
/** One lost packet is no outage. */
const FAILURES = 2;
const AGAIN_MS = 2000;
/** A trunk that is never asked: its addresses are still found now and then. */
const RESOLVE_MS = 60_000;

/** Only "I cannot serve now", and what the SIP server says for nobody, count as away. */
export const isThere = (response: Pick<SipMessage, 'status'> | null): boolean =>
  response !== null && response.status !== 408 && response.status !== 503;

/** Asks a peer for as long as it is kept. */
export function keepAsking(deps: KeepingDeps, trunk: TelephonyTrunk): Keeping {
  let failures = 0;
  return runKeeping({
    first: null,
    report: deps.report,
    log: deps.log,
    after: deps.after,
    round: async () => {
      const hops = await nextHops(deps.guard, trunk);
      const addresses = hops.flatMap((hop) => sourceOfHop(hop) ?? []);
      if (trunk.options_seconds === 0) {
        const finding = { state: 'unknown' as const, sipStatus: null, expiresAt: null, addresses };
        return { finding, nextMs: RESOLVE_MS };
      }
      const response = await firstAnswer(deps, trunk, hops);
      failures = isThere(response) ? 0 : failures + 1;
      if (failures === 0) {
        const finding = { state: 'reachable' as const, sipStatus: null, expiresAt: null, addresses };
        return { finding, nextMs: trunk.options_seconds * 1000 };
      }
      if (failures < FAILURES) return { finding: null, nextMs: Math.min(AGAIN_MS, trunk.options_seconds * 1000) };
      const sipStatus = response?.status === 503 ? 503 : null;
      const finding = { state: 'unreachable' as const, sipStatus, expiresAt: null, addresses };
      return { finding, nextMs: trunk.options_seconds * 1000 };
    },
  });
}

async function firstAnswer(
  { srf, openSecret }: KeepingDeps,
  trunk: TelephonyTrunk,
  hops: readonly string[],
): Promise<SipMessage | null> {
  let response: SipMessage | null = null;
  for (const hop of hops) {
    response = await askTrunk(srf, {
      method: 'OPTIONS',
      uri: `sip:${hostPort(trunk)}${transportParam(trunk)}`,
      hop,
      headers: {
        From: '<sip:ping@localhost>',
        Contact: `<sip:${trunk.contactUser}@localhost>`,
        Accept: 'application/sdp',
      },
      account: accountOf(trunk, openSecret),
      timeoutMs: ANSWER_MS,
    });
    if (isThere(response)) break;
  }
  return response;
}
