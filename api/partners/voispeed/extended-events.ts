/** Extended events (V-050…V-063): the same call from the exchange's point of view, about all its entities. */
import type { CallFact, Notice } from '../src/contract.ts';
import { type CallMemory, type Left, type PartyMemory, partyIn } from './call-memory.ts';
import { entityId, entityType, outcomeOf, type SSN_EVENT } from './tables.ts';
import { localTime } from './voispeed.codec.ts';

type Name = keyof typeof SSN_EVENT;
type Params = readonly (readonly [string, string])[];

const ROW: Readonly<Partial<Record<Name, string>>> = {
  call_in: 'V-052',
  call_progress: 'V-053',
  call_out: 'V-054',
  call_response: 'V-055',
  disconnect_in: 'V-056',
  disconnect_out: 'V-057',
  call_transfer: 'V-058',
  call_divert: 'V-059',
  call_terminated: 'V-060',
  call_held: 'V-061',
  call_retrieved: 'V-062',
};

interface Entity {
  readonly party: number;
  readonly type: number;
  readonly id: number | null;
}

const text = (value: number | null): string => (value === null ? '' : String(value));

function tell(at: CallFact, event: Name, localId: number | null, params: Params): Notice {
  return {
    row: ROW[event] ?? 'V-051',
    level: 'extended',
    event,
    extension: null,
    moduleId: null,
    params: [
      ['call_id', String(at.call.number)],
      ['local_id', text(localId)],
      ...params,
      ['datetime', localTime(at.at, at.call.timeZone)],
      ['extid', at.call.externalId ?? ''],
    ],
  };
}

const coordinates = (role: string, entity: Entity | null): Params =>
  entity === null
    ? []
    : [
        [`${role}_id`, text(entity.id)],
        [`${role}_type`, String(entity.type)],
      ];

const about = (at: CallFact, event: Name, role: string, entity: Entity, more: Params = []): Notice =>
  tell(at, event, entity.party, [...coordinates(role, entity), ...more]);

/** Who is called first, or calls: of several members of a group, who has answered. */
const callingOf = ({ parties }: CallMemory): PartyMemory | null => {
  const all = Object.values(parties).filter(({ calling }) => calling);
  return all.find(({ answered }) => answered) ?? all[0] ?? null;
};

/** Each side is called with the other's number (V-044). */
function callOut(memory: CallMemory, at: CallFact, entity: Entity, number: string, calling: boolean): Notice {
  const shown = calling ? memory.called.number : memory.calling.number;
  return about(at, 'call_out', 'called', entity, [
    ['calling', shown],
    ['called', number],
  ]);
}

/** The compound entity that the call is for is called: a group, a responder. */
function reachesCompound(memory: CallMemory, at: CallFact): Notice[] {
  const { compound } = memory;
  if (!compound || compound.told) return [];
  compound.told = true;
  return [callOut(memory, at, compound, memory.called.number, false)];
}

/** Accepted: with whom the call is now (V-055). */
function accepts(memory: CallMemory, at: CallFact, sender: Entity): Notice {
  const caller = callingOf(memory);
  const calling = memory.callingGroup ?? caller;
  const first = partyIn(memory, sender.party)?.calling === true;
  const called = first ? null : (memory.compound ?? sender);
  const connected = first && !memory.callingGroup ? null : sender;
  return about(at, 'call_response', 'sender', sender, [
    ['outcome', '1'],
    ...coordinates('calling', calling),
    ...coordinates('called', called),
    ...coordinates('connected', connected),
    ['calling_local_id', text(calling?.party ?? null)],
    ['called_local_id', text(called?.party ?? null)],
    ['connected_local_id', text(connected?.party ?? null)],
  ]);
}

/** V-058: whoever has come from another call has taken the place of `sender`. */
function transferred(memory: CallMemory, at: CallFact, sender: Entity | null): Notice[] {
  const { coming } = memory;
  const recipient = coming?.party == null ? null : partyIn(memory, coming.party);
  if (!coming || !recipient) return [];
  memory.coming = null;
  return [
    tell(at, 'call_transfer', recipient.party, [
      ...coordinates('sender', sender),
      ...coordinates('recipient', recipient),
      ['refer_id', text(coming.refer)],
    ]),
  ];
}

/** V-059: somebody rings in the place of who was in the call. */
function diverted(memory: CallMemory, at: CallFact, recipient: Entity): Notice[] {
  const { diverting } = memory;
  if (!diverting) return [];
  memory.diverting = null;
  const sender = diverting.by === null ? null : partyIn(memory, diverting.by);
  return [
    tell(at, 'call_divert', recipient.party, [
      ...coordinates('sender', sender ?? memory.compound),
      ...coordinates('recipient', recipient),
    ]),
  ];
}

