/** Who turns speech into text for an owner, and for all below it that have none of their own. */
import { sql } from 'kysely';
import type { SealContext } from '../crypto.ts';
import { type Db, inSubtree } from './scope.ts';

export interface Recogniser {
  /** Name of a provider of the speech package. */
  readonly provider: string;
  readonly url: string;
  readonly model: string;
}

/** Whether there is a key, never which. */
export interface RecogniserView extends Recogniser {
  readonly hasKey: boolean;
}

export const recogniserSeal = (ownerId: string): SealContext => ({ owner: ownerId, purpose: 'recogniser-key' });

const inReach = (asker: string, ownerId: string) =>
  sql`exists (select 1 from owner where owner.id = ${ownerId} and ${inSubtree(asker)})`;

/** The owner's own; null when it uses that of the nearest above it, or is out of the asking owner's reach. */
export async function getRecogniser(db: Db, asker: string, ownerId: string): Promise<RecogniserView | null> {
  const { rows } = await sql<RecogniserView>`
    select provider, url, model, key_enc is not null as "hasKey" from recogniser
    where owner_id = ${ownerId} and ${inReach(asker, ownerId)}`.execute(db);
  return rows[0] ?? null;
}

/** `key` sealed by `recogniserSeal`; undefined keeps the one there is. Null when the owner is out of reach. */
export async function putRecogniser(
  db: Db,
  asker: string,
  ownerId: string,
  { provider, url, model }: Recogniser,
  key: Buffer | null | undefined,
): Promise<RecogniserView | null> {
  await sql`
    insert into recogniser (owner_id, provider, url, model, key_enc)
    select ${ownerId}::uuid, ${provider}, ${url}, ${model}, ${key ?? null}::bytea where ${inReach(asker, ownerId)}
    on conflict (owner_id) do update set provider = excluded.provider, url = excluded.url, model = excluded.model, updated_at = now(),
      key_enc = case when ${key === undefined} then recogniser.key_enc else excluded.key_enc end`.execute(db);
  return getRecogniser(db, asker, ownerId);
}

/** False when the owner has none of its own, or is out of reach. */
export async function deleteRecogniser(db: Db, asker: string, ownerId: string): Promise<boolean> {
  const { rows } = await sql`delete from recogniser where owner_id = ${ownerId} and ${inReach(asker, ownerId)}
    returning owner_id`.execute(db);
  return rows.length > 0;
}
