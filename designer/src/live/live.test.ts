import { describe, expect, it } from 'vitest';
import type { LiveFact } from '../console/calls/live-events.ts';
import { type FlowCalls, follow, marksOf, merge, NO_CALLS } from './flow-calls.ts';
import { paintHeat, usesOf } from './heat.ts';
import { reasonKey } from './reasons.ts';
import { paintSteps, type RecordRow, stepsOf } from './steps.ts';

const revisions = new Set(['r1', 'r2']);
const fact = (callId: string, n: number, type: string, body: object = {}): LiveFact => ({
  callId,
  n,
  at: `2026-01-01T00:00:${String(n).padStart(2, '0')}.000Z`,
  type,
  body: body as LiveFact['body'],
});
const started = (id: string, revision = 'r1') =>
  fact(id, 2, 'call.started', { revision, calling: { name: 'Ann', number: '101' } });
const all = (...facts: LiveFact[]): FlowCalls => facts.reduce((now, one) => follow(now, one, revisions), NO_CALLS);
const listed = (id: string, node: string | null, step: number) => ({
  id,
  number: 1,
  direction: 'inbound' as const,
  calling: { type: 'number' as const, id: null, entityNumber: null, number: '7', name: '' },
  called: { type: 'number' as const, id: null, entityNumber: null, number: '8', name: '' },
  startedAt: '2026-01-01T00:00:00.000Z',
  revision: 'r1',
  version: 1,
  node,
  since: null,
  step,
});

describe('calls of a flow', () => {
  it('come, move and go with their facts; late facts change nothing', () => {
    const menu = all(started('a'), fact('a', 4, 'node.entered', { node: 'menu' }));
    expect(menu.calls.get('a')).toMatchObject({ node: 'menu', label: 'Ann (101)', revision: 'r1' });
    const inside = follow(menu, fact('a', 6, 'node.entered', { node: 'who/ask' }), revisions);
    expect(follow(inside, fact('a', 4, 'node.entered', { node: 'menu' }), revisions)).toBe(inside);
    expect(marksOf(inside, 'r1', 'a')).toEqual({
      who: { count: 1, dots: [{ id: 'a', label: 'Ann (101)', chosen: true }], share: null },
    });
    expect(marksOf(inside, 'r2', null)).toEqual({});
    expect(follow(inside, fact('a', 9, 'call.ended'), revisions).calls.size).toBe(0);
  });

  it('of other flows are not theirs, until they are led here; who is led away is gone', () => {
    expect(all(started('a', 'x'), fact('a', 4, 'node.entered', { node: 'menu' })).calls.size).toBe(0);
    const away = all(started('a'), fact('a', 4, 'flow.changed', { revision: null }));
    expect(away.calls.size).toBe(0);
    const other = all(started('a'), fact('a', 4, 'flow.changed', { revision: 'r2' }));
    expect(other.calls.get('a')?.revision).toBe('r2');
  });

  it('are as listed, unless something newer is known', () => {
    const before = all(started('a'), started('b'), fact('b', 4, 'node.entered', { node: 'menu' }));
    const now = follow(
      follow(
        follow(before, fact('a', 9, 'call.ended'), revisions),
        fact('b', 8, 'node.entered', { node: 'end' }),
        revisions,
      ),
      started('c'),
      revisions,
    );
    const merged = merge(now, [listed('a', 'menu', 5), listed('b', 'menu', 4), listed('d', 'wait', 7)], before);
    expect([...merged.calls.values()].map(({ id, node }) => [id, node])).toEqual([
      ['b', 'end'],
      ['d', 'wait'],
      ['c', null],
    ]);
  });

  it('have a dot each where there is room, the chosen one always', () => {
    const crowd = all(
      ...Array.from({ length: 9 }, (_, index) => [
        started(`c${index}`),
        fact(`c${index}`, 4, 'node.entered', { node: 'menu' }),
      ]).flat(),
    );
    const { menu } = marksOf(crowd, 'r1', 'c8');
    expect(menu?.count).toBe(9);
    expect(menu?.dots.map(({ id }) => id)).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c8']);
  });
});

