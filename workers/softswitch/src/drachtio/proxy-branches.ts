/** The branches of a proxied request: tried one by one or at once, the best answer passed back (RFC 3261 §16.7). */
import {
  type ClientTransaction,
  cloneRequest,
  cloneResponse,
  contactUri,
  headerValues,
  literalFlow,
  makeResponse,
  parseNameAddr,
  prependHeader,
  removeHeader,
  resolveFlow,
  type ServerTransaction,
  type SipFlow,
  type SipRequest,
  type SipResponse,
} from '../sip/index.ts';
import { transportParam } from './app-text.ts';
import type { Context } from './context.ts';

/** Most targets of one request, redirections included. */
export const MAX_TARGETS = 32;

/** What the application asked for. */
export interface ProxyOrder {
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

/** A request under way to its targets. */
export interface Proxied {
  readonly transaction: ServerTransaction;
  readonly template: SipRequest;
  readonly order: ProxyOrder;
  readonly waiting: string[];
  /** Targets whose address is being looked up. */
  launching: number;
  readonly branches: Set<Branch>;
  best: SipResponse | undefined;
  finished: boolean;
  report(response: SipResponse, flow: SipFlow, clientId: string): void;
  done(): void;
}

/** Ends the proxying and tells the application. */
export function finish(context: Context, proxied: Proxied): void {
  const { proxies } = context;
  if (proxied.finished) return;
  proxied.finished = true;
  proxies.delete(proxied.transaction.id);
  for (const branch of proxied.branches) settle(branch);
  proxied.done();
}

/** Cancels every open branch, but one. */
export function cancelOthers(context: Context, proxied: Proxied, but?: Branch): void {
  const { stack } = context;
  proxied.waiting.length = 0;
  for (const branch of proxied.branches) if (branch !== but && !branch.done) stack.cancel(branch.client);
}

function advance(context: Context, proxied: Proxied): void {
  const { stack } = context;
  if (proxied.finished) return;
  const next = proxied.waiting.shift();
  if (next !== undefined) {
    void launch(context, proxied, next);
    return;
  }
  if (proxied.launching > 0 || [...proxied.branches].some((branch) => !branch.done)) return;
  const { transaction, best } = proxied;
  stack.relay(transaction, best ?? makeResponse(transaction.request, 408, { toTag: transaction.toTag }));
  finish(context, proxied);
}

function onFinal(context: Context, proxied: Proxied, branch: Branch, response: SipResponse): void {
  const { stack } = context;
  settle(branch);
  if (response.status < 300) {
    cancelOthers(context, proxied, branch);
    stack.relay(proxied.transaction, response);
    finish(context, proxied);
    return;
  }
  if (response.status >= 600) cancelOthers(context, proxied, branch);
  if (response.status < 400 && proxied.order.followRedirects && proxied.branches.size < MAX_TARGETS) {
    const target = contactUri(response);
    if (target !== undefined) proxied.waiting.unshift(target);
  }
  if (!proxied.best || rank(response.status) < rank(proxied.best.status)) proxied.best = response;
  advance(context, proxied);
}

function failBranch(context: Context, proxied: Proxied, branch: Branch, status: number): void {
  if (branch.done) return;
  onFinal(
    context,
    proxied,
    branch,
    makeResponse(proxied.transaction.request, status, { toTag: proxied.transaction.toTag }),
  );
}

async function launch(context: Context, proxied: Proxied, target: string): Promise<void> {
  const { stack } = context;
  const request = cloneRequest(proxied.template);
  request.uri = target;
  const route = headerValues(request, 'route')[0];
  proxied.launching++;
  const flow = await flowOf(route === undefined ? target : (parseNameAddr(route)?.uri ?? target));
  proxied.launching--;
  if (proxied.finished) return;
  if (!flow) {
    proxied.best ??= makeResponse(proxied.transaction.request, 503, { toTag: proxied.transaction.toTag });
    advance(context, proxied);
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
      else if (response.status >= 200) onFinal(context, proxied, branch, response);
      else if (response.status > 100 && !proxied.finished) stack.relay(proxied.transaction, response);
    },
    onFailure: (failure) =>
      queueMicrotask(() => branch && failBranch(context, proxied, branch, failure === 'timeout' ? 408 : 503)),
  });
  branch = { client, done: false, provisional: undefined, final: undefined };
  proxied.branches.add(branch);
  watch(context, proxied, branch);
  if (proxied.order.simultaneous) advanceAll(context, proxied);
}

function advanceAll(context: Context, proxied: Proxied): void {
  const next = proxied.waiting.shift();
  if (next !== undefined) void launch(context, proxied, next);
}

function watch(context: Context, proxied: Proxied, branch: Branch): void {
  const { stack } = context;
  const { provisionalMs, finalMs } = proxied.order;
  const giveUp = (): void => {
    stack.cancel(branch.client);
    failBranch(context, proxied, branch, 408);
  };
  if (provisionalMs !== undefined) branch.provisional = setTimeout(giveUp, provisionalMs);
  if (finalMs !== undefined) branch.final = setTimeout(giveUp, finalMs);
}

/** Starts with the first target, or with all. */
export function begin(context: Context, proxied: Proxied): void {
  const { proxies } = context;
  proxies.set(proxied.transaction.id, proxied);
  advance(context, proxied);
}

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

function withoutTopVia(response: SipResponse): SipResponse {
  const copy = cloneResponse(response);
  const vias = headerValues(copy, 'via').slice(1);
  removeHeader(copy, 'via');
  for (const via of vias.reverse()) prependHeader(copy, 'via', via);
  return copy;
}

function recordRoute({ own }: Context, flow: SipFlow): string {
  const transport = transportParam(flow.protocol);
  return `<sip:${own.host}:${own.portOf(flow.protocol)}${transport === '' ? '' : `;transport=${transport}`};lr>`;
}

/** Where a URI leads, or undefined when nowhere. */
export async function flowOf(uri: string): Promise<SipFlow | undefined> {
  try {
    return literalFlow(uri) ?? (await resolveFlow(uri));
  } catch {
    return undefined;
  }
}
