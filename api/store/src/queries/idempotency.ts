/** Idempotency keys: one row per (actor, key), claimed before the request is done, completed with its answer. */
import { sql } from 'kysely';
import type { Db } from './scope.ts';

/** After this time an unfinished attempt counts as dead and the next one takes it up under the same minted id. */
const ATTEMPT_LIFE_MS = 15_000;
const KEY_LIFE_DAYS = 2;

export interface IdempotencyClaim {
  readonly ownerId: string;
  readonly actorId: string;
  readonly key: string;
  /** SHA-256 over method, path and body. */
  readonly requestHash: Buffer;
  readonly mintId: string;
}

export type IdempotencyAnswer =
  /** This attempt does the work; what it makes takes `mintId`. */
  | { readonly kind: 'claimed'; readonly mintId: string }
  | { readonly kind: 'replay'; readonly status: number; readonly response: Buffer | null }
  | { readonly kind: 'mismatch' }
  | { readonly kind: 'busy' };

export async function claimIdempotencyKey(db: Db, claim: IdempotencyClaim): Promise<IdempotencyAnswer> {
  const { ownerId, actorId, key, requestHash, mintId } = claim;
  const { rows } = await sql<{ mint_id: string }>`
    insert into idempotency (owner_id, actor_id, key, request_hash, mint_id)
    values (${ownerId}, ${actorId}, ${key}, ${requestHash}, ${mintId})
    on conflict (owner_id, actor_id, key) do update set claimed_at = now()
      where idempotency.status is null and idempotency.request_hash = excluded.request_hash
        and idempotency.claimed_at < now() - make_interval(secs => ${ATTEMPT_LIFE_MS / 1000})
    returning mint_id`.execute(db);
  if (rows[0]) return { kind: 'claimed', mintId: rows[0].mint_id };
  const row = await db
    .selectFrom('idempotency')
    .select(['request_hash', 'status', 'response_enc'])
    .where('owner_id', '=', ownerId)
    .where('actor_id', '=', actorId)
    .where('key', '=', key)
    .executeTakeFirst();
  if (!row) return { kind: 'busy' };
  if (!row.request_hash.equals(requestHash)) return { kind: 'mismatch' };
  return row.status === null ? { kind: 'busy' } : { kind: 'replay', status: row.status, response: row.response_enc };
}

type ClaimName = Pick<IdempotencyClaim, 'ownerId' | 'actorId' | 'key'>;

export async function completeIdempotencyKey(
  db: Db,
  name: ClaimName,
  status: number,
  response: Buffer | null,
): Promise<void> {
  await db
    .updateTable('idempotency')
    .set({ status, response_enc: response })
    .where('owner_id', '=', name.ownerId)
    .where('actor_id', '=', name.actorId)
    .where('key', '=', name.key)
    .execute();
}

/** Nothing was done (the server failed): the next attempt may start at once. */
export async function releaseIdempotencyKey(db: Db, name: ClaimName): Promise<void> {
  await sql`update idempotency set claimed_at = 'epoch' where owner_id = ${name.ownerId} and actor_id = ${name.actorId}
    and key = ${name.key} and status is null`.execute(db);
}

export async function purgeIdempotencyKeys(db: Db): Promise<void> {
  await sql`delete from idempotency where created_at < now() - make_interval(days => ${KEY_LIFE_DAYS})`.execute(db);
}
