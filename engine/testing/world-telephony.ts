/** Telephony in the fake world: legs with numbered events, one running media operation each, bridges, moves between calls. */
import type { CallStart, Cause, LegEventBody, MediaCommand, MediaResult } from '../src/protocol/index.ts';
import type { World } from './world.ts';
import { type Collecting, collectDeadline, collectDigit, spoken, startCollect } from './world-collect.ts';

export interface WorldLeg {
  readonly id: string;
  readonly instance: string;
  readonly direction: 'inbound' | 'outbound';
  /** Call the leg's row names. */
  owner: string;
  /** Number of the event by which it came to its owner: a taker must have seen at least that. */
  committed: number;
  state: 'ringing' | 'answered' | 'ended';
  /** What was dialled; for a user, his id. */
  readonly target: string;
  readonly userId: string | null;
  released: boolean;
  log: LegEventBody[];
  /** Prompts and sounds in the order in which they began. */
  readonly heard: string[];
  running: { op: string; collecting: Collecting | null; recording?: Of<'media.record'> } | null;
  buffer: string;
  bridged: string | null;
  /** Room it is in, and whether it is heard there. */
  room: string | null;
  muted: boolean;
}

export interface Telephony {
  readonly legs: Map<string, WorldLeg>;
  readonly lost: Set<string>;
  readonly arrive: (callId: string, leg: NonNullable<CallStart['inbound']>) => void;
  readonly execute: (callId: string, command: MediaCommand) => void;
  /** Something happens at the far end of a leg. */
  readonly say: (leg: WorldLeg, body: LegEventBody) => void;
  readonly answer: (leg: WorldLeg) => void;
  readonly hangUp: (leg: WorldLeg, cause: Cause, by: 'remote' | 'local' | 'network') => void;
  readonly press: (leg: WorldLeg, digit: string) => void;
  readonly lose: (instance: string) => void;
  /** The live leg of a user, if he has one. */
  readonly legOfUser: (userId: string) => WorldLeg | null;
}

type Outside = Omit<World, 'telephony'>;
type Of<K extends MediaCommand['kind']> = Extract<MediaCommand, { kind: K }>;

/** How long a command is on its way, and its answer. */
const TRIP_MS = 5;
/** How long somebody speaks when he is recorded and presses nothing. */
const SPEECH_MS = 5000;