describe('heat', () => {
  const heat = {
    hash: 'r1',
    from: '',
    to: '',
    calls: 10,
    more: false,
    nodes: [
      { node: 'menu', count: 10 },
      { node: 'sales', count: 4 },
    ],
    ways: [
      { node: 'menu', outcome: 'sales', count: 4 },
      { node: 'menu', outcome: 'no-input', count: 3 },
    ],
  };

  it('is a share of the busiest node; who left by no outcome stayed', () => {
    const paint = paintHeat(heat);
    expect(paint.marks?.sales).toEqual({ count: 4, dots: [], share: 0.4 });
    expect(paint.heat?.['menu\nno-input']).toEqual({ count: 3, share: 0.3 });
    expect(usesOf(heat)).toMatchObject([
      { node: 'menu', stayed: 3 },
      { node: 'sales', stayed: 4 },
    ]);
  });

  it('of nothing is nothing', () => {
    expect(paintHeat({ ...heat, nodes: [], ways: [] })).toMatchObject({ marks: {}, heat: {} });
  });
});

describe('steps of a call', () => {
  const record = (n: number, type: string, body: object = {}): RecordRow => ({
    n,
    at: `2026-01-01T00:00:${String(n).padStart(2, '0')}.000Z`,
    stream: 'fact',
    type,
    body,
    masked: false,
  });
  const records = [
    record(1, 'call.started'),
    record(2, 'node.entered', { node: 'who' }),
    record(3, 'node.entered', { node: 'who/ask' }),
    record(4, 'input.collected', { node: 'who/ask' }),
    record(5, 'node.left', { node: 'who/ask', outcome: 'collected', reason: 'four keys' }),
    record(6, 'node.left', { node: 'who', outcome: 'known', reason: '' }),
    record(7, 'node.entered', { node: 'wait' }),
    record(8, 'flow.changed', { revision: null }),
    record(9, 'parties.connected'),
    record(10, 'flow.changed', { revision: 'r2' }),
    record(11, 'node.entered', { node: 'hello' }),
  ];

  it('tell node, outcome and reason, through sub-flows and other flows', () => {
    const steps = stepsOf(records, 'r1');
    expect(steps.map(({ revision, node, left }) => [revision, node, left?.outcome ?? null])).toEqual([
      ['r1', null, null],
      ['r1', 'who', 'known'],
      ['r1', 'who/ask', 'collected'],
      ['r1', 'wait', null],
      [null, null, null],
      ['r2', 'hello', null],
    ]);
    expect(steps[2]).toMatchObject({ left: { reason: 'four keys' }, facts: [{ type: 'input.collected' }] });
  });

  it('light up the way that far, on the canvas of their revision', () => {
    const steps = stepsOf(records, 'r1');
    expect(paintSteps(steps, 2)).toMatchObject({ nodes: { who: 'current' }, edges: {} });
    expect(paintSteps(steps, 3)).toMatchObject({
      nodes: { who: 'visited', wait: 'current' },
      edges: { 'who\nknown': 'taken' },
    });
    expect(paintSteps(steps, 5)).toMatchObject({ nodes: { hello: 'current' }, edges: {} });
    expect(paintSteps(steps, 99)).toMatchObject({ nodes: {} });
  });
});

it('knows the reasons that the engine tells, and leaves words and texts of authors alone', () => {
  expect(reasonKey('after 3 tries')).toEqual({ key: 'tries', value: '3' });
  expect(reasonKey('share of 12.5 %')).toEqual({ key: 'share', value: '12.5' });
  expect(reasonKey('skipped from outside')).toEqual({ key: 'skipped', value: '' });
  for (const other of ['busy', 'after lunch', '']) expect(reasonKey(other)).toBe(null);
});
