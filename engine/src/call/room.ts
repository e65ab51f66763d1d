/**
 * A party in a meeting room: it takes a seat first, waits for a moderator where the room says so, stays until it leaves or is let go.
 * Members are calls of their own; those whom a moderator concerns are told by messages.
 */
import type { Ask, ConnectOutcome } from '../define/ask.ts';
import type { IoResult, MediaResult, Message } from '../protocol/index.ts';
import { memberNews, said } from './call-words.ts';
import { OUT } from './mix-state.ts';
import { fact, legOf, legOp, liveLeg, nextId, partyNumber, partyOf, sendToCall, type Work } from './work.ts';

type ConferenceAsk = Extract<Ask, { ask: 'conference' }>;
type Entered = Extract<IoResult, { status: 'room-entered' }>;
type RoomAct = Extract<Work['m']['ops'][string], { use: 'room' }>['act'];

/** The caller's leg is answered: a seat is asked for. */
export function enterRoom(work: Work, leg: string, ask: ConferenceAsk): string {
  const { id, room, moderator, muted } = ask;
  const party = legOf(work, leg)?.party ?? 0;
  const { type, id: userId, number, name } = partyOf(work, party)?.coordinates ?? work.m.start.calling;
  work.m.inRoom = { ask: id, party, room, moderator, muted, entered: false };
  const instance = legOf(work, leg)?.instance ?? '';
  const who = { userId: type === 'user' ? userId : null, number, name };
  return askIo(work, id, 'enter', { what: 'room-enter', room, moderator, instance, who });
}

type RoomLookup = Extract<Extract<Work['commands'][number], { kind: 'io.lookup' }>['lookup'], { room: string }>;

function askIo(work: Work, ask: string, act: RoomAct, lookup: RoomLookup): string {
  const op = nextId(work, 'io');
  work.m.ops[op] = { use: 'room', ask, act, leg: null };
  work.commands.push({ kind: 'io.lookup', op, lookup });
  return op;
}

/** What io has answered. */
export function roomAnswered(work: Work, ask: string, act: RoomAct, result: IoResult | MediaResult): void {
  if (act === 'enter') seatAnswered(work, ask, result);
  else if (result.status === 'room-acted') acted(work, act, result);
}

function seatAnswered(work: Work, ask: string, result: IoResult | MediaResult): void {
  const { inRoom } = work.m;
  if (inRoom?.ask !== ask) {
    // it was given up meanwhile
    if (result.status === 'room-entered' && inRoom?.room !== result.room) giveSeatBack(work, result.room);
    return;
  }
  if (result.status !== 'room-entered') {
    work.m.inRoom = null;
    failEntry(work, ask, result);
  } else if (!liveLeg(work, inRoom.party)) leaveRoom(work, ask);
  else seated(work, result);
}

/** The caller does not get in. */
function failEntry(work: Work, ask: string, result: IoResult | MediaResult): void {
  if (!work.m.asks[ask]) return;
  delete work.m.asks[ask];
  const refused = result.status === 'refused';
  if (refused)
    fact(work, { type: 'log', node: work.m.node, level: 'info', text: `Meeting room refused: ${result.code}` });
  const outcome: ConnectOutcome = refused
    ? result.code === 'full'
      ? 'busy'
      : 'forbidden'
    : result.status === 'not-found'
      ? 'not-found'
      : 'failed';
  work.notes.push({ note: 'reply', reply: { reply: 'connect', id: ask, outcome, userId: null, talkMs: 0 } });
}

function seated(work: Work, { waits, opens, announce, name, record }: Entered): void {
  const { inRoom } = work.m;
  const live = liveLeg(work, inRoom?.party ?? null);
  if (!inRoom || !live) return;
  Object.assign(inRoom, { announce: announce ? { name } : null, record });
  tellMembers(work, inRoom.room, opens, 'open');
  if (!waits) {
    goIn(work);
    return;
  }
  inRoom.waiting = true;
  Object.assign(live.leg, { sounding: true, sound: 'music' });
  const prompts = [said(work.m.start.locale.language, 'awaitsModerator')];
  const use = { use: 'room-told', ask: inRoom.ask, leg: live.id } as const;
  legOp(work, live.id, { kind: 'media.play', prompts, clearDigits: false }, use);
}

/** It was said that a moderator is awaited: music until he comes. */
export function waitsWithMusic(work: Work, ask: string, leg: string): void {
  const { inRoom } = work.m;
  if (inRoom?.ask === ask && inRoom.waiting) legOp(work, leg, { kind: 'media.background', sound: 'music' }, null);
}

function goIn(work: Work): void {
  const { inRoom } = work.m;
  const live = liveLeg(work, inRoom?.party ?? null);
  if (!inRoom || !live) return;
  const { ask, room, moderator, muted, announce, record } = inRoom;
  inRoom.waiting = false;
  live.leg.sounding = false;
  const { language } = work.m.start.locale;
  const name = partyOf(work, inRoom.party)?.coordinates.name ?? '';
  const news = (what: 'joined' | 'left') => memberNews(language, what, name, announce?.name ?? null);
  const command = {
    kind: 'media.conference',
    room,
    moderator,
    muted,
    ...(announce ? { hello: news('joined'), goodbye: news('left') } : {}),
    ...(record ? { record: `room:${room}` } : {}),
  } as const;
  const op = legOp(work, live.id, command, { use: 'ask', ask, leg: live.id });
  const open = work.m.asks[ask];
  if (open) open.op = op;
}

