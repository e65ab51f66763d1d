/**
 * The time a leg to the outside may last: the company's longest call, and what its account can still pay for. The clock runs from the
 * answer, wherever the leg is bridged to; the account is asked again meanwhile, because other calls spend from it too.
 */
import type { IoResult, MediaResult } from '../protocol/index.ts';
import { talkOf } from './hold.ts';
import { cutLeg } from './legs.ts';
import type { LegState } from './machine.ts';
import { announcement } from './refusal.ts';
import {
  cancelTimer,
  fact,
  isAlive,
  legOf,
  legOp,
  liveLeg,
  nextId,
  partyNumber,
  startTimer,
  type Work,
} from './work.ts';

/** How often an account with a cap is asked while a call spends from it: the most that is overspent is what this time costs. */
const ASK_EVERY_MS = 60_000;
/** Less than this is nothing. */
const OVER_MS = 500;
/** So long before its end a call says that it ends; the announcement says so in words. */
const WARN_MS = 30_000;
/** The clock never runs shorter than this for a warning. */
const LEAST_MS = 1000;

/** The leg's time begins, or goes on in this call. */
export function armLimit(work: Work, id: string): void {
  const leg = legOf(work, id);
  if (!leg?.limit || leg.limit.timer || leg.life !== 'answered') return;
  const { leftMs, mostMs } = leg.limit;
  // a call that is so short from its beginning is not interrupted for that
  leg.limit.warned ??= [leftMs, ...restOf(work, leg, mostMs)].some((ms) => ms !== null && ms <= WARN_MS + LEAST_MS);
  const waits = [
    ...(leftMs === null ? [] : [Math.min(untilWarning(leg.limit, leftMs), ASK_EVERY_MS)]),
    ...restOf(work, leg, mostMs).map((ms) => untilWarning(leg.limit, ms)),
  ];
  if (waits.length > 0) leg.limit.timer = startTimer(work, Math.min(...waits), { use: 'limit', leg: id });
}

const restOf = (work: Work, { answeredAt }: LegState, mostMs: number | null): number[] =>
  mostMs === null ? [] : [Math.max(0, (answeredAt ?? work.at) + mostMs - work.at)];

/** Time until the call is to say that it ends, else until its end. */
const untilWarning = (limit: LegState['limit'], ms: number): number =>
  limit?.warned || ms <= WARN_MS ? ms : Math.max(LEAST_MS, ms - WARN_MS);

/** Whoever pays hears that the call is about to end; in a room or on hold nothing is said. */
function warn(work: Work, id: string, { limit, party }: LegState): void {
  if (!limit || limit.warned) return;
  limit.warned = true;
  const talk = talkOf(work, id);
  if (!talk || talk.mix || talk.hold || talk.talkFrom === null) return;
  const payer = liveLeg(work, talk.anchor === party ? talk.peer : talk.anchor);
  if (!payer || payer.leg.cut || payer.leg.giving || payer.leg.saying) return;
  const prompts = [announcement(work, 'ending-soon')];
  legOp(work, payer.id, { kind: 'media.play', prompts, clearDigits: false, hearers: 'leg' }, null);
}

/** The leg leaves this call, or has ended. */
export function disarmLimit(work: Work, leg: LegState): void {
  if (!leg.limit?.timer) return;
  cancelTimer(work, leg.limit.timer);
  leg.limit.timer = null;
}

/** The clock of a leg: its longest time is over, or the account is asked again. */
export function limitTimer(work: Work, id: string): void {
  const leg = legOf(work, id);
  if (!leg?.limit || !isAlive(leg)) return;
  leg.limit.timer = null;
  const { number, account, leftMs, mostMs } = leg.limit;
  const [restMs = null] = restOf(work, leg, mostMs);
  if (restMs === 0) {
    letGo(work, id, 'max-duration');
    return;
  }
  if (restMs !== null && restMs <= WARN_MS) warn(work, id, leg);
  if (leftMs === null) {
    armLimit(work, id);
    return;
  }
  const op = nextId(work, 'io');
  work.m.ops[op] = { use: 'allowance', leg: id };
  work.commands.push({ kind: 'io.lookup', op, lookup: { what: 'allowance', number, account } });
}

/** What the account has left. A look-up that failed ends nobody's call: it is asked again. */
export function allowanceResult(work: Work, id: string, result: IoResult | MediaResult): void {
  const leg = legOf(work, id);
  if (!leg?.limit || !isAlive(leg)) return;
  leg.limit.leftMs = result.status === 'allowance' ? result.leftMs : ASK_EVERY_MS;
  const { leftMs } = leg.limit;
  if (leftMs !== null && leftMs < OVER_MS) {
    letGo(work, id, 'spend-cap');
    return;
  }
  if (leftMs !== null && leftMs <= WARN_MS) warn(work, id, leg);
  armLimit(work, id);
}

/** The leg is hung up; who talked with it hears why. */
function letGo(work: Work, id: string, by: 'spend-cap' | 'max-duration'): void {
  const leg = legOf(work, id);
  if (!leg || leg.cut) return;
  if (leg.giving || leg.taking) {
    // whose it is, is not decided yet
    leg.limit!.timer = startTimer(work, 1000, { use: 'limit', leg: id });
    return;
  }
  fact(work, { type: 'leg.limited', party: partyNumber(work, leg.party), by });
  const attempt = Object.values(work.m.attempts).find((one) => one.peer === leg.party);
  if (attempt) attempt.farewell = by;
  cutLeg(work, id, 'timeout');
}
