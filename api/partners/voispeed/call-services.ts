/** Extended services of calls (V-044…V-048). */
import type { HostCall, HostLeg, HostSide } from '../src/host.ts';
import { type Ask, accepted, externalId, flag, given, needed, neededWhole, type Service, whole, wrong } from './ask.ts';
import { ENTITY, entityId, entityOf, entityType } from './tables.ts';
import { mustBeDone } from './user-services.ts';
import { dialable, Refused } from './voispeed.codec.ts';

type Side = Omit<HostSide, 'autoAnswer'>;

/** An entity of T1 by its id, as a side of a call; a gateway with the number to dial on it. */
async function sideOf({ host }: Ask, type: number, id: number, number: string | null): Promise<Side> {
  const destination = (kind: string, found: { readonly id: string } | undefined): Side => {
    if (!found) throw new Refused('entity not found');
    return { to: { type: kind, id: found.id } };
  };
  const byNumber = <T extends { readonly number: number }>(all: readonly T[]) => all.find((one) => one.number === id);
  switch (type) {
    case ENTITY.user:
      return destination('user', (await host.users({ number: id }))[0]);
    case ENTITY.group: {
      const group = entityOf(type, id)!;
      const [kind] = group.types;
      const found = (await host.groups()).find((one) => one.kind === kind && one.number === group.number);
      return destination(kind!, found);
    }
    case ENTITY.ivr:
      return destination('flow', byNumber(await host.flows()));
    case ENTITY.room:
      return destination('meeting-room', byNumber(await host.rooms()));
    case ENTITY.park:
      return destination('park-slot', byNumber(await host.slots()));
    case ENTITY.voicemail:
      return destination('voicemail', byNumber(await host.boxes()));
    case ENTITY.terminal: {
      const userId = await host.userOfDevice(id);
      return { ...destination('user', userId === null ? undefined : { id: userId }), devices: [id] };
    }
    case ENTITY.gateway: {
      const trunk = byNumber(await host.trunks());
      const dialled = dialable(number ?? '');
      if (!trunk) throw new Refused('entity not found');
      if (dialled === '') throw new Refused('missing parameter: number of the gateway');
      return { to: { type: 'number', id: dialled }, trunkId: trunk.id };
    }
    default:
      throw new Refused('invalid parameter: entity type');
  }
}

const sees = (number: string | null): { shown?: string } => {
  const shown = dialable(number ?? '').slice(0, 64);
  return shown === '' ? {} : { shown };
};

/** Can be called: somebody with a telephone, or a group of such. */
const hasTelephone = ({ to }: Side): boolean => ['user', 'number', 'ring-group'].includes(to.type);

/** V-044: any two entities; the second is called when the first has accepted. */
export const callRequestExt: Service = async (ask) => {
  const [callingType, calledType] = [neededWhole(ask, 'calling_type'), neededWhole(ask, 'called_type')];
  const [callingId, calledId] = [neededWhole(ask, 'calling_id'), neededWhole(ask, 'called_id')];
  const autoAnswer = whole(ask, 'auto_answer') ?? 0;
  if (autoAnswer > 2) throw wrong('auto_answer');
  const [callingNumber, calledNumber] = [given(ask, 'calling_number'), given(ask, 'called_number')];
  // each side is shown the other's number
  const calling = { ...(await sideOf(ask, callingType, callingId, callingNumber)), ...sees(calledNumber) };
  const called = { ...(await sideOf(ask, calledType, calledId, calledNumber)), ...sees(callingNumber) };
  // who accepts by itself waits for the other: the one with a telephone is called first
  const turned = !hasTelephone(calling);
  if (turned && !hasTelephone(called)) throw wrong('calling_type');
  const [first, second] = turned ? [called, calling] : [calling, called];
  const answer = await ask.host.connect(
    {
      first: { ...first, autoAnswer: autoAnswer === (turned ? 2 : 1) },
      second: { ...second, autoAnswer: autoAnswer === (turned ? 1 : 2) },
      externalId: externalId(ask),
      shown: null,
    },
    { requestId: ask.requestId, extension: null },
  );
  mustBeDone(answer);
  return accepted(ask);
};

async function callOf(ask: Ask, ...names: readonly string[]): Promise<HostCall> {
  const call = await ask.host.call(neededWhole(ask, ...names));
  if (!call) throw new Refused('call not found');
  return call;
}

