/** Events of users (V-017…V-021): what happens to a call, as the extension that takes part in it sees it. */
import type { CallFact, CompanyEvent, Notice } from '../src/contract.ts';
import { type CallMemory, type Left, type PartyMemory, partyIn } from './call-memory.ts';
import { outcomeOf, type USER_EVENT } from './tables.ts';
import { localTime } from './voispeed.codec.ts';

type Name = keyof typeof USER_EVENT;
type Params = readonly (readonly [string, string])[];

const ROW: Readonly<Record<Name, string>> = {
  cmd_failed: 'V-019a',
  incoming_call: 'V-019b',
  outgoing_call: 'V-019c',
  new_voicemail: 'V-019d',
  lost_call: 'V-019e',
  call_answered: 'V-019f',
  call_rejected: 'V-019g',
  call_disconnect_out: 'V-019h',
  call_disconnect_in: 'V-019i',
  call_transfer: 'V-019j',
};

/** In the canonical order of V-017. */
function tell(at: CallFact, event: Name, extension: string, number: string, more: Params = []): Notice {
  const id = String(at.call.number);
  return {
    row: ROW[event],
    level: 'user',
    event,
    extension,
    moduleId: null,
    params: [
      ['ext', extension],
      ['call_id', id],
      ['usercallid', id],
      ['number', number],
      ...more,
      ['datetime', localTime(at.at, at.call.timeZone)],
      ['extid', at.call.externalId ?? ''],
    ],
  };
}

/** V-019a, to the module that gave the command. */
export function commandFailed(at: CallFact, code: number, message: string): Notice[] {
  if (!at.command) return [];
  const { moduleId, requestId, extension } = at.command;
  return [
    {
      row: ROW.cmd_failed,
      level: 'user',
      event: 'cmd_failed',
      extension,
      moduleId,
      params: [
        ['ext', extension ?? ''],
        ['request_id', requestId],
        ['error_code', String(code)],
        ['error_msg', message],
        ['datetime', localTime(at.at, at.call.timeZone)],
        ['extid', at.call.externalId ?? ''],
      ],
    },
  ];
}

/** The other party's number, as the user sees it. */
const opposite = (memory: CallMemory, { calling, peer }: PartyMemory): string =>
  peer || (calling ? memory.called.number : memory.calling.number);

/** The user’s other legs that were called and are there: his phone is called anew when it is to answer by itself. */
const others = (memory: CallMemory, party: PartyMemory): PartyMemory[] =>
  Object.values(memory.parties).filter(
    (one) => one !== party && one.userId === party.userId && !one.calling && one.told && !one.left,
  );

function begins(memory: CallMemory, at: CallFact, party: PartyMemory): Notice[] {
  const known = !party.calling && others(memory, party).some(({ talkedAt }) => talkedAt === null);
  party.told = true;
  if (known) return [];
  if (party.calling) return [tell(at, 'outgoing_call', party.number, opposite(memory, party))];
  return [tell(at, 'incoming_call', party.number, opposite(memory, party), [['called', memory.called.number]])];
}

function talks(memory: CallMemory, at: CallFact, party: PartyMemory, peer: string | null): Notice[] {
  if (party.userId === null || party.talkedAt !== null) return [];
  party.talkedAt = at.at;
  party.peer = peer ?? '';
  return [tell(at, 'call_answered', party.number, opposite(memory, party))];
}

/** The caller gave up, or nobody came in time: the user has missed it. Others answered, or he refused: he has not. */
const MISSED = new Set(['no-answer', 'timeout', 'cancelled', 'normal', 'unavailable']);

function leaves(memory: CallMemory, at: CallFact, party: PartyMemory, { cause, by }: Left): Notice[] {
  const number = opposite(memory, party);
  const mine = (event: Name, more: Params = []) => tell(at, event, party.number, number, more);
  if (party.talkedAt !== null) {
    const duration = Math.max(0, Math.round((at.at - party.talkedAt) / 1000));
    // his telephone has ended it, or his command
    const own = by === 'remote' || memory.ending === party.number;
    return [mine(own ? 'call_disconnect_out' : 'call_disconnect_in', [['duration', String(duration)]])];
  }
  // his own terminal never took the call that he asked for; what was asked for by no user ends as such (V-004)
  if (!party.told)
    return at.command?.extension == null ? [] : commandFailed(at, outcomeOf(cause, true), `calling terminal: ${cause}`);
  const code = party.calling && by === 'remote' ? 11 : outcomeOf(cause);
  const rejected = mine('call_rejected', [['outcome', String(code)]]);
  return !party.calling && MISSED.has(cause) ? [mine('lost_call'), rejected] : [rejected];
}

/** Commands by which a user's part ends. */
const ENDS = new Set(['hangup', 'redirect']);

/** What users are told of a fact. */
export function userEvents(memory: CallMemory, at: CallFact): Notice[] {
  const { fact, call } = at;
  switch (fact.type) {
    case 'party.added': {
      const party = partyIn(memory, fact.party);
      // the terminal of who asked for a call rings first; his call begins when he has taken it
      if (party?.userId == null || (party.calling && call.placed)) return [];
      return begins(memory, at, party);
    }
    case 'party.answered': {
      const party = partyIn(memory, fact.party);
      if (!party) return [];
      party.answered = true;
      if (party.userId === null || !party.calling) return [];
      if (!call.placed) return talks(memory, at, party, null);
      // a responder accepts by itself
      return [...begins(memory, at, party), ...(memory.compound?.type === 3 ? talks(memory, at, party, null) : [])];
    }
    case 'parties.connected': {
      const [a, b] = [partyIn(memory, fact.a), partyIn(memory, fact.b)];
      return [
        ...(a ? talks(memory, at, a, b?.number ?? null) : []),
        ...(b ? talks(memory, at, b, a?.number ?? null) : []),
      ];
    }
    case 'party.left': {
      const party = partyIn(memory, fact.party);
      if (party?.userId == null || party.left) return [];
      party.left = true;
      // his phone was called anew: the call goes on for him
      if (fact.cause === 'answered-elsewhere' && !party.answered && others(memory, party).length > 0) return [];
      return leaves(memory, at, party, fact);
    }
    case 'user.refused':
      return fact.why === 'dnd' || fact.why === 'away'
        ? [tell(at, 'lost_call', fact.coordinates.number, memory.calling.number)]
        : [];
    case 'control.done':
      if (!fact.ok) return commandFailed(at, 0, fact.code);
      if (ENDS.has(fact.action)) memory.ending = at.command?.extension ?? null;
      return [];
    default:
      return [];
  }
}

/** V-019d, to the extension whose box it is in; of a box that is nobody's own, to nobody. */
export function messageEvent({ at, timeZone, event }: CompanyEvent): Notice[] {
  const { extension, number, messageId, durationMs } = event;
  if (extension === null) return [];
  return [
    {
      row: ROW.new_voicemail,
      level: 'user',
      event: 'new_voicemail',
      extension,
      moduleId: null,
      params: [
        ['ext', extension],
        ['number', number],
        ['vm_id', messageId],
        ['duration', String(Math.round(durationMs / 1000))],
        ['datetime', localTime(at, timeZone)],
      ],
    },
  ];
}
