/** Contract → Fastify route: access, limits, checks, company, idempotency and answer, the same for every route. */
import { ANY_ERRORS, API_ERRORS, API_PREFIX, Problem, type RouteContract, type Scope } from '@callwright/api-contract';
import { type CompanyScope, companyScope, type Identity, writeAudit } from '@callwright/store';
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import * as z from 'zod';
import { ApiError, entryOf } from '../problem.ts';
import { identify, refuseForeignOrigin, scopesOf } from './access.ts';
import type { Context, Implementation, Input, Services } from './context.ts';
import { requireEntitlement } from './entitlement.ts';
import { idempotently, type Outcome } from './idempotency.ts';
import { refuseUnstorableText } from './text-check.ts';

declare module 'fastify' {
  interface FastifyRequest {
    identity: Identity | null;
    scopes: ReadonlySet<Scope>;
  }
}

export interface MountOptions {
  readonly services: Services;
  /** Counts a request of a key, session or address; throws `API_RATE_LIMITED`. */
  readonly countRequest: (request: FastifyRequest) => Promise<void>;
}

const NOBODY: Identity = {
  via: 'session',
  actorId: 'nobody',
  ownerId: '',
  ownerKind: 'company',
  homeCompany: null,
  accountId: null,
  role: 'user',
  scopes: [],
  userId: null,
};

export function mount(app: FastifyInstance, implementation: Implementation, options: MountOptions): void {
  const { contract } = implementation;
  app.route({
    method: contract.method,
    url: `${API_PREFIX}${contract.path}`,
    bodyLimit: contract.bodyLimitBytes,
    schema: schemaOf(contract),
    onRequest: (request) => authorize(contract, options, request),
    preValidation: async (request) => checkBody(contract, request),
    handler: async (request, reply) => {
      const outcome = await serve(implementation, options.services, request, reply);
      if (reply.sent || reply.raw.headersSent) return reply;
      if (outcome.replayed) reply.header('idempotency-replayed', 'true');
      if (outcome.status >= 400) reply.type('application/problem+json').serializer(JSON.stringify);
      else if (contract.answer === 'wav') reply.type('audio/wav');
      else if (contract.answer === 'csv') reply.type('text/csv; charset=utf-8');
      return reply.code(outcome.status).send(outcome.body);
    },
  });
}

async function authorize(
  contract: RouteContract,
  { services, countRequest }: MountOptions,
  request: FastifyRequest,
): Promise<void> {
  request.identity = null;
  request.scopes = new Set();
  try {
    // the public routes still refuse a foreign page that logs its visitor in
    if (contract.scope === 'public') refuseForeignOrigin(request);
    else request.identity = await identify(services.store, request);
  } catch (error) {
    await countRequest(request);
    throw error;
  }
  await countRequest(request);
  if (contract.scope === 'public') return;
  if (!request.identity) throw new ApiError('API_UNAUTHENTICATED');
  request.scopes = scopesOf(request.identity);
  if (contract.scope !== 'any' && !request.scopes.has(contract.scope)) {
    throw new ApiError('API_FORBIDDEN', { detail: `It needs the scope ${contract.scope}.` });
  }
}

function checkBody(contract: RouteContract, request: FastifyRequest): void {
  const raw = Buffer.isBuffer(request.body);
  const type = raw ? request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() : undefined;
  const given = type === undefined ? 'none' : type === 'text/csv' ? 'csv' : 'wav';
  const asked = contract.body === 'wav' || contract.body === 'csv' ? contract.body : 'none';
  if (given !== asked) throw new ApiError('API_MEDIA_TYPE');
  // a POST whose fields are all optional may come without a body
  if (contract.body instanceof z.ZodType && request.body === undefined) request.body = {};
  if (!raw) refuseUnstorableText(request.body);
  refuseUnstorableText(request.query);
  refuseUnstorableText(request.params);
}

