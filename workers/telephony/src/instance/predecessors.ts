/**
 * A new boot ends what earlier epochs of its name left: first every call is told that its instance is lost, then the far ends get
 * CANCEL, BYE or a refusal and the channels are killed, all in parallel (design §4; wire-protocols A5 says that another app may).
 */
import { endLegs, type OrphanLeg, orphanLegs, type Store } from '@callwright/store';
import type { Logger } from 'pino';
import type { CallSignaller } from '../call-logic.ts';
import type { MediaServer } from '../media/media-server.ts';
import { reasonHeader } from '../sip/causes.ts';
import type { SipServer } from '../sip/drachtio.ts';

export interface PredecessorDeps {
  readonly store: Store;
  readonly sip: SipServer;
  readonly media: MediaServer;
  readonly signaller: CallSignaller;
  readonly log: Logger;
}

const TELL_MS = 3000;

/** Resolves with the number of legs that were ended. */
export async function endPredecessors(deps: PredecessorDeps, name: string, epoch: number): Promise<number> {
  const legs = await orphanLegs(deps.store.db, name, epoch);
  if (legs.length === 0) return 0;
  const told = tellCalls(deps, legs);
  // a Temporal that is away must not keep far ends on the line
  await Promise.race([told, new Promise((resume) => setTimeout(resume, TELL_MS).unref())]);
  const headers = { Reason: reasonHeader('media-lost') ?? '' };
  await Promise.allSettled(legs.map((leg) => endOrphan(deps, leg, headers)));
  await markEnded(deps, legs);
  deps.log.info({ legs: legs.length, epoch }, 'legs of earlier epochs ended');
  return legs.length;
}

async function tellCalls({ signaller, log }: PredecessorDeps, legs: readonly OrphanLeg[]): Promise<void> {
  const calls = new Map(legs.map((leg) => [`${leg.call_id} ${leg.instance}`, leg]));
  await Promise.allSettled(
    [...calls.values()].map(async (leg) => {
      // the monitor tells it again, should this not arrive
      const outcome = await signaller.instanceLost(leg.company_id, leg.call_id, leg.instance);
      if (outcome === 'failed') log.warn({ callId: leg.call_id }, 'call could not be told that its instance is lost');
    }),
  );
}

async function endOrphan(
  { sip, media }: PredecessorDeps,
  leg: OrphanLeg,
  headers: Record<string, string>,
): Promise<void> {
  const work: Promise<void>[] = [];
  if (leg.channel_uuid) work.push(media.kill(leg.channel_uuid));
  if (leg.state === 'answered') {
    if (leg.dialog_id) work.push(sip.endDialog(leg.dialog_id, headers));
  } else if (leg.direction === 'inbound') {
    if (leg.transaction_id) sip.refuseInvite(leg.transaction_id, 503, 'Service Unavailable');
    // the row may be a moment behind its dialog
    if (leg.dialog_id) work.push(sip.endDialog(leg.dialog_id, headers));
  } else {
    for (const { transactionId, dialogId } of forksOf(leg)) {
      work.push(sip.cancelInvite(transactionId), sip.endDialog(dialogId, headers));
    }
  }
  await Promise.allSettled(work);
}

interface ForkName {
  readonly transactionId: string;
  readonly dialogId: string;
}

function forksOf(leg: OrphanLeg): ForkName[] {
  const forks = Array.isArray(leg.forks) ? (leg.forks as unknown as ForkName[]) : [];
  if (forks.length > 0) return forks;
  return leg.transaction_id && leg.dialog_id ? [{ transactionId: leg.transaction_id, dialogId: leg.dialog_id }] : [];
}

async function markEnded({ store }: PredecessorDeps, legs: readonly OrphanLeg[]): Promise<void> {
  const companies = new Map<string, string[]>();
  for (const leg of legs) companies.set(leg.company_id, [...(companies.get(leg.company_id) ?? []), leg.id]);
  for (const [companyId, ids] of companies) await endLegs(store.db, companyId, ids, 'media-lost');
}
