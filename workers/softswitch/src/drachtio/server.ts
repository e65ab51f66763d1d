/** A SIP server that speaks drachtio's TCP protocol to applications (wire-protocols §A). */
import { timingSafeEqual } from 'node:crypto';
import { isIPv6 } from 'node:net';
import {
  createSipStack,
  dialogFlow,
  dialogRequest,
  type SecureTransports,
  type SipStack,
  type SipStackCounts,
  type SipTimers,
  STANDARD_TIMERS,
} from '../sip/index.ts';
import { type App, type Apps, listenForApps } from './apps.ts';
import type { Context, ServerTimes } from './context.ts';
import { type DialogStore, dialogStore } from './dialog-store.ts';
import { type IncomingSide, incomingSide } from './incoming.ts';
import { type OutgoingSide, outgoingSide } from './outgoing.ts';
import { type ProxySide, proxySide } from './proxy.ts';

/** What `authenticate` names as the server's version; drachtio-srf compares it before it pings. */
export const SERVER_VERSION = 'v0.9.10';

export interface SipServerOptions {
  /** Address to bind, for SIP. */
  readonly bind: string;
  readonly sipPort: number;
  /** SIP over TLS and WebSocket; none when absent. */
  readonly secure?: SecureTransports;
  /** Address written into Via, Contact and Record-Route. */
  readonly publicAddress: string;
  /** Where applications connect. */
  readonly appHost: string;
  readonly appPort: number;
  readonly secret: string;
  readonly timers?: SipTimers;
  readonly times?: Partial<ServerTimes>;
  /** Told when a message made our code throw; the message is lost, the rest goes on. */
  onBug?(error: unknown): void;
}

/** Open things are 0 when no call is up and the last transactions have run out. */
export interface SipServerCounts extends SipStackCounts {
  apps: number;
  dialogs: number;
  /** Requests of the network that wait for an application. */
  pendingIncoming: number;
  /** Requests of applications that wait for the network. */
  pendingOutgoing: number;
  proxied: number;
}

export interface SipServer {
  readonly sipPort: number;
  /** SIP over TLS; undefined without `secure`. */
  readonly sipsPort: number | undefined;
  /** SIP over WebSocket; undefined without `secure`. */
  readonly wsPort: number | undefined;
  readonly appPort: number;
  counts(): SipServerCounts;
  close(): Promise<void>;
}

const TIMES: ServerTimes = { pendingMs: 64_000, orphanRingMs: 300_000, longestRingMs: 3_600_000 };

/** Binds everything and answers a running server. Rejects with the system's error when a port is taken. */
export async function startSipServer(options: SipServerOptions): Promise<SipServer> {
  const state: State = { sides: undefined, dropped: 0 };
  const dialogs = dialogStore();
  const stack = await openStack(options, state);
  const apps = await openApps(options, state, dialogs).catch(async (error: unknown) => {
    await stack.close();
    throw error;
  });
  const context = makeContext(options, stack, apps, dialogs);
  const incoming = incomingSide(context);
  const proxies = proxySide(context, (id) => incoming.release(id));
  state.sides = {
    incoming,
    outgoing: outgoingSide(context),
    proxies,
    secret: options.secret,
    hostports: hostports(context),
  };
  return {
    sipPort: stack.port,
    sipsPort: stack.portOf('tls'),
    wsPort: stack.portOf('ws'),
    appPort: apps.port,
    counts: () => countsOf(context, state),
    close: () => closeAll(context, state),
  };
}

/** What the sockets' handlers need before the rest exists. */
interface State {
  sides: Sides | undefined;
  /** Connections of applications thrown away. */
  dropped: number;
}

function openStack(options: SipServerOptions, state: State): Promise<SipStack> {
  const { bind, sipPort, secure, publicAddress, timers } = options;
  return createSipStack(
    { host: bind, port: sipPort, tcp: true, secure, publicAddress, autoTrying: true, timers },
    {
      onRequest(transaction) {
        if (!state.sides?.proxies.forward(transaction)) state.sides?.incoming.onRequest(transaction);
      },
      onAck(ack, source, transaction) {
        if (!state.sides?.incoming.onAck(ack, source, transaction)) state.sides?.proxies.forwardAck(ack);
      },
      onCancel(transaction, cancel) {
        if (!state.sides?.proxies.cancel(transaction)) state.sides?.incoming.onCancel(transaction, cancel);
      },
      onAckTimeout: (transaction) => state.sides?.incoming.onAckTimeout(transaction),
      onBug: options.onBug,
    },
  );
}

function openApps(options: SipServerOptions, state: State, dialogs: DialogStore): Promise<Apps> {
  return listenForApps(
    { host: options.appHost, port: options.appPort },
    {
      onMessage(app, messageId, kind, tokens, sip) {
        if (!state.sides) return;
        takeMessage({ app, messageId, kind, tokens, sip }, state.sides).catch((error: unknown) =>
          options.onBug?.(error),
        );
      },
      onGone(app) {
        state.sides?.incoming.onGone(app);
        state.sides?.outgoing.onGone(app);
        dialogs.orphan(app);
      },
      onDropped() {
        state.dropped++;
      },
    },
  );
}

