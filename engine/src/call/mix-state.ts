/**
 * Several parties who hear each other in one call: their legs are in a room of the media server that is the call's own. Here is who is
 * in it and heard; who comes and goes is `mix.ts`. A mix belongs to a conversation, which keeps its anchor and peer.
 */
import type { Attempt, LegState } from './machine.ts';
import { fact, legOf, legOp, liveLeg, partyNumber, partyOf, type Work } from './work.ts';

/** Everybody in the conversation, its anchor first. */
export const talkers = (attempt: Attempt): number[] => [
  attempt.anchor,
  ...(attempt.peer === null ? [] : [attempt.peer]),
  ...(attempt.mix?.others ?? []),
];

const isHolding = (work: Work, party: number): boolean =>
  (legOf(work, partyOf(work, party)?.leg ?? null)?.holds ?? []).length > 0;

/** A page is heard, not answered; who holds is not heard. */
const isMuted = (work: Work, attempt: Attempt, party: number): boolean =>
  isHolding(work, party) || (attempt.mix?.kind === 'page' && party !== attempt.anchor);

const wantsIn = (attempt: Attempt, party: number, leg: LegState): boolean =>
  attempt.consult?.by !== party && leg.life === 'answered' && !leg.cut && !leg.giving && !leg.taking;

/** Bring the room to what the conversation wants: who is missing enters, who is to be elsewhere leaves, who holds is not heard. */
export function settleMix(work: Work, attempt: Attempt): void {
  const { mix } = attempt;
  if (mix?.stage !== 'on') return;
  for (const party of talkers(attempt)) {
    const live = liveLeg(work, party);
    if (!live) continue;
    const inside = mix.inside.includes(party);
    const muted = isMuted(work, attempt, party);
    if (!wantsIn(attempt, party, live.leg)) {
      if (inside && !live.leg.giving && !live.leg.cut) stepOut(work, attempt, party, live.id);
    } else if (!inside || muted !== mix.muted.includes(party)) {
      if (!inside) mix.inside.push(party);
      mix.muted = [...mix.muted.filter((one) => one !== party), ...(muted ? [party] : [])];
      live.leg.sounding = false;
      const use = { use: 'mix', attempt: attempt.id, act: 'enter', leg: live.id } as const;
      legOp(work, live.id, { kind: 'media.conference', room: mix.room, moderator: false, muted }, use);
    }
  }
}

function stepOut(work: Work, attempt: Attempt, party: number, leg: string): void {
  forget(attempt, party);
  const use = { use: 'mix', attempt: attempt.id, act: 'leave', leg } as const;
  legOp(work, leg, OUT, use);
}

/** Out of whatever room the leg is in. */
export const OUT = { kind: 'media.conference', room: null, moderator: false, muted: false } as const;

/** The party is no longer in the room. */
export function forget(attempt: Attempt, party: number): void {
  const { mix } = attempt;
  if (!mix) return;
  mix.inside = mix.inside.filter((one) => one !== party);
  mix.muted = mix.muted.filter((one) => one !== party);
}

/** The anchor and this party hear each other now; told once. */
export function tellIn(work: Work, attempt: Attempt, party: number): void {
  const { mix, anchor } = attempt;
  if (!mix || party === anchor || mix.told.includes(party)) return;
  mix.told.push(party);
  fact(work, { type: 'parties.connected', a: partyNumber(work, anchor), b: partyNumber(work, party) });
}

/** They no longer do. */
export function tellOut(work: Work, attempt: Attempt, party: number): void {
  const { mix, anchor } = attempt;
  if (!mix?.told.includes(party)) return;
  mix.told = mix.told.filter((one) => one !== party);
  fact(work, { type: 'parties.parted', a: partyNumber(work, anchor), b: partyNumber(work, party) });
}

/** The mix is over: everybody leaves the room; who was told to hear the others no longer does. */
export function unmix(work: Work, attempt: Attempt): void {
  const { mix } = attempt;
  if (!mix) return;
  for (const party of [...mix.told]) tellOut(work, attempt, party);
  for (const party of mix.inside) {
    const live = liveLeg(work, party);
    if (live && !live.leg.cut && !live.leg.giving) legOp(work, live.id, OUT, null);
  }
  dropMixOps(work, attempt);
  attempt.mix = null;
}

/** Nobody waits any more for what the room's operations answer. */
export function dropMixOps(work: Work, attempt: Attempt): void {
  for (const [op, use] of Object.entries(work.m.ops)) {
    if (use.use === 'mix' && use.attempt === attempt.id) delete work.m.ops[op];
  }
}
