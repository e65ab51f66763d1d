/**
 * Server transactions (RFC 3261 §17.2 with the Accepted state of RFC 6026). They answer retransmissions, repeat final responses
 * to INVITE until the ACK, and match by branch, or as RFC 2543 asks when the branch has no magic cookie (§17.2.3).
 */

import { randomUUID } from 'node:crypto';
import { headerValue, headerValues, type SipRequest, type SipResponse } from './message.ts';
import { serialise } from './serialise.ts';
import { trimEndSpace } from './text.ts';
import { giveUpMs, type SipTimers } from './timers.ts';
import { newTag } from './tokens.ts';
import type { SipFlow, SipSource } from './transport.ts';
import { parseCSeq, parseVia, tagOf } from './values.ts';

export type ServerState = 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'terminated';

export interface ServerTransaction {
  /** Unique for the process's life (uuid). */
  readonly id: string;
  readonly key: string;
  /** The request as received, its top Via completed with received and rport. */
  readonly request: SipRequest;
  readonly source: SipSource;
  /** Where responses go (RFC 3261 §18.2.2, RFC 3581). */
  readonly reply: SipFlow;
  readonly invite: boolean;
  /** To tag of every response: the request's, else a new one. */
  toTag: string;
  state: ServerState;
  /** Status of the last response, 0 before the first. */
  lastStatus: number;
  lastResponse: Buffer | undefined;
  /** Call-ID, tags and CSeq of a 2xx that waits for its ACK. */
  ackKey: string | undefined;
  acknowledged: boolean;
  timer: NodeJS.Timeout | undefined;
  deadline: NodeJS.Timeout | undefined;
}

export interface ServerTransactionContext {
  readonly timers: SipTimers;
  send(bytes: Buffer, flow: SipFlow): void;
  isReliable(flow: SipFlow): boolean;
  /** The 2xx was never acknowledged (64*T1). */
  onAckTimeout(transaction: ServerTransaction): void;
}

export interface ServerTransactions {
  readonly size: number;
  readonly awaitingAck: number;
  find(request: SipRequest, method?: string): ServerTransaction | undefined;
  create(request: SipRequest, source: SipSource, reply: SipFlow): ServerTransaction;
  /** A retransmitted request, or the ACK of a final response other than 2xx. */
  repeat(transaction: ServerTransaction, request: SipRequest): void;
  /** Sends a response; undefined when the transaction has ended, or has had its final response. */
  respond(transaction: ServerTransaction, response: SipResponse): Buffer | undefined;
  /**
   * Passes on a response that another server made (proxying, RFC 6026 §7.1): a 2xx is neither repeated nor watched for its ACK here,
   * and further 2xx may follow it.
   */
  relay(transaction: ServerTransaction, response: SipResponse): Buffer | undefined;
  /** Matches the ACK of a 2xx and ends its repetition. */
  acknowledge(ack: SipRequest): ServerTransaction | undefined;
  /** Ends a transaction without a word. */
  drop(transaction: ServerTransaction): void;
  close(): void;
}

/** Key by which a request belongs to a transaction; ACK and CANCEL are looked up under the method they speak of. */
export function serverKey(request: SipRequest, method: string): string | undefined {
  const raw = headerValues(request, 'via')[0];
  const via = raw === undefined ? undefined : parseVia(raw);
  if (!via) return undefined;
  const branch = via.params.get('branch') ?? '';
  const sentBy = `${via.host.toLowerCase()}:${via.port ?? ''}`;
  if (branch.toLowerCase().startsWith('z9hg4bk') && branch.length > 7) return `${branch}|${sentBy}|${method}`;
  const cseq = parseCSeq(headerValue(request, 'cseq'));
  const from = tagOf(headerValue(request, 'from')) ?? headerValue(request, 'from');
  const callId = headerValue(request, 'call-id');
  return `2543|${request.uri}|${callId}|${from}|${cseq?.number}|${sentBy}|${branch}|${method}`;
}

/** Call-ID, tags and CSeq number that tie an ACK to the 2xx it acknowledges. */
function ackKeyOf(message: SipRequest | SipResponse): string {
  const tags = `${tagOf(headerValue(message, 'from'))}|${tagOf(headerValue(message, 'to'))}`;
  return `${headerValue(message, 'call-id')}|${tags}|${parseCSeq(headerValue(message, 'cseq'))?.number}`;
}

