/** Lists of callers. */
import { callerListRoutes as routes } from '@callwright/api-contract';
import { parsePattern } from '@callwright/engine/routing';
import {
  type CallerListEntry,
  type CallerListRow,
  createCallerList,
  deleteCallerList,
  deleteCallerListEntry,
  listCallerListEntries,
  listCallerLists,
  putCallerListEntries,
  updateCallerList,
} from '@callwright/store';
import { type Implementation, implement, type Services } from '../http/context.ts';
import { found, iso, isoOrNull, limitOf, numberCursor } from '../http/paging.ts';
import { ApiError } from '../problem.ts';

const view = (list: CallerListRow) => ({ ...list, createdAt: iso(list.createdAt) });

const gone = (deleted: boolean): void => {
  if (!deleted) throw new ApiError('API_NOT_FOUND');
};

interface WrittenEntry {
  readonly pattern: string;
  readonly note: string;
  readonly expiresAt: string | null;
}

/** Entries of a body. Throws `API_PATTERN_INVALID`. */
export function readEntries(entries: readonly WrittenEntry[]): CallerListEntry[] {
  return entries.map((e, i) => {
    if (!parsePattern(e.pattern))
      throw new ApiError('API_PATTERN_INVALID', {
        errors: [{ path: `body.entries.${i}.pattern`, message: 'is no number and no pattern' }],
      });
    return { ...e, expiresAt: e.expiresAt === null ? null : new Date(e.expiresAt) };
  });
}

export const entryView = ({ pattern, note, expiresAt }: CallerListEntry) => ({
  pattern,
  note,
  expiresAt: isoOrNull(expiresAt),
});

export function callerListHandlers({ store: { db } }: Services): Implementation[] {
  return [
    implement(routes.listCallerLists, async ({ query }, { identity }) => {
      const { items, next } = await listCallerLists(db, identity.ownerId, {
        ownerId: query.owner ?? identity.ownerId,
        after: numberCursor(query) ?? 0,
        limit: limitOf(query),
      });
      return { items: items.map(view), next };
    }),
    implement(routes.createCallerList, async ({ body }, { identity, mintId }) => {
      const { ownerId = identity.ownerId, ...list } = body;
      return view(found(await createCallerList(db, identity.ownerId, mintId, { ...list, ownerId })));
    }),
    implement(routes.updateCallerList, async ({ params, body }, { identity }) =>
      view(found(await updateCallerList(db, identity.ownerId, params.id, body))),
    ),
    implement(routes.deleteCallerList, async ({ params }, { identity, audit }) => {
      gone(await deleteCallerList(db, identity.ownerId, params.id));
      await audit({ action: 'caller-list.deleted', entity: { type: 'caller-list', id: params.id } });
    }),
    implement(routes.listCallerListEntries, async ({ params, query }, { identity }) => {
      const filter = { after: query.after ?? '', limit: limitOf(query) };
      const { items, next } = found(await listCallerListEntries(db, identity.ownerId, params.id, filter));
      return { items: items.map(entryView), next };
    }),
    implement(routes.putCallerListEntries, async ({ params, body }, { identity }) => {
      const entries = readEntries(body.entries);
      gone(await putCallerListEntries(db, identity.ownerId, params.id, entries));
    }),
    implement(routes.deleteCallerListEntry, async ({ params, query }, { identity }) =>
      gone(await deleteCallerListEntry(db, identity.ownerId, params.id, query.pattern)),
    ),
  ];
}
