/** Themes of the console: kept per owner, found by the host name that a browser asked for, inherited from the owners above. */
import type { JsonValue } from '@callwright/engine';
import { sql } from 'kysely';
import { type Db, inSubtree, inTransaction } from './scope.ts';

export interface ThemeRow {
  readonly theme: JsonValue;
  readonly hosts: readonly string[];
}

/**
 * Themes that together make the one shown under a host name, from the platform's down to that of the host's owner (of an unknown host:
 * the platform's); each overrides the ones before. `host` is lower case without port. No one asks: the answer is for everybody.
 */
export async function themesOfHost(db: Db, host: string): Promise<JsonValue[]> {
  const { rows } = await sql<{ theme: JsonValue }>`
    select t.theme from owner_theme t join owner o on o.id = t.owner_id
    where t.owner_id = any(coalesce(
      (select a.path from owner_host h join owner a on a.id = h.owner_id where h.host = ${host}),
      array(select id from owner where kind = 'platform')))
    order by cardinality(o.path)`.execute(db);
  return rows.map(({ theme }) => theme);
}

/** An owner's own theme and hosts; null outside the asking owner's subtree. */
export async function getOwnerTheme(db: Db, asker: string, ownerId: string): Promise<ThemeRow | null> {
  const row = await db
    .selectFrom('owner')
    .leftJoin('owner_theme', 'owner_theme.owner_id', 'owner.id')
    .select(['owner_theme.theme'])
    .where('owner.id', '=', ownerId)
    .where(inSubtree(asker))
    .executeTakeFirst();
  if (!row) return null;
  const hosts = await db
    .selectFrom('owner_host')
    .select('host')
    .where('owner_id', '=', ownerId)
    .orderBy('host')
    .execute();
  return { theme: row.theme ?? {}, hosts: hosts.map((h) => h.host) };
}

/** Keeps an owner's theme; null outside the asking owner's subtree. */
export async function putOwnerTheme(
  db: Db,
  asker: string,
  ownerId: string,
  theme: JsonValue,
): Promise<ThemeRow | null> {
  if (!(await getOwnerTheme(db, asker, ownerId))) return null;
  const value = JSON.stringify(theme);
  await db
    .insertInto('owner_theme')
    .values({ owner_id: ownerId, theme: value })
    .onConflict((c) => c.column('owner_id').doUpdateSet({ theme: value, updated_at: new Date() }))
    .execute();
  return getOwnerTheme(db, asker, ownerId);
}

/** Replaces the host names of an owner; null outside the subtree. Throws 23505 when a name leads to another owner. */
export async function putOwnerHosts(
  db: Db,
  asker: string,
  ownerId: string,
  hosts: readonly string[],
): Promise<ThemeRow | null> {
  return inTransaction(db, async (tx) => {
    if (!(await getOwnerTheme(tx, asker, ownerId))) return null;
    await tx.deleteFrom('owner_host').where('owner_id', '=', ownerId).execute();
    const names = [...new Set(hosts)];
    if (names.length > 0)
      await tx
        .insertInto('owner_host')
        .values(names.map((host) => ({ host, owner_id: ownerId })))
        .execute();
    return getOwnerTheme(tx, asker, ownerId);
  });
}
