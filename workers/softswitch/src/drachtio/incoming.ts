/** From the network to the applications, and their responses back (wire-protocols A2 to A5). */
import {
  contactUri,
  headerValue,
  headerValues,
  isRequest,
  makeResponse,
  parseCSeq,
  parseRAck,
  type ServerTransaction,
  type SipRequest,
  type SipResponse,
  type SipSource,
  serialise,
  tagOf,
  titledHeader,
  uasDialog,
} from '../sip/index.ts';
import { contactHeaders, parseAppText, passedHeaders } from './app-text.ts';
import type { App } from './apps.ts';
import type { Context, Incoming } from './context.ts';
import { dialogIdOf, endsDialog, type StoredDialog } from './dialog-store.ts';
import { networkLine, responseEcho, unsolicitedLine } from './meta.ts';
import { reliableProvisionals } from './reliable-provisionals.ts';

const UNKNOWN_TRANSACTION = 'NOK|Response not sent due to unknown transaction';
/** Methods that exist only within a dialog. */
const DIALOG_ONLY: ReadonlySet<string> = new Set(['BYE', 'UPDATE', 'PRACK']);
/** Methods refused when they name a dialog that is not here. */
const NEEDS_ITS_DIALOG: ReadonlySet<string> = new Set(['INVITE', 'BYE', 'UPDATE', 'PRACK']);
/** Methods whose Contact becomes the peer's new address (RFC 3261 §12.2, RFC 3311, RFC 6665). */
const TARGET_REFRESH: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER']);

export interface IncomingSide {
  onRequest(transaction: ServerTransaction): void;
  onAck(ack: SipRequest, source: SipSource, transaction: ServerTransaction | undefined): boolean;
  onCancel(transaction: ServerTransaction, cancel: SipRequest): void;
  onAckTimeout(transaction: ServerTransaction): void;
  /** The app's response to a request of the network. */
  respond(app: App, messageId: string, transactionId: string, sip: Buffer): void;
  /** Ends what waits for an app that is gone. */
  onGone(app: App): void;
  /** Takes an entry out without a response by an app (proxying). */
  release(transactionId: string): Incoming | undefined;
}

/** The side of the network: requests in, responses out. */
export function incomingSide(context: Context): IncomingSide {
  const { dialogs, incoming } = context;
  return {
    onRequest(transaction) {
      const stored = dialogs.ofRequest(transaction.request);
      if (stored) inDialog(context, transaction, stored);
      else outsideDialog(context, transaction);
    },
    onAck(ack, source, transaction) {
      const stored = dialogs.ofRequest(ack);
      if (!stored) return false;
      if (!transaction) return true;
      const bytes = serialise(ack);
      stored.app.send(networkLine(source, bytes.length, transaction.id, stored.id), bytes);
      return true;
    },
    onCancel(transaction, cancel) {
      const entry = incoming.get(transaction.id);
      if (!entry) return;
      const bytes = serialise(cancel);
      const id = entry.stored?.id ?? '';
      forget(context, entry);
      entry.app.send(networkLine(transaction.source, bytes.length, transaction.id, id), bytes);
    },
    onAckTimeout: (transaction) => void onAckTimeout(context, transaction),
    respond: (app, messageId, transactionId, sip) => respondFor(context, app, messageId, transactionId, sip),
    onGone(app) {
      for (const entry of incoming.values()) if (entry.app === app) expire(context, entry, context.times.pendingMs);
    },
    release(transactionId) {
      const entry = incoming.get(transactionId);
      if (entry) forget(context, entry);
      return entry;
    },
  };
}

function refuse(context: Context, transaction: ServerTransaction, status: number, retryAfter?: number): void {
  const { stack } = context;
  const headers = retryAfter === undefined ? [] : [titledHeader('retry-after', String(retryAfter))];
  stack.respond(transaction, makeResponse(transaction.request, status, { toTag: transaction.toTag, headers }));
}

