/** What the parts of the server share: the stack, the apps, and the tables of what is under way. */
import type { ClientTransaction, Dialog, ServerTransaction, SipRequest, SipStack } from '../sip/index.ts';
import type { OwnAddress } from './app-text.ts';
import type { App, Apps } from './apps.ts';
import type { DialogStore, StoredDialog } from './dialog-store.ts';
import type { Proxied } from './proxy-branches.ts';
import type { ReliableProvisionals } from './reliable-provisionals.ts';

/** A request from the network that an application has not finally answered. */
export interface Incoming {
  readonly transaction: ServerTransaction;
  readonly app: App;
  /** The dialog it came in, or formed by answering. */
  stored: StoredDialog | undefined;
  readonly inDialog: boolean;
  readonly reliable: ReliableProvisionals;
  /** Ends an entry that nobody will answer. */
  expiry: NodeJS.Timeout | undefined;
}

/** A request of an application that has not been finally answered. */
export interface Outgoing {
  readonly transaction: ClientTransaction;
  readonly app: App;
  readonly dialogId: string;
  stored: StoredDialog | undefined;
  readonly inDialog: boolean;
  /** A 2xx was passed on; others are repeats or forks. */
  answered: boolean;
  expiry: NodeJS.Timeout | undefined;
}

/** Times that only tests shorten. */
export interface ServerTimes {
  /** How long an INVITE waits for an application that has gone or says nothing (A5: 64 s). */
  readonly pendingMs: number;
  /** How long an outgoing INVITE of a gone application may ring before the server cancels it. */
  readonly orphanRingMs: number;
  /** Longest life of an unanswered incoming INVITE that rings. */
  readonly longestRingMs: number;
}

export interface Context {
  readonly stack: SipStack;
  readonly apps: Apps;
  readonly own: OwnAddress;
  readonly dialogs: DialogStore;
  /** By transaction id. */
  readonly incoming: Map<string, Incoming>;
  /** By transaction id. */
  readonly outgoing: Map<string, Outgoing>;
  /** Requests being proxied, by transaction id. */
  readonly proxies: Map<string, Proxied>;
  readonly times: ServerTimes;
  readonly t1Ms: number;
  /** Sends a request of the server itself within a dialog and forgets about it; the request as sent, or undefined when it leads nowhere. */
  sendOwn(dialog: Dialog, method: string): Promise<SipRequest | undefined>;
}
