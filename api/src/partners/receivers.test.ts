import { expect, it } from 'vitest';
import { type ReceivedLine, Receivers, receiverKey } from './receivers.ts';

const watched = (receivers: Receivers, key: string) => {
  const seen: ReceivedLine[] = [];
  return { seen, leave: receivers.watch(key)!((line) => seen.push(line)) };
};

it('keeps nothing that nobody looks at, and tells each key its own', () => {
  const receivers = new Receivers();
  expect(receivers.receive('a', 'logger', 'event=8')).toBe(false);
  const [a, b] = [watched(receivers, 'a'), watched(receivers, 'b')];
  expect(receivers.receive('a', 'logger', 'event=9')).toBe(true);
  expect(a.seen).toMatchObject([{ n: 1, receiver: 'logger', query: 'event=9' }]);
  expect(b.seen).toEqual([]);
});

it('goes on for a quarter of an hour after the last has left, and tells who comes back', () => {
  let now = 0;
  const receivers = new Receivers(() => now);
  watched(receivers, 'a').leave();
  now = 14 * 60_000;
  expect(receivers.receive('a', 'logger', 'event=8')).toBe(true);
  expect(watched(receivers, 'a').seen).toHaveLength(1);
  watched(receivers, 'a').leave();
  // the first of the two is still there
  now += 60 * 60_000;
  expect(receivers.receive('a', 'logger', 'event=8')).toBe(true);
  const other = watched(receivers, 'b');
  other.leave();
  now += 16 * 60_000;
  expect(receivers.receive('b', 'logger', 'event=8')).toBe(false);
});

it('is bounded in lines, characters, watchers and keys', () => {
  let now = 0;
  const receivers = new Receivers(() => now);
  for (let i = 0; i < 600; i += 1) {
    if (i === 0) watched(receivers, 'a').leave();
    receivers.receive('a', 'logger', `n=${i}`);
  }
  expect(watched(receivers, 'a').seen).toHaveLength(500);
  expect(watched(receivers, 'a').seen.at(-1)).toMatchObject({ n: 600, query: 'n=599' });
  for (let i = 0; i < 100; i += 1) receivers.receive('a', 'logger', 'x'.repeat(20_000));
  const kept = watched(receivers, 'a').seen;
  expect(kept.reduce((sum, { query }) => sum + query.length, 0)).toBeLessThanOrEqual(256_000);
  const crowded = new Receivers(() => now);
  for (let i = 0; i < 10; i += 1) watched(crowded, 'k0');
  expect(crowded.watch('k0')).toBeNull();
  for (let i = 1; i < 100; i += 1) {
    now = i;
    const one = watched(crowded, `k${i}`);
    if (i > 90) one.leave();
  }
  // the one that was left first makes room
  expect(crowded.watch('new')).not.toBeNull();
  expect(crowded.receive('k91', 'logger', '')).toBe(false);
  expect(crowded.receive('k92', 'logger', '')).toBe(true);
});

it('has a key that does not tell the token, and another for each token', () => {
  expect(receiverKey('a'.repeat(32))).toMatch(/^[0-9a-f]{40}$/);
  expect(receiverKey('a'.repeat(32))).not.toBe(receiverKey('b'.repeat(32)));
});
