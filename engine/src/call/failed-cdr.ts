/** The CDR of a call whose machine cannot make one any more: its runner failed, or is gone. */
import type { CallStart, Cdr, LegSummary } from '../protocol/index.ts';

/** Made of what somebody else has seen of the legs; `at` is when the failure was noticed. */
export function failedCdr(call: CallStart, legs: readonly LegSummary[], at: number): Cdr {
  const calling = call.inbound?.coordinates ?? call.originate?.coordinates ?? call.called;
  const answers = legs.flatMap((leg) => (leg.answeredAt === null ? [] : [leg.answeredAt]));
  const answeredAt = answers.length > 0 ? Math.min(...answers) : null;
  const endedAt = Math.max(call.at, at, ...legs.map((leg) => leg.endedAt ?? 0));
  return {
    number: call.number,
    direction: call.direction,
    externalId: call.externalId,
    disposition: 'failed',
    cause: 'failed',
    endedBy: 'platform',
    startedAt: call.at,
    answeredAt,
    connectedAt: null,
    endedAt,
    ringMs: (answeredAt ?? endedAt) - call.at,
    ivrMs: answeredAt === null ? 0 : endedAt - answeredAt,
    talkMs: 0,
    holdMs: 0,
    calling,
    called: call.called,
    connected: null,
    revision: call.revision,
    path: [],
    legs: [...legs],
  };
}
