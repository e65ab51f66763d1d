/**
 * Recording a conversation: by command, by policy (`recording-policy.ts`) or by key. One recording at a time, of whoever the call serves,
 * through hold and transfer until it is stopped or that party leaves. Paused, it goes on with silence, so that its times stay true. When
 * its leg goes to another call it is closed, and a new one begins there: both are kept, each with its call.
 */
import type { LegEventBody, MediaResult, OfferedRecording, Prompt } from '../protocol/index.ts';
import type { Attempt, Giving } from './machine.ts';
import { recordingNotice } from './recording-words.ts';
import { fact, isAlive, legOf, legOp, liveLeg, nextId, partyNumber, partyOf, type Work } from './work.ts';

export type RecordAct = 'start' | 'stop' | 'pause' | 'resume';

interface Wish {
  readonly act: RecordAct;
  readonly leg: string | null;
  /** Both are told that they are recorded. */
  readonly announce: boolean;
}

/** Take a command; a code as `control.done` tells it. */
export function recordCall(work: Work, { act, leg, announce }: Wish, by: string): string {
  if (act === 'start') return startRecording(work, { leg, by, keys: true, tell: announce ? 'both' : 'none' });
  return changeRecording(work, act);
}

/** Stop, pause or resume what runs. */
export function changeRecording(work: Work, act: Exclude<RecordAct, 'start'>): string {
  const { recording } = work.m;
  if (!recording) return 'not-recording';
  if (act !== 'stop') {
    if (recording.paused === (act === 'pause')) return 'done';
    recording.paused = act === 'pause';
  }
  tap(work, act);
  return 'done';
}

export interface NewRecording {
  /** Null = of whoever the call is about. */
  readonly leg: string | null;
  readonly by: string;
  /** The users of the call may pause and end it by their keys. */
  readonly keys: boolean;
  readonly tell: 'none' | 'outside' | 'both';
  /** What they are told; absent = in the words of the platform. */
  readonly notice?: Prompt | null;
}

/** Begin; a code as `control.done` tells it. */
export function startRecording(work: Work, wish: NewRecording): string {
  if (work.m.recording) return 'recording';
  const id = wish.leg ?? recordedLeg(work);
  const state = legOf(work, id);
  if (!id || !state || !isAlive(state) || state.cut) return 'unknown-leg';
  if (state.giving || state.taking) return 'moving';
  if (state.life !== 'answered') return 'not-answered';
  const { by, keys } = wish;
  work.m.recording = { leg: id, key: nextId(work, 'recording'), paused: false, by, ...(keys ? { keys } : {}) };
  const hearers = hearersOf(work, id, wish.tell);
  tap(work, 'start', hearers && { prompt: wish.notice ?? recordingNotice(work.m.start.locale.language), hearers });
  return 'done';
}

/** The party that the call is about: the first side of a conversation, else whom the flow serves. */
function recordedLeg(work: Work): string | null {
  const talk = Object.values(work.m.attempts).find((one) => one.stage === 'talking');
  return liveLeg(work, talk?.anchor ?? work.m.flow?.caller ?? null)?.id ?? null;
}

type Hearers = 'both' | 'leg' | 'other';

/** Who is told, seen from the recorded leg; null = nobody. */
function hearersOf(work: Work, leg: string, tell: NewRecording['tell']): Hearers | null {
  if (tell !== 'outside') return tell === 'both' ? 'both' : null;
  const own = legOf(work, leg)?.party ?? 0;
  const talk = Object.values(work.m.attempts).find(
    (one) => one.stage === 'talking' && (one.anchor === own || one.peer === own),
  );
  const other = talk ? (talk.anchor === own ? talk.peer : talk.anchor) : null;
  const outside = (n: number | null): boolean => n !== null && partyOf(work, n)?.coordinates.type !== 'user';
  if (outside(own)) return outside(other) ? 'both' : 'leg';
  return outside(other) ? 'other' : null;
}

