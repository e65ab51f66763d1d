/** The HTTP server: plugins, error form, documentation, health, metrics, and every contract with its implementation. */
import { API_PREFIX, type RouteContract, routes } from '@callwright/api-contract';
import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { CONSOLE_PREFIX, type ConsoleOptions, consolePolicy, mountConsole } from './console/files.ts';
import { mountDocs } from './docs.ts';
import { type HealthOptions, mountHealth } from './health.ts';
import { answerBroken, watchRequests } from './http/broken-requests.ts';
import type { Implementation, Services } from './http/context.ts';
import { mount } from './http/mount.ts';
import type { TrustedProxy } from './http/proxies.ts';
import { isWebSocket, routedUpgrade, takeUpgrades } from './http/upgrades.ts';
import { eventFeed } from './live/event-feed.ts';
import { closeSockets } from './live/event-stream.ts';
import type { LiveFeed } from './live/live-feed.ts';
import { type MetricsOptions, mountMetrics } from './metrics.ts';
import { type DemoOptions, mountDemos, partnerPagePolicy } from './partners/demo.ts';
import { mountPartners, sendAnswer } from './partners/mount.ts';
import { reasonOf, refusalAt } from './partners/refusals.ts';
import { SIP_TUNNEL_PATH, type SipTunnelOptions, sipTunnel } from './phone/sip-tunnel.ts';
import { ApiError, entryOf, problemOf, toApiError } from './problem.ts';
import { callingHandlers } from './routes/calling.ts';
import { callHandlers } from './routes/calls.ts';
import { connectHandlers } from './routes/connect.ts';
import { consoleHandlers, themeFor } from './routes/console.ts';
import { directoryHandlers } from './routes/directory.ts';
import { erasureHandlers } from './routes/erasures.ts';
import { eventHandlers } from './routes/events.ts';
import { flowLiveHandlers } from './routes/flow-live.ts';
import { flowHandlers } from './routes/flows.ts';
import { historyHandlers } from './routes/history.ts';
import { identityHandlers } from './routes/identity.ts';
import { myCallHandlers } from './routes/my-calls.ts';
import { ownSpaceHandlers } from './routes/own-space.ts';
import { partnerModuleHandlers } from './routes/partner-modules.ts';
import { presenceHandlers } from './routes/presence.ts';
import { promptHandlers } from './routes/prompts.ts';
import { queueHandlers } from './routes/queues.ts';
import { recordingHandlers } from './routes/recordings.ts';
import { referralHandlers } from './routes/referrals.ts';
import { restrictionHandlers } from './routes/restrictions.ts';
import { routingHandlers } from './routes/routing.ts';
import { steeringHandlers } from './routes/steering.ts';
import { trunkHandlers } from './routes/trunks.ts';
import { webhookHandlers } from './routes/webhooks.ts';

export interface ServerOptions {
  readonly services: Services;
  readonly live: LiveFeed;
  readonly logger: FastifyBaseLogger;
  readonly ratePerMinute: number;
  readonly health: HealthOptions;
  readonly metrics: MetricsOptions;
  readonly console: ConsoleOptions;
  /** Built pages of partners' programs. */
  readonly partnerPages: Pick<DemoOptions, 'directory'>;
  /** WebSocket port of the SIP server, for browser phones. */
  readonly sipWs: SipTunnelOptions['target'];
  readonly trustProxy: TrustedProxy;
}

/** Requests a minute from one address that come without a valid key. */
const STRANGER_RATE = 300;
/** A refused body up to this size is read to its end, within the time a request may take. */
const DRAINED_BYTES = 64_000_000;
/** Partners send everything in the query. */
const MOST_HEADER_BYTES = 64 * 1024;
const MINUTE_MS = 60_000;
const HSTS_SECONDS = 31_536_000;

export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: options.logger,
    trustProxy: options.trustProxy,
    http: { shouldUpgradeCallback: isWebSocket, maxHeaderSize: MOST_HEADER_BYTES },
    clientErrorHandler: answerBroken,
    frameworkErrors: answerError,
    logController: new LogController({ disableRequestLogging: true }),
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 200 },
    // one at a time is enough for any client of ours
    requestTimeout: 30_000,
    forceCloseConnections: true,
    genReqId: () => crypto.randomUUID(),
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser(
    ['audio/wav', 'audio/x-wav', 'audio/wave', 'audio/vnd.wave', 'text/csv'],
    { parseAs: 'buffer' },
    (_request, body, done) => done(null, body),
  );
  app.decorateRequest('identity', null);
  watchRequests(app);
  app.server.on('checkExpectation', app.routing);
  answerErrors(app);
  secureHeaders(app);
  await app.register(cookie);
  await app.register(rateLimit, { global: false });
  await mountDocs(app);
  mountMetrics(app, options.metrics);
  mountHealth(app, options.health);
  mountContracts(app, options);
  mountPartners(app, options);
  mountDemos(app, { services: options.services, ...options.partnerPages });
  await mountConsole(app, options.console);
  const { services, sipWs, trustProxy } = options;
  app.addHook('preClose', async () => closeSockets());
  takeUpgrades(app, {
    [SIP_TUNNEL_PATH]: sipTunnel(app, { store: services.store, log: services.log, target: sipWs, trustProxy }),
    [`${API_PREFIX}${routes.streamEvents.path}`]: routedUpgrade(app),
  });
  app.get('/', { schema: { hide: true } as object }, async (request, reply) => {
    const { home } = await themeFor(options.services, request);
    return reply.header('cache-control', 'no-store').redirect(home ?? CONSOLE_PREFIX);
  });
  return app;
}

