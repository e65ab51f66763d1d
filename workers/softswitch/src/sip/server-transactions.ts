/**
 * Server transactions (RFC 3261 §17.2 with the Accepted state of RFC 6026). They answer retransmissions, repeat final responses
 * to INVITE until the ACK, and match by branch, or as RFC 2543 asks when the branch has no magic cookie (§17.2.3).
 */

import { randomUUID } from 'node:crypto';
import { headerValue, headerValues, NO_BODY, type SipRequest, type SipResponse } from './message.ts';
import { defaultPort } from './resolve.ts';
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
  /** The request as received, its top Via completed with received and rport; its headers go soon after the final response. */
  request: SipRequest;
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

interface Table {
  readonly context: ServerTransactionContext;
  readonly byKey: Map<string, ServerTransaction>;
  readonly unacknowledged: Map<string, ServerTransaction>;
}

/** The transaction table of one stack. */
export function serverTransactions(context: ServerTransactionContext): ServerTransactions {
  const table: Table = { context, byKey: new Map(), unacknowledged: new Map() };
  return {
    get size() {
      return table.byKey.size;
    },
    get awaitingAck() {
      return table.unacknowledged.size;
    },
    find(request, method = request.method === 'ACK' ? 'INVITE' : request.method) {
      const key = serverKey(request, method);
      return key === undefined ? undefined : table.byKey.get(key);
    },
    create: (request, source, reply) => create(table, request, source, reply),
    repeat: (transaction, request) => repeat(table, transaction, request),
    respond: (transaction, response) => respond(table, transaction, response),
    relay: (transaction, response) => relay(table, transaction, response),
    acknowledge: (ack) => acknowledge(table, ack),
    drop: (transaction) => drop(table, transaction),
    close() {
      for (const transaction of [...table.byKey.values()]) drop(table, transaction);
    },
  };
}

function create(table: Table, request: SipRequest, source: SipSource, reply: SipFlow): ServerTransaction {
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
  table.byKey.set(transaction.key, transaction);
  return transaction;
}

function clearTimers(transaction: ServerTransaction): void {
  clearTimeout(transaction.timer);
  clearTimeout(transaction.deadline);
  transaction.timer = undefined;
  transaction.deadline = undefined;
}

function drop({ byKey, unacknowledged }: Table, transaction: ServerTransaction): void {
  clearTimers(transaction);
  transaction.state = 'terminated';
  transaction.lastResponse = undefined;
  if (byKey.get(transaction.key) === transaction) byKey.delete(transaction.key);
  const { ackKey } = transaction;
  if (ackKey !== undefined && unacknowledged.get(ackKey) === transaction) unacknowledged.delete(ackKey);
}

/** Lets go of the request's text for the 32 s a finished transaction only waits for repeats; the user's own references stay. */
function slim(transaction: ServerTransaction): void {
  queueMicrotask(() => {
    const { method, uri } = transaction.request;
    transaction.request = { method, uri, headers: [], body: NO_BODY };
  });
}

function sendAgain({ context }: Table, transaction: ServerTransaction): void {
  if (transaction.lastResponse) context.send(transaction.lastResponse, transaction.reply);
}

function repeatEvery(table: Table, transaction: ServerTransaction, intervalMs: number): void {
  transaction.timer = setTimeout(() => {
    sendAgain(table, transaction);
    repeatEvery(table, transaction, Math.min(intervalMs * 2, table.context.timers.t2Ms));
  }, intervalMs);
}

function accept(table: Table, transaction: ServerTransaction, response: SipResponse): void {
  const { context, unacknowledged } = table;
  transaction.state = 'accepted';
  transaction.ackKey = ackKeyOf(response);
  unacknowledged.set(transaction.ackKey, transaction);
  repeatEvery(table, transaction, context.timers.t1Ms);
  transaction.deadline = setTimeout(() => {
    const { acknowledged } = transaction;
    drop(table, transaction);
    if (!acknowledged) context.onAckTimeout(transaction);
  }, giveUpMs(context.timers));
}

function complete(table: Table, transaction: ServerTransaction): void {
  const { context } = table;
  transaction.state = 'completed';
  slim(transaction);
  const reliable = context.isReliable(transaction.reply);
  if (transaction.invite && !reliable) repeatEvery(table, transaction, context.timers.t1Ms);
  if (!transaction.invite && reliable) drop(table, transaction);
  else transaction.deadline = setTimeout(() => drop(table, transaction), giveUpMs(context.timers));
}

function repeat(table: Table, transaction: ServerTransaction, request: SipRequest): void {
  if (request.method !== 'ACK') {
    if (transaction.state !== 'confirmed' && !transaction.acknowledged) sendAgain(table, transaction);
    return;
  }
  if (transaction.state !== 'completed') return;
  clearTimers(transaction);
  transaction.state = 'confirmed';
  const { context } = table;
  if (context.isReliable(transaction.reply)) drop(table, transaction);
  else transaction.deadline = setTimeout(() => drop(table, transaction), context.timers.t4Ms);
}

function transmit({ context }: Table, transaction: ServerTransaction, response: SipResponse): Buffer {
  const bytes = serialise(response);
  transaction.lastResponse = bytes;
  transaction.lastStatus = response.status;
  context.send(bytes, transaction.reply);
  return bytes;
}

function respond(table: Table, transaction: ServerTransaction, response: SipResponse): Buffer | undefined {
  if (transaction.state !== 'proceeding') return undefined;
  const bytes = transmit(table, transaction, response);
  if (response.status >= 200) {
    if (transaction.invite && response.status < 300) accept(table, transaction, response);
    else complete(table, transaction);
  }
  return bytes;
}

function relay(table: Table, transaction: ServerTransaction, response: SipResponse): Buffer | undefined {
  const success = transaction.invite && response.status >= 200 && response.status < 300;
  if (!success) return respond(table, transaction, response);
  if (transaction.state !== 'proceeding' && transaction.state !== 'accepted') return undefined;
  const bytes = transmit(table, transaction, response);
  transaction.state = 'accepted';
  transaction.deadline ??= setTimeout(() => drop(table, transaction), giveUpMs(table.context.timers));
  return bytes;
}

function acknowledge({ unacknowledged }: Table, ack: SipRequest): ServerTransaction | undefined {
  const transaction = unacknowledged.get(ackKeyOf(ack));
  if (!transaction) return undefined;
  unacknowledged.delete(transaction.ackKey!);
  transaction.acknowledged = true;
  transaction.lastResponse = undefined;
  slim(transaction);
  clearTimeout(transaction.timer);
  transaction.timer = undefined;
  return transaction;
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
  const sentByPort = via.port ?? defaultPort(source.protocol);
  if (source.protocol !== 'udp') {
    return { protocol: source.protocol, address: source.address, port: sentByPort, connection: source.connection };
  }
  return { protocol: 'udp', address: source.address, port: wantsPort ? source.port : sentByPort };
}
