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

/** The transaction table of one stack. */
export function clientTransactions(context: ClientTransactionContext): ClientTransactions {
  const table = new Map<string, ClientTransaction>();
  const { timers } = context;
  const keyOf = (branch: string, method: string): string => `${branch}|${method}`;

  const end = (transaction: ClientTransaction): void => {
    clearTimeout(transaction.timer);
    clearTimeout(transaction.deadline);
    if (transaction.state === 'terminated') return;
    transaction.state = 'terminated';
    table.delete(keyOf(transaction.branch, transaction.request.method));
    transaction.handlers.onEnd?.();
  };

  const fail = (transaction: ClientTransaction, failure: ClientFailure): void => {
    const waiting = transaction.state === 'calling' || transaction.state === 'proceeding';
    end(transaction);
    if (waiting) transaction.handlers.onFailure(failure);
  };

  const transmit = (transaction: ClientTransaction): void =>
    context.send(transaction.bytes, transaction.flow, () => fail(transaction, 'transport'));

  const repeatEvery = (transaction: ClientTransaction, intervalMs: number): void => {
    clearTimeout(transaction.timer);
    transaction.timer = setTimeout(() => {
      transmit(transaction);
      if (transaction.state === 'terminated') return;
      const longest = transaction.invite ? Number.POSITIVE_INFINITY : timers.t2Ms;
      repeatEvery(transaction, Math.min(intervalMs * 2, longest));
    }, intervalMs);
  };

  const endAfter = (transaction: ClientTransaction, delayMs: number): void => {
    clearTimeout(transaction.deadline);
    if (delayMs === 0) end(transaction);
    else transaction.deadline = setTimeout(() => end(transaction), delayMs);
  };

  const start = (
    request: SipRequest,
    flow: SipFlow,
    handlers: ClientHandlers,
    ownBranch?: string,
  ): ClientTransaction => {
    const sent = cloneRequest(request);
    const branch = ownBranch ?? newBranch();
    if (ownBranch === undefined) prependHeader(sent, 'via', `${context.sentBy(flow)};branch=${branch};rport`);
    const invite = request.method === 'INVITE';
    const transaction: ClientTransaction = {
      id: randomUUID(),
      branch,
      request: sent,
      bytes: serialise(sent),
      flow,
      invite,
      state: 'calling',
      heldCancel: undefined,
      cancelled: false,
      ack: undefined,
      timer: undefined,
      deadline: undefined,
      handlers,
    };
    table.set(keyOf(branch, request.method), transaction);
    transaction.deadline = setTimeout(() => fail(transaction, 'timeout'), giveUpMs(timers));
    if (!context.isReliable(flow)) repeatEvery(transaction, timers.t1Ms);
    transmit(transaction);
    return transaction;
  };

  const sendCancel = (transaction: ClientTransaction, cancel: SipRequest): void => {
    transaction.heldCancel = undefined;
    const silent = { onResponse: () => {}, onFailure: () => {} };
    start(cancel, transaction.flow, silent, transaction.branch);
    clearTimeout(transaction.deadline);
    transaction.deadline = setTimeout(() => fail(transaction, 'timeout'), giveUpMs(timers));
  };

  const provisional = (transaction: ClientTransaction): void => {
    if (transaction.state !== 'calling') return;
    transaction.state = 'proceeding';
    if (transaction.invite) {
      clearTimeout(transaction.timer);
      clearTimeout(transaction.deadline);
    } else if (!context.isReliable(transaction.flow)) {
      repeatEvery(transaction, timers.t2Ms);
    }
  };

  const finalFailure = (transaction: ClientTransaction, response: SipResponse): void => {
    clearTimeout(transaction.timer);
    transaction.state = 'completed';
    if (transaction.invite) {
      const to = headerValue(response, 'to') ?? headerValue(transaction.request, 'to')!;
      transaction.ack = serialise(sibling(transaction.request, 'ACK', to, []));
      context.send(transaction.ack, transaction.flow);
    }
    const reliable = context.isReliable(transaction.flow);
    endAfter(transaction, reliable ? 0 : transaction.invite ? giveUpMs(timers) : timers.t4Ms);
  };

  return {
    get size() {
      return table.size;
    },
    start: (request, flow, handlers) => start(request, flow, handlers),
    cancel(transaction, headers) {
      const open = transaction.state === 'calling' || transaction.state === 'proceeding';
      if (!transaction.invite || transaction.cancelled || !open) return undefined;
      transaction.cancelled = true;
      const cancel = sibling(transaction.request, 'CANCEL', headerValue(transaction.request, 'to')!, headers);
      if (transaction.state === 'proceeding') sendCancel(transaction, cancel);
      else transaction.heldCancel = cancel;
      return cancel;
    },
    receive(response, source) {
      const via = parseVia(headerValues(response, 'via')[0] ?? '');
      const cseq = parseCSeq(headerValue(response, 'cseq'));
      const transaction = via && cseq && table.get(keyOf(via.params.get('branch') ?? '', cseq.method));
      if (!transaction) return false;
      if (transaction.state === 'completed') {
        if (response.status >= 300 && transaction.ack) context.send(transaction.ack, transaction.flow);
        return true;
      }
      if (transaction.state === 'accepted') {
        if (response.status >= 200 && response.status < 300) transaction.handlers.onResponse(response, source);
        return true;
      }
      if (response.status < 200) {
        provisional(transaction);
        if (transaction.heldCancel) sendCancel(transaction, transaction.heldCancel);
      } else if (transaction.invite && response.status < 300) {
        clearTimeout(transaction.timer);
        transaction.state = 'accepted';
        endAfter(transaction, giveUpMs(timers));
      } else {
        finalFailure(transaction, response);
      }
      transaction.handlers.onResponse(response, source);
      return true;
    },
    close() {
      for (const transaction of [...table.values()]) end(transaction);
    },
  };
}
