/** Recording a conversation by command. */
import { describe, expect, it } from 'vitest';
import { TestCall, type TestCallOptions } from '../../testing/test-call.ts';
import { flow, node } from '../flow/author.ts';

const ELSE = { busy: 'end', 'no-answer': 'end', rejected: 'end', unavailable: 'end', failed: 'end' } as const;
const ring = flow('recording-test', {
  title: 'Recording',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'ring' }),
    ring: node(
      'dial',
      { to: { type: 'user', id: 'bob' } },
      { completed: 'end', busy: 'end', 'no-answer': 'end', rejected: 'end', unavailable: 'end', failed: 'end' },
    ),
    end: node('hang-up', {}),
  },
});
const record = (act: 'start' | 'stop' | 'pause' | 'resume', announce = false) =>
  ({ kind: 'record', act, leg: null, announce }) as const;
const facts = (call: TestCall) => call.facts.filter((one) => one.type.startsWith('recording.')).map((one) => one.type);
const done = (call: TestCall) => call.facts.flatMap((one) => (one.type === 'control.done' ? [one.code] : []));
const taps = (call: TestCall) => call.call.commands.flatMap((one) => (one.kind === 'media.tap' ? [one] : []));

const talking = () =>
  TestCall.start(ring, { users: { bob: { extension: '102' } } })
    .waits(200)
    .reaches('bob')
    .userAnswers('bob')
    .waits(200);

describe('a recording', () => {
  it('is of the caller’s leg, one at a time, paused and resumed, until it is stopped', () => {
    const call = talking().controls(record('start', true)).controls(record('start')).waits(100);
    call
      .controls(record('pause'))
      .controls(record('pause'))
      .controls(record('resume'))
      .controls(record('stop'))
      .waits(100);
    expect(done(call)).toEqual(['done', 'recording', 'done', 'done', 'done', 'done']);
    expect(taps(call).map(({ act }) => act)).toEqual(['start', 'pause', 'resume', 'stop']);
    expect(JSON.stringify(taps(call)[0]?.announcement)).toContain('recorded');
    expect(new Set(taps(call).map(({ key }) => key)).size).toBe(1);
    expect(facts(call)).toEqual(['recording.started', 'recording.paused', 'recording.resumed', 'recording.stopped']);
    call.controls(record('stop'));
    expect(done(call).at(-1)).toBe('not-recording');
    call.hangsUp().ends();
  });

  it('ends with the party it is of', () => {
    const call = talking().controls(record('start')).waits(100);
    call.hangsUp().ends();
    expect(facts(call)).toEqual(['recording.started', 'recording.stopped']);
  });

  it('is refused where nobody has answered', () => {
    const call = TestCall.start(ring, { users: { bob: { extension: '102' } } }).waits(200);
    call.controls(record('start'));
    expect(done(call)).toEqual(['not-answered']);
    call.hangsUp().ends();
  });
});

const NOT_FOUND = { status: 'not-found' } as const;
type Asked = Parameters<NonNullable<TestCallOptions['recording']>>[0];
const policy = (fields: object = {}) =>
  ({ status: 'recording', policy: 'all', announce: 'both', notice: null, keys: false, ...fields }) as const;
const noting =
  (asked: Asked[], answer: ReturnType<typeof policy>): NonNullable<TestCallOptions['recording']> =>
  (one) => {
    asked.push(one);
    return answer;
  };
const talks = (options: TestCallOptions) =>
  TestCall.start(ring, { users: { bob: { extension: '102' } }, ...options })
    .waits(200)
    .reaches('bob')
    .userAnswers('bob')
    .waits(200);
const presses = (call: TestCall, name: string) => {
  call.world.telephony.say(call.world.telephony.legOfUser('bob')!, { type: 'feature', name });
  return call.waits(100);
};
const starters = (call: TestCall) => call.facts.flatMap((one) => (one.type === 'recording.started' ? [one.by] : []));

