/** What is kept of a call between two of its facts, for both levels of events. Plain JSON. */
import type { Coordinates, Fact } from '@callwright/engine';
import type { CallFact } from '../src/contract.ts';
import { entityType } from './tables.ts';

export interface PartyMemory {
  readonly party: number;
  readonly type: number;
  /** Number of the entity; of somebody outside, of the trunk he is reached by. */
  id: number | null;
  readonly userId: string | null;
  readonly number: string;
  readonly calling: boolean;
  readonly leg: boolean;
  /** Its user has been told of the call. */
  told: boolean;
  answered: boolean;
  /** When it began to talk, and with which number. */
  talkedAt: number | null;
  peer: string;
  left: boolean;
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
    left: boolean;
  } | null;
}

const NOBODY: Coordinates = { type: 'number', id: null, entityNumber: null, number: '', name: '' };
const COMPOUND = new Set(['ring-group', 'queue', 'flow', 'meeting-room', 'voicemail', 'park-slot']);

/** Notes the fact, before anything is told of it. Facts of parties that came from another call make them known. */
export function remember(memory: CallMemory, { fact, trunk }: CallFact): void {
  if (fact.type === 'call.started') {
    const { calling, called } = fact;
    Object.assign(memory, { calling, called, parties: {}, compound: null });
    return;
  }
  // the module is younger than the call
  memory.calling ??= NOBODY;
  memory.called ??= NOBODY;
  memory.parties ??= {};
  memory.compound ??= null;
  // who supervises is no party to those who talk
  if (fact.type !== 'party.added' || fact.role === 'supervising') return;
  const { party, coordinates, role, leg } = fact;
  if (leg === null) {
    if (COMPOUND.has(coordinates.type))
      memory.compound = {
        party,
        type: entityType(coordinates),
        id: coordinates.entityNumber,
        told: false,
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
        : coordinates.entityNumber,
    userId: coordinates.type === 'user' ? coordinates.id : null,
    number: coordinates.number,
    calling: role === 'calling',
    leg: true,
    told: false,
    answered: false,
    talkedAt: null,
    peer: '',
    left: false,
  };
}

/** The party of a fact; null when it has no leg of its own. */
export const partyIn = ({ parties }: CallMemory, party: number): PartyMemory | null => parties[party] ?? null;

export type Left = Extract<Fact, { type: 'party.left' }>;
