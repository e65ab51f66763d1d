/** Calling the draft of a flow before it is published. */
import { randomBytes } from 'node:crypto';
import { draftCallRoutes as routes } from '@callwright/api-contract';
import { createDraftCall, getFlow, randomSipSecret, SIP_REALM, sealSipSecret, uuidv7 } from '@callwright/store';
import { pinDraft } from '../flows/publication.ts';
import { type Implementation, implement, type Services } from '../http/context.ts';
import { found, iso } from '../http/paging.ts';
import { ApiError } from '../problem.ts';

/** Long enough to try a change, short enough that nobody comes to rely on the number. */
const SERVES_MS = 60 * 60_000;

export function draftCallHandlers({ store: { db }, keyring }: Services): Implementation[] {
  return [
    implement(routes.createDraftCall, async ({ params, body }, { identity, company, actor, mintId, audit }) => {
      const draft = found(await getFlow(db, company, params.id));
      if (body.version !== undefined && body.version !== draft.draft_version) throw new ApiError('API_DRAFT_CHANGED');
      const { closure, layout } = await pinDraft(db, company, draft.id, draft.draft);
      const username = `draft-${randomBytes(9).toString('hex')}`;
      const password = randomSipSecret();
      const seal = sealSipSecret(keyring, company.companyId, { username, realm: SIP_REALM, secret: password });
      // who is a user of the company calls as that user
      const userId = identity.ownerId === company.companyId ? identity.userId : null;
      const made = await createDraftCall(db, company, {
        id: mintId,
        flowId: draft.id,
        closure,
        layout,
        by: `${actor.type}:${actor.id}`,
        expiresAt: new Date(Date.now() + SERVES_MS),
        login: { id: uuidv7(), username, realm: SIP_REALM, userId, seal },
      });
      if (made === 'off')
        throw new ApiError('API_NOT_ENTITLED', { detail: 'The company has no feature code for drafts.' });
      if (made === 'full') throw new ApiError('API_TOO_MANY');
      const { id, revision, number, expiresAt } = found(made);
      await audit({
        action: 'flow.draft-callable',
        entity: { type: 'flow', id: draft.id },
        detail: { number, hash: revision },
      });
      return { id, revision, number, expiresAt: iso(expiresAt), phone: { username, password, realm: SIP_REALM } };
    }),
  ];
}