export function createTelephony(world: Outside): Telephony {
  const legs = new Map<string, WorldLeg>();
  const lost = new Set<string>();
  let recordings = 0;

  const newLeg = (init: Pick<WorldLeg, 'id' | 'instance' | 'direction' | 'owner' | 'target' | 'userId'>): WorldLeg => {
    const fresh = {
      committed: 0,
      released: false,
      log: [],
      heard: [],
      running: null,
      buffer: '',
      bridged: null,
      room: null,
      muted: false,
    };
    const leg: WorldLeg = { ...init, state: 'ringing', ...fresh };
    legs.set(leg.id, leg);
    return leg;
  };
  const tellLeg = (leg: WorldLeg, n: number): void => {
    const { owner } = leg;
    const body = leg.log[n - 1];
    if (!body) return;
    world.later(`leg:${leg.id}>${owner}`, TRIP_MS, () => {
      if (!lost.has(leg.instance)) world.tell(owner, { type: 'leg', at: world.now(), leg: leg.id, n, body });
    });
  };
  const say = (leg: WorldLeg, body: LegEventBody): void => {
    if (lost.has(leg.instance) || leg.released) return;
    leg.log.push(body);
    tellLeg(leg, leg.log.length);
  };
  const result = (leg: WorldLeg, op: string, answer: MediaResult): void =>
    say(leg, { type: 'result', op, result: answer });
  const stop = (leg: WorldLeg): void => {
    const running = leg.running;
    leg.running = null;
    if (running) result(leg, running.op, { status: 'interrupted' });
  };
  const hangUp: Telephony['hangUp'] = (leg, cause, by) => {
    if (leg.state === 'ended' || lost.has(leg.instance)) return;
    stop(leg);
    part(leg);
    leg.state = 'ended';
    say(leg, { type: 'hangup', cause, sipStatus: null, by });
  };
  const part = (leg: WorldLeg): void => {
    const other = legs.get(leg.bridged ?? '');
    if (other) other.bridged = null;
    leg.bridged = null;
  };
  const answer = (leg: WorldLeg): void => {
    if (leg.state !== 'ringing') return;
    leg.state = 'answered';
    say(leg, { type: 'answered', codec: 'PCMA', sipCallId: leg.id });
  };

  const dial = (callId: string, command: Of<'leg.dial'>): void => {
    const { target } = command;
    const userId = target.type === 'user' ? target.userId : null;
    const name = target.type === 'user' ? target.userId : target.type === 'sip' ? target.uri : target.number;
    const { leg: id, instance } = command;
    const leg = newLeg({ id, instance, direction: 'outbound', owner: callId, target: name, userId });
    result(leg, command.op, { status: 'done' });
    world.later(`ring:${id}`, 20, () => {
      if (leg.state === 'ringing') say(leg, { type: 'ringing', early: false });
    });
    world.later(`ring:${id}`, command.ringTimeoutMs, () => {
      if (leg.state === 'ringing') hangUp(leg, 'no-answer', 'network');
    });
  };

  const playFor = (leg: WorldLeg, op: string, ms: number): void => {
    world.later(`play:${op}`, ms, () => {
      if (leg.running?.op !== op) return;
      leg.running = null;
      result(leg, op, { status: 'done' });
    });
  };
  const collect = (leg: WorldLeg, command: Of<'media.collect'>): void => {
    const collecting = startCollect(command, leg.buffer, world.now());
    leg.buffer = '';
    leg.running = { op: command.op, collecting };
    leg.heard.push(...collecting.said.splice(0));
    settleCollect(leg);
  };
  const settleCollect = (leg: WorldLeg): void => {
    const running = leg.running;
    const collecting = running?.collecting;
    if (!running || !collecting) return;
    leg.heard.push(...collecting.said.splice(0));
    if (collecting.result) {
      leg.running = null;
      leg.buffer = collecting.rest;
      result(leg, running.op, collecting.result);
      return;
    }
    const { token } = collecting;
    world.later(`collect:${running.op}:${token}`, collecting.deadline - world.now(), () => {
      if (leg.running !== running || collecting.token !== token) return;
      collectDeadline(collecting, world.now());
      settleCollect(leg);
    });
  };

  const record = (leg: WorldLeg, command: Of<'media.record'>): void => {
    stop(leg);
    leg.buffer = '';
    leg.running = { op: command.op, collecting: null, recording: command };
    const said = [
      ...command.prompts.flatMap((prompt) => prompt.items.map(spoken)),
      ...(command.beep ? ['[beep]'] : []),
    ];
    leg.heard.push(...said);
    const ms = Math.min(command.maxMs, SPEECH_MS);
    world.later(`record:${command.op}`, said.length * 1000 + ms, () => endRecord(leg, command.op, ms));
  };
  const endRecord = (leg: WorldLeg, op: string, durationMs: number): void => {
    if (leg.running?.op !== op) return;
    leg.running = null;
    recordings += 1;
    const recordingId = `00000000-0000-4000-8000-${String(recordings).padStart(12, '0')}`;
    result(leg, op, { status: 'recorded', recordingId, durationMs, ended: 'terminator' });
  };

  const media = (leg: WorldLeg, command: MediaCommand): void => {
    switch (command.kind) {
      case 'media.play':
      case 'media.collect':
        if (command.clearDigits) leg.buffer = '';
        stop(leg);
        if (command.kind === 'media.collect') collect(leg, command);
        else {
          leg.running = { op: command.op, collecting: null };
          const said = command.prompts.flatMap((prompt) => prompt.items.map(spoken));
          leg.heard.push(...said);
          if (command.hearers === 'both') legs.get(leg.bridged ?? '')?.heard.push(...said);
          playFor(leg, command.op, said.length * 1000);
        }
        return;
      case 'media.record':
        record(leg, command);
        return;
      case 'media.background':
        stop(leg);
        leg.heard.push(`[${command.sound}]`);
        break;
      case 'media.stop':
        if (leg.running?.op === command.target) stop(leg);
        break;
      case 'media.bridge': {
        const other = legs.get(command.other);
        stop(leg);
        if (other?.state !== 'answered' || lost.has(other.instance)) {
          result(leg, command.op, { status: 'failed', code: 'MED_BRIDGE', message: '' });
          return;
        }
        leg.bridged = other.id;
        other.bridged = leg.id;
        break;
      }
      case 'media.unbridge':
        part(leg);
        break;
      case 'media.conference':
        stop(leg);
        leg.room = command.room;
        leg.muted = command.muted;
        break;
      default:
        break;
    }
    result(leg, command.op, { status: 'done' });
  };

  const takeLeg = (callId: string, leg: WorldLeg, command: Of<'leg.take'>): void => {
    if (leg.owner !== command.giver || command.lastNumber < leg.committed || leg.state === 'ended') {
      const failed = { status: 'failed', code: 'MED_NOT_TAKEN', message: '' } as const;
      world.tell(callId, { type: 'op.result', at: world.now(), op: command.op, result: failed });
      return;
    }
    leg.owner = callId;
    const moves = command.giver !== callId;
    if (moves) for (let n = command.lastNumber + 1; n <= leg.log.length; n += 1) tellLeg(leg, n);
    result(leg, command.op, { status: 'done' });
    leg.committed = command.lastNumber + 1;
    const message = { type: 'leg.moved', id: `moved/${leg.id}/${leg.committed}`, leg: leg.id, to: callId } as const;
    if (moves) {
      const { giver } = command;
      world.later(`moved>${giver}`, 2, () => world.tell(giver, { type: 'message', at: world.now(), message }));
      if (world.calls.get(callId)?.state.status === 'ended') hangUp(leg, 'normal', 'local');
    }
  };

  const onLeg = (callId: string, leg: WorldLeg, command: MediaCommand): void => {
    switch (command.kind) {
      case 'leg.hangup':
        hangUp(leg, command.cause, 'local');
        result(leg, command.op, { status: 'done' });
        return;
      case 'leg.ring':
        result(leg, command.op, { status: 'done' });
        return;
      case 'leg.answer':
        if (leg.state === 'ringing') leg.state = 'answered';
        result(leg, command.op, { status: 'done' });
        say(leg, { type: 'answered', codec: 'PCMA', sipCallId: leg.id });
        return;
      case 'leg.refer': {
        const failed = { status: 'failed', code: 'MED_REFER', message: '' } as const;
        result(leg, command.op, world.options.users?.[leg.target] === undefined ? { status: 'done' } : failed);
        return;
      }
      case 'leg.take':
        takeLeg(callId, leg, command);
        return;
      default:
        media(leg, command);
    }
  };

  const gone = (callId: string, op: string): void => {
    world.tell(callId, { type: 'op.result', at: world.now(), op, result: { status: 'gone' } });
  };
  const run = (callId: string, command: MediaCommand): void => {
    const leg = legs.get(command.leg);
    if (lost.has(command.instance)) gone(callId, command.op);
    else if (command.kind === 'leg.dial') dial(callId, command);
    else if (!leg || leg.released || (leg.owner !== callId && command.kind !== 'leg.take')) gone(callId, command.op);
    else if (command.kind === 'leg.release') {
      leg.released = true;
      world.tell(callId, { type: 'op.result', at: world.now(), op: command.op, result: { status: 'done' } });
    } else if (leg.state === 'ended' && command.kind !== 'leg.take') result(leg, command.op, { status: 'interrupted' });
    else onLeg(callId, leg, command);
  };

  return {
    legs,
    lost,
    arrive: (callId, { leg: id, instance, coordinates }) => {
      const userId = coordinates.type === 'user' ? coordinates.id : null;
      newLeg({ id, instance, direction: 'inbound', owner: callId, target: coordinates.number, userId });
    },
    // Operations on one leg arrive in order, but a hang-up may overtake what is still on its way.
    execute: (callId, command) => {
      const lane = command.kind === 'leg.hangup' ? command.op : `${callId}:${command.leg}`;
      world.later(`op:${lane}`, TRIP_MS, () => run(callId, command));
    },
    say,
    answer,
    hangUp,
    press: (leg, digit) => {
      const collecting = leg.running?.collecting;
      const recording = leg.running?.recording;
      if (recording?.terminators.includes(digit)) endRecord(leg, recording.op, SPEECH_MS);
      else if (!collecting) leg.buffer += digit;
      else {
        collectDigit(collecting, digit, world.now());
        settleCollect(leg);
      }
    },
    lose: (instance) => {
      lost.add(instance);
      for (const leg of legs.values()) if (leg.instance === instance) leg.state = 'ended';
    },
    legOfUser: (userId) => [...legs.values()].find((leg) => leg.userId === userId && leg.state !== 'ended') ?? null,
  };
}
