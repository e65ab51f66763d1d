/** Talks to the HTTP API by its contract: `call(routes.getFlow, { params: { id } })`. */
import {
  type AnswerKind,
  API_PREFIX,
  type ApiErrorCode,
  type BodyKind,
  type Problem,
  type RouteContract,
} from '@callwright/api-contract';
import type * as z from 'zod';

/** The API refused, or (`offline`) could not be reached. Compare `code`, show `problem.detail`. */
export class ApiFailure extends Error {
  readonly code: ApiErrorCode | 'offline';
  readonly problem: Problem | null;
  constructor(code: ApiErrorCode | 'offline', problem: Problem | null, options?: ErrorOptions) {
    super(problem?.title ?? code, options);
    this.name = 'ApiFailure';
    this.code = code;
    this.problem = problem;
  }
}

type Input<T> = T extends z.ZodType ? z.input<T> : never;
type BodyOf<B extends BodyKind> = B extends z.ZodType ? z.input<B> : B extends 'wav' ? Blob : undefined;
export type AnswerOf<R extends AnswerKind> = R extends z.ZodType ? z.output<R> : R extends 'wav' ? Blob : undefined;

export interface CallInput<P extends z.ZodRawShape, Q extends z.ZodRawShape, B extends BodyKind> {
  readonly params?: Input<z.ZodObject<P>>;
  readonly query?: Partial<Input<z.ZodObject<Q>>> & { readonly company?: string };
  readonly body?: BodyOf<B>;
  /** Makes repeating a POST harmless; a fresh one unless given. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

let company: string | null = null;

/** Company that routes act on from now on; null = the asker's own. */
export function actOnCompany(id: string | null): void {
  company = id;
}

/** Address of a route, e.g. for `<audio src>`. */
export function urlOf(
  route: { readonly path: string; readonly company: boolean },
  params: Readonly<Record<string, unknown>> = {},
  query: Readonly<Record<string, unknown>> = {},
): string {
  const path = route.path.replace(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const all = { ...(route.company && company !== null ? { company } : {}), ...query };
  const set = Object.entries(all).filter(([, value]) => value !== undefined && value !== null);
  const search = new URLSearchParams(set.map(([key, value]) => [key, String(value)])).toString();
  return `${API_PREFIX}${path}${search === '' ? '' : `?${search}`}`;
}

/** Calls a route. Throws `ApiFailure`. */
export async function call<P extends z.ZodRawShape, Q extends z.ZodRawShape, B extends BodyKind, R extends AnswerKind>(
  route: RouteContract<P, Q, B, R>,
  input: CallInput<P, Q, B> = {},
): Promise<AnswerOf<R>> {
  const response = await send(route, input);
  if (!response.ok) throw await failureOf(response);
  if (route.answer === null) return undefined as AnswerOf<R>;
  return (route.answer === 'wav' ? await response.blob() : await response.json()) as AnswerOf<R>;
}

async function send(route: RouteContract, input: CallInput<z.ZodRawShape, z.ZodRawShape, BodyKind>): Promise<Response> {
  const headers = new Headers({ accept: route.answer === 'wav' ? 'audio/wav' : 'application/json' });
  let body: BodyInit | null = null;
  if (route.body === 'wav') {
    headers.set('content-type', 'audio/wav');
    body = input.body as Blob;
  } else if (route.body !== null) {
    headers.set('content-type', 'application/json');
    body = JSON.stringify(input.body ?? {});
  }
  if (route.method === 'POST') headers.set('idempotency-key', input.idempotencyKey ?? randomKey());
  try {
    return await fetch(urlOf(route, input.params ?? {}, input.query ?? {}), {
      method: route.method,
      headers,
      body,
      credentials: 'same-origin',
      signal: input.signal ?? null,
    });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiFailure('offline', null, { cause });
  }
}

/** `crypto.randomUUID` exists on secure pages only; a console on a plain local address must work too. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function failureOf(response: Response): Promise<ApiFailure> {
  const problem = (await response.json().catch(() => null)) as Problem | null;
  // a proxy's page, or an api that is starting
  if (problem === null || typeof problem.code !== 'string') return new ApiFailure('offline', null);
  return new ApiFailure(problem.code, problem);
}
