/**
 * A call as a test tells it: `TestCall.start(flow).hears('welcome').presses('1').reaches('sales')`. Virtual time only: what is
 * waited for is reached by letting time pass in a fake world, or the test fails with what was heard instead.
 */
import type { FlowDocument, RevisionClosure } from '../src/flow/document.ts';
import { buildRevision, NO_CATALOGUE } from '../src/flow/publish.ts';
import type {
  CallStart,
  Cause,
  Cdr,
  ControlAction,
  Coordinates,
  Diversion,
  Fact,
  JsonValue,
  SecondParty,
} from '../src/protocol/index.ts';
import {
  COMPANY,
  cdrOf,
  createWorld,
  earliest,
  factsOf,
  type World,
  type WorldCall,
  type WorldOptions,
} from './world.ts';
import { userCoordinates } from './world-directory.ts';
import type { WorldLeg } from './world-telephony.ts';

export interface TestCallOptions extends WorldOptions {
  /** A world to share with other calls; `WorldOptions` then belong to it. */
  readonly world?: World;
  /** User who calls; else an outside number does. */
  readonly user?: string;
  readonly caller?: string;
  readonly called?: Partial<Coordinates>;
  /** Forwardings before the call came. */
  readonly diversions?: readonly Diversion[];
  readonly variables?: Readonly<Record<string, JsonValue>>;
  readonly language?: string;
  readonly timeZone?: string;
  readonly seed?: number;
  readonly instance?: string;
  /** Dial this user first, then run the flow with his leg as the caller. */
  readonly originate?: string;
  /** Ring group that the call is placed for, instead. */
  readonly originateGroup?: string;
  /** Then call this party for him. */
  readonly second?: Partial<SecondParty> & Pick<SecondParty, 'to'>;
}

/** How long a test waits in virtual time for what it expects. */
const PATIENCE_MS = 3_600_000;

export interface TestCall {
  readonly world: World;
  readonly call: WorldCall;
  readonly callId: string;
  readonly facts: readonly Fact[];
  readonly cdr: Cdr | null;
  readonly ended: boolean;
  /** Outcome facts of the nodes passed, `node=outcome`, in order. */
  readonly path: readonly string[];
  /** Everything the caller has heard so far. */
  readonly heard: readonly string[];
  /** Let time pass until the caller hears something that contains `text`. */
  hears(text: string): TestCall;
  presses(digits: string): TestCall;
  waits(ms: number): TestCall;
  /** Let time pass until the user's phone rings for this call. */
  reaches(user: string): TestCall;
  userAnswers(user: string): TestCall;
  userRejects(user: string, cause?: Cause): TestCall;
  userHangsUp(user: string): TestCall;
  /** Let time pass until caller and user talk. */
  talksTo(user: string): TestCall;
  hangsUp(): TestCall;
  controls(action: ControlAction): TestCall;
  /** Let time pass until the call has ended; answers its account. */
  ends(): Cdr;
}

const NO_WISHES = {
  ringTimeoutMs: 30_000,
  callerId: null,
  firstPrompts: [],
  secondPrompts: [],
  autoAnswer: false,
  maxTalkMs: null,
};

let started = 0;

export const TestCall = {
  /** Start a call of a flow, authored or as a closure. */
  start(flow: FlowDocument | RevisionClosure, options: TestCallOptions = {}): TestCall {
    const closure = 'root' in flow ? flow : buildRevision(flow, NO_CATALOGUE).closure;
    const world = options.world ?? createWorld(options);
    started += 1;
    const call = world.start(startEvent(world, closure, options, started), closure);
    world.pass(0);
    return drive(world, call);
  },
};

