/** The SIP stack: transports, transactions and the answers no user has to think about. See README.md. */
import { isIPv6 } from 'node:net';
import {
  type ClientHandlers,
  type ClientTransaction,
  type ClientTransactions,
  clientTransactions,
} from './client-transactions.ts';
import {
  cloneRequest,
  isRequest,
  prependHeader,
  type SipHeader,
  type SipRequest,
  type SipResponse,
  titledHeader,
} from './message.ts';
import { parseMessage, type SipFault } from './parse.ts';
import { makeResponse } from './response.ts';
import { serialise } from './serialise.ts';
import {
  routeReply,
  type ServerTransaction,
  type ServerTransactions,
  serverTransactions,
} from './server-transactions.ts';
import { openTcp, openTls, TCP_LIMITS, type TcpLimits, type TlsSettings } from './tcp-transport.ts';
import { type SipTimers, STANDARD_TIMERS } from './timers.ts';
import { newBranch } from './tokens.ts';
import type { SipFlow, SipProtocol, SipSource, SipTransport, TransportHandlers } from './transport.ts';
import { openUdp } from './udp-transport.ts';
import { isAnswerable, requestFault, unsupportedOptions } from './validate.ts';
import { openWs } from './ws-transport.ts';

/** Secure transports of a stack, each on a port of its own; 0 = any. */
export interface SecureTransports extends TlsSettings {
  /** SIP over TLS. */
  readonly tlsPort: number;
  /** SIP over WebSocket, with and without TLS. */
  readonly wsPort: number;
}

export interface SipStackOptions {
  /** Address to bind. */
  readonly host: string;
  /** Port of UDP, and of TCP when `tcp`; 0 picks one that is free on both. */
  readonly port: number;
  readonly tcp: boolean;
  /** TLS and WebSocket; none when absent. */
  readonly secure?: SecureTransports;
  /** Address written into Via and Contact. */
  readonly publicAddress: string;
  /** Sends 100 Trying to every new INVITE at once. */
  readonly autoTrying: boolean;
  readonly timers?: SipTimers;
  readonly tcpLimits?: TcpLimits;
  /** New requests beyond this many open server transactions get a stateless 503. */
  readonly maxTransactions?: number;
}

export interface SipStackHandlers {
  /** A new, well-formed request that is neither ACK nor CANCEL. */
  onRequest(transaction: ServerTransaction): void;
  /** The ACK of a 2xx; the INVITE's transaction while it is remembered and the 2xx waited for it. */
  onAck(ack: SipRequest, source: SipSource, transaction: ServerTransaction | undefined): void;
  /** An INVITE was cancelled: the 200 to the CANCEL and the 487 to the INVITE are sent already. */
  onCancel(transaction: ServerTransaction, cancel: SipRequest): void;
  /** A 2xx was never acknowledged: end the session with BYE (RFC 3261 §13.3.1.4). */
  onAckTimeout(transaction: ServerTransaction): void;
  /** A handler threw on a message: our bug, one message lost, the rest goes on. */
  onBug?(error: unknown): void;
}

/** Counts since start, but for those named open. */
export interface SipStackCounts {
  openServerTransactions: number;
  openClientTransactions: number;
  openConnections: number;
  /** 2xx that wait for their ACK. */
  awaitingAck: number;
  received: number;
  sent: number;
  /** Messages and connections thrown away: noise, faults not worth an answer, overload, strays. */
  dropped: number;
}

export interface SipStack {
  readonly port: number;
  readonly publicAddress: string;
  /** Port on which a protocol is served; undefined when it is not. */
  portOf(protocol: SipProtocol): number | undefined;
  /** Sends a response; its bytes, or undefined when the transaction takes none any more. */
  respond(transaction: ServerTransaction, response: SipResponse): Buffer | undefined;
  /** Passes on a response another server made (proxying): a 2xx is not repeated here. */
  relay(transaction: ServerTransaction, response: SipResponse): Buffer | undefined;
  /** Ends a server transaction without a word. */
  drop(transaction: ServerTransaction): void;
  /** Sends a request other than ACK; the stack adds the Via. */
  request(request: SipRequest, flow: SipFlow, handlers: ClientHandlers): ClientTransaction;
  cancel(transaction: ClientTransaction, headers?: readonly SipHeader[]): SipRequest | undefined;
  /** Sends the ACK of a 2xx with a Via of its own; its bytes. */
  sendAck(ack: SipRequest, flow: SipFlow): Buffer;
  /** Sends bytes as they are (repeating an ACK, forwarding without a transaction). */
  sendRaw(bytes: Buffer, flow: SipFlow): void;
  /** `SIP/2.0/UDP host:port`, the beginning of a Via of this stack. */
  sentBy(flow: SipFlow): string;
  counts(): SipStackCounts;
  close(): Promise<void>;
}