function makeContext(options: SipServerOptions, stack: SipStack, apps: Apps, dialogs: DialogStore): Context {
  const { publicAddress } = options;
  return {
    stack,
    apps,
    own: {
      host: isIPv6(publicAddress) ? `[${publicAddress}]` : publicAddress,
      port: stack.port,
      portOf: (protocol) => stack.portOf(protocol) ?? stack.port,
    },
    dialogs,
    incoming: new Map(),
    outgoing: new Map(),
    proxies: new Map(),
    times: { ...TIMES, ...options.times },
    t1Ms: (options.timers ?? STANDARD_TIMERS).t1Ms,
    async sendOwn(dialog, method) {
      try {
        const flow = await dialogFlow(dialog);
        const none = { onResponse: () => {}, onFailure: () => {} };
        return stack.request(dialogRequest(dialog, method), flow, none).request;
      } catch {
        return undefined;
      }
    },
  };
}

function countsOf({ stack, apps, dialogs, incoming, outgoing, proxies }: Context, state: State): SipServerCounts {
  const counts = stack.counts();
  return {
    ...counts,
    dropped: counts.dropped + state.dropped,
    apps: apps.size,
    dialogs: dialogs.size,
    pendingIncoming: incoming.size,
    pendingOutgoing: outgoing.size,
    proxied: proxies.size,
  };
}

async function closeAll({ stack, apps, dialogs, incoming, outgoing }: Context, state: State): Promise<void> {
  state.sides = undefined;
  await apps.close();
  for (const entry of incoming.values()) {
    clearTimeout(entry.expiry);
    entry.reliable.stop();
  }
  for (const entry of outgoing.values()) clearTimeout(entry.expiry);
  dialogs.close();
  await stack.close();
}

interface Sides {
  readonly incoming: IncomingSide;
  readonly outgoing: OutgoingSide;
  readonly proxies: ProxySide;
  readonly secret: string;
  readonly hostports: string;
}

interface AppMessage {
  readonly app: App;
  readonly messageId: string;
  readonly kind: string;
  readonly tokens: readonly string[];
  readonly sip: Buffer | undefined;
}

const hostports = ({ own, stack }: Context): string =>
  (['udp', 'tcp', 'tls', 'ws', 'wss'] as const)
    .filter((protocol) => stack.portOf(protocol) !== undefined)
    .map((protocol) => `${protocol}/${own.host}:${own.portOf(protocol)}`)
    .join(',');

/** One message of an application (A2). */
async function takeMessage(message: AppMessage, sides: Sides): Promise<void> {
  const { app, messageId, kind, tokens } = message;
  switch (kind) {
    case 'authenticate':
      authenticate(message, sides);
      break;
    case 'route':
      app.verbs.add((tokens[0] ?? '').toLowerCase());
      app.reply(messageId, 'OK');
      break;
    case 'remove_route':
      app.verbs.clear();
      app.reply(messageId, 'OK');
      break;
    case 'ping':
      app.reply(messageId, 'OK|pong');
      break;
    case 'sip':
      await takeSip(message, sides);
      break;
    case 'proxy':
      sides.proxies.start(app, messageId, tokens, message.sip);
      break;
    default:
      app.reply(messageId, 'NO|Unknown message type');
      app.end();
  }
}

function authenticate({ app, messageId, tokens }: AppMessage, { secret, hostports: own }: Sides): void {
  const given = Buffer.from(tokens[0] ?? '', 'latin1');
  const wanted = Buffer.from(secret, 'utf8');
  const padded = Buffer.alloc(wanted.length);
  given.copy(padded);
  const same = timingSafeEqual(padded, wanted) && given.length === wanted.length;
  if (!same) {
    app.reply(messageId, 'NO|incorrect secret');
    app.end();
    return;
  }
  // As in the real server nothing else asks for it: whoever reaches the port is trusted (A2).
  app.reply(messageId, `OK|${own}|${SERVER_VERSION}|${own}`);
}

/** The four forms of `sip`: by transaction (a response, a CANCEL), by dialog, or neither. */
async function takeSip({ app, messageId, tokens, sip }: AppMessage, sides: Sides): Promise<void> {
  const [transactionId = '', dialogId = '', proxy = ''] = tokens;
  if (!sip) {
    app.reply(messageId, 'NO|missing SIP message');
    return;
  }
  const opening = sip.toString('latin1', 0, 8).toUpperCase();
  if (opening.startsWith('SIP/2.0')) {
    sides.incoming.respond(app, messageId, transactionId, sip);
    return;
  }
  if (transactionId !== '') {
    // Anything but CANCEL trips an assertion in the real server, which builds without them: no answer.
    if (opening.startsWith('CANCEL ')) sides.outgoing.cancel(app, messageId, transactionId, sip);
    return;
  }
  if (dialogId === '') await sides.outgoing.send(app, messageId, sip, proxy);
  else await sides.outgoing.sendInDialog(app, messageId, dialogId, sip);
}