function startEvent(world: World, closure: RevisionClosure, options: TestCallOptions, number: number): CallStart {
  const callId = `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;
  const instance = options.instance ?? 'media.1';
  const calling: Coordinates = options.user
    ? userCoordinates(world.options, options.user)
    : { type: 'number', id: null, entityNumber: null, number: options.caller ?? '0041790000000', name: '' };
  const called = { type: 'number', id: null, entityNumber: null, number: '100', name: '', ...options.called };
  const { originate: target, originateGroup: group } = options;
  const placed = target ?? group;
  return {
    type: 'call.start',
    at: world.now(),
    callId,
    number,
    companyId: COMPANY,
    externalId: null,
    direction: placed ? 'outbound' : 'inbound',
    locale: { language: options.language ?? 'en', timeZone: options.timeZone ?? 'UTC', country: 'GB', currency: 'GBP' },
    seed: options.seed ?? 42,
    revision: closure.root,
    variables: { ...options.variables },
    ...(options.second ? { second: { ...NO_WISHES, ...options.second } } : {}),
    ...(options.diversions ? { diversions: [...options.diversions] } : {}),
    ...(world.options.recording ? { recording: true } : {}),
    called,
    inbound: placed ? null : { leg: `${callId}/leg/0`, instance, sipCallId: callId, coordinates: calling },
    originate: placed
      ? {
          instance,
          target: target ? { type: 'user', userId: target } : null,
          ...(group ? { group } : {}),
          coordinates: target
            ? userCoordinates(world.options, target)
            : { type: 'ring-group', id: group!, entityNumber: 1, number: '', name: group! },
          callerId: { number: called.number, name: called.name },
          ringTimeoutMs: 30_000,
          autoAnswer: false,
        }
      : null,
  };
}

function drive(world: World, call: WorldCall): TestCall {
  const { telephony } = world;
  let cursor = 0;
  let commands = 0;
  const callerLeg = (): WorldLeg => {
    const leg = [...telephony.legs.values()].find((one) => one.id.startsWith(`${call.callId}/leg/`));
    if (!leg) throw new Error('The call has no caller yet');
    return leg;
  };
  const heard = (): readonly string[] =>
    [...telephony.legs.values()].find((one) => one.id.startsWith(call.callId))?.heard ?? [];
  const fail = (what: string): never => {
    const end = cdrOf(call);
    const state = end ? `ended (${end.disposition}, ${end.cause})` : call.state.status;
    throw new Error(`Expected ${what}; call ${state}; heard: ${heard().slice(cursor).join(' | ') || 'nothing more'}`);
  };
  const until = (what: string, ready: () => boolean): TestCall => {
    const limit = world.now() + PATIENCE_MS;
    while (!ready()) {
      const next = earliest(world.heads());
      if (!next || next.at > limit) return fail(what);
      world.happen(next);
    }
    return self;
  };
  const legTo = (user: string): WorldLeg | null => {
    const leg = telephony.legOfUser(user);
    return leg?.owner === call.callId ? leg : null;
  };
  const atUser = (user: string, act: (leg: WorldLeg) => void): TestCall => {
    act(legTo(user) ?? fail(`${user} to have a leg of this call`));
    world.pass(50);
    return self;
  };

  const self: TestCall = {
    world,
    call,
    callId: call.callId,
    get facts() {
      return factsOf(call);
    },
    get cdr() {
      return cdrOf(call);
    },
    get ended() {
      return call.state.status === 'ended';
    },
    get path() {
      return factsOf(call).flatMap((one) => (one.type === 'node.left' ? [`${one.node}=${one.outcome}`] : []));
    },
    get heard() {
      return heard();
    },
    hears: (text) => {
      const found = () => heard().findIndex((one, i) => i >= cursor && one.toLowerCase().includes(text.toLowerCase()));
      until(`to hear "${text}"`, () => found() >= 0);
      cursor = found() + 1;
      return self;
    },
    presses: (digits) => {
      for (const digit of digits) telephony.press(callerLeg(), digit);
      world.pass(50);
      return self;
    },
    waits: (ms) => {
      world.pass(ms);
      return self;
    },
    reaches: (user) => until(`${user} to ring`, () => legTo(user)?.log.some((one) => one.type === 'ringing') ?? false),
    userAnswers: (user) => {
      self.reaches(user);
      return atUser(user, telephony.answer);
    },
    userRejects: (user, cause = 'rejected') => {
      self.reaches(user);
      return atUser(user, (leg) => telephony.hangUp(leg, cause, 'remote'));
    },
    userHangsUp: (user) => atUser(user, (leg) => telephony.hangUp(leg, 'normal', 'remote')),
    talksTo: (user) => until(`to talk to ${user}`, () => legTo(user)?.bridged === callerLeg().id),
    hangsUp: () => {
      telephony.hangUp(callerLeg(), callerLeg().state === 'answered' ? 'normal' : 'cancelled', 'remote');
      world.pass(50);
      return self;
    },
    controls: (action) => {
      commands += 1;
      const by = { type: 'account', id: 'test' };
      world.tell(call.callId, { type: 'control', at: world.now(), id: `control-${commands}`, by, action });
      world.pass(50);
      return self;
    },
    ends: () => {
      until('the call to end', () => call.state.status === 'ended');
      return cdrOf(call) ?? fail('an account');
    },
  };
  return self;
}