function tap(work: Work, act: RecordAct, told: { prompt: Prompt; hearers: Hearers } | null = null): void {
  const { recording } = work.m;
  if (!recording) return;
  const { leg, key, by } = recording;
  const announcement = told?.prompt ?? null;
  const hearers = told && told.hearers !== 'both' ? { hearers: told.hearers } : {};
  legOp(work, leg, { kind: 'media.tap', act, key, by, announcement, ...hearers }, { use: 'record', act, leg });
}

/** An operation of the recording has come back. */
export function recordResult(work: Work, act: RecordAct, leg: string, result: MediaResult): void {
  const { recording } = work.m;
  if (recording?.leg !== leg) return;
  const party = partyNumber(work, legOf(work, leg)?.party ?? 0);
  if (act === 'stop') {
    work.m.recording = null;
    const id = result.status === 'recorded' ? result.recordingId : null;
    fact(work, { type: 'recording.stopped', party, recordingId: id });
  } else if (result.status === 'done') {
    if (act === 'start') fact(work, { type: 'recording.started', party, by: recording.by });
    else fact(work, { type: act === 'pause' ? 'recording.paused' : 'recording.resumed', party });
  } else if (act === 'start') {
    work.m.recording = null;
    fact(work, { type: 'recording.refused', party, code: result.status === 'failed' ? result.code : result.status });
  }
}

/** Telephony had to end it: the disk takes no more. The call goes on. */
export function recordingFailed(
  work: Work,
  leg: string,
  { key, code, recordingId }: Extract<LegEventBody, { type: 'tap-ended' }>,
): void {
  const { recording } = work.m;
  if (recording?.leg !== leg || recording.key !== key) return;
  work.m.recording = null;
  const party = partyNumber(work, legOf(work, leg)?.party ?? 0);
  fact(work, { type: 'recording.failed', party, code, recordingId });
}

/** A leg has ended: its recording ends with it; telephony keeps it. */
export function recordingOver(work: Work, leg: string): void {
  if (work.m.carried?.leg === leg) work.m.carried = null;
  if (work.m.recording?.leg !== leg) return;
  work.m.recording = null;
  const party = partyNumber(work, legOf(work, leg)?.party ?? 0);
  fact(work, { type: 'recording.stopped', party, recordingId: null });
}

/** The leg is asked for by another call: its recording is closed first. The operation to wait for; null = it is not recorded. */
export function closeForMove(work: Work, giving: Giving): string | null {
  const { recording } = work.m;
  if (recording?.leg !== giving.leg) return null;
  const { leg, key, by, keys, paused } = recording;
  work.m.recording = null;
  const use = { use: 'give', giving: giving.id, ask: null, leg } as const;
  const op = legOp(work, leg, { kind: 'media.tap', act: 'stop', key, by, announcement: null }, use);
  giving.recording = { op, by, paused, ...(keys ? { keys } : {}) };
  return op;
}

/** What the other call is told of it. */
export function recordingToGive({ recording }: Giving): OfferedRecording | undefined {
  if (!recording) return undefined;
  const { op: _closed, ...told } = recording;
  return told;
}

/** It is closed. */
export function closedForMove(work: Work, { recording, leg }: Giving, op: string, result: MediaResult): void {
  if (recording?.op !== op) return;
  const party = partyNumber(work, legOf(work, leg)?.party ?? 0);
  const id = result.status === 'recorded' ? result.recordingId : null;
  fact(work, { type: 'recording.stopped', party, recordingId: id });
}

/** A leg has come that was recorded where it was, or stays after all: it is recorded again as soon as it talks. */
export function carryOn(work: Work, leg: string, recording: OfferedRecording | undefined): void {
  if (recording) work.m.carried = { leg, ...recording };
}

/** Two have begun to talk: the recording that one of them came with goes on. Nobody is told a second time. */
export function resumeCarried(work: Work, { anchor, peer }: Attempt): void {
  const { carried } = work.m;
  const party = legOf(work, carried?.leg ?? null)?.party;
  if (!carried || (party !== anchor && party !== peer)) return;
  work.m.carried = null;
  const { leg, by, keys, paused } = carried;
  if (startRecording(work, { leg, by, keys: keys === true, tell: 'none' }) !== 'done' || !paused) return;
  changeRecording(work, 'pause');
}
