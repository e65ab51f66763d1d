import { expect, it } from 'vitest';
import { rounds } from './rounds.ts';

it('waits for its pause unless it is woken; woken during a round it goes on at once', async () => {
  let count = 0;
  let during = (): void => {};
  const task = rounds(
    async () => {
      count += 1;
      during();
    },
    () => 3_600_000,
    () => {},
  );
  await expect.poll(() => count).toBe(1);
  task.wake();
  await expect.poll(() => count).toBe(2);
  during = () => {
    if (count < 5) task.wake();
  };
  task.wake();
  await expect.poll(() => count).toBe(5);
  await task.stop();
  expect(count).toBe(5);
});
