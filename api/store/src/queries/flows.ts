/** Flows: the draft being edited, immutable revisions, and which of them is published (design §3). */
import type { FlowDocument, FlowFile, FlowLayout, RevisionClosure } from '@callwright/engine';
import { type NotNull, sql } from 'kysely';
import { type CompanyScope, type Db, inTransaction, nextNumber, type Page, page } from './scope.ts';

export interface FlowRow {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly title: string;
  readonly draft_version: number;
  readonly published_hash: string | null;
  /** Revision number of the published hash. */
  readonly published_number: number | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export interface FlowWithDraft extends FlowRow {
  readonly draft: FlowFile;
}

function selectFlows(db: Db, scope: CompanyScope) {
  return db
    .selectFrom('flow')
    .leftJoin('revision', (j) =>
      j
        .onRef('revision.flow_id', '=', 'flow.id')
        .onRef('revision.hash', '=', 'flow.published_hash')
        .onRef('revision.company_id', '=', 'flow.company_id'),
    )
    .select([
      'flow.id',
      'flow.number',
      'flow.name',
      'flow.title',
      'flow.draft_version',
      'flow.published_hash',
      'revision.number as published_number',
      'flow.created_at',
      'flow.updated_at',
    ])
    .where('flow.company_id', '=', scope.companyId)
    .where('flow.deleted_at', 'is', null);
}

export async function listFlows(
  db: Db,
  scope: CompanyScope,
  filter: { readonly after: number; readonly limit: number; readonly name?: string },
): Promise<Page<FlowRow>> {
  let query = selectFlows(db, scope)
    .where('flow.number', '>', filter.after)
    .orderBy('flow.number')
    .limit(filter.limit + 1);
  if (filter.name !== undefined) query = query.where('flow.name', '=', filter.name);
  return page(await query.execute(), filter.limit, (r) => String(r.number));
}

export async function getFlow(db: Db, scope: CompanyScope, id: string): Promise<FlowWithDraft | null> {
  const row = await selectFlows(db, scope).select('flow.draft').where('flow.id', '=', id).executeTakeFirst();
  return (row as FlowWithDraft | undefined) ?? null;
}

/** By its unique name in the company. */
export async function getFlowByName(db: Db, scope: CompanyScope, name: string): Promise<FlowWithDraft | null> {
  const row = await selectFlows(db, scope).select('flow.draft').where('flow.name', '=', name).executeTakeFirst();
  return (row as FlowWithDraft | undefined) ?? null;
}

/** Throws 23505 on a taken name. Repeating it with the same id returns what is there. */
export async function createFlow(db: Db, scope: CompanyScope, id: string, file: FlowFile): Promise<FlowWithDraft> {
  return inTransaction(db, async (tx) => {
    const found = await getFlow(tx, scope, id);
    if (found) return found;
    await tx
      .insertInto('flow')
      .values({
        id,
        company_id: scope.companyId,
        number: await nextNumber(tx, scope.companyId, 'flow'),
        name: file.document.name,
        title: file.document.title,
        draft: JSON.stringify(file),
      })
      .execute();
    return (await getFlow(tx, scope, id))!;
  });
}

/** Saves a draft over `expected`; `conflict` when somebody saved meanwhile. Throws 23505 on a taken name. */
export async function saveDraft(
  db: Db,
  scope: CompanyScope,
  id: string,
  file: FlowFile,
  expected: number,
): Promise<FlowWithDraft | 'conflict' | null> {
  const saved = await db
    .updateTable('flow')
    .set({
      draft: JSON.stringify(file),
      draft_version: expected + 1,
      name: file.document.name,
      title: file.document.title,
      updated_at: new Date(),
    })
    .where('id', '=', id)
    .where('company_id', '=', scope.companyId)
    .where('deleted_at', 'is', null)
    .where('draft_version', '=', expected)
    .returning('id')
    .executeTakeFirst();
  const now = await getFlow(db, scope, id);
  if (!now) return null;
  return saved ? now : 'conflict';
}

/** Keeps a flow as it is for the rest of the transaction; false when it is unknown. */
export async function lockFlow(tx: Db, scope: CompanyScope, id: string): Promise<boolean> {
  const flow = await tx
    .selectFrom('flow')
    .select('id')
    .where('id', '=', id)
    .where('company_id', '=', scope.companyId)
    .where('deleted_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  return flow !== undefined;
}

/** Deletes a flow to which nothing leads; `in-use` while a number does. Revisions stay for calls and CDRs. */
export async function deleteFlow(db: Db, scope: CompanyScope, id: string): Promise<'deleted' | 'in-use' | null> {
  return inTransaction(db, async (tx) => {
    if (!(await lockFlow(tx, scope, id))) return null;
    const rule = await tx
      .selectFrom('routing_rule')
      .select('id')
      .where('company_id', '=', scope.companyId)
      .where('destination_type', '=', 'flow')
      .where('destination_id', '=', id)
      .executeTakeFirst();
    if (rule) return 'in-use';
    await tx.updateTable('flow').set({ deleted_at: new Date() }).where('id', '=', id).execute();
    return 'deleted';
  });
}

export interface RevisionRow {
  readonly hash: string;
  readonly flow_id: string;
  readonly number: number;
  readonly comment: string;
  readonly published_by: string;
  readonly published_at: Date;
}

export interface RevisionWithClosure extends RevisionRow {
  readonly closure: RevisionClosure;
  readonly layout: FlowLayout | null;
}

export interface NewRevision {
  readonly closure: RevisionClosure;
  readonly layout: FlowLayout | null;
  readonly comment: string;
  /** Actor, e.g. `key:<id>`. */
  readonly by: string;
}

const REVISION = ['hash', 'flow_id', 'number', 'comment', 'published_by', 'published_at'] as const;

/** Stores a revision (once per hash) and makes it the published one; null when the flow is unknown. */
export async function publishRevision(
  db: Db,
  scope: CompanyScope,
  flowId: string,
  revision: NewRevision,
): Promise<RevisionRow | null> {
  return inTransaction(db, async (tx) => {
    if (!(await lockFlow(tx, scope, flowId))) return null;
    const hash = revision.closure.root;
    const { max } = await tx
      .selectFrom('revision')
      .select((e) => e.fn.max('number').as('max'))
      .where('flow_id', '=', flowId)
      .executeTakeFirstOrThrow();
    await tx
      .insertInto('revision')
      .values({
        hash,
        company_id: scope.companyId,
        flow_id: flowId,
        number: Number(max ?? 0) + 1,
        closure: JSON.stringify(revision.closure),
        layout: revision.layout ? JSON.stringify(revision.layout) : null,
        comment: revision.comment,
        published_by: revision.by,
      })
      // one that was only tried becomes a published one
      .onConflict((c) =>
        c
          .columns(['company_id', 'hash'])
          .doUpdateSet((e) => ({
            number: e.ref('excluded.number'),
            layout: e.ref('excluded.layout'),
            comment: e.ref('excluded.comment'),
            published_by: e.ref('excluded.published_by'),
            published_at: sql<Date>`now()`,
          }))
          .where('revision.number', 'is', null)
          .where('revision.flow_id', '=', flowId),
      )
      .execute();
    const stored = await tx
      .selectFrom('revision')
      .select(REVISION)
      .where('number', 'is not', null)
      .$narrowType<{ number: NotNull }>()
      .where('company_id', '=', scope.companyId)
      .where('hash', '=', hash)
      .executeTakeFirstOrThrow();
    if (stored.flow_id !== flowId) return null;
    await tx
      .updateTable('flow')
      .set({ published_hash: hash, updated_at: new Date() })
      .where('id', '=', flowId)
      .execute();
    return stored;
  });
}

/** Makes an earlier revision the published one again; null when flow or revision is unknown. */
export async function republish(
  db: Db,
  scope: CompanyScope,
  flowId: string,
  number: number,
): Promise<RevisionRow | null> {
  return inTransaction(db, async (tx) => {
    const revision = await tx
      .selectFrom('revision')
      .select(REVISION)
      .$narrowType<{ number: NotNull }>()
      .where('company_id', '=', scope.companyId)
      .where('flow_id', '=', flowId)
      .where('number', '=', number)
      .executeTakeFirst();
    if (!revision) return null;
    const flow = await tx
      .updateTable('flow')
      .set({ published_hash: revision.hash, updated_at: new Date() })
      .where('id', '=', flowId)
      .where('company_id', '=', scope.companyId)
      .where('deleted_at', 'is', null)
      .returning('id')
      .executeTakeFirst();
    return flow ? revision : null;
  });
}

/** Newest first; `before` is a revision number. */
export async function listRevisions(
  db: Db,
  scope: CompanyScope,
  flowId: string,
  before: number | null,
  limit: number,
): Promise<Page<RevisionRow>> {
  let query = db
    .selectFrom('revision')
    .select(REVISION)
    .where('company_id', '=', scope.companyId)
    .where('flow_id', '=', flowId)
    .where('number', 'is not', null)
    .$narrowType<{ number: NotNull }>()
    .orderBy('number', 'desc')
    .limit(limit + 1);
  if (before !== null) query = query.where('number', '<', before);
  return page(await query.execute(), limit, (r) => String(r.number));
}

export async function getRevision(
  db: Db,
  scope: CompanyScope,
  flowId: string,
  number: number,
): Promise<RevisionWithClosure | null> {
  const row = await db
    .selectFrom('revision')
    .select([...REVISION, 'closure', 'layout'])
    .where('company_id', '=', scope.companyId)
    .where('flow_id', '=', flowId)
    .where('number', '=', number)
    .executeTakeFirst();
  return (row as unknown as RevisionWithClosure | undefined) ?? null;
}

/** Documents of the flows that are published, by number of the flow. */
export async function publishedDocuments(
  db: Db,
  { companyId }: CompanyScope,
): Promise<readonly { readonly flowId: string; readonly document: FlowDocument }[]> {
  const { rows } = await sql<{ flowId: string; document: FlowDocument }>`
    select flow.id as "flowId", revision.closure->'documents'->revision.hash->'document' as document
    from flow join revision on revision.flow_id = flow.id and revision.hash = flow.published_hash
      and revision.company_id = flow.company_id
    where flow.company_id = ${companyId} and flow.deleted_at is null order by flow.number`.execute(db);
  return rows;
}
