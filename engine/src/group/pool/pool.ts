/**
 * The pool machine: one per company, the only judge of who may be rung (design §4). A request stands until it is granted or
 * withdrawn, every change matches again, grants that are not confirmed or whose call has ended are taken back.
 */
import type { PoolMessage, PoolReply } from '../../protocol/index.ts';
import { queueAnswered, queueReleased, type ReplyBody, serveQueues, takeQueueMessage } from '../queue/serve.ts';
import { nextWake } from '../queue/waiting.ts';
import { nextMatch, nextNone, orderCandidates } from './match.ts';
import type { Occupation, PoolCommand, PoolEvent, PoolRequest, PoolStart, PoolState, PoolStep } from './protocol.ts';
import { requestChanges } from './standing.ts';

/** A grant not confirmed in this time is taken back: longer than a call's pause while a worker that was killed is replaced (4 s). */
export const CONFIRM_MS = 10_000;
/** How often calls that hold grants or requests are asked about. */
export const ALIVE_MS = 10_000;
const SEEN = 500;

interface Draft {
  readonly state: PoolState;
  readonly at: number;
  readonly commands: PoolCommand[];
}

/** A pool at its start, from its rows. */
export function startPool(event: PoolStart): PoolStep {
  const users: Record<string, Occupation[]> = {};
  for (const { userId, grants } of event.occupations) {
    if (grants.length > 0) {
      users[userId] = grants.map((one) => ({ ...one, request: null, state: 'confirmed', dueAt: null }));
    }
  }
  const { companyId, at } = event;
  const state: PoolState = {
    companyId,
    boot: at,
    counter: 0,
    stored: 0,
    users,
    requests: JSON.parse(JSON.stringify(event.requests ?? [])) as PoolRequest[],
    pointers: {},
    seen: [],
    ...(event.agents && Object.keys(event.agents).length > 0 ? { agents: event.agents } : {}),
    confirmTimer: null,
    aliveTimer: null,
  };
  const draft: Draft = { state, at, commands: [] };
  const before = JSON.parse(JSON.stringify(state)) as PoolState;
  serve(draft, before);
  return { state, commands: draft.commands };
}

/** One step. Repeated messages and unknown names change nothing. */
export function stepPool(before: PoolState, event: PoolEvent): PoolStep {
  const state = JSON.parse(JSON.stringify(before)) as PoolState;
  const draft: Draft = { state, at: event.at, commands: [] };
  take(draft, event);
  serve(draft, before);
  return { state, commands: draft.commands };
}

/** Grants what can be granted, writes what changed since `before`, and keeps the clocks running. */
function serve(draft: Draft, before: PoolState): void {
  match(draft);
  serveQueues(queueStep(draft), (request, userId) => grantAndTell(draft, request, userId));
  storeChanges(draft, before);
  storeAgents(draft, before);
  armTimers(draft);
}

function take(draft: Draft, event: PoolEvent): void {
  const { state } = draft;
  if (event.type === 'message') {
    if (state.seen.includes(event.message.id)) return;
    state.seen = [...state.seen, event.message.id].slice(-SEEN);
    takeMessage(draft, event.message);
  } else if (event.type === 'calls.ended') {
    const ended = new Set(event.callIds);
    dropWhere(state, (one) => ended.has(one.callId));
    state.requests = state.requests.filter((one) => !ended.has(one.callId));
  } else if (event.type === 'timer.fired' && event.timer === state.confirmTimer) {
    state.confirmTimer = null;
    takeBack(draft);
  } else if (event.type === 'timer.fired' && event.timer === state.aliveTimer) {
    state.aliveTimer = null;
    askCalls(draft);
  } else if (event.type === 'timer.fired' && event.timer === state.lookTimer?.timer) state.lookTimer = null;
}

const queueStep = (draft: Draft) => ({
  state: draft.state,
  at: draft.at,
  reply: (callId: string, body: ReplyBody) =>
    reply(draft, callId, { ...body, id: nextId(draft, 'reply') } as PoolReply),
});

