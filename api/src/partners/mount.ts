/** Serves every partner contract on the paths it documents: reads the request, counts it, lets it in by its secret, answers in its form. */
import { PARTNERS, type PartnerContract, type Refusal, type WireAnswer, type WireRequest } from '@callwright/partners';
import { moduleOfToken } from '@callwright/store';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Services } from '../http/context.ts';
import { partnerHost } from './host.ts';

/** Ten thousand contacts with every field take 5 MB. */
const BODY_BYTES = 32 * 1024 * 1024;
const MOST_PARAMS = 200;
const MINUTE_MS = 60_000;
/** Requests a minute from one address that show no secret that opens anything. */
const STRANGER_RATE = 300;

export interface PartnerMounting {
  readonly services: Services;
  /** Requests a minute of one module. */
  readonly ratePerMinute: number;
}

export function mountPartners(app: FastifyInstance, { services, ratePerMinute }: PartnerMounting): void {
  const countModule = app.createRateLimit({
    max: ratePerMinute,
    timeWindow: MINUTE_MS,
    keyGenerator: (request: FastifyRequest) => `module:${request.partnerModule}`,
  });
  const countStranger = app.createRateLimit({
    max: STRANGER_RATE,
    timeWindow: MINUTE_MS,
    keyGenerator: (request: FastifyRequest) => `partner-ip:${request.ip}`,
  });
  const exceeded = async (count: typeof countModule, request: FastifyRequest): Promise<boolean> => {
    const limit = await count(request);
    return !limit.isAllowed && limit.isExceeded;
  };

  const serve = async (contract: PartnerContract, request: FastifyRequest): Promise<WireAnswer> => {
    const wire = await wireRequest(request);
    if (typeof wire === 'string') return contract.refuse(emptyRequest(request), wire);
    try {
      const credential = contract.credential(wire);
      const module = credential && (await moduleOfToken(services.store.db, contract.name, credential.secret));
      if (!module) {
        const tooMany = await exceeded(countStranger, request);
        return contract.refuse(wire, tooMany ? 'rate-limited' : 'unauthenticated');
      }
      request.partnerModule = module.id;
      if (await exceeded(countModule, request)) return contract.refuse(wire, 'rate-limited');
      const settings = contract.settings.parse(module.settings);
      return await contract.answer(wire, { ...module, settings }, partnerHost(services, module));
    } catch (error) {
      // the URL carries a secret: neither it nor the parameters are logged
      services.log.error({ err: error, partner: contract.name }, 'request of a partner failed');
      return contract.refuse(wire, 'failed');
    }
  };

  app.decorateRequest('partnerModule', '');
  app.register(async (scoped) => {
    scoped.removeAllContentTypeParsers();
    scoped.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_BYTES }, (_request, body, done) =>
      done(null, body),
    );
    // what never gets here is refused in the contract's form by the server's own handlers
    for (const contract of PARTNERS)
      for (const { methods, path } of contract.mounts)
        scoped.route({
          method: [...methods],
          url: path,
          schema: { hide: true } as object,
          bodyLimit: BODY_BYTES,
          handler: async (request, reply) => sendAnswer(reply, await serve(contract, request)),
        });
  });
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Module whose secret let the request in. */
    partnerModule: string;
  }
}

export const sendAnswer = (reply: FastifyReply, { status, contentType, body }: WireAnswer): FastifyReply =>
  // whichever schema the route has, the contract's answer is sent as it is
  reply
    .code(status)
    .header('cache-control', 'no-store')
    .type(contentType)
    .serializer((text) => String(text))
    .send(body);

const pathOf = (request: FastifyRequest): string => request.url.split('?')[0]!;

const emptyRequest = (request: FastifyRequest): WireRequest => ({
  method: request.method,
  path: pathOf(request),
  params: new Map(),
  headers: {},
  body: '',
});

/** The first of each name counts; text that PostgreSQL cannot keep is no text. */
async function wireRequest(request: FastifyRequest): Promise<WireRequest | Refusal> {
  const params = new Map<string, string>();
  const add = (pairs: Iterable<readonly [string, string]>): boolean => {
    for (const [name, value] of pairs) {
      if (value.includes('\0') || params.size >= MOST_PARAMS) return false;
      if (!params.has(name)) params.set(name, value.toWellFormed());
    }
    return true;
  };
  if (!add(new URLSearchParams(request.url.split('?').slice(1).join('?')))) return 'malformed';
  const body = request.body instanceof Buffer ? request.body : Buffer.alloc(0);
  const type = String(request.headers['content-type'] ?? '').toLowerCase();
  const form = await formOf(body, type, String(request.headers['content-type'] ?? ''));
  if (form === null || (form && !add(form))) return 'malformed';
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  return {
    method: request.method,
    path: pathOf(request),
    params,
    headers,
    body: form ? '' : body.toString('utf8'),
  };
}

/** Fields of a form body; undefined when it is none, null when it is broken. */
async function formOf(body: Buffer, type: string, contentType: string): Promise<[string, string][] | null | undefined> {
  if (type.startsWith('application/x-www-form-urlencoded')) return [...new URLSearchParams(body.toString('utf8'))];
  if (!type.startsWith('multipart/form-data')) return undefined;
  try {
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData();
    const fields: [string, string][] = [];
    for (const [name, value] of form) fields.push([name, typeof value === 'string' ? value : await value.text()]);
    return fields;
  } catch {
    return null;
  }
}
