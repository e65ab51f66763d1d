/** Histories and calls in progress (V-016, V-038, V-039), read from the accounts of ended calls and the calls that run. */
import type { Cdr, Coordinates } from '@callwright/engine';
import type { HistoryFilter, HostCall, HostContact, HostEnded } from '../src/host.ts';
import { type Ask, flag, given, paging, type Service, time, userOf, whole, wrong } from './ask.ts';
import { ENTITY, entityId, entityOf, entityType, outcomeOf, partyTypes } from './tables.ts';
import { contactNumber, fromLocalTime, localTime, success, type Xml } from './voispeed.codec.ts';

type Leg = Cdr['legs'][number];

const seconds = (ms: number): number => Math.round(ms / 1000);

const filter = (ask: Ask) => {
  const from = time(ask, false, 'start_date', 'from', 'date_from', 'start_time');
  const to = time(ask, true, 'end_date', 'to', 'date_to', 'end_time');
  const external = given(ask, 'extid', 'external_id');
  const callNumber = whole(ask, 'call_id', 'callid');
  return {
    ...paging(ask),
    ...(from === null ? {} : { from }),
    ...(to === null ? {} : { to }),
    ...(external === null ? {} : { externalId: external }),
    ...(callNumber === null ? {} : { callNumber }),
  };
};

/** T8 of a whole call. */
const outcome = (cdr: Cdr): number => (cdr.connectedAt === null ? outcomeOf(cdr.cause) || 5 : 1);

const remoteNames = (contact: HostContact | null): Xml[] => [
  ['remote_company', contact?.organisation ?? ''],
  ['remote_surname', contact?.familyName ?? ''],
  ['remote_name', contact?.givenName ?? ''],
];

async function contactOf({ host }: Ask, number: string): Promise<HostContact | null> {
  const digits = contactNumber(number).replace(/^\+/, '');
  return digits.length < 3 ? null : ((await host.searchContacts(digits, 1))[0] ?? null);
}

/** Whom the leg's party faced: who called, when it was called, else whom the call reached. */
const facing = ({ cdr }: HostEnded, leg: Leg): Coordinates =>
  leg.coordinates.id === cdr.calling.id && leg.coordinates.type === cdr.calling.type
    ? (cdr.connected ?? cdr.called)
    : cdr.calling;

const BATCH = 500;
/** Most calls that are looked through for one answer. */
const MOST = 20_000;

/** What `take` makes of ended calls, newest first, in the page that is asked for; what it makes nothing of is passed over. */
async function taken<T>(ask: Ask, wanted: HistoryFilter, take: (call: HostEnded) => T | null): Promise<T[]> {
  const { limit, offset, ...rest } = wanted;
  const found: T[] = [];
  let passed = 0;
  for (let at = 0; at < MOST && found.length < limit; at += BATCH) {
    const calls = await ask.host.history({ ...rest, limit: BATCH, offset: at });
    for (const call of calls) {
      const one = take(call);
      if (one === null) continue;
      passed += 1;
      if (passed > offset && found.length < limit) found.push(one);
    }
    if (calls.length < BATCH) break;
  }
  return found;
}

