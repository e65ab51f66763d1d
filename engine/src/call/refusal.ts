/** What is said to a party whose call is refused, or has come to a limit, before it goes on: the account's reason, in his language. */
import { ANNOUNCEMENT_WORDS, type AnnouncementId, refusalOf } from '../admission/refusals.ts';
import type { ConnectOutcome } from '../define/ask.ts';
import type { IoResult, MediaResult, Prompt } from '../protocol/index.ts';
import { endAttempt } from './attempt-end.ts';
import { ringBack } from './legs.ts';
import type { Attempt } from './machine.ts';
import { fact, legOp, liveLeg, type Work } from './work.ts';

type Refused = Extract<IoResult, { status: 'refused' }>;

/** A look-up was refused: the anchor hears why, then the attempt ends. */
export function refuseAttempt(work: Work, attempt: Attempt, { code, check, by, cause }: Refused): void {
  fact(work, { type: 'call.refused', number: attempt.target.id.slice(0, 64), code, check, by });
  const outcome = cause === 'busy' ? 'busy' : 'forbidden';
  work.m.refused = outcome;
  const entry = refusalOf(code);
  if (!entry || !tell(work, attempt, entry.announcement, outcome)) endAttempt(work, attempt, outcome);
}

/** An announcement in the language of the call. */
export function announcement(work: Work, id: keyof typeof ANNOUNCEMENT_WORDS): Prompt {
  const short = work.m.start.locale.language.slice(0, 2);
  const words = ANNOUNCEMENT_WORDS[id];
  const spoken = Object.hasOwn(words, short) ? (short as keyof typeof words) : 'en';
  return { items: [{ type: 'text', text: words[spoken], language: spoken }], bargeIn: true };
}

/** Let the anchor hear an announcement; the attempt ends after it. False when he cannot hear. */
export function tell(
  work: Work,
  attempt: Attempt,
  id: AnnouncementId | 'max-duration',
  outcome: ConnectOutcome,
): boolean {
  const anchor = liveLeg(work, attempt.anchor);
  if (!anchor || anchor.leg.cut || anchor.leg.giving || anchor.leg.taking) return false;
  attempt.stage = 'telling';
  anchor.leg.sounding = false;
  if (anchor.leg.life !== 'answered') ringBack(work, anchor.id, true);
  const use = { use: 'tell', attempt: attempt.id, leg: anchor.id, outcome } as const;
  legOp(work, anchor.id, { kind: 'media.play', prompts: [announcement(work, id)], clearDigits: false }, use);
  return true;
}

/** The announcement is over, or could not be played. */
export function told(work: Work, id: string, outcome: ConnectOutcome, result: MediaResult): void {
  const attempt = work.m.attempts[id];
  if (attempt?.stage === 'telling' && result.status !== 'gone') endAttempt(work, attempt, outcome);
}