async function control(ask: Ask, call: HostCall, action: Parameters<Ask['host']['control']>[1]) {
  const done = await ask.host.control(call.id, action, { requestId: ask.requestId, extension: null });
  if (done === 'over') throw new Refused('call not found');
  return accepted(ask);
}

/** The leg of an entity in a call: by its entity call id, else by type and id. */
function legOf(call: HostCall, localId: number | null, type: number, id: number): HostLeg | null {
  const isEntity = ({ coordinates }: HostLeg) =>
    entityType(coordinates) === type && (entityId(coordinates) === id || call.trunkNumbers[coordinates.number] === id);
  return (
    call.legs.find((leg) =>
      localId === null ? isEntity(leg) : leg.party === localId && entityType(leg.coordinates) === type,
    ) ?? null
  );
}

/** V-045: A, of the communication that is kept, is replaced by B of the other, which ends. */
export const callTransferExt: Service = async (ask) => {
  const kept = await callOf(ask, 'replace_com_id');
  const other = await callOf(ask, 'recipient_com_id');
  const [replaceType, replaceId] = [neededWhole(ask, 'replace_type'), neededWhole(ask, 'replace_id')];
  const [type, id] = [neededWhole(ask, 'recipient_type'), neededWhole(ask, 'recipient_id')];
  const coming = legOf(other, whole(ask, 'recipient_call_id', 'recipient_local_id'), type, id);
  if (!coming) throw new Refused('entity not found');
  const leaving = legOf(kept, whole(ask, 'replace_local_id', 'replace_call_id'), replaceType, replaceId);
  // an entity without a leg (a responder) is replaced by taking the other's leg in beside whoever it serves
  if (!leaving && (replaceType === ENTITY.user || replaceType === ENTITY.gateway))
    throw new Refused('entity not found');
  if (kept.id === other.id) throw wrong('recipient_com_id');
  return control(ask, kept, { kind: 'join', callId: other.id, leg: coming.leg, replaces: leaving?.leg ?? null });
};

/** Whom a call is diverted to: an entity, shown the number as the one called; a number on a gateway; a number as it is routed. */
async function recipientOf(ask: Ask, type: number | null, number: string | null) {
  if (type === null || (type === ENTITY.gateway && given(ask, 'recipient_id') === null)) {
    const dialled = dialable(number ?? needed(ask, 'recipient_number'));
    if (dialled === '') throw wrong('recipient_number');
    return { destination: { type: 'number', id: dialled } };
  }
  const { to, trunkId } = await sideOf(ask, type, neededWhole(ask, 'recipient_id'), number);
  const shown = dialable(number ?? '').slice(0, 64);
  return {
    destination: to,
    ...(trunkId ? { trunks: [trunkId] } : shown === '' ? {} : { shown }),
  };
}

/** V-046: B of a call is replaced by C, whom we call. */
export const callDivertExt: Service = async (ask) => {
  const call = await callOf(ask, 'call_id', 'com_id', 'replace_com_id');
  const [type, id] = [neededWhole(ask, 'replace_type', 'sender_type'), neededWhole(ask, 'replace_id', 'sender_id')];
  const leaving = legOf(call, whole(ask, 'replace_local_id', 'replace_call_id'), type, id);
  const number = given(ask, 'recipient_number', 'number');
  const recipientType = whole(ask, 'recipient_type');
  const recipient = await recipientOf(ask, recipientType, number);
  const note = (given(ask, 'note') ?? '').slice(0, 500);
  if (leaving && !leaving.answered && leaving.role !== 'calling')
    return control(ask, call, { kind: 'deflect', leg: leaving.leg, ...recipient, note });
  // an entity without a leg stands opposite the call's only leg
  const staying = call.legs.findLast(({ leg, answered }) => answered && leg !== leaving?.leg);
  if (!staying || (!leaving && (type === ENTITY.user || type === ENTITY.gateway)))
    throw new Refused('entity not found');
  return control(ask, call, { kind: 'redirect', leg: staying.leg, ...recipient, ...(note === '' ? {} : { note }) });
};

const SPELLINGS = ['recording', 'action', 'active', 'enable', 'record'];

/** V-047: on, unless it is said to be off. */
export const callRecordingExt: Service = async (ask) => {
  const call = await callOf(ask, 'call_id');
  const act = (flag(ask, ...SPELLINGS) ?? true) ? 'start' : 'stop';
  return control(ask, call, { kind: 'record', act, leg: null, announce: false });
};

/** V-048. */
export const callTerminate: Service = async (ask) =>
  control(ask, await callOf(ask, 'call_id'), { kind: 'hangup', leg: null });
