/** Message lamps of phones that never subscribe: a NOTIFY outside of dialogs (RFC 3842 §2, common practice), once a change and binding. */
import { type DueLamp, dueLamps, lampTold, type Store } from '@callwright/store';
import type { Logger } from 'pino';
import { wayTo } from '../sip/binding-way.ts';
import type { SrfLike } from '../sip/drachtio.ts';
import { escapeUser } from '../sip/headers.ts';
import { BODY_TYPES, bodyOf } from './documents.ts';

export interface LampDeps {
  readonly store: Store;
  readonly srf: SrfLike;
  readonly server: string;
  readonly log: Logger;
}

export interface Lamps {
  /** Sends what is due; resolves when it is out. */
  round(): Promise<void>;
}

const BATCH = 100;

export function createLamps({ store, srf, server, log }: LampDeps): Lamps {
  /** Under way, by binding: an answer may take as long as the SIP server waits. */
  const asked = new Set<string>();
  const set = async (lamp: DueLamp): Promise<void> => {
    const key = `${lamp.loginId} ${lamp.contact}`;
    if (asked.has(key)) return;
    asked.add(key);
    try {
      if (await send(srf, lamp)) await lampTold(store.db, lamp);
    } catch (error) {
      log.warn({ err: error }, 'a message lamp could not be noted');
    } finally {
      asked.delete(key);
    }
  };
  return {
    round: async () => {
      for (const lamp of await dueLamps(store.db, server, BATCH)) void set(lamp);
    },
  };
}

/** True when the phone, or the SIP server for it, has answered. */
function send(srf: SrfLike, { contact, received, path, entity, messages }: DueLamp): Promise<boolean> {
  const account = `sip:${escapeUser(entity)}@localhost`;
  const told = {
    package: 'message-summary',
    entity: account,
    notifies: 0,
    state: 'unknown',
    dialogs: [],
    chat: null,
    messages,
  } as const;
  const way = wayTo({ received, path });
  const headers = {
    ...way.headers,
    From: `<${account}>`,
    To: `<${account}>`,
    Event: 'message-summary',
    'Subscription-State': 'active',
    'Content-Type': BODY_TYPES['message-summary'],
  };
  return new Promise((resolve) => {
    try {
      const request = { method: 'NOTIFY', proxy: way.proxy, headers, body: bodyOf(told) };
      srf.request(contact, request, (error, sent) => {
        if (error || !sent) return resolve(false);
        sent.on('response', ({ status }) => {
          if (status >= 200) resolve(true);
        });
      });
    } catch {
      // the connection to the SIP server is gone
      resolve(false);
    }
  });
}
