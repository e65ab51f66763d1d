/**
 * Recording that nobody in the call asks for: the company's policy, looked up whenever two begin to talk, and the keys of users who may
 * record. What a policy has begun ends with the conversation it is of.
 */
import type { IoResult, MediaResult } from '../protocol/index.ts';
import { talkOf } from './hold.ts';
import type { Attempt } from './machine.ts';
import { changeRecording, resumeCarried, startRecording } from './recording.ts';
import { chance, legOf, liveLeg, nextId, partyOf, type Work } from './work.ts';

const POLICY = 'policy:';

/** Two have begun to talk: is that to be recorded? */
export function mindRecording(work: Work, attempt: Attempt): void {
  const { m } = work;
  resumeCarried(work, attempt);
  if (!m.start.recording || m.recording || m.life !== 'serving') return;
  m.sample ??= chance(work) % 100;
  ask(work, attempt, null);
}

function ask(work: Work, attempt: Attempt, by: string | null): void {
  const { m } = work;
  const sides = [attempt.anchor, attempt.peer];
  const parties = sides.flatMap((n) => partyOf(work, n)?.coordinates ?? []);
  const trunks = sides.flatMap((n) => liveLeg(work, n)?.leg.trunk?.id ?? []);
  const queue = Object.values(m.waits ?? {}).find((one) => one.attempt === attempt.id)?.queue.id;
  const op = nextId(work, 'io');
  m.ops[op] = { use: 'policy', attempt: attempt.id, by, leg: null };
  work.commands.push({
    kind: 'io.lookup',
    op,
    lookup: {
      what: 'recording',
      direction: m.start.direction,
      called: m.start.called,
      parties,
      group: attempt.groupId,
      queue: queue ?? null,
      trunks,
      sample: m.sample ?? 0,
      by,
    },
  });
}

/** The company's answer. `by`: the user who asked by key. */
export function policyFound(work: Work, id: string, by: string | null, result: IoResult | MediaResult): void {
  const attempt = work.m.attempts[id];
  if (attempt?.stage !== 'talking' || result.status !== 'recording') return;
  const { policy, announce, notice, keys } = result;
  const who = by === null ? `${POLICY}${policy ?? 'user'}` : `user:${by}`;
  startRecording(work, { leg: null, by: who, keys: keys || by !== null, tell: announce, notice });
}

/** The conversation is over and the call goes on: what is said to an IVR next is not what the policy is about. */
export function talkRecorded(work: Work): void {
  if (work.m.recording?.by.startsWith(POLICY)) changeRecording(work, 'stop');
}

/** True when the keys were for a recording: on and off, or a pause. One that a policy began is the policy's unless it says otherwise. */
export function recordKeys(work: Work, leg: string, name: string): boolean {
  if (name !== 'record' && name !== 'record-pause') return false;
  const { recording } = work.m;
  if (recording) {
    const pauses = recording.paused ? 'resume' : 'pause';
    if (recording.keys) changeRecording(work, name === 'record' ? 'stop' : pauses);
    return true;
  }
  const talk = talkOf(work, leg);
  const who = partyOf(work, legOf(work, leg)?.party ?? null)?.coordinates;
  const asked = Object.values(work.m.ops).some((one) => one.use === 'policy' && one.by !== null);
  if (name === 'record' && talk && who?.type === 'user' && who.id && !asked) ask(work, talk, who.id);
  return true;
}
