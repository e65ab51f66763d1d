/** History of calls: what happened, to whom, for how long and at whose cost; and the calls of this moment. */
import { Coordinates, Disposition } from '@callwright/engine/protocol';
import * as z from 'zod';
import { Direction } from './calls.ts';
import { PageQuery, pageOf, Time, Uuid } from './fields.ts';
import { defineRoute } from './route.ts';

const Ms = z.number().int().min(0);
const Side = z.enum(['calling', 'called', 'platform']);
const Trunk = z.strictObject({ id: z.string(), name: z.string() }).nullable();

/** Contact of the address books as it was when the call ended. */
export const HistoryContact = z
  .strictObject({
    id: Uuid,
    number: z.number().int(),
    givenName: z.string(),
    familyName: z.string(),
    organisation: z.string(),
  })
  .meta({ id: 'HistoryContact' });

const callShape = {
  id: Uuid,
  number: z.number().int(),
  direction: Direction,
  /** Neither side is outside. */
  internal: z.boolean(),
  externalId: z.string().nullable(),
  startedAt: Time,
  answeredAt: Time.nullable(),
  connectedAt: Time.nullable(),
  endedAt: Time,
  durationMs: Ms,
  /** Ringing outside of queues. After the answer each moment is one of ringing, queue, talk, IVR; holds are part of the talk. */
  ringMs: Ms,
  queueMs: Ms,
  ivrMs: Ms,
  talkMs: Ms,
  holdMs: Ms,
  /** Of all parties outside, from their answer. */
  billableMs: Ms,
  disposition: Disposition,
  cause: z.string(),
  endedBy: Side,
  /** With whom the failure lies; null for an answered call. */
  failingSide: Side.nullable(),
  /** Why a user was not rung (`dnd`, `away`, `anonymous`, `blocked`, `forward-loop`). */
  refused: z.string().nullable(),
  calling: Coordinates,
  called: Coordinates,
  connected: Coordinates.nullable(),
  callingContact: HistoryContact.nullable(),
  calledContact: HistoryContact.nullable(),
  connectedContact: HistoryContact.nullable(),
  /** Call from which a leg was handed over to this one. */
  fromCallId: Uuid.nullable(),
  toCallId: Uuid.nullable(),
  /** Number of the one, else of the other. */
  refNumber: z.number().int().nullable(),
  trunkIn: Trunk,
  trunkOut: Trunk,
  /** Of the last leg to the outside. */
  destination: z.strictObject({ country: z.string().nullable(), class: z.string(), label: z.string() }).nullable(),
  /** Millionths of the company’s currency unit. */
  costMicros: z.number().int(),
  /** User who pays; null: the company. */
  chargedUserId: z.string().nullable(),
  codec: z.string().nullable(),
  recorded: z.boolean(),
  revision: z.string(),
  path: z.array(z.string()),
};

export const HistoryCall = z.strictObject(callShape).meta({ id: 'HistoryCall' });

/** One leg; for a user, the line of the user’s history. */
export const HistoryLeg = z
  .strictObject({
    id: z.number().int(),
    callId: Uuid,
    callNumber: z.number().int(),
    externalId: z.string().nullable(),
    leg: z.string(),
    /** Number of the party, unique on the platform. */
    party: z.number().int(),
    /** Seen from the party. */
    way: z.enum(['in', 'out']),
    who: Coordinates,
    /** Whom it talked with last; else who called it, or whom it called. */
    remote: Coordinates,
    remoteContact: HistoryContact.nullable(),
    /** Group or queue through which the call came. */
    group: z.strictObject({ type: z.string(), id: z.string(), name: z.string() }).nullable(),
    startedAt: Time,
    ringingAt: Time.nullable(),
    answeredAt: Time.nullable(),
    endedAt: Time.nullable(),
    durationMs: Ms,
    ringMs: Ms,
    talkMs: Ms,
    holdMs: Ms,
    billableMs: Ms,
    disposition: Disposition,
    missed: z.boolean(),
    cause: z.string().nullable(),
    sipStatus: z.number().int().nullable(),
    endedBy: z.enum(['remote', 'local', 'network']).nullable(),
    codec: z.string().nullable(),
    trunk: Trunk,
    destination: z.strictObject({ country: z.string().nullable(), class: z.string() }).nullable(),
    costMicros: z.number().int(),
    chargedUserId: z.string().nullable(),
  })
  .meta({ id: 'HistoryLeg' });

