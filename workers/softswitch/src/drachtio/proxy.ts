/** Stateful proxying of a pending request (wire-protocols A2 `proxy`), and the forwarding of later requests that Record-Route brings back. */
import {
  type ClientTransaction,
  cloneRequest,
  cloneResponse,
  contactUri,
  headerValue,
  headerValues,
  isRequest,
  literalFlow,
  makeResponse,
  parseNameAddr,
  parseUri,
  prependHeader,
  removeHeader,
  resolveFlow,
  type ServerTransaction,
  type SipFlow,
  type SipRequest,
  type SipResponse,
  serialise,
  setHeader,
} from '../sip/index.ts';
import { parseAppText, passedHeaders } from './app-text.ts';
import type { App } from './apps.ts';
import type { Context } from './context.ts';
import { dialogIdOf } from './dialog-store.ts';
import { wireTime } from './meta.ts';

const MAX_TARGETS = 32;

interface ProxyOrder {
  readonly remainInDialog: boolean;
  readonly fullResponse: boolean;
  readonly followRedirects: boolean;
  readonly simultaneous: boolean;
  readonly provisionalMs: number | undefined;
  readonly finalMs: number | undefined;
  readonly targets: readonly string[];
}

interface Branch {
  readonly client: ClientTransaction;
  done: boolean;
  provisional: NodeJS.Timeout | undefined;
  final: NodeJS.Timeout | undefined;
}

interface Proxied {
  readonly transaction: ServerTransaction;
  readonly template: SipRequest;
  readonly order: ProxyOrder;
  readonly waiting: string[];
  readonly branches: Set<Branch>;
  best: SipResponse | undefined;
  finished: boolean;
  report(response: SipResponse, flow: SipFlow, clientId: string): void;
  done(): void;
}

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
  const { stack, own } = context;
  const open = new Map<string, Proxied>();

  const finish = (proxied: Proxied): void => {
    if (proxied.finished) return;
    proxied.finished = true;
    open.delete(proxied.transaction.id);
    for (const branch of proxied.branches) settle(branch);
    proxied.done();
  };

  const cancelOthers = (proxied: Proxied, but?: Branch): void => {
    proxied.waiting.length = 0;
    for (const branch of proxied.branches) if (branch !== but && !branch.done) stack.cancel(branch.client);
  };

  const advance = (proxied: Proxied): void => {
    if (proxied.finished) return;
    const next = proxied.waiting.shift();
    if (next !== undefined) {
      void launch(proxied, next);
      return;
    }
    if ([...proxied.branches].some((branch) => !branch.done)) return;
    const { transaction, best } = proxied;
    stack.relay(transaction, best ?? makeResponse(transaction.request, 408, { toTag: transaction.toTag }));
    finish(proxied);
  };

  const onFinal = (proxied: Proxied, branch: Branch, response: SipResponse): void => {
    settle(branch);
    if (response.status < 300) {
      cancelOthers(proxied, branch);
      stack.relay(proxied.transaction, response);
      finish(proxied);
      return;
    }
    if (response.status >= 600) cancelOthers(proxied, branch);
    if (response.status < 400 && proxied.order.followRedirects && proxied.branches.size < MAX_TARGETS) {
      const target = contactUri(response);
      if (target !== undefined) proxied.waiting.unshift(target);
    }
    if (!proxied.best || rank(response.status) < rank(proxied.best.status)) proxied.best = response;
    advance(proxied);
  };

  const failBranch = (proxied: Proxied, branch: Branch, status: number): void => {
    if (branch.done) return;
    onFinal(proxied, branch, makeResponse(proxied.transaction.request, status, { toTag: proxied.transaction.toTag }));
  };

  const launch = async (proxied: Proxied, target: string): Promise<void> => {
    const request = cloneRequest(proxied.template);
    request.uri = target;
    const route = headerValues(request, 'route')[0];
    const flow = await flowOf(route === undefined ? target : (parseNameAddr(route)?.uri ?? target));
    if (proxied.finished) return;
    if (!flow) {
      proxied.best ??= makeResponse(proxied.transaction.request, 503, { toTag: proxied.transaction.toTag });
      advance(proxied);
      return;
    }
    if (proxied.order.remainInDialog) prependHeader(request, 'record-route', recordRoute(context, flow));
    let branch: Branch | undefined;
    const client = stack.request(request, flow, {
      onResponse(received, source) {
        if (!branch) return;
        const response = withoutTopVia(received);
        proxied.report(received, source, client.id);
        clearTimeout(branch.provisional);
        if (response.status >= 200 && branch.done) stack.relay(proxied.transaction, response);
        else if (response.status >= 200) onFinal(proxied, branch, response);
        else if (response.status > 100 && !proxied.finished) stack.relay(proxied.transaction, response);
      },
      onFailure: (failure) =>
        queueMicrotask(() => branch && failBranch(proxied, branch, failure === 'timeout' ? 408 : 503)),
    });
    branch = { client, done: false, provisional: undefined, final: undefined };
    proxied.branches.add(branch);
    watch(proxied, branch);
    if (proxied.order.simultaneous) advanceAll(proxied);
  };

  const advanceAll = (proxied: Proxied): void => {
    const next = proxied.waiting.shift();
    if (next !== undefined) void launch(proxied, next);
  };

  const watch = (proxied: Proxied, branch: Branch): void => {
    const { provisionalMs, finalMs } = proxied.order;
    const giveUp = (): void => {
      stack.cancel(branch.client);
      failBranch(proxied, branch, 408);
    };
    if (provisionalMs !== undefined) branch.provisional = setTimeout(giveUp, provisionalMs);
    if (finalMs !== undefined) branch.final = setTimeout(giveUp, finalMs);
  };

  const template = (transaction: ServerTransaction): SipRequest | undefined => {
    const request = cloneRequest(transaction.request);
    const hops = headerValue(request, 'max-forwards');
    if (hops !== undefined && Number(hops) <= 0) return undefined;
    setHeader(request, 'max-forwards', String(hops === undefined ? 70 : Number(hops) - 1));
    dropOwnRoute(request, context);
    return request;
  };

  const begin = (proxied: Proxied): void => {
    open.set(proxied.transaction.id, proxied);
    advance(proxied);
  };

  return {
    get size() {
      return open.size;
    },
    start(app, messageId, tokens, sip) {
      const entry = release(tokens[0] ?? '');
      if (!entry) {
        app.reply(messageId, 'NOK|transaction id no longer exists');
        return;
      }
      const { transaction } = entry;
      const order = parseOrder(tokens);
      const request = template(transaction);
      if (!request || order.targets.length === 0) {
        stack.respond(
          transaction,
          makeResponse(transaction.request, request ? 404 : 483, { toTag: transaction.toTag }),
        );
        app.reply(messageId, request ? 'NOK|no destination to proxy to' : 'NOK|Too Many Hops');
        return;
      }
      const extra = sip && parseAppText(sip);
      if (extra && isRequest(extra)) {
        for (const line of passedHeaders({ ...extra, body: Buffer.alloc(0) }, own) ?? [])
          setHeader(request, line.key, line.value);
      }
      const dialogId = dialogIdOf(request);
      const report: Proxied['report'] = (response, flow, clientId) => {
        if (!order.fullResponse && response.status < 200) return;
        const bytes = serialise(response);
        const shape = `${bytes.length}|${flow.protocol}|${flow.address}|${flow.port}|${wireTime()}`;
        app.reply(messageId, `OK|network|${shape}|${clientId}|${dialogId}|continue|`, bytes);
      };
      const done = (): void => app.reply(messageId, 'OK|done');
      const waiting = order.targets.slice(0, MAX_TARGETS);
      begin({
        transaction,
        template: request,
        order,
        waiting,
        branches: new Set(),
        best: undefined,
        finished: false,
        report,
        done,
      });
    },
    cancel(transaction) {
      const proxied = open.get(transaction.id);
      if (!proxied) return false;
      cancelOthers(proxied);
      finish(proxied);
      return true;
    },
    forward(transaction) {
      const { request } = transaction;
      if (!isOwnRoute(headerValues(request, 'route')[0], context)) return false;
      const forwarded = template(transaction);
      if (!forwarded) {
        stack.respond(transaction, makeResponse(request, 483, { toTag: transaction.toTag }));
        return true;
      }
      const order: ProxyOrder = { ...FORWARDING, targets: [request.uri] };
      const silent = { report: () => {}, done: () => {} };
      const waiting = [request.uri];
      begin({
        transaction,
        template: forwarded,
        order,
        waiting,
        branches: new Set(),
        best: undefined,
        finished: false,
        ...silent,
      });
      return true;
    },
    forwardAck(ack) {
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
    },
  };
}

