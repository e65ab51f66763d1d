import { expect, it } from 'vitest';
import type { LiveFact } from '../../console/calls/live-events.ts';
import { follow, type LivePath } from './path.ts';

const NUMBER = '*551234';
const fact = (n: number, type: string, body: object = {}, callId = 'a'): LiveFact => ({
  callId,
  n,
  at: '2026-01-01T00:00:00Z',
  type,
  body: body as LiveFact['body'],
});
const started = (callId = 'a', number = NUMBER) => fact(1, 'call.started', { called: { number } }, callId);
const after = (...facts: readonly LiveFact[]) =>
  facts.reduce<LivePath | null>((now, one) => follow(now, one, NUMBER), null);

it('follows the nodes of the call to the number', () => {
  const facts = [
    started(),
    fact(2, 'node.entered', { node: 'start' }),
    fact(3, 'node.left', { node: 'start', outcome: 'next' }),
    fact(4, 'node.entered', { node: 'menu' }),
  ];
  expect(after(...facts)).toEqual({ callId: 'a', n: 4, path: ['start=next'], node: 'menu' });
  expect(after(...facts, fact(5, 'call.ended'))).toMatchObject({ path: ['start=next'], node: null });
});

it('drops what is sent again, other calls, and calls to other numbers', () => {
  const left = fact(2, 'node.left', { node: 'start', outcome: 'next' });
  expect(after(started(), left, left)!.path).toEqual(['start=next']);
  expect(after(started(), fact(2, 'node.entered', { node: 'x' }, 'b'))!.node).toBeNull();
  expect(after(started('b', '102'))).toBeNull();
  expect(after(started(), started('b', '102'))!.callId).toBe('a');
});

it('turns to a newer call', () => {
  expect(after(started(), fact(2, 'node.entered', { node: 'menu' }), started('b'))).toEqual({
    callId: 'b',
    n: 1,
    path: [],
    node: null,
  });
});
