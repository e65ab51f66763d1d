/** From the applications to the network, and the responses back (wire-protocols A2, A4, A5). */
import {
  type ClientFailure,
  contactUri,
  dialogFlow,
  dialogRequest,
  headerValue,
  headerValues,
  isRequest,
  literalFlow,
  makeResponse,
  newTag,
  parseCSeq,
  parseNameAddr,
  resolveFlow,
  type SipFlow,
  type SipRequest,
  type SipResponse,
  type SipSource,
  serialise,
  tagOf,
  uacDialog,
} from '../sip/index.ts';
import { contactHeaders, parseAppText, passedHeaders } from './app-text.ts';
import type { App } from './apps.ts';
import type { Context, Outgoing } from './context.ts';
import { dialogIdOf, endsDialog, type StoredDialog } from './dialog-store.ts';
import { initialRequest } from './initial-request.ts';
import { networkLine, requestEcho } from './meta.ts';

const NO_DIALOG = 'NOK|Server error: unable to find dialog for dialog id provided';
const NO_TYPE = 'NOK|Server error: missing content-type';
const NOT_SIP = 'NOK|Server error: invalid SIP request';
const NOWHERE = 'NOK|Server error: unable to resolve the destination';
const NO_TRANSACTION = (id: string): string => `NOK|unable to cancel unknown transaction id: ${id}`;

export interface OutgoingSide {
  /** A request outside dialogs; `proxy` is the next hop's URI or empty. */
  send(app: App, messageId: string, sip: Buffer, proxy: string): Promise<void>;
  /** A request within a dialog, of whichever app made it (A5). */
  sendInDialog(app: App, messageId: string, dialogId: string, sip: Buffer): Promise<void>;
  cancel(app: App, messageId: string, transactionId: string, sip: Buffer): void;
  onGone(app: App): void;
}

/** The side of the applications' own requests. */
export function outgoingSide(context: Context): OutgoingSide {
  const { stack, outgoing } = context;
  return {
    send: (app, messageId, sip, proxy) => sendOutside(context, app, messageId, sip, proxy),
    sendInDialog: (app, messageId, dialogId, sip) => sendInDialog(context, app, messageId, dialogId, sip),
    cancel: (app, messageId, transactionId, sip) => cancelFor(context, app, messageId, transactionId, sip),
    onGone(app) {
      for (const entry of outgoing.values()) {
        if (entry.app !== app || !entry.transaction.invite) continue;
        entry.expiry = setTimeout(() => stack.cancel(entry.transaction), context.times.orphanRingMs);
      }
    },
  };
}

function forget(context: Context, entry: Outgoing): void {
  const { outgoing } = context;
  clearTimeout(entry.expiry);
  outgoing.delete(entry.transaction.id);
}

function pass(entry: Outgoing, response: SipResponse, flow: SipFlow): void {
  const bytes = serialise(response);
  entry.app.send(networkLine(flow, bytes.length, entry.transaction.id, entry.dialogId), bytes);
}

/** A 2xx nobody will use: another branch of a fork, or the answer to an app that is gone (RFC 3261 §13.2.2.4). */
function hangUpUnwanted(context: Context, entry: Outgoing, response: SipResponse, source: SipSource): void {
  const { stack } = context;
  const dialog = uacDialog(entry.transaction.request, response, source);
  if (!dialog) return;
  void (async () => {
    try {
      const flow = await dialogFlow(dialog);
      stack.sendAck(dialogRequest(dialog, 'ACK', { seq: dialog.localSeq }), flow);
      if (response.status < 300) await context.sendOwn(dialog, 'BYE');
    } catch {
      // The far end gave an address that leads nowhere: it will give up by itself.
    }
  })();
}

