import type { MediaCommand } from '@callwright/engine';
import { describe, expect, it } from 'vitest';
import { type CallRun, openBefore } from './call-run.ts';

const on = (op: string, leg: string, kind: string, more: object = {}): MediaCommand =>
  ({ op, leg, kind, instance: 'here', ...more }) as MediaCommand;

const openOf = (...commands: readonly MediaCommand[]): CallRun =>
  ({ open: new Map(commands.map((command) => [command.op, command])) }) as unknown as CallRun;

describe('operations open when another is ordered', () => {
  it('are the latest of each leg it touches', () => {
    const bridge = on('4', 'a', 'media.bridge', { other: 'b' });
    const run = openOf(on('1', 'a', 'leg.ring'), on('2', 'a', 'media.background'), on('3', 'b', 'media.keys'), bridge);
    expect(openBefore(run, bridge)).toEqual(['2', '3']);
  });

  it('are named once where one touches both legs, and those of strangers not at all', () => {
    const unbridge = on('3', 'b', 'media.unbridge', { other: 'a' });
    const run = openOf(on('1', 'c', 'media.play'), on('2', 'a', 'media.bridge', { other: 'b' }), unbridge);
    expect(openBefore(run, unbridge)).toEqual(['2']);
  });

  it('are not those ordered after it, when it is tried again, nor those of another instance', () => {
    const first = on('2', 'a', 'media.play');
    const run = openOf({ ...on('1', 'a', 'media.keys'), instance: 'there' }, first, on('3', 'a', 'media.background'));
    expect(openBefore(run, first)).toEqual([]);
  });
});