describe('a recording by policy', () => {
  it('is asked about when two begin to talk, with all that a policy may look at, and told to whom it says', () => {
    const asked: Asked[] = [];
    const call = talks({ recording: noting(asked, policy({ announce: 'outside' })) });
    expect(asked).toMatchObject([
      { direction: 'inbound', called: { number: '100' }, parties: [{ type: 'number' }, { id: 'bob' }], by: null },
    ]);
    expect(asked[0]!.sample).toBeGreaterThanOrEqual(0);
    expect(taps(call)).toMatchObject([{ act: 'start', by: 'policy:all', hearers: 'leg' }]);
    expect(starters(call)).toEqual(['policy:all']);
    // its keys are nobody’s
    presses(call, 'record');
    presses(call, 'record-pause');
    expect(taps(call).map(({ act }) => act)).toEqual(['start']);
    call.hangsUp().ends();
  });

  it('knows through which queue or ring group the conversation came', () => {
    const users = { bob: { extension: '102' } };
    const to = (kind: 'queue' | 'group') =>
      flow(`through-${kind}`, {
        title: 'Through',
        language: 'en',
        nodes: {
          start: node('start', {}, { next: 'reach' }),
          reach:
            kind === 'queue'
              ? node(
                  'queue',
                  { queue: 'support' },
                  {
                    answered: 'end',
                    exit: 'end',
                    empty: 'end',
                    full: 'end',
                    timeout: 'end',
                    callback: 'end',
                    failed: 'end',
                  },
                )
              : node('ring-group', { group: 'sales' }, { completed: 'end', ...ELSE }),
          end: node('hang-up', {}),
        },
      });
    const asked: Asked[] = [];
    const recording = noting(asked, policy());
    const queues = { support: { agents: ['bob'] } };
    const queued = TestCall.start(to('queue'), { users, queues, recording });
    const change = { do: 'log-in', queueId: 'support' } as const;
    queued.world.tellPool({ type: 'pool.agent', id: 'agent', userId: 'bob', change });
    queued.reaches('bob').userAnswers('bob').waits(300).hangsUp().ends();
    const grouped = TestCall.start(to('group'), { users, groups: { sales: { members: ['bob'] } }, recording });
    grouped.reaches('bob').userAnswers('bob').waits(300).hangsUp().ends();
    expect(asked.map(({ queue, group }) => [queue, group])).toEqual([
      ['support', null],
      [null, 'sales'],
    ]);
  });

  it('ends with the conversation, while the call goes on; the next conversation is asked about anew', () => {
    const asked: Asked[] = [];
    const again = flow('recording-again', {
      title: 'Twice',
      language: 'en',
      nodes: {
        start: node('start', {}, { next: 'first' }),
        first: node('dial', { to: { type: 'user', id: 'bob' } }, { completed: 'second', ...ELSE }),
        second: node('dial', { to: { type: 'user', id: 'bob' } }, { completed: 'end', ...ELSE }),
        end: node('hang-up', {}),
      },
    });
    const answer = noting(asked, policy());
    const call = TestCall.start(again, { users: { bob: { extension: '102' } }, recording: answer });
    call.reaches('bob').userAnswers('bob').waits(200).userHangsUp('bob').reaches('bob').userAnswers('bob').waits(200);
    expect(facts(call)).toEqual(['recording.started', 'recording.stopped', 'recording.started']);
    expect(asked.map(({ sample }) => sample)).toEqual([asked[0]!.sample, asked[0]!.sample]);
    call.hangsUp().ends();
  });

  it('does not begin where none fits, where nobody asks, or where it came too late', () => {
    const none = talks({ recording: () => NOT_FOUND });
    expect(taps(none)).toEqual([]);
    none.hangsUp().ends();
    const unasked = talking();
    expect(unasked.call.commands.some((one) => one.kind === 'io.lookup' && one.lookup.what === 'recording')).toBe(
      false,
    );
    unasked.hangsUp().ends();
    const late = TestCall.start(ring, { users: { bob: { extension: '102' } }, recording: () => policy() });
    late.reaches('bob').world.telephony.answer(late.world.telephony.legOfUser('bob')!);
    late.waits(20).hangsUp().ends();
    expect(facts(late).filter((type) => type !== 'recording.stopped')).toEqual([]);
  });
});