/** Answers `false` when the response is not for the application. */
function settleInvite(context: Context, entry: Outgoing, response: SipResponse, source: SipSource): boolean {
  const { dialogs } = context;
  const { request } = entry.transaction;
  const success = response.status >= 200 && response.status < 300;
  const remoteTag = tagOf(headerValue(response, 'to'));
  if (success && entry.answered) {
    const seq = parseCSeq(headerValue(request, 'cseq'))!.number;
    const again = entry.stored && remoteTag === entry.stored.dialog.remoteTag;
    if (!again) hangUpUnwanted(context, entry, response, source);
    else if (entry.stored?.lastAck?.seq === seq) void repeatAck(context, entry.stored);
    return false;
  }
  if (success && !entry.app.alive && !entry.inDialog) {
    entry.answered = true;
    if (entry.stored) dialogs.remove(entry.stored);
    forget(context, entry);
    hangUpUnwanted(context, entry, response, source);
    return false;
  }
  if (!entry.inDialog && response.status > 100 && response.status < 300) {
    const dialog = uacDialog(request, response, source);
    if (dialog)
      entry.stored = dialogs.put({
        id: entry.dialogId,
        dialog,
        app: entry.app,
        confirmed: success,
        kind: request.method,
      });
    if (entry.stored) entry.stored.invitePending = success ? undefined : 'ours';
  }
  entry.answered ||= success;
  return true;
}

async function repeatAck(context: Context, stored: StoredDialog): Promise<void> {
  const { stack } = context;
  try {
    if (stored.lastAck) stack.sendRaw(stored.lastAck.bytes, await dialogFlow(stored.dialog));
  } catch {
    // The far end's address leads nowhere (any more): its own repetition ends by itself.
  }
}

function settleFinal(context: Context, entry: Outgoing, response: SipResponse): void {
  const { dialogs } = context;
  const { request, invite } = entry.transaction;
  const { stored } = entry;
  if (!stored) return;
  if (invite && response.status < 300) {
    stored.invitePending = undefined;
    stored.ackSeq = parseCSeq(headerValue(request, 'cseq'))!.number;
    const target = contactUri(response);
    if (target !== undefined) stored.dialog.remoteTarget = target;
  } else if (invite) {
    if (entry.inDialog) stored.invitePending = undefined;
    else dialogs.remove(stored);
  } else if (endsDialog(request, stored)) {
    dialogs.remove(stored);
  }
}

function onResponse(context: Context, entry: Outgoing, response: SipResponse, source: SipSource): void {
  const { request, invite } = entry.transaction;
  const forms = invite || request.method === 'SUBSCRIBE';
  if (forms && !settleInvite(context, entry, response, source)) return;
  if (response.status >= 200) {
    settleFinal(context, entry, response);
    forget(context, entry);
  }
  pass(entry, response, source);
}

function onFailure(context: Context, entry: Outgoing, failure: ClientFailure): void {
  const status = failure === 'timeout' ? 408 : 503;
  const response = makeResponse(entry.transaction.request, status, { toTag: newTag() });
  settleFinal(context, entry, response);
  forget(context, entry);
  pass(entry, response, entry.transaction.flow);
}

function start(
  context: Context,
  app: App,
  messageId: string,
  request: SipRequest,
  flow: SipFlow,
  stored?: StoredDialog,
): void {
  const { stack, outgoing } = context;
  let entry: Outgoing | undefined;
  const transaction = stack.request(request, flow, {
    onResponse: (response, source) => entry && onResponse(context, entry, response, source),
    onFailure: (failure) => queueMicrotask(() => entry && onFailure(context, entry, failure)),
  });
  const dialogId = stored?.id ?? dialogIdOf(request);
  entry = { transaction, app, dialogId, stored, inDialog: stored !== undefined, answered: false, expiry: undefined };
  outgoing.set(transaction.id, entry);
  if (stored && transaction.invite) stored.invitePending = 'ours';
  app.reply(messageId, requestEcho(flow, transaction.bytes.length, transaction.id), transaction.bytes);
}

