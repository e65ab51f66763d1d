import { expect, it } from 'vitest';
import { afterHold, type BarState, NO_CALLS, readEvent } from './bar-calls.ts';

const USER = { id: '7', extension: '35' };
const read = (...lines: string[]): BarState =>
  lines.reduce((state, line, at) => readEvent(state, USER, new URLSearchParams(line), at), NO_CALLS);

it('follows a call of the user from its first ring to its end', () => {
  const rings = 'event_type=2&event=8&event_name=incoming_call&ext=35&call_id=3250&number=0733123123';
  const answered = 'event_type=2&event=14&event_name=call_answered&ext=35&call_id=3250&number=0733123123';
  const held = 'event_type=1&event=11&event_name=call_held&call_id=3250&user_id=7';
  const over = 'event_type=2&event=17&event_name=call_disconnect_in&ext=35&call_id=3250&number=0733123123';
  expect(read(rings).calls).toEqual([
    { id: '3250', number: '0733123123', direction: 'in', state: 'ringing', since: 0 },
  ]);
  expect(read(rings, answered).calls).toMatchObject([{ state: 'active', since: 1 }]);
  expect(read(rings, answered, held).calls).toMatchObject([{ state: 'held' }]);
  expect(read(rings, answered, held, over)).toMatchObject({ calls: [], ended: 1 });
});

it('takes nothing of another extension, and knows an exchange event by the user', () => {
  const other = 'event_type=2&event=8&event_name=incoming_call&ext=36&call_id=3250&number=1';
  const mine = 'event_type=2&event=9&event_name=outgoing_call&ext=35&call_id=1&number=187';
  expect(read(other)).toBe(NO_CALLS);
  expect(read(mine, 'event_type=1&event=11&event_name=call_held&call_id=1&user_id=8').calls).toMatchObject([
    { state: 'calling' },
  ]);
});

it('shows a call that was handed over, missed calls and failures', () => {
  const given = 'event_type=2&event=14&event_name=call_answered&ext=35&call_id=9&number=39';
  expect(read(given).calls).toMatchObject([{ id: '9', state: 'active' }]);
  const lost = 'event_type=2&event=12&event_name=lost_call&ext=35&call_id=9&number=39';
  const failed = 'event_type=2&event=1&event_name=cmd_failed&ext=35&request_id=1&error_msg=no+line';
  expect(read(lost, failed).notices).toEqual([
    { at: 1, kind: 'failed', text: 'no line' },
    { at: 0, kind: 'missed', text: '39' },
  ]);
});

it('shows a hold that was commanded', () => {
  const one = read('event_name=call_answered&ext=35&call_id=9&number=39');
  expect(afterHold(one, '9', true, 5).calls).toMatchObject([{ state: 'held', since: 5 }]);
  expect(afterHold(one, '10', true, 5).calls).toMatchObject([{ state: 'active' }]);
});
