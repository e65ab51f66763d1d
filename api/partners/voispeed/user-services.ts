/** User services (V-013…V-016): make a call, act on it, set the mode, read one's calls. */
import type { Coordinates } from '@callwright/engine';
import type { HostCall, HostLeg, HostUser } from '../src/host.ts';
import { type Ask, accepted, externalId, given, needed, neededWhole, type Service, userOf, wrong } from './ask.ts';
import { dialable, Refused } from './voispeed.codec.ts';

const CONNECT_REFUSALS = {
  'unknown-destination': 'entity not found',
  refused: 'call not allowed',
  'no-media': 'connection not found',
  'not-published': 'connection not found',
} as const;

/** Throws `Refused` unless done. */
export function mustBeDone(answer: 'done' | keyof typeof CONNECT_REFUSALS): void {
  if (answer !== 'done') throw new Refused(CONNECT_REFUSALS[answer]);
}

const coordinatesOf = ({ id, number, extension, givenName, familyName }: HostUser): Coordinates => ({
  type: 'user',
  id,
  entityNumber: number,
  number: extension,
  name: `${givenName} ${familyName}`.trim(),
});

/** T5 by name and code: fixed terminals. */
const FIXED: ReadonlyMap<string, string> = new Map([
  ['sip', 'sip'],
  ['2', 'sip'],
  ['usb', 'usb'],
  ['3', 'usb'],
  ['dect', 'dect'],
  ['4', 'dect'],
]);

/** Devices that `device` means: one by its id, or those of a type; all fixed ones when it names none. Throws `Refused`. */
async function devicesOf({ host }: Ask, userId: string, device: string | null): Promise<readonly number[] | null> {
  if (device === null) return null;
  const devices = await host.devicesOf(userId);
  const type = FIXED.get(device);
  const meant = devices.filter((one) => String(one.number) === device || one.type === type);
  const named = meant.find((one) => String(one.number) === device && type === undefined);
  if (named) return [named.number];
  if (type === undefined) throw wrong('device');
  if (meant.length === 0) throw new Refused('terminal not found');
  return meant.map((one) => one.number);
}

/** V-013: the user's terminal is called first, then the number. */
export const callRequest: Service = async (ask) => {
  const user = await userOf(ask);
  const number = dialable(needed(ask, 'number'));
  if (number === '') throw wrong('number');
  // who is away calls nobody either (V-015)
  if (user.mode === 'away') throw new Refused(CONNECT_REFUSALS.refused);
  const device = given(ask, 'device')?.toLowerCase() ?? null;
  const mobile = device === 'mobile' || device === '5';
  const devices = mobile ? null : await devicesOf(ask, user.id, device);
  if (mobile && !user.numbers.mobile) throw new Refused('terminal not found');
  const answer = await ask.host.connect(
    {
      first: mobile
        ? { to: { type: 'number', id: user.numbers.mobile! }, as: coordinatesOf(user), autoAnswer: false }
        : { to: { type: 'user', id: user.id }, ...(devices ? { devices } : {}), autoAnswer: true },
      second: { to: { type: 'number', id: number }, autoAnswer: false },
      externalId: externalId(ask),
      shown: null,
    },
    { requestId: ask.requestId, extension: user.extension },
  );
  mustBeDone(answer);
  return accepted(ask);
};

type Act = (ask: Ask, call: HostCall, own: HostLeg) => Parameters<Ask['host']['control']>[1];

const otherLeg = (call: HostCall, own: HostLeg): string | null =>
  call.legs.findLast(({ leg, answered }) => leg !== own.leg && answered)?.leg ?? null;

const divert: Act = (ask, call, own) => {
  const number = dialable(needed(ask, 'number'));
  if (number === '') throw wrong('number');
  const destination = { type: 'number', id: number };
  const note = (given(ask, 'note') ?? '').slice(0, 500);
  if (own.role !== 'calling' && !own.answered) return { kind: 'deflect', leg: own.leg, destination, note };
  const leg = otherLeg(call, own);
  if (leg === null) throw new Refused('call not active');
  return { kind: 'redirect', leg, destination, ...(note === '' ? {} : { note }) };
};

/** His phone takes the call by itself. */
const answer: Act = (_ask, _call, own) => {
  if (own.role === 'calling' || own.answered) throw new Refused('call not ringing');
  return { kind: 'answer', leg: own.leg };
};

const disconnect: Act = (_ask, _call, own) => ({ kind: 'hangup', leg: own.role === 'calling' ? null : own.leg });

const ACTIONS: ReadonlyMap<string, Act> = new Map<string, Act>([
  ...['divert', 'forward', 'transfer'].map((word) => [word, divert] as const),
  ...['disconnect', 'hangup', 'close', 'end', 'reject'].map((word) => [word, disconnect] as const),
  ...['accept', 'answer'].map((word) => [word, answer] as const),
  ['hold', (_ask, _call, own) => ({ kind: 'hold', leg: own.leg })],
  ...['retrieve', 'unhold', 'resume', 'reactivate'].map(
    (word) => [word, ((_ask, _call, own) => ({ kind: 'retrieve', leg: own.leg })) as Act] as const,
  ),
]);

/** V-014, on a call that the user takes part in. */
export const callAction: Service = async (ask) => {
  // the printed example of the mode names this service
  if (given(ask, 'mode') !== null && given(ask, 'action', 'call_id') === null) return setUserMode(ask);
  const user = await userOf(ask);
  const number = neededWhole(ask, 'call_id', 'usercallid', 'callid');
  const act = ACTIONS.get(needed(ask, 'action').toLowerCase());
  if (!act) throw wrong('action');
  const call = await ask.host.call(number);
  const own = call?.legs.find(({ coordinates }) => coordinates.type === 'user' && coordinates.id === user.id);
  if (!call || !own) throw new Refused('call not found');
  const command = { requestId: ask.requestId, extension: user.extension };
  if ((await ask.host.control(call.id, act(ask, call, own), command)) === 'over') throw new Refused('call not found');
  return accepted(ask);
};

const MODES: ReadonlyMap<string, 'normal' | 'dnd' | 'away' | 'divert'> = new Map([
  ['1', 'normal'],
  ['normal', 'normal'],
  ['2', 'dnd'],
  ['dnd', 'dnd'],
  ['3', 'away'],
  ['away', 'away'],
  ['absent', 'away'],
  ['4', 'divert'],
  ['divert', 'divert'],
]);

/** V-015. */
export const setUserMode: Service = async (ask) => {
  const user = await userOf(ask);
  const mode = MODES.get(needed(ask, 'mode').toLowerCase());
  if (!mode) throw wrong('mode');
  const number = dialable(given(ask, 'number') ?? '');
  if (mode === 'divert' && number === '' && user.divertNumber === null) throw new Refused('missing parameter: number');
  const done = await ask.host.setMode(user.id, mode, mode === 'divert' && number !== '' ? number : undefined);
  if (!done) throw new Refused('extension not found');
  return accepted(ask);
};
