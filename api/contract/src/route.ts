/** `defineRoute`: everything the product knows of one route is one value; server, OpenAPI, CLI and tests are derived from it. */
import * as z from 'zod';
import type { ApiErrorCode } from './errors.ts';
import { Uuid } from './fields.ts';
import type { Entitlement, Scope } from './permissions.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

type Shape = z.ZodRawShape;
/** Body: JSON by a schema, raw WAV bytes, a CSV file, or none. */
export type BodyKind = z.ZodType | 'wav' | 'csv' | null;
/** Answer: JSON by a schema, WAV bytes, a stream of server-sent events or of CSV, or nothing. */
export type AnswerKind = z.ZodType | 'wav' | 'events' | 'csv' | null;

export interface RouteContract<
  P extends Shape = Shape,
  Q extends Shape = Shape,
  B extends BodyKind = BodyKind,
  R extends AnswerKind = AnswerKind,
> {
  readonly id: string;
  readonly method: Method;
  /** Below `/api/v1`, parameters as `:name`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  /** `public`: no key needed; `any`: any key or session. */
  readonly scope: Scope | 'public' | 'any';
  /** The route acts on one company: the asker's own, its home company, or query parameter `company`. */
  readonly company: boolean;
  /** Refused where this is switched off for the company. */
  readonly entitlement: Entitlement | null;
  readonly params: z.ZodObject<P>;
  readonly query: z.ZodObject<Q>;
  readonly body: B;
  readonly status: number;
  readonly answer: R;
  readonly errors: readonly ApiErrorCode[];
  readonly bodyLimitBytes: number;
}

interface RouteInput<P extends Shape, Q extends Shape, B extends BodyKind, R extends AnswerKind> {
  readonly id: string;
  readonly method: Method;
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly scope: Scope | 'public' | 'any';
  readonly company?: boolean;
  readonly entitlement?: Entitlement;
  readonly params?: P;
  readonly query?: Q;
  readonly body: B;
  readonly status?: number;
  readonly answer: R;
  readonly errors?: readonly ApiErrorCode[];
  readonly bodyLimitBytes?: number;
}

const DEFAULT_BODY_BYTES = 256 * 1024;

/** Errors that any route may answer. */
export const ANY_ERRORS = [
  'API_BAD_REQUEST',
  'API_RATE_LIMITED',
  'API_INTERNAL',
  'API_UNAVAILABLE',
] as const satisfies readonly ApiErrorCode[];

function derivedErrors(input: RouteInput<Shape, Shape, BodyKind, AnswerKind>): ApiErrorCode[] {
  const codes: ApiErrorCode[] = [...ANY_ERRORS];
  if (input.scope !== 'public') codes.push('API_UNAUTHENTICATED', 'API_FORBIDDEN');
  if (input.scope !== 'public' && input.method !== 'GET') codes.push('API_WRONG_ORIGIN');
  if (input.company) codes.push('API_COMPANY_REQUIRED', 'API_COMPANY_UNKNOWN');
  if (input.entitlement) codes.push('API_NOT_ENTITLED');
  if (input.params) codes.push('API_NOT_FOUND');
  if (input.body !== null) codes.push('API_TOO_LARGE', 'API_MEDIA_TYPE');
  if (input.body instanceof z.ZodType) codes.push('API_BAD_JSON');
  if (input.method === 'POST' && input.scope !== 'public') {
    codes.push('API_BAD_IDEMPOTENCY_KEY', 'API_IDEMPOTENCY_BUSY', 'API_IDEMPOTENCY_MISMATCH');
  }
  return [...codes, ...(input.errors ?? [])];
}

/**
 * Define a route.
 * @example
 * defineRoute({ id: 'getUser', method: 'GET', path: '/users/:id', tag: 'users', summary: 'One user', scope: 'read', company: true,
 *   params: { id: Uuid }, body: null, answer: User })
 */
export function defineRoute<const P extends Shape, const Q extends Shape, B extends BodyKind, R extends AnswerKind>(
  input: RouteInput<P, Q, B, R>,
): RouteContract<P, Q, B, R> {
  const company = input.company ?? false;
  const extra = company
    ? { company: Uuid.optional().meta({ description: 'Company meant; default: the asker’s own' }) }
    : {};
  return {
    ...input,
    company,
    entitlement: input.entitlement ?? null,
    params: z.strictObject(input.params ?? ({} as P)) as unknown as z.ZodObject<P>,
    query: z.strictObject({ ...input.query, ...extra }) as unknown as z.ZodObject<Q>,
    status: input.status ?? (input.answer === null ? 204 : 200),
    errors: [...new Set(derivedErrors(input as RouteInput<Shape, Shape, BodyKind, AnswerKind>))],
    bodyLimitBytes: input.bodyLimitBytes ?? DEFAULT_BODY_BYTES,
  };
}
