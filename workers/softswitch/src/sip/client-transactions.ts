/** Client transactions (RFC 3261 §17.1 with the Accepted state of RFC 6026), CANCEL (§9.1) and the ACK of failures (§17.1.1.3). */
import { randomUUID } from 'node:crypto';
import {
  cloneRequest,
  headerLines,
  headerValue,
  headerValues,
  NO_BODY,
  prependHeader,
  type SipHeader,
  type SipRequest,
  type SipResponse,
  titledHeader,
} from './message.ts';
import { serialise } from './serialise.ts';
import { giveUpMs, type SipTimers } from './timers.ts';
import { newBranch } from './tokens.ts';
import type { SipFlow, SipSource } from './transport.ts';
import { parseCSeq, parseVia } from './values.ts';

export type ClientState = 'calling' | 'proceeding' | 'accepted' | 'completed' | 'terminated';

/** Why no answer came: nobody answered in 64*T1, or the bytes could not be sent. */
export type ClientFailure = 'timeout' | 'transport';

export interface ClientHandlers {
  /** Every response once, but for 2xx to INVITE: each copy, of each fork. */
  onResponse(response: SipResponse, source: SipSource): void;
  onFailure(failure: ClientFailure): void;
  /** The transaction is gone; nothing follows. */
  onEnd?(): void;
}

export interface ClientTransaction {
  /** Unique for the process's life (uuid). */
  readonly id: string;
  readonly branch: string;
  /** The request as sent, with its Via. */
  readonly request: SipRequest;
  readonly bytes: Buffer;
  readonly flow: SipFlow;
  readonly invite: boolean;
  state: ClientState;
  /** CANCEL made and not yet sent, because nothing provisional came (RFC 3261 §9.1). */
  heldCancel: SipRequest | undefined;
  cancelled: boolean;
  ack: Buffer | undefined;
  timer: NodeJS.Timeout | undefined;
  deadline: NodeJS.Timeout | undefined;
  readonly handlers: ClientHandlers;
}

export interface ClientTransactionContext {
  readonly timers: SipTimers;
  send(bytes: Buffer, flow: SipFlow, onError?: (error: Error) => void): void;
  isReliable(flow: SipFlow): boolean;
  /** `SIP/2.0/UDP host:port` for a flow. */
  sentBy(flow: SipFlow): string;
}

export interface ClientTransactions {
  readonly size: number;
  /** Sends a request with a new Via on top. */
  start(request: SipRequest, flow: SipFlow, handlers: ClientHandlers): ClientTransaction;
  /** Cancels an INVITE; the CANCEL as it goes out (at once, or after the first provisional), undefined when it is too late. */
  cancel(transaction: ClientTransaction, headers: readonly SipHeader[]): SipRequest | undefined;
  /** Takes a response; false when no transaction knows it. */
  receive(response: SipResponse, source: SipSource): boolean;
  close(): void;
}

/** A request of the same transaction as an INVITE: its ACK (to a failure) or its CANCEL. */
function sibling(invite: SipRequest, method: 'ACK' | 'CANCEL', to: string, extra: readonly SipHeader[]): SipRequest {
  const cseq = parseCSeq(headerValue(invite, 'cseq'))!;
  const headers: SipHeader[] = [headerLines(invite, 'via')[0]!, ...headerLines(invite, 'route')];
  headers.push(titledHeader('max-forwards', headerValue(invite, 'max-forwards') ?? '70'));
  headers.push(titledHeader('from', headerValue(invite, 'from')!), titledHeader('to', to));
  headers.push(titledHeader('call-id', headerValue(invite, 'call-id')!));
  headers.push(titledHeader('cseq', `${cseq.number} ${method}`), ...extra);
  return { method, uri: invite.uri, headers, body: NO_BODY };
}

interface Table {
  readonly context: ClientTransactionContext;
  readonly byKey: Map<string, ClientTransaction>;
}

const keyOf = (branch: string, method: string): string => `${branch}|${method}`;

/** The transaction table of one stack. */
export function clientTransactions(context: ClientTransactionContext): ClientTransactions {
  const table: Table = { context, byKey: new Map() };
  return {
    get size() {
      return table.byKey.size;
    },
    start: (request, flow, handlers) => start(table, request, flow, handlers),
    cancel: (transaction, headers) => cancel(table, transaction, headers),
    receive(response, source) {
      const via = parseVia(headerValues(response, 'via')[0] ?? '');
      const cseq = parseCSeq(headerValue(response, 'cseq'));
      const transaction = via && cseq && table.byKey.get(keyOf(via.params.get('branch') ?? '', cseq.method));
      if (!transaction) return false;
      take(table, transaction, response, source);
      return true;
    },
    close() {
      for (const transaction of [...table.byKey.values()]) end(table, transaction);
    },
  };
}

function end(table: Table, transaction: ClientTransaction): void {
  clearTimeout(transaction.timer);
  clearTimeout(transaction.deadline);
  if (transaction.state === 'terminated') return;
  transaction.state = 'terminated';
  table.byKey.delete(keyOf(transaction.branch, transaction.request.method));
  transaction.handlers.onEnd?.();
}

function fail(table: Table, transaction: ClientTransaction, failure: ClientFailure): void {
  const waiting = transaction.state === 'calling' || transaction.state === 'proceeding';
  end(table, transaction);
  if (waiting) transaction.handlers.onFailure(failure);
}