async function sendAck(
  context: Context,
  app: App,
  messageId: string,
  message: SipRequest,
  stored: StoredDialog,
): Promise<void> {
  const { stack, own } = context;
  const headers = passedHeaders(message, own);
  if (!headers) {
    app.reply(messageId, NO_TYPE);
    return;
  }
  const seq = stored.ackSeq;
  if (seq === undefined) {
    app.reply(messageId, 'NOK|ACK for non-success response is sent by the server');
    return;
  }
  const flow = await dialogFlow(stored.dialog);
  const bytes = stack.sendAck(dialogRequest(stored.dialog, 'ACK', { seq, headers, body: message.body }), flow);
  stored.lastAck = { seq, bytes };
  app.reply(messageId, requestEcho(flow, bytes.length, ''), bytes);
}

/** The app's CSeq when it goes forward (a digest's second try), else the dialog's own next one. */
function laterSeq(message: SipRequest, stored: StoredDialog): number | undefined {
  const given = parseCSeq(headerValue(message, 'cseq'))?.number;
  return given !== undefined && given > stored.dialog.localSeq ? given : undefined;
}

const proxyUri = (proxy: string): string => (/^sips?:/i.test(proxy) ? proxy : `sip:${proxy}`);

async function flowOf(uri: string): Promise<SipFlow | undefined> {
  try {
    return literalFlow(uri) ?? (await resolveFlow(uri));
  } catch {
    return undefined;
  }
}

async function sendOutside(context: Context, app: App, messageId: string, sip: Buffer, proxy: string): Promise<void> {
  const message = parseAppText(sip);
  if (!message || !isRequest(message)) {
    app.reply(messageId, NOT_SIP);
    return;
  }
  if (message.method === 'ACK' || message.method === 'CANCEL') {
    app.reply(messageId, `NOK|Server error: ${message.method} needs a dialog or a transaction`);
    return;
  }
  const route = parseNameAddr(headerValues(message, 'route')[0] ?? '')?.uri;
  const nextHop = proxy === '' ? (route ?? message.uri) : proxyUri(proxy);
  const flow = await flowOf(nextHop);
  if (!flow) {
    app.reply(messageId, NOWHERE);
    return;
  }
  const request = initialRequest(message, context.own, flow);
  if (!request) {
    app.reply(messageId, NO_TYPE);
    return;
  }
  start(context, app, messageId, request, flow);
}

async function sendInDialog(
  context: Context,
  app: App,
  messageId: string,
  dialogId: string,
  sip: Buffer,
): Promise<void> {
  const { dialogs, own } = context;
  const message = parseAppText(sip);
  if (!message || !isRequest(message)) {
    app.reply(messageId, NOT_SIP);
    return;
  }
  const stored = dialogs.byId(dialogId);
  if (!stored) {
    app.reply(messageId, NO_DIALOG);
    return;
  }
  try {
    if (message.method === 'ACK') return await sendAck(context, app, messageId, message, stored);
    const flow = await dialogFlow(stored.dialog);
    const headers = passedHeaders(message, own);
    if (!headers) {
      app.reply(messageId, NO_TYPE);
      return;
    }
    headers.push(...contactHeaders(message, message.method, own, flow));
    const seq = laterSeq(message, stored);
    start(
      context,
      app,
      messageId,
      dialogRequest(stored.dialog, message.method, { headers, body: message.body, seq }),
      flow,
      stored,
    );
  } catch {
    app.reply(messageId, NOWHERE);
  }
}

function cancelFor(context: Context, app: App, messageId: string, transactionId: string, sip: Buffer): void {
  const { stack, outgoing } = context;
  const message = parseAppText(sip);
  const entry = outgoing.get(transactionId);
  const headers = message && isRequest(message) ? message.headers.filter((line) => line.key === 'reason') : [];
  const cancel = entry && stack.cancel(entry.transaction, headers);
  if (!entry || !cancel) {
    app.reply(messageId, NO_TRANSACTION(transactionId));
    return;
  }
  const bytes = serialise(cancel);
  app.reply(messageId, requestEcho(entry.transaction.flow, bytes.length, transactionId), bytes);
}
