/** Who asks and what may be done: API keys as bearer tokens, session cookies, scopes by role (design §5). */
import { type Scope, scopesOfRole } from '@callwright/api-contract';
import { findApiKey, findSession, hashToken, type Identity, isApiKey, type Store } from '@callwright/store';
import '@fastify/cookie';
import type { FastifyRequest } from 'fastify';
import { ApiError } from '../problem.ts';

export const SESSION_COOKIE = 'callwright_session';
/** Form of the cookie's value. */
export const SESSION_FORM = /^[A-Za-z0-9_-]{43}$/;

/** What a key or session may do: its role's scopes, narrowed by the key's own. */
export function scopesOf(identity: Identity): Set<Scope> {
  const allowed = scopesOfRole(identity.role);
  return new Set(identity.scopes === null ? allowed : allowed.filter((scope) => identity.scopes?.includes(scope)));
}

/** Who asks; null without credentials. Throws `API_UNAUTHENTICATED` when they are not valid, `API_WRONG_ORIGIN` on a forged one. */
export async function identify(store: Store, request: FastifyRequest): Promise<Identity | null> {
  const header = request.headers.authorization;
  if (header !== undefined) {
    const key = /^Bearer +(\S+)$/i.exec(header)?.[1];
    const identity = key && isApiKey(key) ? await findApiKey(store.db, hashToken(key)) : null;
    if (!identity) throw new ApiError('API_UNAUTHENTICATED');
    return identity;
  }
  const cookie = request.cookies[SESSION_COOKIE];
  if (cookie === undefined) return null;
  const identity = SESSION_FORM.test(cookie) ? await findSession(store.db, hashToken(cookie)) : null;
  if (!identity) throw new ApiError('API_UNAUTHENTICATED');
  if (request.method !== 'GET' && request.method !== 'HEAD') refuseForeignOrigin(request);
  return identity;
}

/** A cookie rides along with requests that other sites start: only our own pages may change things with it. */
export function refuseForeignOrigin(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw new ApiError('API_WRONG_ORIGIN');
  const origin = request.headers.origin;
  if (origin === undefined) return;
  const host = URL.canParse(origin) ? new URL(origin).host : null;
  // behind a trusted proxy: the host that the browser asked for
  if (host !== request.host) throw new ApiError('API_WRONG_ORIGIN');
}