function takeMessage(draft: Draft, message: PoolMessage): void {
  const { state } = draft;
  switch (message.type) {
    case 'pool.request':
      if (!state.requests.some((one) => one.request === message.request)) state.requests.push(open(draft, message));
      return;
    case 'pool.add': {
      const request = state.requests.find((one) => one.request === message.request);
      if (!request) return;
      const more = message.candidates.filter((userId) => !request.candidates.includes(userId));
      request.candidates = [...request.candidates, ...more];
      request.toldNone = false;
      return;
    }
    case 'pool.answered':
      noteAnswer(draft, message.grant);
      return;
    case 'pool.next':
      release(draft, message.grant, true);
      return;
    case 'pool.withdraw':
      state.requests = state.requests.filter((one) => one.request !== message.request);
      // Confirmed grants ring or talk on; they come back one by one when their legs have ended.
      dropWhere(state, (one) => one.request === message.request && one.state === 'offered');
      return;
    case 'pool.confirm':
      confirm(draft, message);
      return;
    case 'pool.return':
      release(draft, message.grant);
      return;
    case 'pool.occupy': {
      const { grant, callId, userId } = message;
      const occupation: Occupation = { grant, callId, request: null, state: 'occupied', dueAt: null };
      state.users[userId] = [...(state.users[userId] ?? []), occupation];
      return;
    }
    default:
      takeQueueMessage(queueStep(draft), message);
  }
}

function open({ state, at }: Draft, message: Extract<PoolMessage, { type: 'pool.request' }>): PoolRequest {
  const { request, callId, want, allowBusy, rotation, waiting, unlessBusy, patienceMs } = message;
  const candidates = orderCandidates(state, message);
  return {
    request,
    callId,
    candidates,
    want,
    allowBusy,
    ...(waiting && waiting.length > 0 ? { waiting } : {}),
    ...(unlessBusy ? { unlessBusy } : {}),
    ...(patienceMs ? { noneAt: at + patienceMs } : {}),
    rotation,
    ...(message.order === 'cyclic' ? { cyclic: true } : {}),
    tried: [],
    current: null,
    toldNone: false,
  };
}

/** A rotation that follows answers goes on after this user. */
function noteAnswer({ state, at }: Draft, grant: string): void {
  for (const [userId, occupations] of Object.entries(state.users)) {
    const answered = occupations.find((one) => one.grant === grant);
    if (!answered) continue;
    if (answered.cycle) state.pointers[answered.cycle] = userId;
    queueAnswered(state, userId, answered, at);
  }
}

/** The grant is back: its user is free again, a `one` request goes on to its next candidate. `missed`: he was rung and did not answer. */
function release({ state, at }: Draft, grant: string, missed = false): void {
  for (const [userId, occupations] of Object.entries(state.users)) {
    const back = occupations.find((one) => one.grant === grant);
    if (back) queueReleased(state, userId, back, at, missed);
  }
  for (const request of state.requests) {
    if (request.current !== grant) continue;
    request.current = null;
    request.toldNone = false;
  }
  dropWhere(state, (one) => one.grant === grant);
}

function dropWhere(state: PoolState, drop: (one: Occupation) => boolean): void {
  for (const [userId, occupations] of Object.entries(state.users)) {
    const kept = occupations.filter((one) => !drop(one));
    if (kept.length === 0) delete state.users[userId];
    else if (kept.length < occupations.length) state.users[userId] = kept;
  }
}

function confirm(draft: Draft, message: Extract<PoolMessage, { type: 'pool.confirm' }>): void {
  const all = Object.values(draft.state.users).flat();
  const occupation = all.find((one) => one.grant === message.grant);
  if (!occupation) {
    reply(draft, message.callId, { type: 'pool.revoked', id: nextId(draft, 'reply'), grant: message.grant });
  } else if (occupation.state === 'offered') {
    occupation.state = 'confirmed';
    occupation.dueAt = null;
  }
}

/** Grants whose confirmation is overdue go back; a call that comes late is told. */
function takeBack(draft: Draft): void {
  const overdue = Object.values(draft.state.users)
    .flat()
    .filter((one) => one.dueAt !== null && one.dueAt <= draft.at);
  for (const { grant, callId } of overdue) {
    release(draft, grant);
    reply(draft, callId, { type: 'pool.revoked', id: nextId(draft, 'reply'), grant });
  }
}

function askCalls(draft: Draft): void {
  const callIds = holders(draft.state);
  if (callIds.length > 0) draft.commands.push({ kind: 'pool.ask-calls', op: nextId(draft, 'ask'), callIds });
}

function holders(state: PoolState): string[] {
  const occupying = Object.values(state.users)
    .flat()
    .map((one) => one.callId);
  return [...new Set([...occupying, ...state.requests.map((one) => one.callId)])];
}