function mountContracts(app: FastifyInstance, { services, live, ratePerMinute }: ServerOptions): void {
  const countKey = app.createRateLimit({
    max: ratePerMinute,
    timeWindow: MINUTE_MS,
    keyGenerator: (r: FastifyRequest) => `actor:${r.identity?.actorId}`,
  });
  const countStranger = app.createRateLimit({
    max: STRANGER_RATE,
    timeWindow: MINUTE_MS,
    keyGenerator: (r: FastifyRequest) => `ip:${r.ip}`,
  });
  const countRequest = async (request: FastifyRequest): Promise<void> => {
    const limit = await (request.identity ? countKey : countStranger)(request);
    if (!limit.isAllowed && limit.isExceeded)
      throw new ApiError('API_RATE_LIMITED', { retryAfterSeconds: limit.ttlInSeconds });
  };
  const presence = presenceHandlers(services);
  app.addHook('onClose', () => presence.feed.close());
  const implementations: Implementation[] = [
    ...identityHandlers(services),
    ...directoryHandlers(services),
    ...ownSpaceHandlers(services),
    ...promptHandlers(services),
    ...recordingHandlers(services),
    ...erasureHandlers(services),
    ...flowHandlers(services),
    ...flowLiveHandlers(services),
    ...callHandlers(services),
    ...steeringHandlers(services),
    ...historyHandlers(services),
    ...webhookHandlers(services),
    ...connectHandlers(services),
    ...referralHandlers(services),
    ...callingHandlers(services),
    ...queueHandlers(services),
    ...routingHandlers(services),
    ...restrictionHandlers(services),
    ...trunkHandlers(services),
    ...presence.handlers,
    ...eventHandlers(services, eventFeed(services.store, live, presence.feed)),
    ...myCallHandlers(services, live),
    ...consoleHandlers(services),
    ...partnerModuleHandlers(services),
  ];
  requireWhole(implementations);
  app.register(async (scoped) => {
    for (const implementation of implementations) mount(scoped, implementation, { services, countRequest });
  });
}

/** Every contract is served once, and nothing is served that has no contract. */
function requireWhole(implementations: readonly Implementation[]): void {
  const served = implementations.map((i) => i.contract.id);
  const missing = Object.keys(routes).filter((id) => !served.includes(id));
  if (missing.length > 0 || new Set(served).size !== served.length || served.length !== Object.keys(routes).length) {
    throw new Error(`contracts and implementations differ: ${missing.join(', ')}`);
  }
}

/** A request that failed before or in its handler. */
function answerError(thrown: FastifyError | unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = toApiError(thrown);
  const { http, blame } = entryOf(error.code);
  if (http >= 500) request.log.error({ err: error.cause ?? error, code: error.code, blame }, 'request failed');
  if (error.details.retryAfterSeconds !== undefined)
    reply.header('retry-after', Math.max(1, Math.ceil(error.details.retryAfterSeconds)));
  // the rest of the body is read and dropped: a client that still sends would lose this answer with the connection
  if (error.code === 'API_TOO_LARGE' && Number(request.headers['content-length']) <= DRAINED_BYTES)
    reply.removeHeader('connection');
  if (error.code === 'API_UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer realm="callwright"');
  return sendRefusal(error, request, reply);
}

/** In the form of whoever has the path. */
function sendRefusal(error: ApiError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { http } = entryOf(error.code);
  const partner = refusalAt(request.method, request.url, reasonOf(http));
  if (partner) return sendAnswer(reply, partner);
  return reply
    .code(http)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problemOf(error, request.id));
}

function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler(answerError);
  const patterns = Object.values(routes).map((contract: RouteContract) => ({
    method: contract.method as string,
    path: new RegExp(`^${API_PREFIX}${contract.path.replace(/:[a-zA-Z]+/g, '[^/]+')}/?$`),
  }));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0]!;
    const allowed = patterns.filter((p) => p.path.test(path)).map((p) => p.method);
    if (allowed.length > 0) reply.header('allow', allowed.join(', '));
    const error = new ApiError(allowed.length > 0 ? 'API_METHOD_NOT_ALLOWED' : 'API_UNKNOWN_PATH');
    return sendRefusal(error, request, reply);
  });
}

function secureHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply
      .header('x-content-type-options', 'nosniff')
      .header('x-frame-options', 'DENY')
      .header('referrer-policy', 'no-referrer');
    reply.header('x-request-id', request.id);
    if (!request.url.startsWith('/docs'))
      reply.header(
        'content-security-policy',
        consolePolicy(request.url) ?? partnerPagePolicy(request.url) ?? "default-src 'none'; frame-ancestors 'none'",
      );
    // without TLS the header means nothing, and a browser that kept it could not come back to plain HTTP
    if (request.protocol === 'https') reply.header('strict-transport-security', `max-age=${HSTS_SECONDS}`);
    if (request.url.startsWith(API_PREFIX)) reply.header('cache-control', 'no-store');
  });
}
