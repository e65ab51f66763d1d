/** A member of the group that a call is placed for has answered. */
import { discardAttempt } from './attempt-end.ts';
import type { Attempt } from './machine.ts';
import { fact, legOf, partyOf, type Work } from './work.ts';

/** He stands for the group from here on, the others stop ringing. */
export function memberAnswered(work: Work, attempt: Attempt, id: string): void {
  const leg = legOf(work, id);
  const party = partyOf(work, leg?.party ?? null);
  const ring = attempt.rings.find((one) => one.leg === id);
  if (!leg || !party || !ring) return;
  attempt.rings = attempt.rings.filter((one) => one !== ring);
  if (ring.grant) party.grant = ring.grant;
  discardAttempt(work, attempt, 'answered-elsewhere', true);
  if (attempt.groupId)
    fact(work, { type: 'group.ended', groupId: attempt.groupId, outcome: 'completed', userId: ring.userId });
  work.m.first = party.n;
  work.m.account.answeredAt ??= leg.answeredAt;
  work.notes.push({ note: 'first-answered' });
}

/** Members are being found or rung. */
export const placesForGroup = (work: Work): boolean => Object.values(work.m.attempts).some((one) => one.origin);
