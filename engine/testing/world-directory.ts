/** Live look-ups in the fake world: users, groups, numbers, calendars, flows of one company. */
import {
  AbsenceState,
  type Coordinates,
  type IoResult,
  type JsonValue,
  type Lookup,
  QueueAgent,
  QueueRules,
  type RingPlan,
} from '../src/protocol/index.ts';
import type { WorldOptions } from './world.ts';
import { answerCompany } from './world-company.ts';

const named = (type: string, id: string, number: string, name = ''): Coordinates => ({
  type,
  id,
  entityNumber: null,
  number,
  name,
});

const NO_PLAN: RingPlan = {
  refuse: null,
  always: null,
  busy: null,
  noAnswer: null,
  unreachable: null,
  accountNumber: '',
  preAnswer: null,
  screening: null,
};

const NOT_FOUND: IoResult = { status: 'not-found' };

/** Coordinates of a user of the world. */
export function userCoordinates(options: WorldOptions, id: string): Coordinates {
  const user = options.users?.[id];
  return named('user', id, user?.extension ?? id, user?.name ?? id);
}

export function answerLookup(options: WorldOptions, lookup: Lookup): IoResult {
  switch (lookup.what) {
    case 'user':
      return refusedFor(options, lookup.account) ?? lookUpUser(options, lookup.id);
    case 'ring-group':
      return refusedFor(options, lookup.account) ?? lookUpGroup(options, lookup.id);
    case 'calendar': {
      const calendar = options.calendars?.[lookup.id];
      return calendar ? { status: 'calendar', calendar } : NOT_FOUND;
    }
    case 'number':
      return lookUpNumber(options, lookup.number, lookup.trunks);
    case 'allowance':
      return { status: 'allowance', leftMs: options.allowance?.(lookup.number) ?? null };
    case 'room':
      return lookUpRoom(options, lookup);
    case 'mail':
      return lookup.to.includes('@') ? { status: 'mail-queued' } : NOT_FOUND;
    case 'user-mode':
    case 'caller-list':
    case 'contact':
    case 'notice':
      return answerCompany(options, lookup);
    case 'voicemail':
    case 'mailbox':
      return answerBox(options, lookup);
    case 'recording':
      return options.recording?.(lookup) ?? NOT_FOUND;
    case 'ringing':
    case 'supervised':
    case 'park':
    case 'unpark':
    case 'names':
      return { status: 'names', names: [] };
    case 'room-enter':
    case 'room-leave':
    case 'room-act':
      return NOT_FOUND;
    case 'instance':
      return { status: 'instance', instance: 'media.1' };
    case 'queue':
      return lookUpQueue(options, lookup.id, lookup.caller);
    case 'agent':
      return options.users?.[lookup.user] ? { status: 'agent', did: DONE_BY[lookup.wish] } : NOT_FOUND;
    case 'destination': {
      const { type, id } = lookup.destination;
      return refusedFor(options, lookup.account) ?? lookUpDestination(options, type, id);
    }
  }
}

/** A box with one new message; its PIN opens it. */
function answerBox(options: WorldOptions, lookup: Extract<Lookup, { what: 'voicemail' | 'mailbox' }>): IoResult {
  const [id = '', state] = (lookup.what === 'voicemail' ? lookup.id : lookup.box).split('/');
  const box = options.boxes?.[id];
  if (!box) return NOT_FOUND;
  if (lookup.what === 'voicemail') {
    const absence = AbsenceState.safeParse(state).data ?? 'default';
    const settings = { full: box.full ?? false, maxMs: 60_000, greeting: null, name: null, language: null };
    return { status: 'voicemail', boxId: BOX, state: absence, ...settings };
  }
  if (lookup.do.act !== 'open') return { status: 'mailbox-done' };
  if (lookup.do.pin === null && lookup.user === null) return { status: 'mailbox-locked' };
  if (lookup.do.pin !== null && lookup.do.pin !== box.pin)
    return { status: 'refused', code: 'wrong-pin', check: 'mailbox', by: 'company', cause: 'forbidden' };
  const messages = [{ id: BOX, at: 0, number: '+33123456789', fresh: true }];
  return { status: 'mailbox', boxId: BOX, language: null, editGreeting: true, fresh: 1, old: 0, messages };
}

const BOX = '00000000-0000-4000-8000-000000000002';