function forget(context: Context, entry: Incoming): void {
  const { dialogs, incoming } = context;
  clearTimeout(entry.expiry);
  entry.reliable.stop();
  incoming.delete(entry.transaction.id);
  if (entry.inDialog && entry.transaction.invite && entry.stored) entry.stored.invitePending = undefined;
  if (entry.stored && !entry.inDialog && !entry.stored.confirmed) dialogs.remove(entry.stored);
}

function expire(context: Context, entry: Incoming, delayMs: number): void {
  const { stack } = context;
  clearTimeout(entry.expiry);
  entry.expiry = setTimeout(() => {
    forget(context, entry);
    stack.drop(entry.transaction);
  }, delayMs);
}

function deliver(context: Context, transaction: ServerTransaction, app: App, stored: StoredDialog | undefined): void {
  const { incoming } = context;
  const entry: Incoming = {
    transaction,
    app,
    stored,
    inDialog: stored !== undefined,
    reliable: reliableProvisionals(context.t1Ms),
    expiry: undefined,
  };
  incoming.set(transaction.id, entry);
  expire(context, entry, context.times.pendingMs);
  if (transaction.invite && stored) stored.invitePending = 'theirs';
  const bytes = serialise(transaction.request);
  const { source } = transaction;
  const local = stored ? undefined : { address: source.localAddress, port: source.localPort };
  app.send(networkLine(source, bytes.length, transaction.id, stored?.id ?? '', local), bytes);
}

function inDialog(context: Context, transaction: ServerTransaction, stored: StoredDialog): void {
  const { dialogs } = context;
  const { request } = transaction;
  const { number } = parseCSeq(headerValue(request, 'cseq'))!;
  const { dialog } = stored;
  if (dialog.remoteSeq !== undefined && number < dialog.remoteSeq) {
    refuse(context, transaction, 500);
    return;
  }
  dialog.remoteSeq = number;
  if (!stored.app.alive) {
    refuse(context, transaction, 481);
    if (request.method === 'BYE') dialogs.remove(stored);
    return;
  }
  if (request.method === 'INVITE' && stored.invitePending === 'ours') {
    refuse(context, transaction, 491);
    return;
  }
  if (request.method === 'INVITE' && stored.invitePending === 'theirs') {
    refuse(context, transaction, 500, 1 + Math.floor(Math.random() * 9));
    return;
  }
  if (request.method === 'PRACK' && !takePrack(context, request, stored)) {
    refuse(context, transaction, 481);
    return;
  }
  const target = TARGET_REFRESH.has(request.method) ? contactUri(request) : undefined;
  if (target !== undefined) dialog.remoteTarget = target;
  deliver(context, transaction, stored.app, stored);
}

function takePrack(context: Context, prack: SipRequest, stored: StoredDialog): boolean {
  const { incoming } = context;
  const rack = parseRAck(headerValue(prack, 'rack'));
  if (!rack) return false;
  for (const entry of incoming.values()) {
    if (entry.stored !== stored || entry.transaction.request.method !== rack.method) continue;
    const cseq = parseCSeq(headerValue(entry.transaction.request, 'cseq'))!.number;
    if (cseq === rack.cseq) return entry.reliable.acknowledge(rack.rseq);
  }
  return false;
}

function outsideDialog(context: Context, transaction: ServerTransaction): void {
  const { request } = transaction;
  const tagged = tagOf(headerValue(request, 'to')) !== undefined;
  if (DIALOG_ONLY.has(request.method) || (tagged && NEEDS_ITS_DIALOG.has(request.method))) {
    refuse(context, transaction, 481);
    return;
  }
  const app = context.apps.next(request.method);
  if (!app) {
    refuse(context, transaction, 503);
    return;
  }
  deliver(context, transaction, app, undefined);
}

function answer(context: Context, entry: Incoming, message: SipResponse): SipResponse | undefined {
  const { transaction } = entry;
  const { request } = transaction;
  const headers = passedHeaders(message, context.own);
  if (!headers) return undefined;
  const tag = tagOf(headerValue(message, 'to'));
  if (tag !== undefined && transaction.lastStatus <= 100 && tagOf(headerValue(request, 'to')) === undefined) {
    transaction.toTag = tag;
  }
  headers.push(...contactHeaders(message, request.method, context.own, transaction.reply));
  const { toTag } = transaction;
  const reason = message.reason === '' ? undefined : message.reason;
  return makeResponse(request, message.status, { toTag, headers, body: message.body, reason });
}

