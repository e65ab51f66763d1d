/** Commands from outside to a running call; each is answered by one `control.done` fact, and changes nothing when it comes late. */
import type { ControlAction, EngineEvent } from '../protocol/index.ts';
import { addByCommand } from './adding.ts';
import { skipNode } from './flow-run.ts';
import { setHold, talkOf } from './hold.ts';
import { cutLeg } from './legs.ts';
import type { AttemptTarget } from './machine.ts';
import { prioritise } from './queue.ts';
import { dropCallbacks } from './queue-callback.ts';
import { recordCall } from './recording.ts';
import { deflectRing, redirect, type Told } from './redirect.ts';
import { answerRing } from './ring.ts';
import { letGo, muteInRoom } from './room.ts';
import { sayTo } from './saying.ts';
import { superviseCall } from './supervision.ts';
import { startTaking } from './taking.ts';
import { fact, isAlive, legOf, liveLeg, partyOf, seenBefore, type Work } from './work.ts';

type Control = Extract<EngineEvent, { type: 'control' }>;
type Of<K extends ControlAction['kind']> = Extract<ControlAction, { kind: K }>;

/** Take one command. */
export function controlled(work: Work, control: Control): void {
  if (seenBefore(work, control.id)) return;
  const code = work.m.life === 'ending' ? 'ending' : act(work, control);
  if (code === null) return;
  const { id, action } = control;
  fact(work, { type: 'control.done', id, action: action.kind, ok: code === 'done', code });
}

/** Null when the answer comes later. */
function act(work: Work, { id, action, by }: Control): string | null {
  switch (action.kind) {
    case 'hangup':
      return hangup(work, action);
    case 'redirect':
      return sendElsewhere(work, action);
    case 'join':
      return joinCall(work, action, id);
    case 'deflect':
      return deflect(work, action);
    case 'answer':
      return answerRing(work, action.leg);
    case 'add':
      return addByCommand(work, action, id);
    case 'record':
      return recordCall(work, action, `${by.type}:${by.id}`.slice(0, 200));
    case 'supervise':
      return superviseCall(work, action, `${by.type}:${by.id}`.slice(0, 200));
    case 'leave-room':
      return letGo(work);
    case 'mute':
      return muteInRoom(work, action.muted);
    case 'hold':
    case 'retrieve':
      return holdOrRetrieve(work, action);
    case 'prioritise':
      return prioritise(work, action.priority);
    case 'continue':
      return goOn(work);
    case 'skip':
      return skipNode(work, action);
    case 'say':
      return sayTo(work, action.leg ?? liveLeg(work, servedParty(work))?.id ?? null, action, id);
    default:
      return override(work, action);
  }
}

function hangup(work: Work, action: Of<'hangup'>): string {
  if (action.leg === null) {
    dropCallbacks(work);
    work.notes.push({ note: 'end', cause: 'normal', by: 'platform' });
    return 'done';
  }
  const leg = legOf(work, action.leg);
  if (!leg || !isAlive(leg)) return 'unknown-leg';
  if (leg.giving || leg.taking) return 'moving';
  cutLeg(work, action.leg, 'normal');
  return 'done';
}

/** The party a command without a leg means: whom the flow serves, else whom a conversation is about. */
function servedParty(work: Work): number | null {
  return work.m.flow?.caller ?? Object.values(work.m.attempts)[0]?.anchor ?? null;
}

function sendElsewhere(work: Work, action: Of<'redirect'>): string {
  if (work.m.life !== 'serving') return 'not-answered';
  const party = action.leg === null ? servedParty(work) : (legOf(work, action.leg)?.party ?? null);
  const live = liveLeg(work, party);
  if (party === null || !live || live.leg.cut) return 'unknown-leg';
  if (live.leg.giving || live.leg.taking) return 'moving';
  if (live.leg.direction === 'outbound' && live.leg.life !== 'answered') return 'not-answered';
  redirect(work, party, targetIn(action), null, null, toldBy(action));
  return 'done';
}

/** Whom a party talks with, where two talk. */
function otherOf(work: Work, party: number): number | null {
  const talk = Object.values(work.m.attempts).find(
    (one) => one.stage === 'talking' && !one.mix && (one.anchor === party || one.peer === party),
  );
  return talk ? (talk.anchor === party ? talk.peer : talk.anchor) : null;
}

function joinCall(work: Work, action: Of<'join'>, id: string): string | null {
  if (action.callId === work.callId) return 'same-call';
  const leaver = action.replaces ? (legOf(work, action.replaces)?.party ?? null) : null;
  if (action.replaces && (leaver === null || otherOf(work, leaver) === null)) return 'not-talking';
  const party = leaver === null ? servedParty(work) : otherOf(work, leaver);
  const live = liveLeg(work, party);
  if (work.m.life !== 'serving' || party === null || !live || live.leg.cut) return 'no-caller';
  if (live.leg.giving || Object.keys(work.m.takings).length > 0) return 'moving';
  const { callId: from, leg } = action;
  startTaking(work, { from, leg, peerOf: null, anchor: party, leaver, control: id });
  return null;
}

/** Where a command sends a call. */
const targetIn = ({ destination, trunks }: Of<'redirect' | 'deflect'>): AttemptTarget => ({
  ...destination,
  ...(trunks ? { trunks } : {}),
});

const toldBy = ({ note, shown }: Of<'redirect' | 'deflect'>): Told => ({
  ...(note ? { note } : {}),
  ...(shown ? { shown } : {}),
});

function deflect(work: Work, action: Of<'deflect'>): string {
  const { leg } = action;
  const ringing = legOf(work, leg);
  if (!ringing || !isAlive(ringing)) return 'unknown-leg';
  return deflectRing(work, leg, targetIn(action), toldBy(action)) ? 'done' : 'not-ringing';
}

/** Without a leg: whoever was reached by the call holds, its caller hears music. */
function holdOrRetrieve(work: Work, action: Of<'hold' | 'retrieve'>): string {
  const talks = Object.values(work.m.attempts).filter((one) => one.stage === 'talking');
  const id = action.leg ?? partyOf(work, talks.at(-1)?.peer ?? null)?.leg ?? null;
  const leg = legOf(work, id);
  if (!id || !leg || !isAlive(leg) || leg.cut) return 'unknown-leg';
  if (leg.giving || leg.taking) return 'moving';
  if (!talkOf(work, id)) return 'not-talking';
  if (action.kind === 'retrieve' && leg.holds?.includes('phone')) return 'held-by-phone';
  setHold(work, id, 'command', action.kind === 'hold');
  return 'done';
}

function goOn(work: Work): string {
  const flow = work.m.flow;
  const closure = flow && work.environment.closures[flow.revision];
  if (!flow || !closure || !work.port.listens(closure, flow.state)) return 'not-waiting';
  work.notes.push({ note: 'reply', reply: { reply: 'continue', id: '' } });
  return 'done';
}

function override(work: Work, action: Of<'override'>): string {
  const flow = work.m.flow;
  const closure = flow && work.environment.closures[flow.revision];
  if (!flow || !closure) return 'no-flow';
  const result = work.port.override(closure, flow.state, action.node, action.config);
  if (!result.ok) return result.code;
  flow.state = result.state;
  return 'done';
}