async function resolveCompany(
  services: Services,
  identity: Identity,
  named: string | undefined,
): Promise<CompanyScope> {
  const id = named ?? (identity.ownerKind === 'company' ? identity.ownerId : identity.homeCompany);
  if (!id) throw new ApiError('API_COMPANY_REQUIRED');
  const scope = await companyScope(services.store.db, identity.ownerId, id);
  if (!scope) throw new ApiError('API_COMPANY_UNKNOWN');
  return scope;
}

async function serve(
  { contract, handle }: Implementation,
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Outcome> {
  const identity = request.identity ?? NOBODY;
  const query = request.query as { company?: string };
  const company = contract.company ? await resolveCompany(services, identity, query.company) : null;
  if (contract.entitlement && company)
    await requireEntitlement(services.store.db, company.companyId, contract.entitlement);
  const input = { params: request.params, query: request.query, body: request.body } as Input<RouteContract>;
  const work = async (mintId: string): Promise<Outcome> => {
    const context = contextOf(services, { identity, company, mintId, request, reply });
    return { status: contract.status, body: await handle(input, context), replayed: false };
  };
  if (contract.method !== 'POST' || !request.identity) return work(crypto.randomUUID());
  return idempotently(services, identity, request, work);
}

interface ContextParts {
  readonly identity: Identity;
  readonly company: CompanyScope | null;
  readonly mintId: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

function contextOf({ store }: Services, parts: ContextParts): Context {
  const { identity, company, mintId, request, reply } = parts;
  const actor = { type: identity.via === 'key' ? 'api-key' : 'account', id: identity.actorId };
  return {
    identity,
    scopes: request.scopes,
    mintId,
    request,
    reply,
    actor,
    get company() {
      if (!company) throw new Error('this route acts on no company');
      return company;
    },
    audit: ({ ownerId, ...entry }) =>
      writeAudit(store.db, { ...entry, actor, ownerId: ownerId ?? company?.companyId ?? identity.ownerId }),
  };
}

/** Schemas for checking and for the OpenAPI document. */
function schemaOf(contract: RouteContract): FastifySchema {
  const responses: Record<number, unknown> = {};
  const statuses = new Set([...contract.errors, ...ANY_ERRORS].map((code) => API_ERRORS[code].http));
  for (const status of statuses) {
    const codes = contract.errors.filter((code) => entryOf(code).http === status);
    responses[status] = { description: codes.join(', '), content: { 'application/problem+json': { schema: Problem } } };
  }
  responses[contract.status] = successOf(contract);
  return {
    operationId: contract.id,
    summary: contract.summary,
    tags: [contract.tag],
    description:
      contract.scope === 'public'
        ? 'Needs no key.'
        : contract.scope === 'any'
          ? 'Needs any key.'
          : `Scope: \`${contract.scope}\`.`,
    security: contract.scope === 'public' ? [] : [{ bearer: [] }, { session: [] }],
    ...(contract.scope !== 'public' && contract.method === 'POST' ? { headers: IDEMPOTENCY_HEADER } : {}),
    params: contract.params,
    querystring: contract.query,
    ...(contract.body instanceof z.ZodType ? { body: contract.body } : {}),
    ...(contract.body === 'wav' ? { consumes: ['audio/wav'] } : {}),
    ...(contract.body === 'csv' ? { consumes: ['text/csv'] } : {}),
    response: responses,
  } as unknown as FastifySchema;
}

/** Documented here; checked in `idempotency.ts`, which answers with its own code. */
const IDEMPOTENCY_HEADER = z.looseObject({
  'idempotency-key': z
    .string()
    .optional()
    .meta({ description: 'A repeat with the same key and request gets the first answer and does nothing' }),
});

function successOf({ answer, summary }: RouteContract): unknown {
  if (answer instanceof z.ZodType) return { description: summary, content: { 'application/json': { schema: answer } } };
  if (answer === null) return z.undefined().meta({ description: summary });
  const type = { wav: 'audio/wav', csv: 'text/csv', events: 'text/event-stream' }[answer];
  return { description: summary, content: { [type]: { schema: z.any() } } };
}
