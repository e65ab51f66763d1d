/** Keeps the way to phones behind NATs open: OPTIONS to each of their bindings now and then; one that is silent for long is taken away. */
import { type NattedContact, noteNatted, type Store, takeNatted } from '@callwright/store';
import type { Logger } from 'pino';
import { nextHop } from '../sip/binding-way.ts';
import type { SrfLike } from '../sip/drachtio.ts';
import { askTrunk } from '../trunks/requests.ts';

const ROUND_MS = 5000;
/** Shorter than the time after which a NAT forgets a UDP flow: 30 s at the least (RFC 4787 §4.3 asks for two minutes). */
const EVERY_SECONDS = 25;
const BATCH = 200;
const ANSWER_MS = 5000;
/** Two minutes of silence. */
const MOST_SILENT = 5;

export interface NatKeeperDeps {
  readonly store: Store;
  readonly srf: SrfLike;
  /** Name of the media instances whose SIP server the phones registered at. */
  readonly server: string;
  readonly log: Logger;
  /** How often each is asked; 25 s when absent. */
  readonly everySeconds?: number | undefined;
}

export function keepNatOpen({ store, srf, server, log, everySeconds = EVERY_SECONDS }: NatKeeperDeps): {
  stop(): void;
} {
  const round = async (): Promise<void> => {
    for (const contact of await takeNatted(store.db, server, everySeconds, BATCH)) {
      void ask(store, srf, contact).catch((error: unknown) => log.warn({ err: error }, 'a binding could not be asked'));
    }
  };
  const timer = setInterval(
    () => {
      round().catch((error: unknown) => log.warn({ err: error }, 'bindings behind NATs could not be read'));
    },
    Math.min(ROUND_MS, everySeconds * 1000),
  );
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

async function ask(store: Store, srf: SrfLike, contact: NattedContact): Promise<void> {
  const response = await askTrunk(srf, {
    method: 'OPTIONS',
    uri: contact.contact,
    hop: nextHop(contact.received),
    headers: { From: '<sip:ping@localhost>' },
    account: null,
    timeoutMs: ANSWER_MS,
  });
  // any answer of the phone's own counts; 408 is what the SIP server says for one that does not answer
  await noteNatted(store.db, contact, response !== null && response.status !== 408, MOST_SILENT);
}
