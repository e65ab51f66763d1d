/** What io workers look up while a call runs: published revisions, users, groups, calendars, destinations. */
import type { RevisionClosure } from '@callwright/engine';
import type { Store } from '../store.ts';

/**
 * Published closures by company and hash, for the payload codec. Content-addressed, so a row never changes; null when the company
 * has none of that hash.
 */
export function closureSource(store: Store): (companyId: string, hash: string) => Promise<RevisionClosure | null> {
  return async (companyId, hash) => {
    const row = await store.db
      .selectFrom('revision')
      .select('closure')
      .where('company_id', '=', companyId)
      .where('hash', '=', hash)
      .executeTakeFirst();
    return row ? (row.closure as unknown as RevisionClosure) : null;
  };
}