/** What a response does to the dialog of its request: an INVITE forms one, a failure or a BYE ends it. */
function settleDialog(context: Context, entry: Incoming, response: SipResponse): string {
  const { dialogs } = context;
  const { request, source } = entry.transaction;
  const success = response.status > 100 && response.status < 300;
  if (!entry.inDialog && success && (request.method === 'INVITE' || request.method === 'SUBSCRIBE')) {
    const dialog = uasDialog(request, response, source);
    if (dialog) {
      entry.stored = dialogs.put({
        id: dialogIdOf(request),
        dialog,
        app: entry.app,
        confirmed: response.status >= 200,
        kind: request.method,
      });
      entry.stored.invitePending = request.method === 'INVITE' && response.status < 200 ? 'theirs' : undefined;
    }
  }
  const id = entry.stored?.id ?? (request.method === 'INVITE' ? dialogIdOf(request) : '');
  if (response.status >= 200 && entry.stored && endsDialog(request, entry.stored)) dialogs.remove(entry.stored);
  return id;
}

function sendReliably(context: Context, entry: Incoming, response: SipResponse): Buffer | undefined {
  const { stack } = context;
  const rseq = entry.reliable.nextRSeq();
  response.headers.push(titledHeader('rseq', String(rseq)));
  const bytes = stack.respond(entry.transaction, response);
  if (!bytes) return undefined;
  const resend = (): void => stack.sendRaw(bytes, entry.transaction.reply);
  entry.reliable.started(rseq, resend, () => {
    forget(context, entry);
    refuse(context, entry.transaction, 504);
  });
  return bytes;
}

async function onAckTimeout(context: Context, transaction: ServerTransaction): Promise<void> {
  const { dialogs } = context;
  const { request, toTag } = transaction;
  const answered = makeResponse(request, 200, { toTag });
  const probe = { ...request, headers: request.headers.filter((line) => line.key !== 'to') };
  probe.headers.push(titledHeader('to', headerValue(answered, 'to')!));
  const stored = dialogs.ofRequest(probe);
  if (!stored) return;
  dialogs.remove(stored);
  const bye = await context.sendOwn(stored.dialog, 'BYE');
  if (!bye) return;
  const bytes = serialise(bye);
  stored.app.send(unsolicitedLine(transaction.reply, bytes.length, stored.id), bytes);
}

function respondFor(context: Context, app: App, messageId: string, transactionId: string, sip: Buffer): void {
  const { stack, incoming } = context;
  const entry = incoming.get(transactionId);
  if (!entry) {
    app.reply(messageId, UNKNOWN_TRANSACTION);
    return;
  }
  const message = parseAppText(sip);
  if (!message || isRequest(message)) {
    app.reply(messageId, 'NOK|Server error: invalid SIP response');
    return;
  }
  const response = answer(context, entry, message);
  if (!response) {
    app.reply(messageId, 'NOK|Server error: missing content-type');
    return;
  }
  const reliable = wantsReliability(entry, response);
  const bytes = reliable ? sendReliably(context, entry, response) : stack.respond(entry.transaction, response);
  if (!bytes) {
    app.reply(messageId, UNKNOWN_TRANSACTION);
    return;
  }
  const id = settleDialog(context, entry, response);
  if (response.status >= 200) forget(context, entry);
  else expire(context, entry, context.times.longestRingMs);
  app.reply(messageId, responseEcho(entry.transaction.reply, bytes.length, transactionId, id), bytes);
}

const wantsReliability = (entry: Incoming, response: SipResponse): boolean =>
  entry.transaction.invite &&
  response.status > 100 &&
  response.status < 200 &&
  headerValues(response, 'require').some((option) => option.toLowerCase() === '100rel');