function added(memory: CallMemory, at: CallFact, party: PartyMemory): Notice[] {
  if (memory.coming?.party === party.party) {
    const responder = memory.compound;
    const leaving = leavesResponder(memory, at);
    return leaving.length > 0 ? [...leaving, ...transferred(memory, at, responder)] : [];
  }

  if (!party.calling)
    return memory.compound?.told && !memory.compound.left && memory.compound.type !== 3
      ? []
      : [callOut(memory, at, party, party.number, false)];
  // the group is told, not its members
  if (memory.callingGroup) return [];
  if (at.call.placed) return [callOut(memory, at, party, party.number, true)];
  return [
    about(at, 'call_in', 'calling', party, [
      ['calling', memory.calling.number],
      ['called', memory.called.number],
    ]),
  ];
}

function leaves(memory: CallMemory, at: CallFact, party: PartyMemory, left: Left): Notice[] {
  // it is told by the call that has it now
  if (party.moved) return [];
  if (memory.diverting && left.cause === 'transferred') memory.diverting.by = party.party;
  return [leaving(at, party, left), ...transferred(memory, at, party)];
}

function leaving(at: CallFact, party: PartyMemory, { cause, by }: Left): Notice {
  if (by === 'remote' && !party.answered && !(party.calling && !at.call.placed))
    return about(at, 'call_response', 'sender', party, [
      ['outcome', String(outcomeOf(cause, party.calling && at.call.placed))],
    ]);
  return by === 'remote'
    ? about(at, 'disconnect_in', 'sender', party)
    : about(at, 'disconnect_out', 'recipient', party);
}

function answered(memory: CallMemory, at: CallFact, party: PartyMemory): Notice[] {
  if (!party.calling) return [accepts(memory, at, party)];
  const whole = at.call.placed ? [accepts(memory, at, party)] : [];
  const reached = reachesCompound(memory, at);
  // a responder accepts by itself
  const { compound } = memory;
  if (compound?.type !== 3 || compound.accepted || compound.left) return [...whole, ...reached];
  compound.accepted = true;
  return [...whole, ...reached, accepts(memory, at, compound)];
}

function ended(memory: CallMemory, at: CallFact, outcome: number): Notice[] {
  const { compound } = memory;
  const gone =
    compound?.told && !compound.left && compound.type === 3 ? [about(at, 'disconnect_out', 'recipient', compound)] : [];
  return [...gone, tell(at, 'call_terminated', null, [['outcome', String(outcome)]])];
}

/** The responder's part is over: somebody else has its caller now. */
function leavesResponder(memory: CallMemory, at: CallFact): Notice[] {
  const { compound } = memory;
  if (compound?.type !== 3 || !compound.told || compound.left) return [];
  compound.left = true;
  return [about(at, 'disconnect_out', 'recipient', compound)];
}

/** What the extended level is told of a fact. Runs before the users' events, which note who has answered. */
export function extendedEvents(memory: CallMemory, at: CallFact): Notice[] {
  const { fact, call } = at;
  switch (fact.type) {
    case 'party.added': {
      const party = partyIn(memory, fact.party);
      if (party) return added(memory, at, party);
      const { callingGroup } = memory;
      if (callingGroup?.party === fact.party) return [callOut(memory, at, callingGroup, memory.calling.number, true)];
      return memory.compound && !call.placed ? reachesCompound(memory, at) : [];
    }
    case 'party.ringing': {
      const party = partyIn(memory, fact.party);
      if (!party) return [];
      return [
        about(at, 'call_progress', 'sender', party, [['code', fact.early ? '183' : '180']]),
        ...diverted(memory, at, party),
      ];
    }
    case 'party.answered': {
      const party = partyIn(memory, fact.party);
      return party ? [...diverted(memory, at, party), ...answered(memory, at, party)] : [];
    }
    case 'parties.connected':
      return leavesResponder(memory, at);
    case 'party.held':
    case 'party.resumed': {
      const party = partyIn(memory, fact.party);
      if (party?.type !== 0) return [];
      const event = fact.type === 'party.held' ? 'call_held' : 'call_retrieved';
      return [tell(at, event, party.party, [['user_id', text(party.id)]])];
    }
    case 'party.forwarded':
      return [
        tell(at, 'call_divert', null, [
          ['sender_id', text(entityId(fact.from))],
          ['sender_type', String(entityType(fact.from))],
          ['recipient_id', text(entityId(fact.to))],
          ['recipient_type', String(entityType(fact.to))],
        ]),
      ];
    case 'party.left': {
      const party = partyIn(memory, fact.party);
      return party && !party.left ? leaves(memory, at, party, fact) : [];
    }
    case 'call.ended': {
      const { connectedAt, cause } = fact.cdr;
      const calling = callingOf(memory);
      const firstMissed = call.placed && calling !== null && !calling.answered;
      const talked = connectedAt !== null || (memory.compound?.type === 3 && memory.compound.told);
      return ended(memory, at, talked ? 1 : outcomeOf(cause, firstMissed));
    }
    default:
      return [];
  }
}
