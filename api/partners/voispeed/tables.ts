/** The code tables T1…T14 (row V-100), each as the words of ours that a code stands for. */
import type { Cause, Coordinates } from '@callwright/engine';
import type { HostGroup, HostUser } from '../src/host.ts';

type CauseName = ReturnType<typeof Cause.parse>;

/** T1. */
export const ENTITY = {
  user: 0,
  group: 1,
  gateway: 2,
  ivr: 3,
  terminal: 7,
  voicemail: 8,
  room: 10,
  park: 11,
  department: 13,
} as const;

/** T1 of a party; whatever is outside is known by its gateway. */
export function entityType({ type }: Pick<Coordinates, 'type'>): number {
  switch (type) {
    case 'user':
      return ENTITY.user;
    case 'ring-group':
    case 'queue':
      return ENTITY.group;
    case 'flow':
      return ENTITY.ivr;
    case 'voicemail':
      return ENTITY.voicemail;
    case 'meeting-room':
      return ENTITY.room;
    case 'park-slot':
      return ENTITY.park;
    default:
      return ENTITY.gateway;
  }
}

/** Queues are groups too (T10, 7), but their numbers are a sequence of their own: here they follow those of ring groups. */
const QUEUES_FROM = 1_000_000;

/** The id of an entity; null when it has none. */
export const entityId = ({ type, entityNumber }: Pick<Coordinates, 'type' | 'entityNumber'>): number | null =>
  entityNumber !== null && type === 'queue' ? QUEUES_FROM + entityNumber : entityNumber;

/** An id of T1 as types of destinations and the number that it has there; null when the type is none. */
export function entityOf(type: number, id: number): { types: readonly string[]; number: number } | null {
  const types = ENTITY_TYPES.get(type);
  if (!types) return null;
  if (type !== ENTITY.group) return { types, number: id };
  return id > QUEUES_FROM ? { types: ['queue'], number: id - QUEUES_FROM } : { types: ['ring-group'], number: id };
}

/** T1 as types of destinations. */
export const ENTITY_TYPES: ReadonlyMap<number, readonly string[]> = new Map([
  [ENTITY.user, ['user']],
  [ENTITY.group, ['ring-group', 'queue']],
  [ENTITY.gateway, ['trunk']],
  [ENTITY.ivr, ['flow']],
  [ENTITY.voicemail, ['voicemail']],
  [ENTITY.room, ['meeting-room']],
  [ENTITY.park, ['park-slot']],
]);

/** T1 as types of parties: whoever is outside counts as the gateway he is reached by. */
export const partyTypes = (type: number): readonly string[] | null =>
  type === ENTITY.gateway ? ['number', 'trunk', 'sip', 'peer'] : (ENTITY_TYPES.get(type) ?? null);

/** T2 by presence. */
export const STATUS: Readonly<Record<string, number>> = {
  unknown: 0,
  unavailable: 1,
  available: 2,
  ringing: 3,
  busy: 4,
  dnd: 5,
  reserved: 6,
  absent: 7,
  diverted: 8,
};

/** T2 of what a user says of himself in chats. */
const CHAT_STATUS: Readonly<Record<string, number>> = { available: 2, busy: 4, away: 7, offline: 1 };

/** `<chat_status>`: what the user says of himself, else what his telephone shows. */
export function chatStatus({ chat, presence }: Pick<HostUser, 'chat' | 'presence'>): number {
  return (chat === null ? STATUS[presence] : CHAT_STATUS[chat]) ?? 0;
}

/** T3, T4, T5. */
export const GATEWAY_TYPE: Readonly<Record<string, number>> = { carrier: 0, isdn: 1, gsm: 2, analogue: 3 };
export const GATEWAY_STATUS: Readonly<Record<string, number>> = { registered: 2, reachable: 2, registering: 7 };
export const TERMINAL: Readonly<Record<string, number>> = {
  unknown: 0,
  reserved: 1,
  sip: 2,
  usb: 3,
  dect: 4,
  mobile: 5,
};

/** T6. */
export const USER_EVENT = {
  cmd_failed: 1,
  incoming_call: 8,
  outgoing_call: 9,
  new_voicemail: 10,
  lost_call: 12,
  call_answered: 14,
  call_rejected: 15,
  call_disconnect_out: 16,
  call_disconnect_in: 17,
  // listed, never sent
  call_transfer: 18,
} as const;

/** Extended events (V-051). */
export const SSN_EVENT = {
  call_in: 1,
  call_progress: 2,
  call_out: 3,
  call_response: 4,
  disconnect_in: 5,
  disconnect_out: 6,
  call_transfer: 7,
  // decommissioned, never sent
  dtmf_out: 8,
  call_divert: 9,
  call_terminated: 10,
  call_held: 11,
  call_retrieved: 12,
} as const;

const CALLED: Readonly<Partial<Record<CauseName, number>>> = {
  normal: 1,
  busy: 2,
  rejected: 3,
  forbidden: 3,
  unavailable: 4,
  'not-found': 4,
  incompatible: 4,
  'media-lost': 4,
  'no-answer': 5,
  timeout: 5,
  congestion: 6,
  cancelled: 11,
};
const CALLING: Readonly<Record<number, number>> = { 2: 10, 3: 11, 4: 12, 5: 9, 6: 13 };

/** T8 of a party that was called and did not answer; `calling`: it was the side called first. */
export function outcomeOf(cause: CauseName, calling = false): number {
  const code = CALLED[cause] ?? 0;
  return calling ? (CALLING[code] ?? code) : code;
}

/** T10 by our strategies; 7 is a queue, 3 and 5 are 2 and 4 whose members’ own diversions are followed (V-076). */
export function ringMode(group: Pick<HostGroup, 'kind' | 'strategy' | 'followDiversion'>): number {
  if (group.kind === 'queue') return 7;
  if (group.strategy === 'all' || group.strategy === 'enterprise') return 1;
  return (group.strategy === 'progressive' ? 4 : 2) + (group.followDiversion ? 1 : 0);
}

/** T11 and T12, by their codes. */
export const INPUT = ['none', 'length', 'terminator', 'pause'] as const;
export const ACTION = ['wait', 'next', 'call', 'script'] as const;