const DEFAULT_MAX_TRANSACTIONS = 100_000;
const PORT_TRIES = 20;

/** Binds the transports and answers a running stack. Rejects with the system's error when a port is taken. */
export async function createSipStack(options: SipStackOptions, handlers: SipStackHandlers): Promise<SipStack> {
  const counts = { received: 0, sent: 0, dropped: 0 };
  const timers = options.timers ?? STANDARD_TIMERS;
  let transports: ReadonlyMap<SipProtocol, SipTransport> = new Map();
  const host = isIPv6(options.publicAddress) ? `[${options.publicAddress}]` : options.publicAddress;

  const send = (bytes: Buffer, flow: SipFlow, onError?: (error: Error) => void): void => {
    const transport = transports.get(flow.protocol);
    if (!transport) {
      queueMicrotask(() => onError?.(new Error(`no ${flow.protocol} transport`)));
      return;
    }
    counts.sent++;
    transport.send(bytes, flow, onError);
  };
  const isReliable = (flow: SipFlow): boolean => flow.protocol !== 'udp';
  const sentBy = (flow: SipFlow): string =>
    `SIP/2.0/${flow.protocol.toUpperCase()} ${host}:${transports.get(flow.protocol)?.port ?? portOf(transports)}`;

  const servers = serverTransactions({ timers, send, isReliable, onAckTimeout: (t) => handlers.onAckTimeout(t) });
  const clients = clientTransactions({ timers, send, isReliable, sentBy });
  const receive = receiver({ options, handlers, servers, clients, send, counts });

  transports = await openTransports(options, {
    onMessage: (bytes, source) => {
      try {
        receive(bytes, source);
      } catch (error) {
        counts.dropped++;
        handlers.onBug?.(error);
      }
    },
    onDropped: () => {
      counts.dropped++;
    },
  });

  return {
    port: portOf(transports),
    publicAddress: options.publicAddress,
    portOf: (protocol) => transports.get(protocol)?.port,
    respond: (transaction, response) => servers.respond(transaction, response),
    relay: (transaction, response) => servers.relay(transaction, response),
    drop: (transaction) => servers.drop(transaction),
    request: (request, flow, clientHandlers) => clients.start(request, flow, clientHandlers),
    cancel: (transaction, headers = []) => clients.cancel(transaction, headers),
    sendAck(ack, flow) {
      const sent = cloneRequest(ack);
      prependHeader(sent, 'via', `${sentBy(flow)};branch=${newBranch()};rport`);
      const bytes = serialise(sent);
      send(bytes, flow);
      return bytes;
    },
    sendRaw: send,
    sentBy,
    counts: () => ({
      ...counts,
      openServerTransactions: servers.size,
      openClientTransactions: clients.size,
      openConnections: [...new Set(transports.values())].reduce((sum, transport) => sum + transport.connections(), 0),
      awaitingAck: servers.awaitingAck,
    }),
    async close() {
      servers.close();
      clients.close();
      await Promise.all([...transports.values()].map((transport) => transport.close()));
    },
  };
}

const portOf = (transports: ReadonlyMap<SipProtocol, SipTransport>): number => transports.get('udp')?.port ?? 0;

type Transports = Map<SipProtocol, SipTransport>;

async function openTransports(options: SipStackOptions, handlers: TransportHandlers): Promise<Transports> {
  const transports = await openPair(options, handlers);
  if (!options.secure) return transports;
  const { tlsPort, wsPort, ...tls } = options.secure;
  const limits = options.tcpLimits ?? TCP_LIMITS;
  try {
    transports.set('tls', await openTls({ host: options.host, port: tlsPort }, handlers, tls, limits));
    const ws = await openWs({ host: options.host, port: wsPort }, handlers, tls, limits);
    return transports.set('ws', ws).set('wss', ws);
  } catch (error) {
    await Promise.all([...transports.values()].map((transport) => transport.close()));
    throw error;
  }
}

