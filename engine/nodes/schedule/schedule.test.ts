import { expect, test } from 'vitest';
import { nodeViolations, startNode } from '../../testing/node-kit.ts';
import schedule from './schedule.node.ts';

test('keeps the node contract', () => {
  expect(nodeViolations(schedule)).toEqual([]);
});

const config = {
  timeZone: 'Europe/Paris',
  weekly: [{ days: [1, 2, 3, 4, 5], from: '09:00', to: '18:00' }],
  dates: [
    { date: '2026-12-25', name: 'Christmas', hours: [] },
    { date: '2026-12-24', name: 'Christmas Eve', hours: [{ from: '09:00', to: '12:00' }] },
  ],
};
const at = (iso: string) => startNode('schedule', config, { at: Date.parse(iso) }).outcome;

test('follows local time through both changes of the clock', () => {
  // winter: UTC+1
  expect(at('2026-03-27T07:59:00Z')).toBe('closed');
  expect(at('2026-03-27T08:00:00Z')).toBe('open');
  // from 29 March on: UTC+2
  expect(at('2026-03-30T06:59:00Z')).toBe('closed');
  expect(at('2026-03-30T07:00:00Z')).toBe('open');
  // from 25 October on: UTC+1 again
  expect(at('2026-10-26T07:59:59Z')).toBe('closed');
  expect(at('2026-10-26T08:00:00Z')).toBe('open');
});

test('special days have their own hours', () => {
  expect(at('2026-12-25T10:00:00Z')).toBe('holiday');
  expect(at('2026-12-24T10:59:00Z')).toBe('open');
  expect(at('2026-12-24T11:00:00Z')).toBe('holiday');
});

test('a shared calendar is looked up live, and its absence is an outcome', () => {
  const run = startNode('schedule', { calendar: 'opening-hours' });
  expect(run.asked).toEqual({ ask: 'lookup', lookup: { what: 'calendar', id: 'opening-hours' } });
  expect(run.answer({ reply: 'io', result: { status: 'not-found' } }).outcome).toBe('unavailable');
  const calendar = { timeZone: 'UTC', weekly: [], dates: [] };
  expect(run.answer({ reply: 'io', result: { status: 'calendar', calendar } }).outcome).toBe('closed');
});

test('hours that open and close at once are refused', () => {
  const parsed = schedule.config.parse({ weekly: [{ days: [1], from: '09:00', to: '09:00' }] });
  expect(schedule.check?.(parsed)).toEqual([{ code: 'FLW_HOURS', path: ['weekly', 0, 'to'] }]);
  expect(schedule.config.safeParse({ weekly: [{ days: [8], from: '09:00', to: '25:00' }] }).success).toBe(false);
});
