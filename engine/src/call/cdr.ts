/** The account of a call: one true disposition and where the time went. */
import type { Cause, Cdr, Disposition, LegSummary } from '../protocol/index.ts';
import type { CallMachine, LegState } from './machine.ts';
import { partyNumber, partyOf, type Work } from './work.ts';

const DISPOSITION: Partial<Record<Cause, Disposition>> = {
  normal: 'no-answer',
  'no-answer': 'no-answer',
  timeout: 'no-answer',
  busy: 'busy',
  rejected: 'rejected',
  forbidden: 'rejected',
  unavailable: 'unavailable',
  'not-found': 'unavailable',
  cancelled: 'cancelled',
  'answered-elsewhere': 'cancelled',
  transferred: 'cancelled',
  congestion: 'congestion',
  'media-lost': 'media-lost',
};

/** The one final status. A lost media instance outweighs everything: the call did not end by anybody's wish. */
export function dispositionOf(cause: Cause, answered: boolean, byCaller: boolean): Disposition {
  if (cause === 'media-lost') return 'media-lost';
  if (answered) return 'answered';
  if (byCaller && cause === 'normal') return 'cancelled';
  return DISPOSITION[cause] ?? 'failed';
}

function summary(work: Work, id: string, leg: LegState): LegSummary {
  const party = partyOf(work, leg.party);
  return {
    leg: id,
    party: partyNumber(work, leg.party),
    direction: leg.direction,
    coordinates: party?.coordinates ?? work.m.start.called,
    startedAt: leg.startedAt,
    ringingAt: leg.ringingAt,
    answeredAt: leg.answeredAt,
    endedAt: leg.endedAt,
    cause: leg.cause,
    sipStatus: leg.sipStatus,
    endedBy: leg.endedBy,
    codec: leg.codec,
    sipCallId: leg.sipCallId,
    instance: leg.instance,
    ...(leg.trunk ? { trunk: leg.trunk } : {}),
    ...(party?.charged ? { charged: party.charged } : {}),
  };
}

function ivrMs(m: CallMachine, endedAt: number): number {
  const { answeredAt, talkMs, ringMs } = m.account;
  return answeredAt === null ? 0 : Math.max(0, endedAt - answeredAt - talkMs - ringMs);
}

/** The CDR of a call that has settled. */
export function cdrOf(work: Work): Cdr {
  const { m } = work;
  const end = m.end ?? { cause: 'failed' as const, by: 'platform' as const };
  const { answeredAt, connectedAt, connected, ringMs, talkMs, holdMs, path } = m.account;
  // news of one leg may overtake older news of another: the call ends with the last of its legs
  const endedAt = Object.values(m.legs).reduce((last, leg) => Math.max(last, leg.endedAt ?? last), work.at);
  return {
    number: m.start.number,
    direction: m.start.direction,
    externalId: m.start.externalId,
    disposition: dispositionOf(end.cause, answeredAt !== null, end.by === 'calling'),
    cause: end.cause,
    endedBy: end.by,
    startedAt: m.start.at,
    answeredAt,
    connectedAt,
    endedAt,
    ringMs,
    ivrMs: ivrMs(m, endedAt),
    talkMs,
    holdMs,
    calling: m.start.calling,
    called: m.start.called,
    connected: connectedAt === null ? null : connected,
    revision: m.start.revision,
    path,
    legs: Object.entries(m.legs).map(([id, leg]) => summary(work, id, leg)),
  };
}
