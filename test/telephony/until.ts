/** Waiting for what telephony does in its own time. */
import { setTimeout as sleep } from 'node:timers/promises';

/** What `find` finds, once it finds something. Throws after the time with `what` was waited for. */
export async function until<T>(
  what: string,
  find: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 20_000,
): Promise<T> {
  const before = Date.now();
  for (;;) {
    const found = await find();
    if (found !== undefined) return found;
    if (Date.now() - before > timeoutMs) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await sleep(20);
  }
}
