/** The dialogs of the server, by drachtio's id `<Call-ID>;from-tag=<tag of the first INVITE>` and by their tags (wire-protocols A3). */
import { type Dialog, headerValue, type SipMessage, type SipRequest, tagOf } from '../sip/index.ts';
import type { App } from './apps.ts';

export interface StoredDialog {
  readonly id: string;
  dialog: Dialog;
  /** Whose in-dialog requests from the network are. */
  readonly app: App;
  /** Method that formed it: INVITE or SUBSCRIBE. */
  readonly kind: string;
  /** False while only provisional responses formed it. */
  confirmed: boolean;
  /** CSeq of our last INVITE that was answered 2xx; what an ACK from the app acknowledges. */
  ackSeq: number | undefined;
  /** The ACK last sent, to repeat when the 2xx comes again. */
  lastAck: { readonly seq: number; readonly bytes: Buffer } | undefined;
  /** A re-INVITE of either side is being dealt with (RFC 3261 §14). */
  invitePending: 'ours' | 'theirs' | undefined;
  orphan: NodeJS.Timeout | undefined;
}

/** What a dialog begins with. */
export type NewDialog = Pick<StoredDialog, 'id' | 'dialog' | 'app' | 'confirmed' | 'kind'>;

export interface DialogStore {
  readonly size: number;
  byId(id: string): StoredDialog | undefined;
  /** The dialog an incoming request or ACK belongs to. */
  ofRequest(request: SipMessage): StoredDialog | undefined;
  put(parts: NewDialog): StoredDialog;
  remove(stored: StoredDialog): void;
  /** The app is gone: its dialogs stay for others to end, but not for ever. */
  orphan(app: App): void;
  close(): void;
}

/** How long a dialog waits for somebody to end it after its application has gone. */
const ORPHAN_MS = 3_600_000;

/** Dialog id of a message of the initial transaction. */
export function dialogIdOf(message: SipMessage): string {
  return `${headerValue(message, 'call-id')};from-tag=${tagOf(headerValue(message, 'from')) ?? ''}`;
}

/** True for the request whose final response ends the dialog. */
export function endsDialog(request: SipRequest, stored: StoredDialog): boolean {
  if (request.method === 'BYE') return stored.kind === 'INVITE';
  if (request.method !== 'NOTIFY' || stored.kind !== 'SUBSCRIBE') return false;
  return /^terminated/i.test(headerValue(request, 'subscription-state') ?? '');
}

export function dialogStore(): DialogStore {
  const byId = new Map<string, StoredDialog>();
  const byTags = new Map<string, StoredDialog>();
  const tagsKey = (callId: string, local: string, remote: string): string => `${callId}|${local}|${remote}`;
  const keyOf = ({ callId, localTag, remoteTag }: Dialog): string => tagsKey(callId, localTag, remoteTag);

  const remove = (stored: StoredDialog): void => {
    clearTimeout(stored.orphan);
    if (byId.get(stored.id) === stored) byId.delete(stored.id);
    if (byTags.get(keyOf(stored.dialog)) === stored) byTags.delete(keyOf(stored.dialog));
  };

  return {
    get size() {
      return byId.size;
    },
    byId: (id) => byId.get(id),
    ofRequest(request) {
      const local = tagOf(headerValue(request, 'to'));
      if (local === undefined) return undefined;
      return byTags.get(tagsKey(headerValue(request, 'call-id')!, local, tagOf(headerValue(request, 'from')) ?? ''));
    },
    put(parts) {
      const { id, dialog, confirmed } = parts;
      const known = byId.get(id);
      if (known && keyOf(known.dialog) === keyOf(dialog)) {
        known.confirmed ||= confirmed;
        known.dialog.remoteTarget = dialog.remoteTarget;
        return known;
      }
      if (known) remove(known);
      const stored: StoredDialog = {
        ...parts,
        ackSeq: undefined,
        lastAck: undefined,
        invitePending: undefined,
        orphan: undefined,
      };
      byId.set(id, stored);
      byTags.set(keyOf(dialog), stored);
      return stored;
    },
    remove,
    orphan(app) {
      for (const stored of byId.values()) {
        if (stored.app === app) stored.orphan = setTimeout(() => remove(stored), ORPHAN_MS).unref();
      }
    },
    close() {
      for (const stored of [...byId.values()]) remove(stored);
    },
  };
}
