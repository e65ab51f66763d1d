import { Fact } from '@callwright/engine';
import { expect, test } from 'vitest';
import { table } from './output.ts';
import { timeline } from './timeline.ts';

const at = '2026-03-02T10:00:01.500Z';
const record = (type: string, body: object, extra: object = {}) => ({
  n: 1,
  at,
  stream: 'fact' as const,
  type,
  body: body as Record<string, unknown>,
  masked: false,
  ...extra,
});

test('a line says when and what, with the reason of a decision', () => {
  const [line] = timeline('2026-03-02T10:00:00Z', [
    record('node.left', { node: 'menu', outcome: 'sales', reason: 'key 1' }),
  ]);
  expect(line).toBe('    1.500  leaves menu by "sales" because key 1');
});

test('every kind of fact is told, even with nothing in it, and none as raw JSON', () => {
  for (const option of Fact.options) {
    const type = option.shape.type.value;
    const [line] = timeline(at, [record(type, {})]);
    expect(line, type).not.toContain(type.includes('.') ? type : '{');
  }
});

test('unknown types, engine events and hidden values show as such', () => {
  const lines = timeline(at, [
    record('star.born', { mass: 2 }),
    record('timer.fired', { timer: 't' }, { stream: 'event' }),
    record('log', { level: 'info', text: 'x' }, { masked: true }),
  ]);
  expect(lines[0]).toContain('star.born mass=2');
  expect(lines[1]).toContain('· timer.fired timer=t');
  expect(lines[2]).toContain('[personal values hidden]');
});

test('columns are as wide as their widest cell', () => {
  expect(
    table([
      ['A', 'B'],
      ['longer', 'x'],
    ]),
  ).toEqual(['A       B', 'longer  x']);
  expect(table([])).toEqual([]);
});
