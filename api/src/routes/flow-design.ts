/** What an author asks while he designs a flow. */
import { flowDesignRoutes as routes, Uuid } from '@callwright/api-contract';
import {
  deleteFlowTest,
  type FlowTestRow,
  getFlow,
  listFlowTests,
  MOST_FLOW_TESTS,
  putFlowTest,
  rulesLeadingTo,
} from '@callwright/store';
import { measureCoverage, testsRequired } from '../flows/coverage.ts';
import { pinDraft } from '../flows/publication.ts';
import { tryRequest } from '../flows/try-request.ts';
import { usesInFlows } from '../flows/uses.ts';
import { type Implementation, implement, type Services } from '../http/context.ts';
import { found, iso } from '../http/paging.ts';
import { ApiError } from '../problem.ts';

const testOf = ({ name, script, path, updated_at }: FlowTestRow) => ({
  name,
  script,
  path,
  updatedAt: iso(updated_at),
});

export function flowDesignHandlers({ store: { db }, speak, temporal }: Services): Implementation[] {
  return [
    implement(routes.previewSpeech, async ({ query }) => (await speak(query.text, query.language)).wav),
    implement(routes.listUses, async ({ query: { type, key } }, { company }) => {
      // prompts are named, everything else is found by its id
      if (type !== 'prompt' && !Uuid.safeParse(key).success)
        throw new ApiError('API_BAD_REQUEST', { detail: `A ${type} is named by its id.` });
      const flows = await usesInFlows(db, company, type, key);
      return { flows, rules: type === 'prompt' ? [] : await rulesLeadingTo(db, company, type, key) };
    }),
    implement(routes.getFlowCoverage, async ({ params, query }, { company }) => {
      const draft = found(await getFlow(db, company, params.id));
      const required = await testsRequired(db, company);
      if (query.ifRequired === 'true' && !required)
        return { required, complete: false, transitions: 0, covered: 0, diagnostics: [] };
      const { closure } = await pinDraft(db, company, draft.id, draft.draft);
      const { diagnostics, ...measured } = await measureCoverage(db, company, draft.id, closure);
      return { required, ...measured, diagnostics: diagnostics.map((one) => ({ ...one })) };
    }),
    implement(routes.tryRequest, async ({ body }, { company, mintId, audit }) => {
      // only the host: addresses carry keys and personal values
      const host = URL.parse(body.url)?.hostname ?? '';
      await audit({ action: 'flow.request-tried', detail: { method: body.method, host } });
      return tryRequest(temporal, company, mintId, { ...body, retries: 0, retryUnsafe: false });
    }),
    implement(routes.listFlowTests, async ({ params }, { company }) => ({
      items: found(await listFlowTests(db, company, params.id)).map(testOf),
    })),
    implement(routes.putFlowTest, async ({ params, body }, { company }) => {
      const stored = found(await putFlowTest(db, company, params.id, { name: params.name, ...body }));
      if (stored === 'full')
        throw new ApiError('API_BAD_REQUEST', { detail: `A flow has at most ${MOST_FLOW_TESTS} tests.` });
      return testOf(stored);
    }),
    implement(routes.deleteFlowTest, async ({ params }, { company }) => {
      if (!(await deleteFlowTest(db, company, params.id, params.name))) throw new ApiError('API_NOT_FOUND');
    }),
  ];
}