const FORWARDING = {
  remainInDialog: false,
  fullResponse: false,
  followRedirects: false,
  simultaneous: false,
  provisionalMs: undefined,
  finalMs: undefined,
} as const;

function settle(branch: Branch): void {
  branch.done = true;
  clearTimeout(branch.provisional);
  clearTimeout(branch.final);
}

/** Order in which failures are preferred: 6xx, then the lowest class, challenges first in 4xx (RFC 3261 §16.7 step 6). */
function rank(status: number): number {
  if (status >= 600) return 0;
  const preferred = status === 401 || status === 407 || status === 415 || status === 420 || status === 484;
  return Math.floor(status / 100) * 1000 + (preferred ? 0 : status % 1000);
}

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

function withoutTopVia(response: SipResponse): SipResponse {
  const copy = cloneResponse(response);
  const vias = headerValues(copy, 'via').slice(1);
  removeHeader(copy, 'via');
  for (const via of vias.reverse()) prependHeader(copy, 'via', via);
  return copy;
}

function recordRoute({ own }: Context, flow: SipFlow): string {
  return `<sip:${own.host}:${own.port}${flow.protocol === 'udp' ? '' : `;transport=${flow.protocol}`};lr>`;
}

function isOwnRoute(route: string | undefined, { own }: Context): boolean {
  const uri = route === undefined ? undefined : parseUri(parseNameAddr(route)?.uri ?? '');
  return uri !== undefined && uri.host === own.host && (uri.port ?? 5060) === own.port;
}

function dropOwnRoute(request: SipRequest, context: Context): void {
  const routes = headerValues(request, 'route');
  if (!isOwnRoute(routes[0], context)) return;
  removeHeader(request, 'route');
  for (const route of routes.slice(1).reverse()) prependHeader(request, 'route', route);
}

async function flowOf(uri: string): Promise<SipFlow | undefined> {
  try {
    return literalFlow(uri) ?? (await resolveFlow(uri));
  } catch {
    return undefined;
  }
}