function failAfter(table: Table, transaction: ClientTransaction): void {
  clearTimeout(transaction.deadline);
  transaction.deadline = setTimeout(() => fail(table, transaction, 'timeout'), giveUpMs(table.context.timers));
}

function transmit(table: Table, transaction: ClientTransaction): void {
  table.context.send(transaction.bytes, transaction.flow, () => fail(table, transaction, 'transport'));
}

/** Timers A and E: INVITE doubles without bound, others up to T2. */
function repeatEvery(table: Table, transaction: ClientTransaction, intervalMs: number): void {
  clearTimeout(transaction.timer);
  transaction.timer = setTimeout(() => {
    transmit(table, transaction);
    if (transaction.state === 'terminated') return;
    const longest = transaction.invite ? Number.POSITIVE_INFINITY : table.context.timers.t2Ms;
    repeatEvery(table, transaction, Math.min(intervalMs * 2, longest));
  }, intervalMs);
}

function endAfter(table: Table, transaction: ClientTransaction, delayMs: number): void {
  clearTimeout(transaction.deadline);
  if (delayMs === 0) end(table, transaction);
  else transaction.deadline = setTimeout(() => end(table, transaction), delayMs);
}

/** Starts a transaction; a CANCEL brings the branch of its INVITE, all others get a new one. */
function start(
  table: Table,
  request: SipRequest,
  flow: SipFlow,
  handlers: ClientHandlers,
  ownBranch?: string,
): ClientTransaction {
  const { context } = table;
  const sent = cloneRequest(request);
  const branch = ownBranch ?? newBranch();
  if (ownBranch === undefined) prependHeader(sent, 'via', `${context.sentBy(flow)};branch=${branch};rport`);
  const transaction: ClientTransaction = {
    id: randomUUID(),
    branch,
    request: sent,
    bytes: serialise(sent),
    flow,
    invite: request.method === 'INVITE',
    state: 'calling',
    heldCancel: undefined,
    cancelled: false,
    ack: undefined,
    timer: undefined,
    deadline: undefined,
    handlers,
  };
  table.byKey.set(keyOf(branch, request.method), transaction);
  failAfter(table, transaction);
  if (!context.isReliable(flow)) repeatEvery(table, transaction, context.timers.t1Ms);
  transmit(table, transaction);
  return transaction;
}

function cancel(table: Table, transaction: ClientTransaction, headers: readonly SipHeader[]): SipRequest | undefined {
  const open = transaction.state === 'calling' || transaction.state === 'proceeding';
  if (!transaction.invite || transaction.cancelled || !open) return undefined;
  transaction.cancelled = true;
  const request = sibling(transaction.request, 'CANCEL', headerValue(transaction.request, 'to')!, headers);
  if (transaction.state === 'proceeding') sendCancel(table, transaction, request);
  else transaction.heldCancel = request;
  return request;
}

/** Sends the CANCEL; an INVITE that then stays unanswered for 64*T1 counts as over (RFC 3261 §9.1). */
function sendCancel(table: Table, transaction: ClientTransaction, request: SipRequest): void {
  transaction.heldCancel = undefined;
  start(table, request, transaction.flow, { onResponse: () => {}, onFailure: () => {} }, transaction.branch);
  failAfter(table, transaction);
}

function take(table: Table, transaction: ClientTransaction, response: SipResponse, source: SipSource): void {
  const success = response.status >= 200 && response.status < 300;
  if (transaction.state === 'completed') {
    if (response.status >= 300 && transaction.ack) table.context.send(transaction.ack, transaction.flow);
    return;
  }
  if (transaction.state === 'accepted') {
    if (success) transaction.handlers.onResponse(response, source);
    return;
  }
  if (response.status < 200) {
    provisional(table, transaction);
  } else if (transaction.invite && success) {
    clearTimeout(transaction.timer);
    transaction.state = 'accepted';
    endAfter(table, transaction, giveUpMs(table.context.timers));
  } else {
    finalFailure(table, transaction, response);
  }
  transaction.handlers.onResponse(response, source);
}

function provisional(table: Table, transaction: ClientTransaction): void {
  if (transaction.state === 'calling') {
    transaction.state = 'proceeding';
    if (transaction.invite) {
      clearTimeout(transaction.timer);
      clearTimeout(transaction.deadline);
    } else if (!table.context.isReliable(transaction.flow)) {
      repeatEvery(table, transaction, table.context.timers.t2Ms);
    }
  }
  if (transaction.heldCancel) sendCancel(table, transaction, transaction.heldCancel);
}

function finalFailure(table: Table, transaction: ClientTransaction, response: SipResponse): void {
  const { context } = table;
  clearTimeout(transaction.timer);
  transaction.state = 'completed';
  if (transaction.invite) {
    const to = headerValue(response, 'to') ?? headerValue(transaction.request, 'to')!;
    transaction.ack = serialise(sibling(transaction.request, 'ACK', to, []));
    context.send(transaction.ack, transaction.flow);
  }
  const reliable = context.isReliable(transaction.flow);
  endAfter(table, transaction, reliable ? 0 : transaction.invite ? giveUpMs(context.timers) : context.timers.t4Ms);
}