/** The transaction table of one stack. */
export function serverTransactions(context: ServerTransactionContext): ServerTransactions {
  const table = new Map<string, ServerTransaction>();
  const unacknowledged = new Map<string, ServerTransaction>();
  const { timers } = context;

  const clear = (transaction: ServerTransaction): void => {
    clearTimeout(transaction.timer);
    clearTimeout(transaction.deadline);
    transaction.timer = undefined;
    transaction.deadline = undefined;
  };

  const drop = (transaction: ServerTransaction): void => {
    clear(transaction);
    transaction.state = 'terminated';
    transaction.lastResponse = undefined;
    if (table.get(transaction.key) === transaction) table.delete(transaction.key);
    const { ackKey } = transaction;
    if (ackKey !== undefined && unacknowledged.get(ackKey) === transaction) unacknowledged.delete(ackKey);
  };

  const resend = (transaction: ServerTransaction): void => {
    if (transaction.lastResponse) context.send(transaction.lastResponse, transaction.reply);
  };

  const repeatEvery = (transaction: ServerTransaction, intervalMs: number): void => {
    transaction.timer = setTimeout(() => {
      resend(transaction);
      repeatEvery(transaction, Math.min(intervalMs * 2, timers.t2Ms));
    }, intervalMs);
  };

  const accept = (transaction: ServerTransaction, response: SipResponse): void => {
    transaction.state = 'accepted';
    transaction.ackKey = ackKeyOf(response);
    unacknowledged.set(transaction.ackKey, transaction);
    repeatEvery(transaction, timers.t1Ms);
    transaction.deadline = setTimeout(() => {
      const { acknowledged } = transaction;
      drop(transaction);
      if (!acknowledged) context.onAckTimeout(transaction);
    }, giveUpMs(timers));
  };

  const complete = (transaction: ServerTransaction): void => {
    transaction.state = 'completed';
    const reliable = context.isReliable(transaction.reply);
    if (transaction.invite && !reliable) repeatEvery(transaction, timers.t1Ms);
    if (!transaction.invite && reliable) drop(transaction);
    else transaction.deadline = setTimeout(() => drop(transaction), giveUpMs(timers));
  };

  const respond = (transaction: ServerTransaction, response: SipResponse): Buffer | undefined => {
    if (transaction.state !== 'proceeding') return undefined;
    const bytes = serialise(response);
    transaction.lastResponse = bytes;
    transaction.lastStatus = response.status;
    context.send(bytes, transaction.reply);
    if (response.status >= 200) {
      if (transaction.invite && response.status < 300) accept(transaction, response);
      else complete(transaction);
    }
    return bytes;
  };

  return {
    get size() {
      return table.size;
    },
    get awaitingAck() {
      return unacknowledged.size;
    },
    find(request, method = request.method === 'ACK' ? 'INVITE' : request.method) {
      const key = serverKey(request, method);
      return key === undefined ? undefined : table.get(key);
    },
    create(request, source, reply) {
      const transaction: ServerTransaction = {
        id: randomUUID(),
        key: serverKey(request, request.method) ?? randomUUID(),
        request,
        source,
        reply,
        invite: request.method === 'INVITE',
        toTag: tagOf(headerValue(request, 'to')) ?? newTag(),
        state: 'proceeding',
        lastStatus: 0,
        lastResponse: undefined,
        ackKey: undefined,
        acknowledged: false,
        timer: undefined,
        deadline: undefined,
      };
      table.set(transaction.key, transaction);
      return transaction;
    },
    repeat(transaction, request) {
      if (request.method !== 'ACK') {
        if (transaction.state !== 'confirmed' && !transaction.acknowledged) resend(transaction);
        return;
      }
      if (transaction.state !== 'completed') return;
      clear(transaction);
      transaction.state = 'confirmed';
      if (context.isReliable(transaction.reply)) drop(transaction);
      else transaction.deadline = setTimeout(() => drop(transaction), timers.t4Ms);
    },
    respond,
    relay(transaction, response) {
      const success = transaction.invite && response.status >= 200 && response.status < 300;
      if (!success) return respond(transaction, response);
      if (transaction.state !== 'proceeding' && transaction.state !== 'accepted') return undefined;
      const bytes = serialise(response);
      transaction.lastResponse = bytes;
      transaction.lastStatus = response.status;
      context.send(bytes, transaction.reply);
      transaction.state = 'accepted';
      transaction.deadline ??= setTimeout(() => drop(transaction), giveUpMs(timers));
      return bytes;
    },
    acknowledge(ack) {
      const transaction = unacknowledged.get(ackKeyOf(ack));
      if (!transaction) return undefined;
      unacknowledged.delete(transaction.ackKey!);
      transaction.acknowledged = true;
      clearTimeout(transaction.timer);
      transaction.timer = undefined;
      return transaction;
    },
    drop,
    close() {
      for (const transaction of [...table.values()]) drop(transaction);
    },
  };
}

/** Where responses to a request go, and the request with its top Via completed (RFC 3261 §18.2.1, RFC 3581 §4). */
export function routeReply(request: SipRequest, source: SipSource): SipFlow {
  const at = request.headers.findIndex((line) => line.key === 'via');
  const line = request.headers[at]!;
  const first = headerValues(request, 'via')[0]!;
  const via = parseVia(first)!;
  const wantsPort = via.params.has('rport');
  if (wantsPort) via.params.set('rport', String(source.port));
  const host = via.host.replace(/^\[|\]$/g, '');
  if (host !== source.address || wantsPort) via.params.set('received', source.address);
  const params = [...via.params].map(([name, value]) => (value === '' ? `;${name}` : `;${name}=${value}`)).join('');
  const base = first.includes(';') ? trimEndSpace(first.slice(0, first.indexOf(';'))) : first;
  const rest = line.value.slice(line.value.indexOf(first) + first.length);
  request.headers[at] = { ...line, value: `${base}${params}${rest}` };
  const sentByPort = via.port ?? (source.protocol === 'tls' || source.protocol === 'wss' ? 5061 : 5060);
  if (source.protocol !== 'udp') {
    return { protocol: source.protocol, address: source.address, port: sentByPort, connection: source.connection };
  }
  return { protocol: 'udp', address: source.address, port: wantsPort ? source.port : sentByPort };
}
