/** What is kept of a call between two of its facts, for both levels of events. Plain JSON. */
import type { Coordinates, Fact } from '@callwright/engine';
import type { CallFact } from '../src/contract.ts';
import { entityId, entityType } from './tables.ts';

export interface PartyMemory {
  readonly party: number;
  readonly type: number;
  /** Number of the entity; of somebody outside, of the trunk he is reached by. */
  id: number | null;
  readonly userId: string | null;
  readonly number: string;
  readonly calling: boolean;
  readonly leg: string;
  /** Its user has been told of the call. */
  told: boolean;
  answered: boolean;
  /** When it began to talk, and with which number. */
  talkedAt: number | null;
  peer: string;
  left: boolean;
  /** It goes on in another call. */
  moved: boolean;
}

export interface CallMemory {
  calling: Coordinates;
  called: Coordinates;
  parties: Record<string, PartyMemory>;
  /** The compound entity or responder that the call is for, when it is one. */
  compound: {
    readonly party: number;
    readonly type: number;
    readonly id: number | null;
    told: boolean;
    accepted: boolean;
    left: boolean;
  } | null;
  /** The group that a call was placed for first: its members ring, who answers stands for it. */
  callingGroup: { readonly party: number; readonly type: number; readonly id: number | null } | null;
  /** A leg has come from the call of this number: whoever it replaces is not known yet; `party`: who came. */
  coming: { readonly refer: number | null; party: number | null } | null;
  /** Somebody is sent elsewhere: by whom, when that is known, and who is called in his place. */
  diverting: { by: number | null } | null;
  /** Extension that has ended its part by a command. */
  ending: string | null;
}

const NOBODY: Coordinates = { type: 'number', id: null, entityNumber: null, number: '', name: '' };
const COMPOUND = new Set(['ring-group', 'queue', 'flow', 'meeting-room', 'voicemail', 'park-slot']);

/** Notes the fact, before anything is told of it. Facts of parties that came from another call make them known. */
export function remember(memory: CallMemory, { fact, trunk, other }: CallFact): void {
  if (fact.type === 'call.started') {
    const { calling, called } = fact;
    Object.assign(memory, {
      calling,
      called,
      parties: {},
      compound: null,
      callingGroup: null,
      coming: null,
      diverting: null,
      ending: null,
    });
    return;
  }
  // the module is younger than the call
  memory.calling ??= NOBODY;
  memory.called ??= NOBODY;
  memory.parties ??= {};
  memory.compound ??= null;
  memory.callingGroup ??= null;
  memory.coming ??= null;
  memory.diverting ??= null;
  memory.ending ??= null;
  if (fact.type === 'leg.moved') {
    if (fact.direction === 'in') memory.coming = { refer: other, party: null };
    else for (const party of Object.values(memory.parties)) if (party.leg === fact.leg) party.moved = true;
  }
  if (fact.type === 'party.transferred') memory.diverting = { by: null };
  // who supervises is no party to those who talk
  if (fact.type !== 'party.added' || fact.role === 'supervising') return;
  const { party, coordinates, role, leg } = fact;
  if (leg === null) {
    if (role === 'calling') memory.callingGroup = { party, type: entityType(coordinates), id: entityId(coordinates) };
    else if (COMPOUND.has(coordinates.type))
      memory.compound = {
        party,
        type: entityType(coordinates),
        id: entityId(coordinates),
        told: false,
        accepted: false,
        left: false,
      };
    return;
  }
  memory.parties[party] = {
    party,
    type: entityType(coordinates),
    id:
      entityType(coordinates) === 2
        ? (trunk ?? (coordinates.type === 'trunk' ? coordinates.entityNumber : null))
        : entityId(coordinates),
    userId: coordinates.type === 'user' ? coordinates.id : null,
    number: coordinates.number,
    calling: role === 'calling',
    leg,
    told: false,
    answered: false,
    talkedAt: null,
    peer: '',
    left: false,
    moved: false,
  };
  if (memory.coming && memory.coming.party === null) memory.coming.party = party;
}

/** The party of a fact; null when it has no leg of its own. */
export const partyIn = ({ parties }: CallMemory, party: number): PartyMemory | null => parties[party] ?? null;

export type Left = Extract<Fact, { type: 'party.left' }>;