/** V-016: one line for each call of the user. */
export const userCallReport: Service = async (ask) => {
  const user = await userOf(ask);
  const [direction, number, code] = [
    given(ask, 'direction')?.toLowerCase() ?? null,
    given(ask, 'number'),
    whole(ask, 'outcome'),
  ];
  const calls = await taken(ask, { userId: user.id, ...filter(ask) }, (call) => {
    const { cdr } = call;
    const leg = cdr.legs.find(({ coordinates }) => coordinates.type === 'user' && coordinates.id === user.id);
    if (!leg) return null;
    const remote = facing(call, leg);
    const way = remote === cdr.calling ? 'in' : 'out';
    const result = leg.answeredAt !== null && cdr.connectedAt !== null ? 1 : outcomeOf(leg.cause ?? cdr.cause) || 5;
    const wanted =
      (direction === null || direction === way) &&
      (number === null || remote.number === number) &&
      (code === null || code === result);
    return wanted ? { cdr, leg, remote, way, result } : null;
  });
  const lines = calls.map(
    async ({ cdr, leg, remote, way, result }): Promise<Xml> => [
      'call',
      [
        ['id', leg.party],
        ['callid', cdr.number],
        ['start_time', localTime(leg.startedAt, ask.host.timeZone)],
        ['answer_time', result === 1 ? localTime(leg.answeredAt!, ask.host.timeZone) : ''],
        ['duration', result === 1 ? seconds((leg.endedAt ?? cdr.endedAt) - leg.answeredAt!) : 0],
        ['outcome', result],
        ['external_id', cdr.externalId ?? ''],
        ['direction', way],
        ['my_number', user.extension],
        ['remote_number', remote.number],
        ['local_id', leg.party],
        ['group_name', cdr.called.type === 'ring-group' || cdr.called.type === 'queue' ? cdr.called.name : ''],
        ['company', ''],
        ['surname', user.familyName],
        ['name', user.givenName],
        ...remoteNames(await contactOf(ask, remote.number)),
      ],
    ],
  );
  return success(await Promise.all(lines));
};

/** Parties in reports are known by type, number of the entity, number shown. */
const entity = (role: string, party: Coordinates | null, trunk: number | null): Xml[] => [
  [
    `${role}_id`,
    party ? (entityType(party) === 2 ? (trunk ?? party.entityNumber ?? '') : (entityId(party) ?? '')) : '',
  ],
  [`${role}_type`, party ? entityType(party) : ''],
];

const OUTSIDE = new Set(['number', 'trunk', 'sip', 'peer']);
const outside = (party: Coordinates): boolean => OUTSIDE.has(party.type);

const trunkOf = (cdr: Cdr, party: Coordinates): number | null => {
  const leg = cdr.legs.find(
    ({ coordinates }) => coordinates.number === party.number && coordinates.type === party.type,
  );
  return leg?.trunk?.number ?? (party.type === 'trunk' ? party.entityNumber : null);
};

const ROLES = ['calling', 'called', 'connected'] as const;

/** Filters by party: `<role>_type` (T1), `<role>_id`, `<role>_number`. Throws `Refused`. */
function parties(ask: Ask): NonNullable<HistoryFilter['parties']> {
  const asked = ROLES.flatMap((role) => {
    const [type, id, number] = [
      whole(ask, `${role}_type`),
      whole(ask, `${role}_id`),
      given(ask, `${role}_number`)?.slice(0, 64) ?? null,
    ];
    const types = type === null ? null : partyTypes(type);
    if (type !== null && types === null) throw wrong(`${role}_type`);
    const own = type === ENTITY.group && id !== null ? entityOf(type, id) : null;
    const party = {
      ...(types === null ? {} : { types: own?.types ?? types }),
      ...(id === null ? {} : { entity: own?.number ?? id }),
      ...(number === null ? {} : { number }),
    };
    return Object.keys(party).length === 0 ? [] : [[role, party] as const];
  });
  return Object.fromEntries(asked);
}

/** Of today, unless a time or a call is named. */
function fromToday(ask: Ask, wanted: HistoryFilter): HistoryFilter {
  const named = wanted.from ?? wanted.to ?? wanted.externalId ?? wanted.callNumber;
  if (named !== undefined) return wanted;
  const { host } = ask;
  const from = fromLocalTime(localTime(host.now(), host.timeZone).slice(0, 10), host.timeZone);
  return from === null ? wanted : { ...wanted, from };
}

