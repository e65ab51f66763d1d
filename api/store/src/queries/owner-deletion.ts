/** Taking an owner away: nothing of it works any more, and what it has done stays for as long as calls are kept. */
import { sql } from 'kysely';
import { type Db, inSubtree, inTransaction, nextNumber } from './scope.ts';

/** `in-use`: owners below it, calls that go on, or numbers and trunks that others use. */
export type OwnerDeletion = 'deleted' | 'not-found' | 'in-use';

/**
 * Deletes a reseller without anything below it, or a company. Nobody deletes himself. Log-ins, keys and accounts are worth nothing from
 * here on, numbers and names are free again; rows that calls refer to stay until they are forgotten (`retention.ts`).
 */
export async function deleteOwner(db: Db, asker: string, id: string): Promise<OwnerDeletion> {
  if (id === asker) return 'not-found';
  return inTransaction(db, async (tx) => {
    const { rows } = await sql<{ kind: string; parent: string }>`
      select kind, parent_id as parent from owner
      where id = ${id} and deleted_at is null and kind <> 'platform' and ${inSubtree(asker)} for update`.execute(tx);
    const [owner] = rows;
    if (!owner) return 'not-found';
    if (await isInUse(tx, id)) return 'in-use';
    await closeDoors(tx, id);
    await freeNumbers(tx, id, owner.parent);
    await sql`update directory_user set deleted_at = coalesce(deleted_at, now()) where company_id = ${id}`.execute(tx);
    await sql`update voicemail_box set deleted_at = coalesce(deleted_at, now()) where company_id = ${id}`.execute(tx);
    await sql`update flow set deleted_at = coalesce(deleted_at, now()) where company_id = ${id}`.execute(tx);
    await sql`update owner set deleted_at = now(), suspended_at = coalesce(suspended_at, now()) where id = ${id}`.execute(
      tx,
    );
    return 'deleted';
  });
}

async function isInUse(tx: Db, id: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from owner where parent_id = ${id} and deleted_at is null
    union all select 1 from call where company_id = ${id} and state in ('waiting', 'started')
    limit 1`.execute(tx);
  return rows.length > 0;
}

async function closeDoors(tx: Db, id: string): Promise<void> {
  await sql`delete from session s using account a where a.id = s.account_id and a.owner_id = ${id}`.execute(tx);
  // an e-mail address is one person's on the whole platform: he may be somebody elsewhere
  await sql`update account set disabled_at = coalesce(disabled_at, now()), email = id || '@deleted.invalid', user_id = null
    where owner_id = ${id}`.execute(tx);
  await sql`update api_key set revoked_at = coalesce(revoked_at, now()) where owner_id = ${id}`.execute(tx);
  await sql`delete from registration r using sip_login l where l.id = r.sip_login_id and l.company_id = ${id}`.execute(
    tx,
  );
  await sql`update sip_login set disabled_at = coalesce(disabled_at, now()) where company_id = ${id}`.execute(tx);
  await sql`update trunk set enabled = false, version = version + 1 where owner_id = ${id} and enabled`.execute(tx);
  await sql`update webhook set enabled = false where company_id = ${id}`.execute(tx);
  await sql`update partner_module set enabled = false where company_id = ${id}`.execute(tx);
  await sql`update scheduled_call set state = 'cancelled', updated_at = now()
    where company_id = ${id} and state = 'waiting'`.execute(tx);
}

/** Numbers of the owner's own go back to whoever stands above it; those that were lent are free at their owner. */
async function freeNumbers(tx: Db, id: string, parent: string): Promise<void> {
  await sql`delete from routing_rule where company_id = ${id}`.execute(tx);
  await sql`delete from phone_number where company_id = ${id} and kind = 'service'`.execute(tx);
  await sql`update phone_number set company_id = null, public = false where company_id = ${id} and owner_id <> ${id}`.execute(
    tx,
  );
  const { rows } = await sql<{ id: string }>`select id from phone_number where owner_id = ${id} for update`.execute(tx);
  for (const row of rows) {
    const number = await nextNumber(tx, parent, 'number');
    await sql`update phone_number set owner_id = ${parent}, company_id = null, public = false, number = ${number}
      where id = ${row.id}`.execute(tx);
  }
}
