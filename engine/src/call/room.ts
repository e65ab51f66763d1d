/** A party in a meeting room: it stays until it leaves or is let go; whether it is heard may change meanwhile. */
import type { Ask } from '../define/ask.ts';
import type { MediaResult } from '../protocol/index.ts';
import { fact, legOf, legOp, liveLeg, partyNumber, type Work } from './work.ts';

type ConferenceAsk = Extract<Ask, { ask: 'conference' }>;

/** The caller's leg is answered: it enters. */
export function enterRoom(work: Work, leg: string, ask: ConferenceAsk): string {
  const { id, room, moderator, muted } = ask;
  const party = legOf(work, leg)?.party ?? 0;
  work.m.inRoom = { ask: id, party, room, moderator, muted, entered: false };
  const use = { use: 'ask', ask: id, leg } as const;
  return legOp(work, leg, { kind: 'media.conference', room, moderator, muted }, use);
}

/** Entering has come back: true when the party is in; the ask stays open until it leaves. */
export function roomResult(work: Work, ask: string, result: MediaResult): boolean {
  const { inRoom } = work.m;
  if (inRoom?.ask !== ask) return false;
  if (inRoom.entered) return true;
  if (result.status !== 'done') {
    work.m.inRoom = null;
    return false;
  }
  inRoom.entered = true;
  const { room, moderator } = inRoom;
  fact(work, { type: 'conference.joined', room, party: partyNumber(work, inRoom.party), moderator });
  return true;
}

/** The party has left the room, or its ask was withdrawn. */
export function leaveRoom(work: Work, ask: string): void {
  const { inRoom } = work.m;
  if (inRoom?.ask !== ask) return;
  work.m.inRoom = null;
  const { room, party, entered } = inRoom;
  if (entered) fact(work, { type: 'conference.left', room, party: partyNumber(work, party) });
  const live = liveLeg(work, party);
  if (live && !live.leg.cut)
    legOp(work, live.id, { kind: 'media.conference', room: null, moderator: false, muted: false }, null);
}

/** A command: the party is heard by the others, or not. */
export function muteInRoom(work: Work, muted: boolean): string {
  const { inRoom } = work.m;
  const live = liveLeg(work, inRoom?.party ?? null);
  if (!inRoom?.entered || !live) return 'not-in-room';
  inRoom.muted = muted;
  const { room, moderator } = inRoom;
  legOp(work, live.id, { kind: 'media.conference', room, moderator, muted }, null);
  fact(work, { type: 'conference.muted', room, party: partyNumber(work, inRoom.party), muted });
  return 'done';
}
