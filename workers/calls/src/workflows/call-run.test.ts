import type { MediaCommand } from '@callwright/engine';
import { describe, expect, it } from 'vitest';
import { type CallRun, openBefore } from './call-run.ts';

const on = (op: string, leg: string, kind: string, more: object = {}): MediaCommand =>
  ({ op, leg, kind, instance: 'here', ...more }) as MediaCommand;

const openOf = (...commands: readonly MediaCommand[]): CallRun =>
  ({ open: new Map(commands.map((command) => [command.op, command])) }) as unknown as CallRun;

const before = (run: CallRun, command: MediaCommand): string[] => openBefore(run, command).map(({ op }) => op);

describe('operations open when another is ordered', () => {
  it('are the latest of each leg it touches', () => {
    const bridge = on('4', 'a', 'media.bridge', { other: 'b' });
    const first = on('1', 'a', 'media.stop');
    const run = openOf(first, on('2', 'a', 'media.background'), on('3', 'b', 'media.play'), bridge);
    expect(before(run, bridge)).toEqual(['2', '3']);
    expect(openBefore(run, bridge)[0]).toEqual({ op: '2', kind: 'media.background' });
  });

  it('are named once where one touches both legs, and those of strangers not at all', () => {
    const unbridge = on('3', 'b', 'media.unbridge', { other: 'a' });
    const run = openOf(on('1', 'c', 'media.play'), on('2', 'a', 'media.bridge', { other: 'b' }), unbridge);
    expect(before(run, unbridge)).toEqual(['2']);
  });

  it('are not those ordered after it, when it is tried again, nor those of another instance', () => {
    const first = on('2', 'a', 'media.play');
    const run = openOf({ ...on('1', 'a', 'media.play'), instance: 'there' }, first, on('3', 'a', 'media.background'));
    expect(before(run, first)).toEqual([]);
  });

  it('are none that leave the sound as it is, nor are those kept waiting', () => {
    const play = on('4', 'a', 'media.play');
    const hangUp = on('5', 'a', 'leg.hangup');
    const above = on('3', 'a', 'media.play', { hearers: 'both' });
    const run = openOf(on('1', 'a', 'leg.ring'), on('2', 'a', 'media.tap'), above, play, hangUp);
    expect([before(run, play), before(run, hangUp)]).toEqual([[], []]);
  });
});