function lookUpRoom(options: WorldOptions, { id, pin }: Extract<Lookup, { what: 'room' }>): IoResult {
  const room = options.rooms?.[id];
  if (!room) return NOT_FOUND;
  const found = { status: 'room', room: id, coordinates: named('meeting-room', id, id), moderator: false } as const;
  if (pin !== null && pin === room.moderatorPin) return { ...found, pinNeeded: false, moderator: true };
  const asks = room.pin !== undefined || room.moderatorPin !== undefined;
  if (asks && pin === null) return { ...found, pinNeeded: true };
  if (room.pin === undefined || pin === room.pin) return { ...found, pinNeeded: false };
  return { status: 'refused', code: 'wrong-pin', check: 'room', by: 'company', cause: 'forbidden' };
}

function lookUpUser(options: WorldOptions, id: string): IoResult {
  const user = options.users?.[id];
  if (!user) return NOT_FOUND;
  const { registered = true, callWaiting = false } = user;
  const coordinates = userCoordinates(options, id);
  const plan = user.plan ? { plan: { ...NO_PLAN, accountNumber: coordinates.number, ...user.plan } } : {};
  return { status: 'user', user: { userId: id, coordinates, language: 'en', registered, callWaiting, ...plan } };
}

function lookUpGroup(options: WorldOptions, id: string): IoResult {
  const group = options.groups?.[id];
  if (!group) return NOT_FOUND;
  const { strategy = 'all', memberRingMs = 20_000, totalRingMs = 60_000 } = group;
  const members = group.members.map((userId) => ({
    userId,
    coordinates: userCoordinates(options, userId),
    registered: options.users?.[userId]?.registered ?? true,
    confirm: group.confirm?.includes(userId) === true,
  }));
  const coordinates = named('ring-group', id, '', id);
  const { more = {} } = group;
  return { status: 'ring-group', group: { id, coordinates, strategy, memberRingMs, totalRingMs, members, ...more } };
}

const DONE_BY = {
  'log-in': 'logged-in',
  'log-out': 'logged-out',
  toggle: 'logged-in',
  pause: 'paused',
  'toggle-pause': 'paused',
  resume: 'resumed',
  ready: 'ready',
} as const;

const QUEUE = {
  join: 'any',
  stay: 'any',
  maxWaiting: null,
  maxWaitMs: null,
  comfort: 'music',
  entryPrompt: null,
  sayPosition: false,
  sayWait: false,
  periodicPrompt: null,
  announceEveryMs: 30_000,
  exitKey: null,
  callbackKey: null,
} as const;

function lookUpQueue(options: WorldOptions, id: string, caller = ''): IoResult {
  const found = options.queues?.[id];
  if (!found) return NOT_FOUND;
  const { agents, rules, ...settings } = found;
  const listed = agents.map((agent) => QueueAgent.parse(typeof agent === 'string' ? { userId: agent } : agent));
  const coordinates = named('queue', id, '', id);
  const queue = {
    ...QUEUE,
    ...settings,
    id,
    coordinates,
    rules: QueueRules.parse({ strategy: 'longest-idle', ringMs: 20_000, ...rules, agents: listed }),
    agents: Object.fromEntries(listed.map(({ userId }) => [userId, userCoordinates(options, userId)])),
  };
  return { status: 'queue', queue, ...(options.vips?.includes(caller) ? { vip: true } : {}) };
}

/** Accounts that may place nothing are named by their user; `company` is the company's own. */
function refusedFor(options: WorldOptions, account: string | null | undefined): IoResult | null {
  const refused = account === undefined ? undefined : options.refusedAccounts?.[account ?? 'company'];
  return refused ? { status: 'refused', ...refused } : null;
}

function lookUpNumber(options: WorldOptions, number: string, trunks?: string[]): IoResult {
  const refused = options.refused?.[number];
  if (refused) return { status: 'refused', ...refused };
  const limit = options.limits?.[number];
  if (trunks || limit) {
    const found = lookUpDestination(options, 'number', number);
    const way = { trunks: trunks ?? ['trunk'], ...(limit ? { limit } : {}) };
    return found.status === 'destination' ? { ...found, ...way } : found;
  }
  const user = Object.entries(options.users ?? {}).find(([, one]) => one.extension === number)?.[0];
  const destination = user ? { type: 'user', id: user } : options.numbers?.[number];
  return destination ? lookUpDestination(options, destination.type, destination.id) : NOT_FOUND;
}

function lookUpDestination(options: WorldOptions, type: string, id: string): IoResult {
  const serves = type === 'park-slot' ? (options.parkFlow ?? '') : type === 'flow' ? id : '';
  const closure = options.flows?.[serves];
  if (type === 'flow' && !closure) return NOT_FOUND;
  return {
    status: 'destination',
    destination: { type, id },
    coordinates: named(type, id, id),
    revision: closure?.root ?? null,
    closure: (closure ?? null) as JsonValue,
  };
}
