/** Stateful proxying of a pending request (wire-protocols A2 `proxy`), and the forwarding of later requests that Record-Route brings back. */
import {
  cloneRequest,
  headerValue,
  headerValues,
  isRequest,
  makeResponse,
  parseNameAddr,
  parseUri,
  prependHeader,
  removeHeader,
  type ServerTransaction,
  type SipRequest,
  serialise,
  setHeader,
} from '../sip/index.ts';
import { parseAppText, passedHeaders } from './app-text.ts';
import type { App } from './apps.ts';
import type { Context } from './context.ts';
import { dialogIdOf } from './dialog-store.ts';
import { wireTime } from './meta.ts';
import { begin, cancelOthers, finish, flowOf, MAX_TARGETS, type Proxied, type ProxyOrder } from './proxy-branches.ts';

export interface ProxySide {
  readonly size: number;
  start(app: App, messageId: string, tokens: readonly string[], sip: Buffer | undefined): void;
  /** The caller cancelled: true when the INVITE was proxied. */
  cancel(transaction: ServerTransaction): boolean;
  /** Forwards a request whose Route names this server; false when it is not for that. */
  forward(transaction: ServerTransaction): boolean;
  /** The same for the ACK of a 2xx, which has no transaction. */
  forwardAck(ack: SipRequest): boolean;
}

/** `release` takes the pending request out of the application's hands. */
export function proxySide(
  context: Context,
  release: (id: string) => { transaction: ServerTransaction } | undefined,
): ProxySide {
  const { proxies } = context;
  return {
    get size() {
      return proxies.size;
    },
    start(app, messageId, tokens, sip) {
      const entry = release(tokens[0] ?? '');
      if (entry) startProxy(context, { app, messageId, tokens, sip }, entry.transaction);
      else app.reply(messageId, 'NOK|transaction id no longer exists');
    },
    cancel(transaction) {
      const proxied = proxies.get(transaction.id);
      if (!proxied) return false;
      cancelOthers(context, proxied);
      finish(context, proxied);
      return true;
    },
    forward: (transaction) => forward(context, transaction),
    forwardAck: (ack) => forwardAck(context, ack),
  };
}

function template(context: Context, transaction: ServerTransaction): SipRequest | undefined {
  const request = cloneRequest(transaction.request);
  const hops = headerValue(request, 'max-forwards');
  if (hops !== undefined && Number(hops) <= 0) return undefined;
  setHeader(request, 'max-forwards', String(hops === undefined ? 70 : Number(hops) - 1));
  dropOwnRoute(request, context);
  return request;
}

const FORWARDING = {
  remainInDialog: false,
  fullResponse: false,
  followRedirects: false,
  simultaneous: false,
  provisionalMs: undefined,
  finalMs: undefined,
} as const;

function parseOrder(tokens: readonly string[]): ProxyOrder {
  const [, remain, full, redirects, mode, provisional = '', final = '', ...targets] = tokens;
  return {
    remainInDialog: remain === 'remainInDialog',
    fullResponse: full === 'fullResponse',
    followRedirects: redirects === 'followRedirects',
    simultaneous: mode === 'simultaneous',
    provisionalMs: duration(provisional),
    finalMs: duration(final),
    targets: targets.filter((target) => target !== ''),
  };
}

/** `2s`, `1500ms` or seconds. */
function duration(text: string): number | undefined {
  const match = /^(\d{1,7})(ms|s)?$/.exec(text);
  return match ? Number(match[1]) * (match[2] === 'ms' ? 1 : 1000) : undefined;
}

const OWN_PROTOCOLS = ['udp', 'tls', 'ws'] as const;

function isOwnRoute(route: string | undefined, { own }: Context): boolean {
  const uri = route === undefined ? undefined : parseUri(parseNameAddr(route)?.uri ?? '');
  return (
    uri !== undefined && uri.host === own.host && OWN_PROTOCOLS.some((each) => (uri.port ?? 5060) === own.portOf(each))
  );
}

function dropOwnRoute(request: SipRequest, context: Context): void {
  const routes = headerValues(request, 'route');
  if (!isOwnRoute(routes[0], context)) return;
  removeHeader(request, 'route');
  for (const route of routes.slice(1).reverse()) prependHeader(request, 'route', route);
}

interface ProxyMessage {
  readonly app: App;
  readonly messageId: string;
  readonly tokens: readonly string[];
  readonly sip: Buffer | undefined;
}

function startProxy(context: Context, asked: ProxyMessage, transaction: ServerTransaction): void {
  const { stack, own } = context;
  const { app, messageId, tokens, sip } = asked;
  const order = parseOrder(tokens);
  const request = template(context, transaction);
  if (!request || order.targets.length === 0) {
    stack.respond(transaction, makeResponse(transaction.request, request ? 404 : 483, { toTag: transaction.toTag }));
    app.reply(messageId, request ? 'NOK|no destination to proxy to' : 'NOK|Too Many Hops');
    return;
  }
  const extra = sip && parseAppText(sip);
  if (extra && isRequest(extra)) {
    for (const line of passedHeaders({ ...extra, body: Buffer.alloc(0) }, own) ?? [])
      setHeader(request, line.key, line.value);
  }
  const { report, done } = reporter(asked, order, dialogIdOf(request));
  const waiting = order.targets.slice(0, MAX_TARGETS);
  begin(context, {
    transaction,
    template: request,
    order,
    waiting,
    launching: 0,
    branches: new Set(),
    best: undefined,
    finished: false,
    report,
    done,
  });
}

/** Tells the application of each response and of the end. */
function reporter(
  { app, messageId }: ProxyMessage,
  order: ProxyOrder,
  dialogId: string,
): Pick<Proxied, 'report' | 'done'> {
  return {
    report(response, flow, clientId) {
      if (!order.fullResponse && response.status < 200) return;
      const bytes = serialise(response);
      const shape = `${bytes.length}|${flow.protocol}|${flow.address}|${flow.port}|${wireTime()}`;
      app.reply(messageId, `OK|network|${shape}|${clientId}|${dialogId}|continue|`, bytes);
    },
    done: () => app.reply(messageId, 'OK|done'),
  };
}

function forward(context: Context, transaction: ServerTransaction): boolean {
  const { stack } = context;
  const { request } = transaction;
  if (!isOwnRoute(headerValues(request, 'route')[0], context)) return false;
  const forwarded = template(context, transaction);
  if (!forwarded) {
    stack.respond(transaction, makeResponse(request, 483, { toTag: transaction.toTag }));
    return true;
  }
  const order: ProxyOrder = { ...FORWARDING, targets: [request.uri] };
  const silent = { report: () => {}, done: () => {} };
  const waiting = [request.uri];
  begin(context, {
    transaction,
    template: forwarded,
    order,
    waiting,
    launching: 0,
    branches: new Set(),
    best: undefined,
    finished: false,
    ...silent,
  });
  return true;
}

function forwardAck(context: Context, ack: SipRequest): boolean {
  const { stack } = context;
  if (!isOwnRoute(headerValues(ack, 'route')[0], context)) return false;
  const forwarded = cloneRequest(ack);
  const hops = Number(headerValue(ack, 'max-forwards') ?? 70);
  if (hops <= 0) return true;
  setHeader(forwarded, 'max-forwards', String(hops - 1));
  dropOwnRoute(forwarded, context);
  const route = headerValues(forwarded, 'route')[0];
  void flowOf(route === undefined ? ack.uri : (parseNameAddr(route)?.uri ?? ack.uri)).then((flow) => {
    if (flow) stack.sendAck(forwarded, flow);
  });
  return true;
}
