/** The destinations table, call restrictions and spend caps. */
import { restrictionRoutes } from '@callwright/api-contract';
import {
  createPrefix,
  createRestriction,
  deletePrefix,
  deleteRestriction,
  getOwner,
  listPrefixes,
  listRestrictions,
  listSpendCaps,
  type PrefixRow,
  putSpendCap,
  type RestrictionRow,
  type SpendCap,
  updatePrefix,
  updateRestriction,
} from '@callwright/store';
import { type Implementation, implement, type Services } from '../http/context.ts';
import { found, iso, limitOf, uuidCursor } from '../http/paging.ts';
import { ApiError } from '../problem.ts';
import { checkPatterns } from './routing.ts';

const prefix = ({ createdAt, ...row }: PrefixRow) => ({ ...row, createdAt: iso(createdAt) });
const restriction = ({ createdAt, kinds, countries, ...row }: RestrictionRow) => ({
  ...row,
  kinds: [...kinds],
  countries: [...countries],
  createdAt: iso(createdAt),
});
const cap = (row: SpendCap) => ({ ...row });

function prefixHandlers({ store: { db } }: Services): Implementation[] {
  return [
    implement(restrictionRoutes.listNumberPrefixes, async ({ query }, { identity }) => {
      const filter = { ownerId: query.owner ?? identity.ownerId, after: uuidCursor(query), limit: limitOf(query) };
      const { items, next } = await listPrefixes(db, identity.ownerId, filter);
      return { items: items.map(prefix), next };
    }),
    implement(
      restrictionRoutes.createNumberPrefix,
      async ({ body: { ownerId, ...fields } }, { identity, mintId, audit }) => {
        const row = { ...fields, id: mintId, ownerId: ownerId ?? identity.ownerId };
        const made = found(await createPrefix(db, identity.ownerId, row));
        await audit({
          action: 'number-prefix.created',
          entity: { type: 'number-prefix', id: made.id },
          ownerId: made.ownerId,
        });
        return prefix(made);
      },
    ),
    implement(restrictionRoutes.updateNumberPrefix, async ({ params, body }, { identity, audit }) => {
      const changed = found(await updatePrefix(db, identity.ownerId, params.id, body));
      await audit({
        action: 'number-prefix.changed',
        entity: { type: 'number-prefix', id: params.id },
        ownerId: changed.ownerId,
      });
      return prefix(changed);
    }),
    implement(restrictionRoutes.deleteNumberPrefix, async ({ params }, { identity, audit }) => {
      if (!(await deletePrefix(db, identity.ownerId, params.id))) throw new ApiError('API_NOT_FOUND');
      await audit({ action: 'number-prefix.deleted', entity: { type: 'number-prefix', id: params.id } });
    }),
  ];
}

export function restrictionHandlers(services: Services): Implementation[] {
  const { db } = services.store;
  return [
    ...prefixHandlers(services),
    implement(restrictionRoutes.listCallRestrictions, async ({ query }, { identity }) => {
      const owner = found(await getOwner(db, identity.ownerId, query.owner ?? identity.ownerId));
      return { items: (await listRestrictions(db, identity.ownerId, owner.id)).map(restriction) };
    }),
    implement(
      restrictionRoutes.createCallRestriction,
      async ({ body: { ownerId, ...fields } }, { identity, mintId, audit }) => {
        checkPatterns({ pattern: fields.pattern });
        const row = { ...fields, id: mintId, ownerId: ownerId ?? identity.ownerId };
        const made = found(await createRestriction(db, identity.ownerId, row));
        await audit({
          action: 'call-restriction.created',
          entity: { type: 'call-restriction', id: made.id },
          ownerId: made.ownerId,
        });
        return restriction(made);
      },
    ),
    implement(restrictionRoutes.updateCallRestriction, async ({ params, body }, { identity, audit }) => {
      checkPatterns({ pattern: body.pattern });
      const changed = found(await updateRestriction(db, identity.ownerId, params.id, body));
      await audit({
        action: 'call-restriction.changed',
        entity: { type: 'call-restriction', id: params.id },
        ownerId: changed.ownerId,
      });
      return restriction(changed);
    }),
    implement(restrictionRoutes.deleteCallRestriction, async ({ params }, { identity, audit }) => {
      if (!(await deleteRestriction(db, identity.ownerId, params.id))) throw new ApiError('API_NOT_FOUND');
      await audit({ action: 'call-restriction.deleted', entity: { type: 'call-restriction', id: params.id } });
    }),
    implement(restrictionRoutes.listSpendCaps, async (_input, { company }) => ({
      items: (await listSpendCaps(db, company, Date.now())).map(cap),
    })),
    implement(restrictionRoutes.putSpendCap, async ({ body }, { company, mintId, audit }) => {
      if (!(await putSpendCap(db, company, mintId, body))) throw new ApiError('API_UNKNOWN_REFERENCE');
      await audit({ action: 'spend-cap.set' });
      return { items: (await listSpendCaps(db, company, Date.now())).map(cap) };
    }),
  ];
}
