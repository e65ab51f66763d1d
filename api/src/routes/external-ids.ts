/** External ids. */
import { externalIdRoutes as routes } from '@callwright/api-contract';
import { addExternalId, listExternalIds, removeExternalId } from '@callwright/store';
import { type Implementation, implement, type Services } from '../http/context.ts';
import { ApiError } from '../problem.ts';

export function externalIdHandlers({ store: { db } }: Services): Implementation[] {
  return [
    implement(routes.listExternalIds, async ({ query }, { company }) => {
      const { type, id, scheme, value } = query;
      const given = Object.fromEntries(Object.entries({ id, scheme, value }).filter(([, v]) => v !== undefined));
      return { items: await listExternalIds(db, company, { type, ...given }) };
    }),
    implement(routes.putExternalId, async ({ body }, { company }) => addExternalId(db, company, body)),
    implement(routes.deleteExternalId, async ({ query }, { company }) => {
      if (!(await removeExternalId(db, company, query))) throw new ApiError('API_NOT_FOUND');
    }),
  ];
}
