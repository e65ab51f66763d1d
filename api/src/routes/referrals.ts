/** Click-to-dial by REFER. */
import { referralRoutes as routes } from '@callwright/api-contract';
import { addReferral, getReferral, type Referral } from '@callwright/store';
import { type Implementation, implement, type Services } from '../http/context.ts';
import { found, iso } from '../http/paging.ts';

const view = (row: Referral) => ({ ...row, createdAt: iso(row.createdAt) });

export function referralHandlers({ store: { db } }: Services): Implementation[] {
  return [
    implement(routes.createReferral, async ({ body }, { company, mintId }) =>
      view(found(await addReferral(db, company, { id: mintId, ...body }))),
    ),
    implement(routes.getReferral, async ({ params }, { company }) =>
      view(found(await getReferral(db, company, params.id))),
    ),
  ];
}
