/** Recording a conversation by command. */
import { describe, expect, it } from 'vitest';
import { TestCall } from '../../testing/test-call.ts';
import { flow, node } from '../flow/author.ts';

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