/** UDP, and TCP on the same number. */
async function openPair(options: SipStackOptions, handlers: TransportHandlers): Promise<Transports> {
  for (let tries = 1; ; tries++) {
    const udp = await openUdp({ host: options.host, port: options.port }, handlers);
    const transports: Transports = new Map([['udp', udp]]);
    if (!options.tcp) return transports;
    try {
      const tcp = await openTcp({ host: options.host, port: udp.port }, handlers, options.tcpLimits ?? TCP_LIMITS);
      return transports.set('tcp', tcp);
    } catch (error) {
      await udp.close();
      if (options.port !== 0 || tries >= PORT_TRIES) throw error;
    }
  }
}

interface ReceiverParts {
  readonly options: SipStackOptions;
  readonly handlers: SipStackHandlers;
  readonly servers: ServerTransactions;
  readonly clients: ClientTransactions;
  readonly counts: { received: number; dropped: number };
  send(bytes: Buffer, flow: SipFlow): void;
}

function receiver(parts: ReceiverParts): (bytes: Buffer, source: SipSource) => void {
  const { options, handlers, servers, clients, counts } = parts;
  const maxTransactions = options.maxTransactions ?? DEFAULT_MAX_TRANSACTIONS;

  /** Faults are answered without a transaction, so that a flood of them costs no memory. */
  const refuse = (request: SipRequest, source: SipSource, fault: SipFault): void => {
    if (request.method === 'ACK' || !isAnswerable(request)) {
      counts.dropped++;
      return;
    }
    const reply = routeReply(request, source);
    const response = makeResponse(request, fault.status, { reason: fault.reason, toTag: 'stateless' });
    if (fault.status === 420) {
      response.headers.push(titledHeader('unsupported', unsupportedOptions(request).join(', ')));
    }
    if (fault.status === 503) response.headers.push(titledHeader('retry-after', '5'));
    parts.send(serialise(response), reply);
  };

  const cancel = (request: SipRequest, source: SipSource): void => {
    const invite = servers.find(request, 'INVITE');
    const transaction = servers.create(request, source, routeReply(request, source));
    servers.respond(
      transaction,
      makeResponse(request, invite ? 200 : 481, { toTag: invite?.toTag ?? transaction.toTag }),
    );
    if (invite?.state !== 'proceeding') return;
    servers.respond(invite, makeResponse(invite.request, 487, { toTag: invite.toTag }));
    handlers.onCancel(invite, request);
  };

  const overload = (request: SipRequest): SipFault | undefined => {
    if (servers.size < maxTransactions || request.method === 'ACK' || request.method === 'CANCEL') return undefined;
    counts.dropped++;
    return { status: 503, reason: 'Service Unavailable' };
  };

  const takeRequest = (request: SipRequest, source: SipSource): void => {
    const known = servers.find(request);
    if (known && !(request.method === 'ACK' && known.state === 'accepted')) {
      servers.repeat(known, request);
      return;
    }
    const fault = requestFault(request) ?? overload(request);
    if (fault) refuse(request, source, fault);
    else if (request.method === 'ACK') handlers.onAck(request, source, servers.acknowledge(request));
    else if (request.method === 'CANCEL') cancel(request, source);
    else begin(request, source);
  };

  const begin = (request: SipRequest, source: SipSource): void => {
    const transaction = servers.create(request, source, routeReply(request, source));
    if (transaction.invite && options.autoTrying) servers.respond(transaction, makeResponse(request, 100));
    handlers.onRequest(transaction);
  };

  return (bytes, source) => {
    counts.received++;
    const parsed = parseMessage(bytes);
    if (!parsed) {
      counts.dropped++;
      return;
    }
    const { message, fault } = parsed;
    if (isRequest(message)) {
      if (fault) refuse(message, source, fault);
      else takeRequest(message, source);
    } else if (fault || !clients.receive(message, source)) {
      counts.dropped++;
    }
  };
}
