/** The call machine by hand: single events in, commands and records out. */
import { describe, expect, it } from 'vitest';
import type { CallRecord, CallStart, Command, EngineEvent, JsonValue, MediaResult } from '../protocol/index.ts';
import { createCallMachine } from './call.ts';
import type { FlowPort, PortStep } from './flow-port.ts';
import type { CallState } from './state.ts';
import { restoreEvent } from './trace.ts';

const CALL = '0198c0de-0000-7000-8000-000000000001';
const LEG = `${CALL}/leg/in`;
const HASH = 'a'.repeat(64);

/** A flow that welcomes, asks for a digit and hangs up. */
const scripted: FlowPort = {
  start: (_closure, { path }) =>
    step({ path }, [{ ask: 'play', id: `${path}/1`, prompts: [prompt('welcome')], clearDigits: false }]),
  reply: (_closure, state, reply) => {
    const { path } = state as { path: string };
    if (reply.id === `${path}/1`) return step(state, [{ ask: 'collect', id: `${path}/2`, spec: collect }]);
    return step(state, [{ ask: 'hangup', id: `${path}/3`, cause: 'normal' }]);
  },
  listens: () => false,
  skip: () => ({ ok: false, code: 'moved-on' }),
  override: () => ({ ok: false, code: 'unknown-node' }),
};
const step = (state: JsonValue, asks: PortStep['asks']): PortStep => ({ state, asks, trace: [], status: 'active' });
const prompt = (text: string) => ({ items: [{ type: 'text' as const, text }], bargeIn: true });
const collect = {
  prompts: [],
  modes: ['keys' as const],
  minDigits: 1,
  maxDigits: 1,
  terminators: '',
  firstDigitTimeoutMs: 5000,
  interDigitTimeoutMs: 2000,
  totalTimeoutMs: 0,
  tries: 1,
  noInputPrompts: [],
  noMatchPrompts: [],
  clearDigits: false,
};

const start: CallStart = {
  type: 'call.start',
  at: 1000,
  callId: CALL,
  number: 7,
  companyId: 'c1',
  externalId: null,
  direction: 'inbound',
  locale: { language: 'en', timeZone: 'UTC', country: 'GB', currency: 'GBP' },
  seed: 1,
  revision: HASH,
  variables: { account: '4711' },
  called: { type: 'number', id: '1', entityNumber: null, number: '100', name: '' },
  inbound: {
    leg: LEG,
    instance: 'm.1',
    sipCallId: 'x@y',
    coordinates: { type: 'number', id: null, entityNumber: null, number: '0123', name: '' },
  },
  originate: null,
};

function run() {
  const { startCall, stepCall } = createCallMachine(scripted);
  const environment = { closures: { [HASH]: { root: HASH, documents: {} } } };
  let n = 0;
  let at = start.at;
  const records: CallRecord[] = [];
  const commands: Command[] = [];
  const first = startCall(start, environment);
  let state: CallState = first.state;
  records.push(...first.records);
  commands.push(...first.commands);
  const send = (event: EngineEvent) => {
    const next = stepCall(state, event, environment);
    state = next.state;
    records.push(...next.records);
    commands.push(...next.commands);
  };
  return {
    records,
    commands,
    state: () => state,
    send,
    last: () => commands.at(-1)!,
    wait: (ms: number) => {
      at += ms;
    },
    leg: (body: Extract<EngineEvent, { type: 'leg' }>['body']) => {
      n += 1;
      send({ type: 'leg', at, leg: LEG, n, body });
    },
    result(result: MediaResult) {
      const command = commands.at(-1)!;
      this.leg({ type: 'result', op: 'op' in command ? command.op : '', result });
    },
    cdr: () => records.map((one) => one.body as { cdr?: Record<string, unknown> }).find((body) => body.cdr)?.cdr,
  };
}

describe('the call machine', () => {
  it('answers before it plays, collects, hangs up and gives one account', () => {
    const call = run();
    expect(call.last()).toMatchObject({ kind: 'leg.answer', leg: LEG, instance: 'm.1' });
    call.wait(40);
    call.result({ status: 'done' });
    expect(call.last()).toMatchObject({ kind: 'media.play' });
    call.result({ status: 'done' });
    expect(call.last()).toMatchObject({ kind: 'media.collect', maxDigits: 1 });
    call.wait(2000);
    call.result({ status: 'collected', mode: 'keys', value: '5', confidence: 1, ended: 'max', tries: 1 });
    expect(call.last()).toMatchObject({ kind: 'leg.hangup', cause: 'normal' });
    expect(call.state().status).toBe('ending');
    call.leg({ type: 'hangup', cause: 'normal', sipStatus: null, by: 'local' });
    expect(call.last()).toMatchObject({ kind: 'leg.release', upTo: 4 });
    expect(call.state()).toMatchObject({ status: 'ended', legs: {} });
    expect(call.cdr()).toMatchObject({
      disposition: 'answered',
      endedBy: 'platform',
      answeredAt: 1040,
      endedAt: 3040,
      ivrMs: 2000,
    });
    expect(call.records.map((one) => one.n)).toEqual(call.records.map((_, i) => i + 1));
  });

  it('tells a caller who gave up from one who was served', () => {
    const call = run();
    call.leg({ type: 'hangup', cause: 'cancelled', sipStatus: 487, by: 'remote' });
    expect(call.state().status).toBe('ended');
    expect(call.cdr()).toMatchObject({ disposition: 'cancelled', endedBy: 'calling', answeredAt: null });
  });

  it('keeps what a caller typed, and his variables, apart in the records and puts them back', () => {
    const call = run();
    call.result({ status: 'done' });
    call.result({ status: 'done' });
    call.result({ status: 'collected', mode: 'keys', value: '5', confidence: 1, ended: 'max', tries: 1 });
    const events = call.records.filter((one) => one.stream === 'event');
    for (const { body } of events) {
      const { pii: _, ...open } = body as Record<string, JsonValue>;
      expect(JSON.stringify(open)).not.toMatch(/"value":"5"|4711/);
    }
    expect(restoreEvent(events[0]!)).toEqual(start);
    expect(restoreEvent(events.at(-1)!)).toMatchObject({ body: { result: { value: '5' } } });
  });

  it('ignores repeated and unknown events', () => {
    const call = run();
    call.result({ status: 'done' });
    const before = JSON.stringify(call.state().machine);
    const sent = call.commands.length;
    call.send({
      type: 'leg',
      at: 1000,
      leg: LEG,
      n: 1,
      body: { type: 'hangup', cause: 'normal', sipStatus: null, by: 'remote' },
    });
    call.send({ type: 'op.result', at: 1000, op: 'nobody', result: { status: 'done' } });
    call.send({ type: 'timer.fired', at: 1000, timer: 'nobody' });
    call.send({ type: 'leg', at: 1000, leg: 'nobody', n: 9, body: { type: 'held' } });
    expect(JSON.stringify(call.state().machine)).toBe(before);
    expect(call.commands.length).toBe(sent);
  });

  it('ends with the instance that held its caller', () => {
    const call = run();
    call.result({ status: 'done' });
    call.send({ type: 'instance.lost', at: 5000, instance: 'm.2' });
    expect(call.state().status).toBe('active');
    call.send({ type: 'instance.lost', at: 5000, instance: 'm.1' });
    expect(call.state().status).toBe('ended');
    expect(call.cdr()).toMatchObject({ disposition: 'media-lost', cause: 'media-lost', endedBy: 'platform' });
  });
});
