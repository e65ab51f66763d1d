/** A call that is placed for somebody: he is dialled first, a user by the pool's grant only, then the flow runs with his leg. */
import type { CallStart, Message } from '../protocol/index.ts';
import { placeForGroup } from './group-origin.ts';
import { addParty, dialParty } from './legs.ts';
import type { PendingOrigin } from './machine.ts';
import {
  cancelTimer,
  nextId,
  POOL_SILENCE_MS,
  partyOf,
  requestFromPool,
  sendToPool,
  startTimer,
  type Work,
} from './work.ts';

/** Place the call, or ask the pool first when it is for a user. */
export function placeCall(work: Work, dial: NonNullable<CallStart['originate']>): void {
  const { target, group } = dial;
  if (group) placeForGroup(work, dial, group);
  else if (target?.type === 'user') requestUser(work, dial, target.userId);
  else dialOrigin(work, dial, null);
}

function requestUser(work: Work, dial: PendingOrigin['dial'], userId: string): void {
  const request = nextId(work, 'pool');
  const timer = startTimer(work, POOL_SILENCE_MS, { use: 'origin' });
  work.m.origin = { dial, request, timer };
  const candidates = [userId];
  requestFromPool(work, { request, candidates, want: 'one', order: 'given', rotation: null, allowBusy: false });
}

function dialOrigin(work: Work, dial: PendingOrigin['dial'], grant: string | null): void {
  const { coordinates, target, instance, callerId, ringTimeoutMs, autoAnswer } = dial;
  if (!target) return;
  dialParty(work, { role: 'calling', coordinates, target, instance, callerId, ringTimeoutMs, autoAnswer });
  const party = partyOf(work, 1);
  if (party) party.grant = grant;
  addParty(work, 'called', work.m.start.called, null);
}

type PoolAnswer = Extract<Message, { type: 'pool.grant' | 'pool.none' }>;

/** True when the pool's answer was for the one who is to be dialled first. */
export function originAnswered(work: Work, message: PoolAnswer): boolean {
  const origin = work.m.origin;
  if (origin?.request !== message.request) return false;
  if (message.type === 'pool.grant') {
    const { grant } = message;
    // Confirmed before the request is withdrawn: an offer that is not would go back with it.
    sendToPool(work, { type: 'pool.confirm', id: nextId(work, 'message'), callId: work.callId, grant });
    dialOrigin(work, origin.dial, grant);
  } else work.notes.push({ note: 'end', cause: 'busy', by: 'called' });
  cancelOrigin(work);
  return true;
}

/** The request is taken back; a grant already given stands until it is returned. */
export function cancelOrigin(work: Work): void {
  const origin = work.m.origin;
  if (!origin) return;
  work.m.origin = null;
  cancelTimer(work, origin.timer);
  const { request } = origin;
  sendToPool(work, { type: 'pool.withdraw', id: nextId(work, 'message'), callId: work.callId, request });
}