function match(draft: Draft): void {
  for (let found = nextMatch(draft.state, draft.at); found; found = nextMatch(draft.state, draft.at)) {
    const { request } = found;
    if (found.match === 'none') {
      request.toldNone = true;
      const told = { id: nextId(draft, 'reply'), request: request.request, exhausted: found.exhausted };
      reply(draft, request.callId, { type: 'pool.none', ...told });
    } else {
      grantAndTell(draft, request, found.userId);
    }
  }
}

function grantAndTell(draft: Draft, request: PoolRequest, userId: string): Occupation {
  const id = nextId(draft, 'reply');
  const occupation = grantTo(draft, request, userId);
  const { grant } = occupation;
  reply(draft, request.callId, { type: 'pool.grant', id, request: request.request, grant, userId });
  return occupation;
}

function grantTo(draft: Draft, request: PoolRequest, userId: string): Occupation {
  const { state, at } = draft;
  const grant = nextId(draft, 'grant');
  request.tried.push(userId);
  request.toldNone = false;
  if (request.want === 'one') request.current = grant;
  const { callId, request: name, rotation, cyclic } = request;
  if (rotation !== null && !cyclic) state.pointers[rotation] = userId;
  const occupation: Occupation = { grant, callId, request: name, state: 'offered', dueAt: at + CONFIRM_MS };
  if (cyclic) occupation.cycle = rotation;
  state.users[userId] = [...(state.users[userId] ?? []), occupation];
  return occupation;
}

function reply(draft: Draft, callId: string, message: PoolReply): void {
  draft.commands.push({ kind: 'pool.reply', callId, message });
}

function nextId(draft: Draft, kind: string): string {
  draft.state.counter += 1;
  return `pool/${draft.state.companyId}/${draft.state.boot}/${kind}/${draft.state.counter}`;
}

function storeChanges(draft: Draft, before: PoolState): void {
  const { state } = draft;
  const names = new Set([...Object.keys(before.users), ...Object.keys(state.users)]);
  const rows = (users: PoolState['users'], userId: string) =>
    (users[userId] ?? []).map(({ grant, callId }) => ({ grant, callId }));
  const occupations = [...names]
    .filter((userId) => JSON.stringify(rows(before.users, userId)) !== JSON.stringify(rows(state.users, userId)))
    .map((userId) => ({ userId, grants: rows(state.users, userId) }));
  const requests = requestChanges(state, before.requests, occupations.length > 0);
  if (occupations.length + requests.length === 0) return;
  state.stored += 1;
  const changed = requests.length > 0 ? { requests } : {};
  draft.commands.push({ kind: 'pool.store', number: state.stored, occupations, ...changed });
}

function storeAgents(draft: Draft, before: PoolState): void {
  const { state } = draft;
  const agents = Object.entries(state.agents ?? {})
    .filter(([userId, agent]) => JSON.stringify(agent) !== JSON.stringify(before.agents?.[userId]))
    .map(([userId, agent]) => ({ userId, state: agent }));
  if (agents.length === 0) return;
  state.stored += 1;
  draft.commands.push({ kind: 'pool.store-agents', number: state.stored, agents });
}

/** One clock for the earliest overdue grant, one for asking about calls; neither runs while there is nothing to watch. */
function armTimers(draft: Draft): void {
  const { state, at } = draft;
  const due = Object.values(state.users)
    .flat()
    .flatMap((one) => (one.dueAt === null ? [] : [one.dueAt]));
  if (state.confirmTimer === null && due.length > 0) {
    state.confirmTimer = startTimer(draft, 'confirm', Math.max(0, Math.min(...due) - at));
  }
  if (state.aliveTimer === null && holders(state).length > 0) state.aliveTimer = startTimer(draft, 'alive', ALIVE_MS);
  armLook(draft);
}

function armLook(draft: Draft): void {
  const { state, at } = draft;
  const wakes = [nextWake(state, at), nextNone(state, at)].filter((time) => time !== null);
  const look = wakes.length === 0 ? null : Math.min(...wakes);
  const armed = state.lookTimer ?? null;
  if (look === null || (armed && armed.dueAt <= look)) return;
  if (armed) draft.commands.push({ kind: 'timer.cancel', timer: armed.timer });
  state.lookTimer = { timer: startTimer(draft, 'look', look - at), dueAt: look };
}

function startTimer(draft: Draft, kind: string, delayMs: number): string {
  const timer = nextId(draft, kind);
  draft.commands.push({ kind: 'timer.start', timer, delayMs, dueAt: draft.at + delayMs });
  return timer;
}
