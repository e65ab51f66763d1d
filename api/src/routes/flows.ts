/** Flows: drafts, lint, publishing, revisions, diff, rollback. */
import { flowRoutes as routes } from '@callwright/api-contract';
import type { FlowDocument } from '@callwright/engine';
import {
  type CompanyScope,
  commentRevision,
  createFlow,
  type Db,
  deleteFlow,
  type FlowRow,
  type FlowWithDraft,
  getFlow,
  getRevision,
  listFlows,
  listRevisions,
  publishRevision,
  type RevisionRow,
  republish,
  saveDraft,
} from '@callwright/store';
import { measureCoverage, testsRequired } from '../flows/coverage.ts';
import { changesBetween, lintFile, pinDraft, readFlowFile } from '../flows/publication.ts';
import { type Implementation, implement, type Services } from '../http/context.ts';
import { found, iso, limitOf, numberCursor } from '../http/paging.ts';
import { ApiError } from '../problem.ts';
import { draftCallHandlers } from './draft-calls.ts';
import { flowDesignHandlers } from './flow-design.ts';
import { flowHistoryHandlers } from './flow-history.ts';

const flow = (row: FlowRow) => ({
  id: row.id,
  number: row.number,
  name: row.name,
  title: row.title,
  draftVersion: row.draft_version,
  published: row.published_hash === null ? null : { number: row.published_number ?? 0, hash: row.published_hash },
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
});

const withDraft = (row: FlowWithDraft) => ({ ...flow(row), draft: row.draft as unknown as Record<string, unknown> });

const revision = (row: RevisionRow) => ({
  number: row.number,
  hash: row.hash,
  comment: row.comment,
  publishedBy: row.published_by,
  publishedAt: iso(row.published_at),
});

function draftHandlers({ store: { db } }: Services): Implementation[] {
  return [
    implement(routes.listFlows, async ({ query }, { company }) => {
      const filter = {
        after: numberCursor(query) ?? 0,
        limit: limitOf(query),
        ...(query.name === undefined ? {} : { name: query.name }),
      };
      const { items, next } = await listFlows(db, company, filter);
      return { items: items.map(flow), next };
    }),
    implement(routes.createFlow, async ({ body }, { company, mintId }) =>
      withDraft(await createFlow(db, company, mintId, readFlowFile(body.file))),
    ),
    implement(routes.getFlow, async ({ params }, { company }) =>
      withDraft(found(await getFlow(db, company, params.id))),
    ),
    implement(routes.saveDraft, async ({ params, body }, { company }) => {
      const saved = await saveDraft(db, company, params.id, readFlowFile(body.file), body.version);
      if (saved === 'conflict') throw new ApiError('API_DRAFT_CHANGED');
      return withDraft(found(saved));
    }),
    implement(routes.deleteFlow, async ({ params }, { company, audit }) => {
      const deleted = await deleteFlow(db, company, params.id);
      if (deleted === 'in-use') throw new ApiError('API_IN_USE');
      found(deleted);
      await audit({ action: 'flow.deleted', entity: { type: 'flow', id: params.id } });
    }),
    implement(routes.lintFlow, async ({ body }, { company }) => {
      const diagnostics = await lintFile(db, company, body.file);
      return {
        publishable: !diagnostics.some((d) => d.severity === 'error'),
        diagnostics: diagnostics.map((d) => ({ ...d })),
      };
    }),
  ];
}

function revisionHandlers({ store: { db } }: Services): Implementation[] {
  return [
    implement(routes.publishFlow, async ({ params, body }, { company, actor, audit }) => {
      const draft = found(await getFlow(db, company, params.id));
      if (body.version !== undefined && body.version !== draft.draft_version) throw new ApiError('API_DRAFT_CHANGED');
      const { closure, layout, diagnostics } = await pinDraft(db, company, draft.id, draft.draft);
      if (await testsRequired(db, company)) {
        const untested = (await measureCoverage(db, company, draft.id, closure)).diagnostics;
        if (untested.length > 0) throw new ApiError('API_FLOW_UNTESTED', { diagnostics: untested });
      }
      const by = `${actor.type}:${actor.id}`;
      const published = found(
        await publishRevision(db, company, draft.id, { closure, layout, comment: body.comment, by }),
      );
      await audit({
        action: 'flow.published',
        entity: { type: 'flow', id: draft.id },
        detail: { revision: published.number, hash: published.hash },
      });
      return { revision: revision(published), diagnostics: diagnostics.map((d) => ({ ...d })) };
    }),
    implement(routes.listRevisions, async ({ params, query }, { company }) => {
      found(await getFlow(db, company, params.id));
      const { items, next } = await listRevisions(db, company, params.id, numberCursor(query), limitOf(query));
      return { items: items.map(revision), next };
    }),
    implement(routes.getRevision, async ({ params }, { company }) => {
      const row = found(await getRevision(db, company, params.id, Number(params.number)));
      return { ...revision(row), closure: row.closure, layout: row.layout };
    }),
    implement(routes.nameRevision, async ({ params, body }, { company, audit }) => {
      const number = Number(params.number);
      if (!(await commentRevision(db, company, params.id, number, body.comment))) throw new ApiError('API_NOT_FOUND');
      const row = found(await getRevision(db, company, params.id, number));
      await audit({
        action: 'flow.revision-named',
        entity: { type: 'flow', id: params.id },
        detail: { revision: number },
      });
      return revision(row);
    }),
    implement(routes.diffFlow, async ({ params, query }, { company }) => {
      const draft = found(await getFlow(db, company, params.id));
      const [from, to] = await Promise.all([query.from, query.to].map((side) => documentOf(db, company, draft, side)));
      return { changes: changesBetween(from!, to!) };
    }),
    implement(routes.rollbackFlow, async ({ params, body }, { company, audit }) => {
      const row = found(await republish(db, company, params.id, body.number));
      await audit({
        action: 'flow.rolled-back',
        entity: { type: 'flow', id: params.id },
        detail: { revision: row.number, hash: row.hash },
      });
      return revision(row);
    }),
  ];
}

async function documentOf(db: Db, company: CompanyScope, flowRow: FlowWithDraft, side: string): Promise<FlowDocument> {
  if (side === 'draft') return flowRow.draft.document;
  const { closure } = found(await getRevision(db, company, flowRow.id, Number(side)));
  return found(closure.documents[closure.root]).document;
}

export function flowHandlers(services: Services): Implementation[] {
  return [
    ...draftHandlers(services),
    ...revisionHandlers(services),
    ...flowDesignHandlers(services),
    ...flowHistoryHandlers(services),
    ...draftCallHandlers(services),
  ];
}
