/** Built-in flows: every company has them, published under their reserved names, kept up to date at every start. */
import type { FlowFile, RevisionClosure } from '@callwright/engine';
import { createFlow, getFlowByName, publishRevision } from './queries/flows.ts';
import { type CompanyScope, type Db, inTransaction } from './queries/scope.ts';
import { uuidv7 } from './queries/uuid.ts';

/** A flow of the catalogue, ready to be published. */
export interface BuiltInFlow {
  readonly file: FlowFile;
  readonly closure: RevisionClosure;
}

/** Who published, in revision lists. */
const BY = 'built-in';

/**
 * Publishes each flow that the company lacks or has in an older form. A flow of that name that the company has edited itself
 * (published by somebody else) is left alone.
 */
export async function publishBuiltIns(db: Db, scope: CompanyScope, flows: readonly BuiltInFlow[]): Promise<void> {
  await inTransaction(db, async (tx) => {
    // one at a time per company: two processes may start at once
    await tx.selectFrom('owner').select('id').where('id', '=', scope.companyId).forNoKeyUpdate().execute();
    for (const { file, closure } of flows) {
      const { name } = file.document;
      const flow = (await getFlowByName(tx, scope, name)) ?? (await createFlow(tx, scope, uuidv7(), file));
      if (flow.published_hash === closure.root) continue;
      const edited = await tx
        .selectFrom('revision')
        .select('hash')
        .where('company_id', '=', scope.companyId)
        .where('flow_id', '=', flow.id)
        .where('published_by', '!=', BY)
        .executeTakeFirst();
      if (edited) continue;
      await tx
        .updateTable('flow')
        .set({ draft: JSON.stringify(file), title: file.document.title, draft_version: flow.draft_version + 1 })
        .where('id', '=', flow.id)
        .where('company_id', '=', scope.companyId)
        .execute();
      await publishRevision(tx, scope, flow.id, { closure, layout: file.layout ?? null, comment: '', by: BY });
    }
  });
}