export const HistoryCallWithLegs = z
  .strictObject({ ...callShape, legs: z.array(HistoryLeg) })
  .meta({ id: 'HistoryCallWithLegs' });

export const LiveCall = z
  .strictObject({
    id: Uuid,
    number: z.number().int(),
    externalId: z.string().nullable(),
    direction: Direction,
    startedAt: Time,
    calling: Coordinates,
    called: Coordinates,
    connected: Coordinates.nullable(),
    codec: z.string().nullable(),
    recording: z.boolean(),
    /** Sound goes between the parties without us; never so far. */
    peerToPeer: z.boolean(),
  })
  .meta({ id: 'LiveCall' });

/** Somebody who waits in a park slot. */
export const ParkedCall = z
  .strictObject({
    slotId: Uuid,
    /** What is dialled to fetch the caller. */
    extension: z.string(),
    callId: Uuid,
    number: z.string(),
    name: z.string(),
    /** User who parked the call. */
    userId: Uuid.nullable(),
    since: Time,
    note: z.string(),
  })
  .meta({ id: 'ParkedCall' });

const Name = z.string().min(1).max(200);
const Flag = z.enum(['true', 'false']);
const filter = {
  from: Time.optional().meta({ description: 'Calls that began at this time or later' }),
  to: Time.optional().meta({ description: 'Calls that began before this time' }),
  user: Uuid.optional().meta({ description: 'A user who called, rang or talked' }),
  group: Name.optional().meta({ description: 'Ring group or queue, by id' }),
  trunk: Name.optional().meta({ description: 'Trunk by which the call came or went, by id' }),
  number: Name.optional().meta({ description: 'Number of a party' }),
  disposition: Disposition.optional(),
  direction: Direction.optional(),
  internal: Flag.optional(),
  externalId: Name.optional(),
};
const userFilter = {
  way: z.enum(['in', 'out']).optional(),
  missed: Flag.optional(),
  number: Name.optional().meta({ description: 'Number of the other party' }),
  from: Time.optional(),
  to: Time.optional(),
};
const read = { scope: 'read', company: true, method: 'GET', tag: 'history', body: null } as const;

export const historyRoutes = {
  listHistory: defineRoute({
    ...read,
    id: 'listHistory',
    path: '/history',
    summary: 'Ended calls, newest first',
    query: { ...PageQuery, ...filter },
    answer: pageOf(HistoryCall),
  }),
  getHistory: defineRoute({
    ...read,
    id: 'getHistory',
    path: '/history/:id',
    summary: 'One ended call with its legs',
    params: { id: Uuid },
    answer: HistoryCallWithLegs,
  }),
  exportHistory: defineRoute({
    ...read,
    id: 'exportHistory',
    path: '/exports/history',
    summary: 'Ended calls as CSV, newest first',
    query: filter,
    answer: 'csv',
  }),
  listUserHistory: defineRoute({
    ...read,
    id: 'listUserHistory',
    path: '/users/:id/history',
    summary: 'Calls of a user, also those that only rang, newest first',
    params: { id: Uuid },
    query: { ...PageQuery, ...userFilter },
    answer: pageOf(HistoryLeg),
  }),
  listMyHistory: defineRoute({
    ...read,
    scope: 'self',
    id: 'listMyHistory',
    path: '/me/history',
    summary: 'One’s own calls, with the contacts of one’s own address book',
    query: { ...PageQuery, ...userFilter },
    answer: pageOf(HistoryLeg),
    errors: ['API_NOT_FOUND'],
  }),
  listLiveCalls: defineRoute({
    ...read,
    id: 'listLiveCalls',
    path: '/live-calls',
    summary: 'Calls of this moment: who talks with whom, codec, recording',
    query: { call: Uuid.optional(), externalId: Name.optional() },
    answer: z.strictObject({ items: z.array(LiveCall) }),
  }),
  listParkedCalls: defineRoute({
    ...read,
    id: 'listParkedCalls',
    path: '/parked-calls',
    summary: 'Who waits in the park slots, by slot',
    answer: z.strictObject({ items: z.array(ParkedCall) }),
  }),
  putParkedNote: defineRoute({
    scope: 'calls',
    company: true,
    tag: 'history',
    method: 'PUT',
    id: 'putParkedNote',
    path: '/park-slots/:id/note',
    summary: 'Leave a note with who waits in a park slot; it goes with the caller',
    params: { id: Uuid },
    body: z.strictObject({ note: z.string().max(500) }),
    answer: null,
  }),
};
