/**
 * Recording a conversation by command: one recording at a time, of whoever the call serves, through hold and transfer until it is stopped or
 * that party leaves. Paused, it goes on with silence, so that its times stay true.
 */
import type { MediaResult } from '../protocol/index.ts';
import { recordingNotice } from './recording-words.ts';
import { fact, isAlive, legOf, legOp, liveLeg, nextId, partyNumber, type Work } from './work.ts';

export type RecordAct = 'start' | 'stop' | 'pause' | 'resume';

interface Wish {
  readonly act: RecordAct;
  readonly leg: string | null;
  /** Both are told that they are recorded. */
  readonly announce: boolean;
}

/** Take a command; a code as `control.done` tells it. */
export function recordCall(work: Work, { act, leg, announce }: Wish, by: string): string {
  const { recording } = work.m;
  if (act === 'start') {
    if (recording) return 'recording';
    const id = leg ?? recordedLeg(work);
    const state = legOf(work, id);
    if (!id || !state || !isAlive(state) || state.cut) return 'unknown-leg';
    if (state.giving || state.taking) return 'moving';
    if (state.life !== 'answered') return 'not-answered';
    const announcement = announce ? recordingNotice(work.m.start.locale.language) : null;
    work.m.recording = { leg: id, key: nextId(work, 'recording'), paused: false, by };
    tap(work, act, announcement);
    return 'done';
  }
  if (!recording) return 'not-recording';
  if (act === 'stop') {
    tap(work, act, null);
    return 'done';
  }
  if (recording.paused === (act === 'pause')) return 'done';
  recording.paused = act === 'pause';
  tap(work, act, null);
  return 'done';
}

/** The party that the call is about: the first side of a conversation, else whom the flow serves. */
function recordedLeg(work: Work): string | null {
  const talk = Object.values(work.m.attempts).find((one) => one.stage === 'talking');
  return liveLeg(work, talk?.anchor ?? work.m.flow?.caller ?? null)?.id ?? null;
}

function tap(work: Work, act: RecordAct, announcement: ReturnType<typeof recordingNotice> | null): void {
  const { recording } = work.m;
  if (!recording) return;
  const { leg, key, by } = recording;
  legOp(work, leg, { kind: 'media.tap', act, key, by, announcement }, { use: 'record', act, leg });
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
    const type = ({ start: 'recording.started', pause: 'recording.paused', resume: 'recording.resumed' } as const)[act];
    fact(work, { type, party });
  } else if (act === 'start') {
    work.m.recording = null;
    fact(work, { type: 'recording.refused', party, code: result.status === 'failed' ? result.code : result.status });
  }
}

/** A leg has ended: its recording ends with it; telephony keeps it. */
export function recordingOver(work: Work, leg: string): void {
  if (work.m.recording?.leg !== leg) return;
  work.m.recording = null;
  const party = partyNumber(work, legOf(work, leg)?.party ?? 0);
  fact(work, { type: 'recording.stopped', party, recordingId: null });
}
