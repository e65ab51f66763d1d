/** Idempotency-Key on POST: the first request with a key does the work, every repeat gets its answer. */
import { createHash } from 'node:crypto';
import {
  claimIdempotencyKey,
  completeIdempotencyKey,
  type Identity,
  type Keyring,
  releaseIdempotencyKey,
  type Store,
  uuidv7,
} from '@callwright/store';
import type { FastifyRequest } from 'fastify';
import { ApiError, entryOf, problemOf, toApiError } from '../problem.ts';

export interface Outcome {
  readonly status: number;
  readonly body: unknown;
  readonly replayed: boolean;
}

const KEY_FORM = /^[\x21-\x7e]{1,200}$/;

const sealContext = (ownerId: string) => ({ owner: ownerId, purpose: 'idempotent-answer' });

function hashRequest(request: FastifyRequest): Buffer {
  const body = Buffer.isBuffer(request.body) ? request.body.toString('base64') : (request.body ?? null);
  return createHash('sha256')
    .update(JSON.stringify([request.method, request.url, body]))
    .digest();
}

/** The key of a request; null without one. */
export function idempotencyKey(request: FastifyRequest): string | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key !== 'string' || !KEY_FORM.test(key)) throw new ApiError('API_BAD_IDEMPOTENCY_KEY');
  return key;
}

/**
 * Runs `work` under the request's key, if it has one. A refusal that would be the same next time is kept like a success; what may
 * work later (5xx, 429) gives the key back.
 */
export async function idempotently(
  services: { readonly store: Store; readonly keyring: Keyring },
  identity: Identity,
  request: FastifyRequest,
  work: (mintId: string) => Promise<Outcome>,
): Promise<Outcome> {
  const key = idempotencyKey(request);
  if (key === null) return work(uuidv7());
  const { db } = services.store;
  const name = { ownerId: identity.ownerId, actorId: identity.actorId, key };
  const claim = await claimIdempotencyKey(db, { ...name, requestHash: hashRequest(request), mintId: uuidv7() });
  if (claim.kind === 'mismatch') throw new ApiError('API_IDEMPOTENCY_MISMATCH');
  if (claim.kind === 'busy') throw new ApiError('API_IDEMPOTENCY_BUSY', { retryAfterSeconds: 1 });
  const context = sealContext(identity.ownerId);
  if (claim.kind === 'replay') {
    const body = claim.response === null ? undefined : JSON.parse(services.keyring.openText(context, claim.response));
    return { status: claim.status, body, replayed: true };
  }
  const outcome = await work(claim.mintId).catch(async (thrown: unknown): Promise<Outcome> => {
    const error = toApiError(thrown);
    const entry = entryOf(error.code);
    if (entry.retryable) {
      await releaseIdempotencyKey(db, name).catch(() => {});
      throw error;
    }
    return { status: entry.http, body: problemOf(error, request.id), replayed: false };
  });
  const sealed = outcome.body === undefined ? null : services.keyring.seal(context, JSON.stringify(outcome.body));
  await completeIdempotencyKey(db, name, outcome.status, sealed);
  return outcome;
}
