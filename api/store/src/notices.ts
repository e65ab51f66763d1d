/** PostgreSQL's notices: a wake-up call between processes. Whoever listens must also look by itself, for a notice may get lost. */
import type { Store } from './store.ts';

const AGAIN_MS = 1000;

/** Calls back with what was said on the channel, and at every (re)connection with null. The result stops it. Holds one connection. */
export function listenFor(store: Store, channel: string, heard: (payload: string | null) => void): () => void {
  let stopped = false;
  let release: (() => void) | null = null;
  let again: NodeJS.Timeout | undefined;
  const connect = async (): Promise<void> => {
    const client = await store.pool.connect();
    release = () => {
      release = null;
      client.removeAllListeners('notification');
      // a connection that listens must not serve anybody else
      client.release(true);
    };
    if (stopped) return release();
    client.on('notification', ({ payload }) => heard(payload ?? null));
    client.once('error', retry);
    client.once('end', retry);
    await client.query(`listen ${client.escapeIdentifier(channel)}`);
    heard(null);
  };
  const retry = (): void => {
    release?.();
    if (stopped) return;
    clearTimeout(again);
    again = setTimeout(() => connect().catch(retry), AGAIN_MS);
    again.unref();
  };
  connect().catch(retry);
  return () => {
    stopped = true;
    clearTimeout(again);
    release?.();
  };
}
