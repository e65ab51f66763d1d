/** The first step of a call: its parties and what happens first, answering a flow's caller or dialling him. */
import type { CallStart, Coordinates } from '../protocol/index.ts';
import type { FlowPort } from './flow-port.ts';
import { addParty, newLeg, occupyUser } from './legs.ts';
import type { CallMachine } from './machine.ts';
import { placeCall } from './origin.ts';
import type { CallEnvironment } from './state.ts';
import { eventBody } from './trace.ts';
import { fact, record, type Work } from './work.ts';

const NOBODY: Coordinates = { type: 'unknown', id: null, entityNumber: null, number: '', name: '' };

/** Open the books of a call and set it going. */
export function openCall(event: CallStart, environment: CallEnvironment, port: FlowPort): Work {
  const { callId, companyId, at } = event;
  const m = emptyMachine(event);
  const work: Work = {
    callId,
    companyId,
    at,
    environment,
    port,
    m,
    lastRecord: 0,
    commands: [],
    records: [],
    notes: [],
  };
  record(work, 'event', event.type, eventBody(event));
  fact(work, { type: 'call.started', calling: m.start.calling, called: event.called, revision: event.revision });
  tellRouting(work, event);
  if (event.inbound) receive(work, event.inbound, event);
  else if (event.originate) placeCall(work, event.originate);
  return work;
}

/** What was decided before the call began. */
function tellRouting(work: Work, { routing, called }: CallStart): void {
  if (!routing) return;
  fact(work, { type: 'call.routed', ...routing.routed });
  if (routing.refused) fact(work, { type: 'call.refused', number: called.number.slice(0, 64), ...routing.refused });
}

function emptyMachine(event: CallStart): CallMachine {
  const { number, externalId, direction, called, revision, at, variables, locale } = event;
  const calling = event.inbound?.coordinates ?? event.originate?.coordinates ?? NOBODY;
  return {
    start: {
      number,
      externalId,
      direction,
      called,
      revision,
      at,
      variables,
      locale,
      calling,
      ...(event.diversions ? { diversions: event.diversions } : {}),
      ...(event.recording ? { recording: true } : {}),
    },
    life: 'reaching',
    end: null,
    counter: 0,
    chance: event.seed >>> 0,
    origin: null,
    flows: 0,
    flow: null,
    node: '',
    parties: [],
    legs: {},
    ops: {},
    timers: {},
    asks: {},
    attempts: {},
    givings: {},
    takings: {},
    ...(event.second ? { second: event.second } : {}),
    seen: [],
    account: { answeredAt: null, connectedAt: null, connected: null, ringMs: 0, talkMs: 0, holdMs: 0, path: [] },
  };
}

function receive(work: Work, inbound: NonNullable<CallStart['inbound']>, event: CallStart): void {
  const party = addParty(work, 'calling', inbound.coordinates, inbound.leg);
  const { instance, sipCallId } = inbound;
  const leg = newLeg(work, { party: party.n, instance, direction: 'inbound', life: 'offered', sipCallId });
  work.m.legs[inbound.leg] = leg;
  addParty(work, 'called', event.called, null);
  occupyUser(work, party);
  work.notes.push({ note: 'serve', revision: event.revision, caller: party.n });
}