/** V-038. */
export const callReport: Service = async (ask) => {
  const code = whole(ask, 'outcome');
  const [internal, entered, left] = ['internal', 'gateway_in', 'gateway_out'].map((name) => flag(ask, name));
  const wanted = fromToday(ask, { ...filter(ask), parties: parties(ask) });
  const calls = await taken(ask, wanted, (call) => {
    const { calling, called, connected } = call.cdr;
    const ways = { in: outside(calling), out: outside(connected ?? called) };
    const fits = (asked: boolean | null | undefined, is: boolean) => asked == null || asked === is;
    const passes =
      (code === null || code === outcome(call.cdr)) &&
      fits(entered, ways.in) &&
      fits(left, ways.out) &&
      fits(internal, !ways.in && !ways.out);
    return passes ? { ...call, ways } : null;
  });
  const lines: Xml[] = [];
  for (const { cdr, queueMs, fromNumber, ways: isOutside } of calls) {
    const { calling, called, connected } = cdr;
    lines.push([
      'call',
      [
        ['id', cdr.number],
        ['start_time', localTime(cdr.startedAt, ask.host.timeZone)],
        ['duration', seconds(cdr.endedAt - cdr.startedAt)],
        ['outcome', outcome(cdr)],
        ...entity('calling', calling, trunkOf(cdr, calling)),
        ['calling_number', calling.number],
        ...entity('called', called, trunkOf(cdr, called)),
        ['called_number', called.number],
        ...entity('connected', connected, connected && trunkOf(cdr, connected)),
        ['connected_number', connected?.number ?? ''],
        ['ring_time', seconds(cdr.ringMs)],
        ['hold_time', seconds(cdr.holdMs)],
        ['ivr_time', seconds(cdr.ivrMs)],
        ['talk_time', seconds(cdr.talkMs)],
        ['queue_time', seconds(queueMs)],
        ['call_ref_id', fromNumber ?? ''],
        ['external_id', cdr.externalId ?? ''],
        ['gateway_in', isOutside.in ? 1 : 0],
        ['gateway_out', isOutside.out ? 1 : 0],
        ['internal', isOutside.in || isOutside.out ? 0 : 1],
      ],
    ]);
  }
  return success(lines);
};

/** Static payload numbers of RFC 3551 section 6; of another codec its name. */
const PAYLOADS: Readonly<Record<string, number>> = { PCMU: 0, GSM: 3, G723: 4, PCMA: 8, G722: 9, G728: 15, G729: 18 };
const payloadNumber = (codec: string): string | number => PAYLOADS[codec.split('/')[0]!.toUpperCase()] ?? codec;

function currentCall(call: HostCall, timeZone: string): Xml {
  const { calling, called, legs, trunkNumbers } = call;
  const reached = legs.findLast(({ role, answered }) => role !== 'calling' && answered)?.coordinates ?? null;
  const trunk = (party: Coordinates | null) => (party ? (trunkNumbers[party.number] ?? null) : null);
  return [
    'call',
    [
      ['id', call.number],
      ['start_time', localTime(call.startedAt, timeZone)],
      ...entity('calling', calling, trunk(calling)),
      ['calling_number', calling.number],
      ['calling_desc', calling.name],
      ...entity('called', called, trunk(called)),
      ['called_number', called.number],
      ['called_desc', called.name],
      ...entity('connected', reached, trunk(reached)),
      ['connected_desc', reached?.name ?? ''],
      ['recording', call.recorded ? 1 : 0],
      ['external_id', call.externalId ?? ''],
      // media always passes through us
      ['p2p', 0],
      ['codec', call.codec === null ? '' : payloadNumber(call.codec)],
    ],
  ];
}

/** V-039. */
export const currentCalls: Service = async (ask) => {
  const [number, external] = [whole(ask, 'call_id'), given(ask, 'extid', 'external_id')];
  const calls = (await ask.host.calls()).filter(
    (call) => (number === null || call.number === number) && (external === null || call.externalId === external),
  );
  return success(calls.map((call) => currentCall(call, ask.host.timeZone)));
};
