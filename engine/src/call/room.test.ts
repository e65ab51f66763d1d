/** Meeting rooms: entering by PIN, being heard or not, leaving. */
import { describe, expect, it } from 'vitest';
import { TestCall, type TestCallOptions } from '../../testing/test-call.ts';
import { flow, node, say } from '../flow/author.ts';

const meeting = flow('meeting-test', {
  title: 'Meeting',
  language: 'en',
  nodes: {
    start: node('start', {}, { next: 'room' }),
    room: node(
      'conference',
      { room: '${called.id}', pinPrompts: [say({ en: 'the code' })] },
      { unknown: 'sorry', refused: 'sorry', left: 'sorry', failed: 'sorry' },
    ),
    sorry: node('play', { prompts: [say({ en: 'sorry' })] }, { next: 'end' }),
    end: node('hang-up', {}),
  },
});
const options: TestCallOptions = { rooms: { '800': {}, '801': { pin: '1234' } } };
const enters = (room: string) => TestCall.start(meeting, { ...options, called: { type: 'meeting-room', id: room } });
const facts = (call: TestCall) => call.facts.filter((one) => one.type.startsWith('conference.')).map((one) => one.type);
const joins = (call: TestCall) => call.call.commands.flatMap((one) => (one.kind === 'media.conference' ? [one] : []));
const done = (call: TestCall) => call.facts.flatMap((one) => (one.type === 'control.done' ? [one.code] : []));

describe('a meeting room', () => {
  it('is entered, and left by hanging up', () => {
    const call = enters('800').waits(500);
    expect(joins(call)).toMatchObject([{ room: '800', muted: false, moderator: false }]);
    call.waits(60_000);
    expect(call.ended).toBe(false);
    expect(call.hangsUp().ends()).toMatchObject({ disposition: 'answered', endedBy: 'calling' });
    expect(facts(call)).toEqual(['conference.joined', 'conference.left']);
  });

  it('is entered after its code; a wrong one is asked again, three of them are too many', () => {
    const call = enters('801').hears('the code').presses('9#').hears('the code').presses('1234#').waits(500);
    expect(joins(call)).toHaveLength(1);
    expect(JSON.stringify(call.facts)).not.toContain('1234');
    call.hangsUp().ends();
    const refused = enters('801');
    for (let tries = 0; tries < 3; tries += 1) refused.hears('the code').presses('9#');
    expect(refused.hears('sorry').path).toContain('room=refused');
  });

  it('that does not exist is unknown', () => {
    expect(enters('899').hears('sorry').path).toContain('room=unknown');
  });

  it('a party is heard or not, by command, once inside', () => {
    const call = enters('800').controls({ kind: 'mute', muted: true }).waits(300);
    call.controls({ kind: 'mute', muted: true }).controls({ kind: 'mute', muted: false });
    expect(joins(call).map((one) => one.muted)).toContain(true);
    expect(done(call).slice(-2)).toEqual(['done', 'done']);
    call.hangsUp().ends();
    const other = enters('801').hears('the code').controls({ kind: 'mute', muted: true });
    expect(done(other)).toEqual(['not-in-room']);
    other.hangsUp().ends();
  });

  it('is left when the party is sent elsewhere', () => {
    const call = enters('800').waits(500);
    call.controls({ kind: 'redirect', leg: null, destination: { type: 'user', id: 'nobody' } }).ends();
    expect(facts(call)).toEqual(['conference.joined', 'conference.left']);
    expect(joins(call).at(-1)?.room).toBe(null);
  });
});