/** Entering has come back: true when the party is in; the ask stays open until it leaves. */
export function roomResult(work: Work, ask: string, result: MediaResult): boolean {
  const { inRoom } = work.m;
  if (inRoom?.ask !== ask) return false;
  if (inRoom.entered) return true;
  if (result.status !== 'done') {
    leaveRoom(work, ask);
    return false;
  }
  inRoom.entered = true;
  const { room, moderator } = inRoom;
  fact(work, { type: 'conference.joined', room, party: partyNumber(work, inRoom.party), moderator });
  work.notes.push({ note: 'in-room', party: inRoom.party });
  return true;
}

/** The party has left the room, or its ask was withdrawn. */
export function leaveRoom(work: Work, ask: string): void {
  const { inRoom } = work.m;
  if (inRoom?.ask !== ask) return;
  const { party, entered, waiting } = inRoom;
  vacate(work);
  const live = liveLeg(work, party);
  if (live && !live.leg.cut && (entered || waiting)) legOp(work, live.id, OUT, null);
}

/** The seat is free again. */
function vacate(work: Work): void {
  const { inRoom } = work.m;
  if (!inRoom) return;
  work.m.inRoom = null;
  const { room, party, entered } = inRoom;
  if (entered) fact(work, { type: 'conference.left', room, party: partyNumber(work, party) });
  giveSeatBack(work, room);
}

/** Nobody waits for the answer: a seat whose call has ended is free anyhow. */
function giveSeatBack(work: Work, room: string): void {
  work.commands.push({ kind: 'io.lookup', op: nextId(work, 'io'), lookup: { what: 'room-leave', room } });
}

/** The party's leg is wanted by another call: it leaves first. Its ask, to be done again should it stay; null when it is in none. */
export function leaveRoomForMove(work: Work, leg: string): string | null {
  const { inRoom } = work.m;
  if (!inRoom || inRoom.party !== legOf(work, leg)?.party) return null;
  vacate(work);
  return inRoom.ask;
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

/** A command, or a moderator: the party leaves the room and goes on with what comes after it. */
export function letGo(work: Work): string {
  const { inRoom } = work.m;
  if (!inRoom) return 'not-in-room';
  const { ask } = inRoom;
  leaveRoom(work, ask);
  if (!work.m.asks[ask]) return 'done';
  delete work.m.asks[ask];
  const reply = { reply: 'connect', id: ask, outcome: 'completed', userId: null, talkMs: 0 } as const;
  work.notes.push({ note: 'reply', reply });
  return 'done';
}

/** A key of who is in the room. False when the leg is in none. */
export function roomKey(work: Work, leg: string, name: string): boolean {
  const { inRoom } = work.m;
  if (!inRoom?.entered || legOf(work, leg)?.party !== inRoom.party) return false;
  const { ask, room, moderator, muted } = inRoom;
  if (name === 'room-mute') {
    muteInRoom(work, !muted);
    sayTo(work, leg, muted ? 'heard' : 'muted');
  } else if (moderator && name === 'room-lock') askIo(work, ask, 'lock', { what: 'room-act', room, act: 'lock' });
  else if (moderator && name === 'room-mute-others')
    askIo(work, ask, 'mute', { what: 'room-act', room, act: 'others' });
  else if (moderator && name === 'room-let-go') askIo(work, ask, 'leave', { what: 'room-act', room, act: 'last' });
  return true;
}

function sayTo(work: Work, leg: string, what: 'locked' | 'unlocked' | 'muted' | 'heard'): void {
  const prompts = [said(work.m.start.locale.language, what)];
  legOp(work, leg, { kind: 'media.play', prompts, clearDigits: false }, null);
}

function acted(work: Work, act: RoomAct, { locked, calls }: Extract<IoResult, { status: 'room-acted' }>): void {
  const { inRoom } = work.m;
  const live = liveLeg(work, inRoom?.party ?? null);
  if (!inRoom?.moderator || !live) return;
  if (act === 'lock') sayTo(work, live.id, locked ? 'locked' : 'unlocked');
  else tellMembers(work, inRoom.room, calls, act === 'mute' ? 'mute' : 'leave');
}

function tellMembers(work: Work, room: string, calls: readonly string[], tell: 'open' | 'mute' | 'leave'): void {
  for (const callId of calls) sendToCall(work, callId, { type: 'room.told', id: nextId(work, 'message'), room, tell });
}

/** A moderator has come, or does something with the others. */
export function toldInRoom(work: Work, { room, tell }: Extract<Message, { type: 'room.told' }>): void {
  const { inRoom } = work.m;
  if (inRoom?.room !== room) return;
  if (tell === 'open') {
    if (inRoom.waiting) goIn(work);
  } else if (tell === 'mute') muteInRoom(work, true);
  else letGo(work);
}
