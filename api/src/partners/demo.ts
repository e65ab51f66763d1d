/**
 * Serves the programs by which a contract can be tried: their pages below `/partners/<contract>/`, receivers of what we send to a
 * partner, and a live view of it for who has the module's token.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PARTNERS, type PartnerContract, type PartnerDemo } from '@callwright/partners';
import { moduleOfToken } from '@callwright/store';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Services } from '../http/context.ts';
import { writeEvents } from '../live/event-stream.ts';
import { ApiError } from '../problem.ts';
import { Receivers, receiverKey } from './receivers.ts';

/** Where the pages are. Receivers below it may be called although they are here (SSRF guard of the io workers). */
export const PARTNER_PAGES_PREFIX = '/partners/';

export interface DemoOptions {
  readonly services: Services;
  /** The built pages: `assets/` with a hash in every name, `<contract>/demo/index.html`. Without a build they answer 404. */
  readonly directory: string;
}

/** Everything is our own file; pages need no more than the console. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HIDDEN = { hide: true } as object;
const FOR_EVER = 'public, max-age=31536000, immutable';
const MINUTE_MS = 60_000;
/** Requests a minute from one address that show no token that opens anything. */
const STRANGER_RATE = 300;
const RECHECK_MS = 30_000;

/** The header `content-security-policy` of an address of these pages; null elsewhere. */
export const partnerPagePolicy = (url: string): string | null => (url.startsWith(PARTNER_PAGES_PREFIX) ? POLICY : null);

export function mountDemos(app: FastifyInstance, { services, directory }: DemoOptions): void {
  app.register(async (scoped) => {
    await scoped.register(fastifyStatic, { root: directory, serve: false, dotfiles: 'deny', preCompressed: true });
    scoped.get<{ Params: { name: string } }>(
      `${PARTNER_PAGES_PREFIX}assets/:name`,
      { schema: HIDDEN },
      async (request, reply) => {
        const { name } = request.params;
        if (!/^[\w.-]+$/.test(name)) throw new ApiError('API_UNKNOWN_PATH');
        return sendFile(reply.header('cache-control', FOR_EVER), directory, `assets/${name}`);
      },
    );
    for (const contract of PARTNERS) if (contract.demo) mountDemo(scoped, services, directory, contract, contract.demo);
  });
}

function sendFile(reply: FastifyReply, directory: string, name: string): FastifyReply {
  if (!existsSync(join(directory, name))) throw new ApiError('API_UNKNOWN_PATH');
  return reply.sendFile(name, { cacheControl: false });
}

function mountDemo(
  app: FastifyInstance,
  services: Services,
  directory: string,
  contract: PartnerContract,
  demo: PartnerDemo,
): void {
  const base = `${PARTNER_PAGES_PREFIX}${contract.name}`;
  const receivers = new Receivers();
  const tokenOf = tokenReader(app, services, contract);
  app.get(base, { schema: HIDDEN }, async (_request, reply) => reply.redirect(`${base}/`));
  app.get<{ Params: { page: string } }>(`${base}/:page`, { schema: HIDDEN }, async ({ params: { page } }, reply) => {
    if (page !== '' && !demo.pages.some(({ path }) => path === page)) throw new ApiError('API_UNKNOWN_PATH');
    return sendFile(reply.header('cache-control', 'no-cache'), directory, `${contract.name}/demo/index.html`);
  });
  app.get(`${base}/receivers`, { schema: HIDDEN }, async (request, reply) => {
    const key = receiverKey(await tokenOf(request));
    const items = demo.receivers.map(({ name }) => ({ name, path: `${base}/receivers/${key}/${name}` }));
    return reply.header('cache-control', 'no-store').send({ items });
  });
  app.get<{ Params: { key: string; name: string } }>(
    `${base}/receivers/:key/:name`,
    { schema: HIDDEN },
    async (request, reply) => {
      const receiver = demo.receivers.find(({ name }) => name === request.params.name);
      const query = request.url.split('?').slice(1).join('?');
      // nobody looks on: it is not there
      if (!receiver || !receivers.receive(request.params.key, receiver.name, query))
        throw new ApiError('API_UNKNOWN_PATH');
      const { status, contentType, body } = receiver.answer(new URLSearchParams(query));
      return reply.code(status).header('cache-control', 'no-store').type(contentType).send(body);
    },
  );
  app.get(`${base}/stream`, { schema: HIDDEN }, async (request, reply) => {
    const token = await tokenOf(request);
    stream(reply.header('cache-control', 'no-store'), receivers, receiverKey(token), async () =>
      Boolean(await moduleOfToken(services.store.db, contract.name, token)),
    );
  });
}

/** The token in the header `Authorization`. Throws `API_UNAUTHENTICATED`, and `API_RATE_LIMITED` to who goes on guessing. */
function tokenReader(app: FastifyInstance, { store }: Services, contract: PartnerContract) {
  const countStranger = app.createRateLimit({
    max: STRANGER_RATE,
    timeWindow: MINUTE_MS,
    keyGenerator: (request: FastifyRequest) => `demo-ip:${request.ip}`,
  });
  return async (request: FastifyRequest): Promise<string> => {
    const token = /^Bearer +(\S{1,200})$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token && (await moduleOfToken(store.db, contract.name, token))) return token;
    const limit = await countStranger(request);
    if (!limit.isAllowed && limit.isExceeded)
      throw new ApiError('API_RATE_LIMITED', { retryAfterSeconds: limit.ttlInSeconds });
    throw new ApiError('API_UNAUTHENTICATED');
  };
}

/** What is kept, then what comes, until the token opens nothing any more. */
function stream(reply: FastifyReply, receivers: Receivers, key: string, opens: () => Promise<boolean>): void {
  const watch = receivers.watch(key);
  if (!watch) throw new ApiError('API_RATE_LIMITED', { retryAfterSeconds: 60 });
  const end = writeEvents(
    reply,
    (sink) => watch((line) => sink.send(line.n, 'line', line)),
    () => clearInterval(recheck),
  );
  const recheck = setInterval(() => {
    // a store that is away for a moment takes nobody's right
    opens().then(
      (still) => still || end(),
      () => {},
    );
  }, RECHECK_MS);
}
