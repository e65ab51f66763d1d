/** Watches over the two connections an instance lives by: who loses one of them has lost its legs (design §4). */
import type { LegTable } from '../legs/leg-table.ts';
import type { MediaServer } from '../media/media-server.ts';
import type { SipServer } from '../sip/drachtio.ts';

/** How long a connection may be away. */
export const AWAY_MS = 2000;

export interface WatchOptions {
  readonly sip: SipServer;
  readonly media: MediaServer;
  readonly legs: LegTable;
  onLost(reason: string): void;
}

/** Returns whether both are there now, and how to stop watching. */
export function watchConnections({ sip, media, legs, onLost }: WatchOptions): { readonly up: boolean; stop(): void } {
  const away = new Map<string, NodeJS.Timeout>();
  let stopped = false;
  const drop = (name: string, reason: string): void => {
    if (stopped || away.has(name)) return;
    away.set(
      name,
      setTimeout(() => onLost(reason), AWAY_MS),
    );
  };
  const back = (name: string): void => {
    clearTimeout(away.get(name));
    away.delete(name);
  };
  // the server forgets whose its dialogs were when the connection drops (wire-protocols A5: their requests get 481), so legs are
  // lost even when the same server takes us back
  let hadLegs = false;
  sip.onDrop(() => {
    hadLegs = legs.all().some((leg) => leg.state !== 'ended');
    drop('sip', 'sip-server-gone');
  });
  sip.onReturn(() => {
    back('sip');
    if (hadLegs && !stopped) onLost('sip-server-gone');
  });
  // channels have connections of their own: legs whose channel died have ended by themselves
  media.onDrop(() => drop('media', 'media-server-gone'));
  media.onReturn(() => back('media'));
  return {
    get up() {
      return away.size === 0;
    },
    stop: () => {
      stopped = true;
      for (const timer of away.values()) clearTimeout(timer);
    },
  };
}
