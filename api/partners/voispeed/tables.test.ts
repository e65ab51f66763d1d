import { describe, expect, it } from 'vitest';
import { chatStatus, ringMode } from './tables.ts';

describe('T10, ring modes', () => {
  const group = (strategy: string, followDiversion = false) =>
    ringMode({ kind: 'ring-group', strategy, followDiversion });

  it('tells modes apart by strategy, and by whether members’ own diversions are followed', () => {
    expect(group('all')).toBe(1);
    expect(group('round-robin')).toBe(2);
    expect(group('round-robin', true)).toBe(3);
    expect(group('progressive')).toBe(4);
    expect(group('progressive', true)).toBe(5);
    expect(group('all', true)).toBe(1);
    expect(ringMode({ kind: 'queue', strategy: 'all', followDiversion: false })).toBe(7);
  });
});

describe('T2, what users say of themselves', () => {
  it('comes before what their telephones show', () => {
    expect(chatStatus({ chat: 'away', presence: 'busy' })).toBe(7);
    expect(chatStatus({ chat: 'offline', presence: 'available' })).toBe(1);
    expect(chatStatus({ chat: null, presence: 'busy' })).toBe(4);
    expect(chatStatus({ chat: null, presence: 'nothing of ours' })).toBe(0);
  });
});