describe('a recording by key', () => {
  const may = (one: Asked) => (one.by === 'bob' ? policy({ policy: null, keys: true }) : NOT_FOUND);

  it('begins and ends, and is paused, for a user who may', () => {
    const call = talks({ recording: may });
    presses(call, 'record-pause');
    presses(call, 'record');
    expect(starters(call)).toEqual(['user:bob']);
    presses(call, 'record-pause');
    presses(call, 'record-pause');
    presses(call, 'record');
    expect(facts(call)).toEqual(['recording.started', 'recording.paused', 'recording.resumed', 'recording.stopped']);
    call.hangsUp().ends();
  });

  it('does not for one who may not, and once when the keys come twice', () => {
    const refused = talks({ recording: () => NOT_FOUND });
    presses(refused, 'record');
    expect(taps(refused)).toEqual([]);
    refused.hangsUp().ends();
    const call = talks({ recording: may });
    const bob = call.world.telephony.legOfUser('bob')!;
    call.world.telephony.say(bob, { type: 'feature', name: 'record' });
    call.world.telephony.say(bob, { type: 'feature', name: 'record' });
    call.waits(200);
    expect(taps(call).map(({ act }) => act)).toEqual(['start']);
    call.hangsUp().ends();
  });
});

describe('a recording whose disk is full', () => {
  it('is over, with the reason; the call goes on and may be recorded again', () => {
    const call = talking().controls(record('start')).waits(100);
    const { key, leg } = taps(call)[0]!;
    const ended = { type: 'tap-ended', key, code: 'disk-full', recordingId: null } as const;
    call.world.telephony.say(call.world.telephony.legs.get(leg)!, ended);
    call.world.telephony.say(call.world.telephony.legs.get(leg)!, ended);
    call.waits(100);
    expect(facts(call)).toEqual(['recording.started', 'recording.failed']);
    call.controls(record('stop')).controls(record('start')).waits(100);
    expect(done(call)).toEqual(['done', 'not-recording', 'done']);
    call.hangsUp();
    expect(call.ends()).toMatchObject({ disposition: 'answered', endedBy: 'calling' });
  });
});

describe('a recorded leg that moves', () => {
  /** Two calls: of an outside caller with bob, recorded, and of carol with the one she called. */
  const two = () => {
    const users = { bob: { extension: '102' }, dave: { extension: '104' } };
    const first = TestCall.start(ring, { users }).reaches('bob').userAnswers('bob').waits(200);
    first.controls(record('start')).waits(100);
    const toDave = flow('to-dave', {
      title: 'Dave',
      language: 'en',
      nodes: {
        start: node('start', {}, { next: 'ring' }),
        ring: node('dial', { to: { type: 'user', id: 'dave' } }, { completed: 'end', ...ELSE }),
        end: node('hang-up', {}),
      },
    });
    const second = TestCall.start(toDave, { world: first.world }).reaches('dave').userAnswers('dave').waits(200);
    return { first, second };
  };

  it('is closed where it was and recorded anew where it goes, without another word', () => {
    const { first, second } = two();
    second.controls({ kind: 'join', callId: first.callId, leg: null }).waits(500);
    expect(facts(first)).toEqual(['recording.started', 'recording.stopped']);
    expect(facts(second)).toEqual(['recording.started']);
    expect(taps(second)).toMatchObject([{ act: 'start', announcement: null, by: taps(first)[0]!.by }]);
    expect(taps(second)[0]!.leg).toBe(taps(first)[0]!.leg);
    second.hangsUp().ends();
    first.ends();
  });

  it('that stays after all is recorded further', () => {
    const { first } = two();
    const from = '00000000-0000-7000-8000-00000000dead';
    // whoever asks never takes it
    const message = { type: 'leg.ask', id: `${from}/take/1`, from, leg: null, peerOf: null } as const;
    first.world.tell(first.callId, { type: 'message', at: first.world.now(), message });
    first.waits(1000);
    expect(facts(first)).toEqual(['recording.started', 'recording.stopped']);
    first.waits(6000);
    expect(facts(first)).toEqual(['recording.started', 'recording.stopped', 'recording.started']);
    first.hangsUp().ends();
  });
});
